"""A limit to what one input or condition may put into a log: a loose switch must neither crowd out what others have to
tell, nor wear the flash.

It leaves at most `MOST` entries in an hour. One that would leave more chatters: from then on its changes are only
counted, and each hour tells how many they were. An hour in which it is still ends that.
"""

from collections import deque
from typing import Final

from hal.units import HOUR

MOST: Final = 10
"""Entries of one in an hour; the figure is ours. Five openings, with their ends."""

WINDOW_NS: Final = HOUR

_COUNTED_MOST: Final = 999_999


class Chatter:
    """The limit of one input or condition, from boot on. `left_out` changes of an hour that an outage has ended are
    told at once, and it chatters still."""

    def __init__(self, left_out: int = 0) -> None:
        self._entries_ns: deque[int] = deque(maxlen=MOST)
        self._left_out = left_out
        self._report_ns: int | None = 0 if left_out else None

    @property
    def due_ns(self) -> int | None:
        """When the running hour of one that chatters is over; None for one that does not."""
        return self._report_ns

    @property
    def chatters(self) -> bool:
        return self._report_ns is not None

    def may(self, now_ns: int) -> bool:
        """Whether an entry may be left now."""
        full = len(self._entries_ns) == MOST and now_ns - self._entries_ns[0] < WINDOW_NS
        return not (self.chatters or full)

    def left(self, now_ns: int) -> None:
        """An entry was left."""
        self._entries_ns.append(now_ns)

    def leave_out(self, now_ns: int) -> None:
        """A change takes place that may leave no entry."""
        if self._report_ns is None:
            self._report_ns = now_ns + WINDOW_NS
        self._left_out += 1

    def report(self, now_ns: int) -> int:
        """How many changes of the hour that is over left no entry; 0 while none is, or after one of rest."""
        if self._report_ns is None or now_ns < self._report_ns:
            return 0
        count, self._left_out = self._left_out, 0
        self._report_ns = now_ns + WINDOW_NS if count else None
        return min(count, _COUNTED_MOST)


def detail(number: int, count: int) -> int:
    """The detail of a sum: the number of the input or condition, from 1, in millions, and the count."""
    return number * (_COUNTED_MOST + 1) + count


def number_and_count(told: int) -> tuple[int, int]:
    """What the detail of a sum tells."""
    return divmod(told, _COUNTED_MOST + 1)
