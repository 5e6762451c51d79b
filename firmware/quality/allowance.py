"""How many entries of one kind a log takes: a storm must not push everything else out of it."""

from collections import deque


class Allowance:
    """At most so many in any stretch of so many ns; counts those that came too many."""

    def __init__(self, most: int, within_ns: int) -> None:
        self._taken: deque[int] = deque(maxlen=most)
        self._most = most
        self._within_ns = within_ns
        self.refused = 0

    def free(self, now_ns: int) -> bool:
        """Whether one more may be taken."""
        return len(self._taken) < self._most or now_ns - self._taken[0] >= self._within_ns

    def take(self, now_ns: int) -> bool:
        """Take one, or count it as refused."""
        if not self.free(now_ns):
            self.refused += 1
            return False
        self._taken.append(now_ns)
        return True
