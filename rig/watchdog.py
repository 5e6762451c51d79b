"""A windowed watchdog in software.

It ends the run between two steps of the program. A program that never yields keeps the loop from turning, and is not
caught until it does: the watchdog of the part that the firmware runs on later has no such blind spot.
"""

from hal.processor import ResetCause
from rig.processor import HostProcessor
from rig.timers import Timer


class SoftwareWatchdog:
    """Implements `hal.watchdog.Watchdog`; resets the processor it is given."""

    def __init__(self, processor: HostProcessor) -> None:
        self._processor = processor
        self._earliest_ns = 0
        self._latest_ns = 0
        self._kicked = 0
        self._end: Timer | None = None

    def start(self, earliest_ns: int, latest_ns: int) -> None:
        if not 0 <= earliest_ns < latest_ns:
            raise ValueError(f"the watchdog's window from {earliest_ns} to {latest_ns} ns is empty")
        if self._end is not None:
            return
        self._earliest_ns = earliest_ns
        self._latest_ns = latest_ns
        self._rewind()

    def kick(self) -> None:
        if self._end is None:
            return
        after = self._processor.now() - self._kicked
        if after < self._earliest_ns:
            self._bite(f"a kick {after} ns after the last, {self._earliest_ns - after} ns too early")
        elif after > self._latest_ns:
            self._bite(f"a kick {after} ns after the last, {after - self._latest_ns} ns too late")
        else:
            self._rewind()

    def _rewind(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._kicked = self._processor.now()
        self._end = self._processor.at(
            self._kicked + self._latest_ns, lambda: self._bite(f"no kick for {self._latest_ns} ns")
        )

    def _bite(self, reason: str) -> None:
        self._processor.reset(ResetCause.WATCHDOG, reason)
