"""One-shot timers on the monotonic clock, for the devices of the rig."""

from collections.abc import Callable
from heapq import heappop, heappush


class Timer:
    """An action that is due at a monotonic instant in ns; it runs once, unless it is cancelled before."""

    __slots__ = ("_action", "instant_ns")

    def __init__(self, instant_ns: int, action: Callable[[], None]) -> None:
        self.instant_ns = instant_ns
        self._action: Callable[[], None] | None = action

    @property
    def pending(self) -> bool:
        return self._action is not None

    def cancel(self) -> None:
        """Never run it; no effect once it has."""
        self._action = None

    def run(self) -> None:
        action, self._action = self._action, None
        if action is not None:
            action()


class Timers:
    """Pending timers in the order of their instants, those of one instant in the order in which they were armed."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []
        self._armed = 0

    def at(self, instant_ns: int, action: Callable[[], None]) -> Timer:
        """Arm a timer. An instant that has passed is due at the next turn."""
        timer = Timer(instant_ns, action)
        self._armed += 1
        heappush(self._heap, (instant_ns, self._armed, timer))
        return timer

    def next_ns(self) -> int | None:
        """The instant of the first pending timer."""
        while self._heap and not self._heap[0][2].pending:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_due(self, now_ns: int) -> None:
        """Run what is due; what is armed meanwhile waits for the next turn, or one that arms itself would never end."""
        due: list[Timer] = []
        while self._heap and self._heap[0][0] <= now_ns:
            due.append(heappop(self._heap)[2])
        for timer in due:
            timer.run()
