"""The meter's clock: UTC from the RTC, carried on between its ticks by the CPU's own count, and how far it is
trusted."""

import enum
from collections.abc import Mapping
from typing import Final

from hal.rtc import RTC_TICKS, Rtc
from hal.units import S


class ClockStatus(enum.Enum):
    """How far the time may be trusted."""

    VALID = "valid"
    """Set, and kept without a break since."""
    DOUBTFUL = "doubtful"
    """The RTC lost the time; the clock went on from the last power-down."""


class ClockEvent(enum.Enum):
    """What changes the trust in the clock."""

    SET = enum.auto()
    LOST = enum.auto()


TRUST: Final[Mapping[tuple[ClockStatus, ClockEvent], ClockStatus]] = {
    (ClockStatus.VALID, ClockEvent.SET): ClockStatus.VALID,
    (ClockStatus.VALID, ClockEvent.LOST): ClockStatus.DOUBTFUL,
    (ClockStatus.DOUBTFUL, ClockEvent.SET): ClockStatus.VALID,
    (ClockStatus.DOUBTFUL, ClockEvent.LOST): ClockStatus.DOUBTFUL,
}


class CivilClock:
    """UTC in ns as a function of the monotonic clock, anchored at the last exact sight of the RTC."""

    def __init__(self, rtc: Rtc, now_ns: int) -> None:
        """Read the RTC. `lost` tells that it does not know the time; `restore` must then be called."""
        reading = rtc.read()
        self._rtc = rtc
        self.lost = reading.stopped
        self.status = ClockStatus.VALID
        self._anchor_ns = now_ns
        self._anchor_utc_ns = reading.utc_s * S + reading.ticks * S // RTC_TICKS

    def utc_ns(self, now_ns: int) -> int:
        return self._anchor_utc_ns + now_ns - self._anchor_ns

    def utc_s(self, now_ns: int) -> int:
        return self.utc_ns(now_ns) // S

    def trust(self, event: ClockEvent) -> None:
        self.status = TRUST[self.status, event]

    def restore(self, now_ns: int, utc_ns: int) -> None:
        """The RTC lost the time: go on from a saved one. `write_rtc` sets the RTC itself, once that is on record."""
        self.trust(ClockEvent.LOST)
        self._anchor_ns, self._anchor_utc_ns = now_ns, utc_ns

    def whole_second_ns(self, now_ns: int) -> int:
        """How long until the next whole second."""
        return S - self.utc_ns(now_ns) % S

    def instant_ns(self, utc_s: int) -> int:
        """The monotonic instant of a whole second near the present."""
        return self._anchor_ns + utc_s * S - self._anchor_utc_ns

    def write_rtc(self, now_ns: int) -> None:
        """Set the RTC to the clock, about a whole second: it keeps no finer ones."""
        self._rtc.set((self.utc_ns(now_ns) + S // 2) // S)
        self.lost = False

    def set(self, now_ns: int, utc_s: int) -> None:
        """Somebody who may has told the time."""
        self._rtc.set(utc_s)
        self.trust(ClockEvent.SET)
        self._anchor_ns, self._anchor_utc_ns = now_ns, utc_s * S
        self.lost = False

    def ticked(self, at_ns: int, utc_s: int) -> bool:
        """The RTC reached this very second at this monotonic instant; False if the clock was set or restored since."""
        if at_ns < self._anchor_ns:
            return False
        self._anchor_ns, self._anchor_utc_ns = at_ns, utc_s * S
        return True
