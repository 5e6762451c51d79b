"""The meter's clock: UTC from the RTC, carried on between two sights of it by the CPU's own count.

The RTC may be behind the clock: by some milliseconds since it was set (it keeps whole seconds when written), by more
while an adjustment waits to be on record before it is written. `lag_ns` is that difference, so that the clock can
always be told from the RTC.
"""

import enum
from dataclasses import dataclass
from typing import Final

from firmware.clock.distrust import Distrust
from firmware.clock.rtc_watch import RtcTrouble, RtcWatch
from firmware.clock.slew import STEP_S
from firmware.clock.trust import TRUST, ClockEvent, ClockStatus
from hal.rtc import RTC_BEGIN_S, RTC_END_S, Rtc
from hal.units import MINUTE, MS, S

__all__ = ["CivilClock", "ClockEvent", "ClockStatus", "RtcUse", "SavedTime"]

_GAP_NS: Final = 15 * MINUTE
"""The clock of a save may have run on the CPU's oscillator for so long."""

_LAG_MOST_NS: Final = 500 * MS

SLIGHT_NS: Final = (STEP_S + 1) * S
"""A step of a slew, and what is left of a second: an RTC that was to be set by no more tells the time either way."""

_PPB: Final = 1_000_000_000


class RtcUse(enum.Enum):
    """What the RTC is to the clock."""

    BELIEVED = "believed"
    TO_BE_SET = "to be set"
    """It lost the time, or counts again after a failure; it is set once that is on record."""
    FAILED = "failed"
    """It does not tell the time; the CPU's oscillator does."""


@dataclass(frozen=True, slots=True)
class SavedTime:
    """What a save knows of the clock: the time when it was laid out, whether the RTC was believed then, by how much the
    clock was ahead of it, and whether the RTC was to be set next."""

    utc_ns: int
    believed: bool
    lag_ns: int
    due: bool


