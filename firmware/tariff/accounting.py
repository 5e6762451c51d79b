"""Accounting: brings energy, which comes in monotonic time, and boundaries, which the clock makes, together.

Energy arrives late: a window of samples ends up to 420 ms after a boundary that falls into it. So what is to happen at
an instant waits until all energy before that instant has been counted; an increment that spans it is split.
"""

from collections import deque
from collections.abc import Callable

from firmware.metrology.increment import Increment


class Accounting:
    """Counts increments in order, and runs actions at their instants between them."""

    def __init__(self, count: Callable[[tuple[int, ...]], None]) -> None:
        self._count = count
        self._pending: deque[tuple[int, Callable[[], None]]] = deque()
        self.counted_ns = 0
        """The monotonic instant up to which energy has been counted."""

    def at(self, instant_ns: int, action: Callable[[], None]) -> None:
        """Run `action` once all energy before a monotonic instant is counted. Instants come in order."""
        self._pending.append((instant_ns, action))

    def energy(self, increment: Increment) -> None:
        """Count the next increment; each begins where the last one ended."""
        pending = self._pending
        while pending and pending[0][0] <= increment.end_ns:
            instant, action = pending.popleft()
            if instant > increment.start_ns:
                before, increment = increment.split(instant)
                self._count(before.energies)
                self.counted_ns = instant
            action()
        self._count(increment.energies)
        self.counted_ns = increment.end_ns

    def settle(self) -> None:
        """No more energy will come for now: run what still waits."""
        while self._pending:
            self._pending.popleft()[1]()
