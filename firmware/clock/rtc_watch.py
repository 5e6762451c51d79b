"""Watching the RTC: whether what it shows can be the time, by its own word and by the CPU's oscillator."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hal.rtc import RTC_BEGIN_S, RTC_END_S, RTC_TICKS, Rtc, RtcReading
from hal.units import S

_READS: Final = 4
_APART_S: Final = 1
"""Two reads may fall on both sides of a second."""

_SLACK_NS: Final = 2 * S
"""What counts as nothing: less can't be told from the rounding of reads and the spread of latencies."""

LOOK_LEAST_NS: Final = 30 * S
"""Sights of the RTC that are nearer to each other are not compared: small lies, often told, would pass unseen."""

_MAINS_PPB: Final = 10_000_000
"""The mains keep to their nominal frequency within 1 % for all but a few hours of a year (EN 50160, from memory)."""

_CPU_PERCENT: Final = 5
"""No CPU's oscillator is further off. Mains that say so have not been counted all the time (a front end that froze)."""

_PPB: Final = 1_000_000_000


class RtcTrouble(enum.Enum):
    """Why the RTC is not believed; the numbers are the detail of the event `RTC_FAILED`."""

    NOT_INCREMENTING = 1
    """It has advanced by less than time: it stands still, or stood for a while."""
    UNREADABLE = 2
    """Two reads never agree, or show years that no RTC counts."""
    IMPLAUSIBLE = 3
    """It has advanced by more than time, or gone back; at power-up: it shows a time before the power-down, or one
    absurdly long after it."""
    STOPPED = 4
    """It says itself that its oscillator, or its supply, has failed."""
    DISTRUSTED = 5
    """At power-up: it was not believed at the power-down either."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the RTC showed: its time in ns since 1970, if it can be read, and what is wrong with it.

    `settled`: long enough after the last sight to be compared with it.
    """

    rtc_ns: int | None
    trouble: RtcTrouble | None
    settled: bool


def read_twice(rtc: Rtc) -> RtcReading | None:
    """A reading that a second one bears out, within the years that an RTC counts; None if a few tries bring none."""
    before = rtc.read()
    for _ in range(_READS):
        reading = rtc.read()
        if _sound(before) and _sound(reading) and _agree(before, reading):
            return reading
        before = reading
    return None


def _sound(reading: RtcReading) -> bool:
    return RTC_BEGIN_S <= reading.utc_s < RTC_END_S and 0 <= reading.ticks < RTC_TICKS


def _agree(first: RtcReading, second: RtcReading) -> bool:
    return 0 <= second.utc_s - first.utc_s <= _APART_S and first.stopped == second.stopped


class RtcWatch:
    """Compares the RTC's advance with the CPU's between two sights of it.

    `tolerance_ppb` is how far the two oscillators may be apart; two seconds are allowed on top. Where they are further
    apart and the mains count cycles, these decide which of the two is right.
    """

    def __init__(self, rtc: Rtc, tolerance_ppb: int) -> None:
        self.rtc = rtc
        self._tolerance_ppb = tolerance_ppb
        self._seen: tuple[int, int] | None = None
        self._seen_mains_ns: int | None = None
        self.mains_ns: Callable[[int], int | None] = lambda _now_ns: None
        """The time of all mains cycles counted up to now, if they tell any."""

    def limit_ns(self, elapsed_ns: int) -> int:
        """How far apart RTC and CPU may have come in so long."""
        return _SLACK_NS + elapsed_ns * self._tolerance_ppb // _PPB

    def first(self, now_ns: int) -> Look:
        """The sight at power-up: there is nothing to compare it with."""
        reading = read_twice(self.rtc)
        if reading is None:
            return Look(None, RtcTrouble.UNREADABLE, settled=True)
        rtc_ns = _ns(reading)
        self._seen, self._seen_mains_ns = (now_ns, rtc_ns), self.mains_ns(now_ns)
        return Look(rtc_ns, RtcTrouble.STOPPED if reading.stopped else None, settled=True)

    def look(self, now_ns: int, heeds_flag: bool = True) -> Look:
        """A sight of a running RTC. An RTC that fails is compared with its last sight all the same: it may have leapt,
        and count on. `heeds_flag`: the stop flag counts, as it does not in an RTC that is yet to be set."""
        reading = read_twice(self.rtc)
        seen, mains_before_ns, mains_ns = self._seen, self._seen_mains_ns, self.mains_ns(now_ns)
        if reading is None:
            self._seen = None
            return Look(None, RtcTrouble.UNREADABLE, settled=True)
        rtc_ns = _ns(reading)
        if seen is None:
            self._seen, self._seen_mains_ns = (now_ns, rtc_ns), mains_ns
            return Look(rtc_ns, RtcTrouble.UNREADABLE, settled=False)
        elapsed, advance = now_ns - seen[0], rtc_ns - seen[1]
        settled = elapsed >= LOOK_LEAST_NS
        trouble = RtcTrouble.STOPPED if heeds_flag and reading.stopped else None
        counted = None if mains_ns is None or mains_before_ns is None else mains_ns - mains_before_ns
        if abs(advance - elapsed) > self.limit_ns(elapsed) and not _borne_out(advance, elapsed, counted):
            trouble = RtcTrouble.NOT_INCREMENTING if 0 <= advance < elapsed else RtcTrouble.IMPLAUSIBLE
        # The mains count from the first sight at which there are any.
        if settled or trouble is not None or (mains_before_ns is None and mains_ns is not None):
            self._seen, self._seen_mains_ns = (now_ns, rtc_ns), mains_ns
        return Look(rtc_ns, trouble, settled)

    def write(self, now_ns: int, utc_s: int) -> None:
        """Set the RTC; it counts from here."""
        self.rtc.set(utc_s)
        self._seen, self._seen_mains_ns = (now_ns, utc_s * S), self.mains_ns(now_ns)


def _borne_out(advance_ns: int, elapsed_ns: int, mains_ns: int | None) -> bool:
    """The mains have advanced as the RTC has, and not as the CPU's oscillator."""
    if mains_ns is None or 100 * abs(mains_ns - elapsed_ns) > _CPU_PERCENT * elapsed_ns:
        return False
    apart_ns = abs(advance_ns - mains_ns)
    return apart_ns <= _SLACK_NS + mains_ns * _MAINS_PPB // _PPB and apart_ns < abs(elapsed_ns - mains_ns)


def _ns(reading: RtcReading) -> int:
    return reading.utc_s * S + reading.ticks * S // RTC_TICKS
