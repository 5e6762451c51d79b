"""Probes of the rig: a trace line, or nothing."""

from collections.abc import Callable
from typing import TextIO

from hal.probe import Record


class TraceProbe:
    """Writes a line a record: the monotonic instant in seconds, and the record. Implements `hal.probe.Probe`."""

    def __init__(self, now: Callable[[], int], stream: TextIO) -> None:
        self._now = now
        self._stream = stream

    def publish(self, record: Record) -> None:
        seconds, rest = divmod(self._now(), 1_000_000_000)
        self._stream.write(f"{seconds}.{rest:09d} {record!r}\n")


class SilentProbe:
    """Sees nothing. Implements `hal.probe.Probe`."""

    def publish(self, record: Record) -> None:
        """Let it go."""