class CivilClock:
    """UTC in ns as a function of the monotonic clock, anchored at the last exact sight of its source."""

    def __init__(self, rtc: Rtc, now_ns: int, tolerance_ppb: int) -> None:
        """`start` must be called before the time is asked for. `tolerance_ppb` as for `RtcWatch`."""
        self.watch = RtcWatch(rtc, tolerance_ppb)
        self.distrust = Distrust()
        self.status = ClockStatus.VALID
        self.use = RtcUse.BELIEVED
        self.trouble: RtcTrouble | None = None
        """Why the RTC is not believed, or was not at power-up."""
        self.due = False
        """The RTC is to be set from the clock, once the clock is on record."""
        self.moves = 0
        """How often the clock has been moved since power-up."""
        self.lag_ns = 0
        self._anchor_ns = now_ns
        self._anchor_utc_ns = RTC_BEGIN_S * S
        self.rate_ppb = 0
        """How much faster than the CPU's oscillator the clock runs between two sights of its source."""

    def start(
        self, now_ns: int, saved: SavedTime | None, longest_outage_ns: int, built_s: int = 0, recorded_s: int = 0
    ) -> RtcTrouble | None:
        """Power-up: take the RTC's time if it can be the time, else go on from the saved one; the reason if not.

        Without a save, no time before the firmware was built (`built_s`) and before that of the newest record
        (`recorded_s`) can be right, UTC in s; what there is to go on from is the record, if its time can be right.
        """
        seen = self.watch.first(now_ns)
        trouble, possible = seen.trouble, list[int]()
        if trouble is None and seen.rtc_ns is not None:
            if saved is None:
                earliest_ns = max(built_s * S, recorded_s * S - self.watch.limit_ns(_GAP_NS))
                possible = [max(seen.rtc_ns, recorded_s * S)] if seen.rtc_ns >= earliest_ns else []
            elif saved.believed:
                possible = self._possible(seen.rtc_ns, saved, longest_outage_ns)
            else:
                trouble = RtcTrouble.DISTRUSTED
            if possible:
                self._believe(now_ns, seen.rtc_ns, possible)
                return None
        known_ns = saved.utc_ns if saved is not None else recorded_s * S if recorded_s > built_s else None
        self.trust(ClockEvent.NEVER_SET if known_ns is None else ClockEvent.LOST)
        self._anchor(now_ns, RTC_BEGIN_S * S if known_ns is None else known_ns)
        self.trouble = trouble or RtcTrouble.IMPLAUSIBLE
        if self.trouble is RtcTrouble.UNREADABLE:
            self.use = RtcUse.FAILED
            self.distrust.failed(now_ns)
        else:
            self.use, self.due = RtcUse.TO_BE_SET, True
        return self.trouble

    def _possible(self, rtc_ns: int, saved: SavedTime, longest_outage_ns: int) -> list[int]:
        """What time it can be by a running RTC: not before the save, and not absurdly long after it. Of two times
        the first is that of an RTC that was set when the save was whole, the second that of one that was not."""
        earliest_ns = saved.utc_ns - self.watch.limit_ns(_GAP_NS)
        latest_ns = min(saved.utc_ns + longest_outage_ns, RTC_END_S * S - 1)
        ahead = (0, saved.lag_ns) if saved.due else (saved.lag_ns,)
        return [max(rtc_ns + lag, saved.utc_ns) for lag in ahead if earliest_ns <= rtc_ns + lag <= latest_ns]

    def _believe(self, now_ns: int, rtc_ns: int, possible: list[int]) -> None:
        """Whether the RTC was set before the power went, it does not tell; that it was is likelier by far."""
        utc_ns = possible[0]
        self._anchor(now_ns, utc_ns)
        self.lag_ns = utc_ns - rtc_ns
        self.due = not 0 <= self.lag_ns <= _LAG_MOST_NS
        if max(possible) - min(possible) > SLIGHT_NS:
            self.trust(ClockEvent.UNSURE)

    # Reading it

    @property
    def lost(self) -> bool:
        """The RTC lost the time, and has not been set since."""
        return self.use is RtcUse.TO_BE_SET

    def utc_ns(self, now_ns: int) -> int:
        elapsed = now_ns - self._anchor_ns
        return self._anchor_utc_ns + elapsed + elapsed * self.rate_ppb // _PPB

    def utc_s(self, now_ns: int) -> int:
        return self.utc_ns(now_ns) // S

    def instant_ns(self, utc_s: int) -> int:
        """The monotonic instant of a whole second near the present, or of the first ns after it."""
        ahead = utc_s * S - self._anchor_utc_ns
        instant = self._anchor_ns + ahead - ahead * self.rate_ppb // (_PPB + self.rate_ppb)
        while self.utc_ns(instant) < utc_s * S:
            instant += 1
        return instant

    def saved(self, now_ns: int) -> SavedTime:
        """What a save of now must know."""
        return SavedTime(self.utc_ns(now_ns), self.use is RtcUse.BELIEVED, self.lag_ns, self.due)

    # What happens to it

    def trust(self, event: ClockEvent) -> None:
        self.status = TRUST[self.status, event]

    def look(self, now_ns: int, rung: tuple[int, int] | None = None, on_mains: bool = False) -> RtcTrouble | None:
        """A sight of the RTC. It is taken for the time if it advanced as time does; what is newly wrong with it if not.

        `rung` is the monotonic instant of its alarm and the second that it was set for: an exacter sight. `on_mains`:
        the mains tell the time, the RTC is only watched.
        """
        if self.use is RtcUse.TO_BE_SET:
            return None
        seen = self.watch.look(now_ns, heeds_flag=self.use is RtcUse.BELIEVED)
        if self.use is RtcUse.FAILED:
            if seen.trouble is not None:
                self.distrust.wrong(now_ns)
            elif seen.settled and self.distrust.over(now_ns):
                self.use, self.due = RtcUse.TO_BE_SET, True
            return None
        if seen.trouble is not None or seen.rtc_ns is None:
            self.distrust.failed(now_ns)
            self.use, self.trouble, self.due = RtcUse.FAILED, seen.trouble, False
            return seen.trouble
        if on_mains:
            self.lag_ns = self.utc_ns(now_ns) - seen.rtc_ns
            self.due = self.due or not -_LAG_MOST_NS <= self.lag_ns <= _LAG_MOST_NS
        elif rung is not None and rung[0] >= self._anchor_ns and not self.due:
            self._anchor(rung[0], rung[1] * S + self.lag_ns)
        elif seen.settled:
            self._anchor(now_ns, seen.rtc_ns + self.lag_ns)
        return None

    def follow(self, at_ns: int, utc_ns: int, rate_ppb: int) -> None:
        """The mains said the time of a monotonic instant, and how fast they are."""
        self._anchor(at_ns, utc_ns)
        self.rate_ppb = rate_ppb

    def coast(self, now_ns: int) -> None:
        """The mains tell no time any more: go on from where they left it."""
        self._anchor(now_ns, self.utc_ns(now_ns))
        self.rate_ppb = 0

    def move(self, now_ns: int, utc_ns: int) -> None:
        """It is another time now. The RTC follows once that is on record."""
        before_ns = self.utc_ns(now_ns)
        self._anchor(now_ns, utc_ns)
        self.moves += 1
        if self.use is RtcUse.BELIEVED:
            self.lag_ns += utc_ns - before_ns
            self.due = True

    def write_rtc(self, now_ns: int) -> None:
        """Set the RTC to the second that the clock is in; it lags by what is left of it."""
        utc_ns = self.utc_ns(now_ns)
        self.watch.write(now_ns, utc_ns // S)
        self.lag_ns = utc_ns % S
        # An alarm that rang before now was for the time before.
        self._anchor(now_ns, utc_ns)
        self.use, self.trouble, self.due = RtcUse.BELIEVED, None, False
        self.distrust.believed(now_ns)

    def _anchor(self, at_ns: int, utc_ns: int) -> None:
        self._anchor_ns, self._anchor_utc_ns = at_ns, utc_ns
