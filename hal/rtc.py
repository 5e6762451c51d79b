"""The real-time clock: a crystal and a counter that a cell keeps alive."""

from dataclasses import dataclass
from typing import Final, Protocol

RTC_TICKS: Final = 32_768
"""Ticks a second of the watch crystal that the RTC divides."""

RTC_BEGIN_S: Final = 946_684_800
RTC_END_S: Final = 4_102_444_800
"""An RTC counts the years 2000 to 2099, in UTC: from the first of these on, and before the second."""


@dataclass(frozen=True, slots=True)
class RtcReading:
    """One consistent reading. `utc_s` counts seconds since 1970 (UTC), `ticks` the 32768ths of the running second."""

    utc_s: int
    ticks: int
    stopped: bool
    """The oscillator has stopped, or lost its supply, since the clock was last set: the time is not to be trusted."""


class Rtc(Protocol):
    """Keeps UTC while the meter is off, as long as its cell lasts; raises `Line.RTC_ALARM`."""

    def read(self) -> RtcReading: ...

    def set(self, utc_s: int) -> None:
        """Set the time, start the second anew and clear the stop flag. A `utc_s` outside 2000 to 2099: ValueError."""

    def set_alarm(self, utc_s: int | None) -> None:
        """Interrupt once, when the counter reaches `utc_s`; one alarm, None cancels. A time that has passed never
        matches."""
