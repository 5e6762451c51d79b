"""A condition that counts only when it has held for a while, and has ended only when it was gone for a while."""

import enum
from collections.abc import Mapping
from typing import Final


class State(enum.Enum):
    QUIET = "quiet"
    COMING = "coming"
    """It is seen, and its delay runs."""
    THERE = "there"
    GOING = "going"
    """It is not seen any more, and the delay of its end runs."""


Seen = bool | None
"""Whether a condition is seen; None where it can't be told."""

_NEXT: Final[Mapping[tuple[State, Seen], State]] = {
    (State.QUIET, False): State.QUIET,
    (State.QUIET, None): State.QUIET,
    (State.QUIET, True): State.COMING,
    (State.COMING, False): State.QUIET,
    (State.COMING, None): State.QUIET,
    (State.COMING, True): State.COMING,
    (State.THERE, False): State.GOING,
    (State.THERE, None): State.THERE,
    (State.THERE, True): State.THERE,
    (State.GOING, False): State.GOING,
    (State.GOING, None): State.THERE,
    (State.GOING, True): State.THERE,
}
"""What is seen leads from state to state. What can't be told changes nothing that is known, and stops a delay."""

_SETTLED: Final[Mapping[State, State]] = {State.COMING: State.THERE, State.GOING: State.QUIET}
"""Where a state leads when its delay is over."""


class Delayed:
    """One condition over time. What was seen last is taken to hold until it is told otherwise."""

    def __init__(self, delay_ns: int, there: bool = False) -> None:
        self._delay_ns = delay_ns
        self._state = State.THERE if there else State.QUIET
        self._since_ns = 0

    @property
    def there(self) -> bool:
        """Whether it counts."""
        return self._state in (State.THERE, State.GOING)

    @property
    def due_ns(self) -> int | None:
        """When the delay that runs is over."""
        return self._since_ns + self._delay_ns if self._state in _SETTLED else None

    def feed(self, seen: Seen, now_ns: int) -> bool | None:
        """Tell what is seen now: True if from now on it counts, False if no longer, None if neither came about."""
        following = _NEXT[self._state, seen]
        if following is not self._state:
            self._state = following
            self._since_ns = now_ns
        due = self.due_ns
        if due is None or now_ns < due:
            return None
        self._state = _SETTLED[self._state]
        return self._state is State.THERE
