"""A windowed hardware watchdog: a kick too early or too late resets the processor."""

from typing import Protocol


class Watchdog(Protocol):
    def start(self, earliest_ns: int, latest_ns: int) -> None:
        """Start it; from then on each kick must come within the window after the last. An empty window: ValueError.

        It can't be stopped, and a second start changes nothing.
        """

    def kick(self) -> None: ...
