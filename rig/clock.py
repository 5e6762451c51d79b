"""An RTC on the system clock: an offset to it stands in a small file, and makes `set` last.

Without the file the clock counts the host's time and says that it has stopped, as a new RTC does: nobody has set it. If
the host's clock is stepped, so is this one.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hal.processor import Line
from hal.rtc import RTC_TICKS, RtcReading
from hal.units import MINUTE, S
from rig.processor import HostProcessor
from rig.timers import Timer

FIRST_S: Final = 946_684_800
"""2000-01-01T00:00:00Z"""
LAST_S: Final = 4_102_444_799
"""2099-12-31T23:59:59Z"""

LOOK_NS: Final = MINUTE
"""An alarm looks at the clock at least this often: the host's clock may be stepped meanwhile, or run unevenly."""


class SystemClockRtc:
    """Implements `hal.rtc.Rtc`. `system_ns` gives UTC in ns since 1970. A file that holds no integer: ValueError."""

    def __init__(self, processor: HostProcessor, path: Path, system_ns: Callable[[], int] = time.time_ns) -> None:
        self._processor = processor
        self._path = path
        self._system_ns = system_ns
        self._offset_ns = 0
        self._stopped = True
        self._alarm_s: int | None = None
        self._look: Timer | None = None
        if path.exists():
            text = path.read_text(encoding="ascii", errors="replace").strip()
            try:
                self._offset_ns = int(text)
            except ValueError:
                raise ValueError(f"{path}: {text[:40]!r} is no offset in nanoseconds") from None
            self._stopped = False

    def read(self) -> RtcReading:
        seconds, rest = divmod(self._utc_ns(), S)
        return RtcReading(seconds, rest * RTC_TICKS // S, self._stopped)

    def set(self, utc_s: int) -> None:
        if not FIRST_S <= utc_s <= LAST_S:
            raise ValueError(f"{utc_s} s since 1970 lies outside 2000 to 2099")
        self._offset_ns = utc_s * S - self._system_ns()
        self._stopped = False
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(f"{self._offset_ns}\n", encoding="ascii")
        os.replace(fresh, self._path)
        self._look_again()

    def set_alarm(self, utc_s: int | None) -> None:
        self._alarm_s = utc_s
        self._look_again()

    def _utc_ns(self) -> int:
        return self._system_ns() + self._offset_ns

    def _look_again(self) -> None:
        """Wait for the alarm, if the clock has yet to reach it; a passed one waits until it is set back."""
        if self._look is not None:
            self._look.cancel()
        if self._alarm_s is None:
            return
        left = self._alarm_s * S - self._utc_ns()
        if left > 0:
            self._look = self._processor.at(self._processor.now() + min(left, LOOK_NS), self._check)

    def _check(self) -> None:
        if self._alarm_s is None or self._utc_ns() < self._alarm_s * S:
            self._look_again()
            return
        self._alarm_s = None
        self._processor.interrupt(Line.RTC_ALARM)
