"""Which list the display goes through, and where in it.

The automatic list goes on by itself, the others by the button; without a press for some time the automatic list comes
back. What is shown follows from the last press and from time alone: nothing has to happen for a page to turn.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Mode(enum.Enum):
    AUTOMATIC = "automatic"
    STEPPED = "stepped"
    """The automatic list, by the button."""
    MANUAL = "manual"
    TEST = "test"
    """While the meter is in test mode."""


class Stimulus(enum.Enum):
    SHORT = "short"
    LONG = "long"
    TIMEOUT = "timeout"
    TEST_BEGAN = "test-began"
    TEST_ENDED = "test-ended"


class Move(enum.Enum):
    """Where in the list of the next mode it goes on."""

    FIRST = "first"
    NEXT = "next"


TABLE: Final[Mapping[tuple[Mode, Stimulus], tuple[Mode, Move]]] = {
    (Mode.AUTOMATIC, Stimulus.SHORT): (Mode.STEPPED, Move.NEXT),
    (Mode.AUTOMATIC, Stimulus.LONG): (Mode.MANUAL, Move.FIRST),
    (Mode.AUTOMATIC, Stimulus.TEST_BEGAN): (Mode.TEST, Move.FIRST),
    (Mode.STEPPED, Stimulus.SHORT): (Mode.STEPPED, Move.NEXT),
    (Mode.STEPPED, Stimulus.LONG): (Mode.MANUAL, Move.FIRST),
    (Mode.STEPPED, Stimulus.TIMEOUT): (Mode.AUTOMATIC, Move.FIRST),
    (Mode.STEPPED, Stimulus.TEST_BEGAN): (Mode.TEST, Move.FIRST),
    (Mode.MANUAL, Stimulus.SHORT): (Mode.MANUAL, Move.NEXT),
    (Mode.MANUAL, Stimulus.LONG): (Mode.AUTOMATIC, Move.FIRST),
    (Mode.MANUAL, Stimulus.TIMEOUT): (Mode.AUTOMATIC, Move.FIRST),
    (Mode.MANUAL, Stimulus.TEST_BEGAN): (Mode.TEST, Move.FIRST),
    (Mode.TEST, Stimulus.SHORT): (Mode.TEST, Move.NEXT),
    (Mode.TEST, Stimulus.LONG): (Mode.TEST, Move.FIRST),
    (Mode.TEST, Stimulus.TEST_ENDED): (Mode.AUTOMATIC, Move.FIRST),
}
"""What is not in it changes nothing."""

TIMED: Final = frozenset({Mode.STEPPED, Mode.MANUAL})
"""Modes that end by themselves."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a page of the automatic list stays, and how long after the last press that list comes back, in ns."""

    page_ns: int
    timeout_ns: int


@dataclass(frozen=True, slots=True)
class Position:
    """A mode, and the entry that it showed at `since_ns` (monotonic). Entries are counted from 0, without end."""

    mode: Mode = Mode.AUTOMATIC
    entry: int = 0
    since_ns: int = 0

    def at(self, now_ns: int, pace: Pace) -> "Position":
        """The same, some time later: pages have turned, a mode may have timed out."""
        if self.mode in TIMED and now_ns - self.since_ns >= pace.timeout_ns:
            over = replaced(self, Stimulus.TIMEOUT, self.since_ns + pace.timeout_ns)
            return over.at(now_ns, pace)
        if self.mode is not Mode.AUTOMATIC:
            return self
        turned = (now_ns - self.since_ns) // pace.page_ns
        return Position(self.mode, self.entry + turned, self.since_ns + turned * pace.page_ns)

    def after(self, stimulus: Stimulus, now_ns: int, pace: Pace) -> "Position":
        """What a press or the test mode makes of it."""
        return replaced(self.at(now_ns, pace), stimulus, now_ns)


def replaced(position: Position, stimulus: Stimulus, now_ns: int) -> Position:
    """One step of the table, at an instant."""
    found = TABLE.get((position.mode, stimulus))
    if found is None:
        return position
    mode, move = found
    entry = {Move.FIRST: 0, Move.NEXT: position.entry + 1}[move]
    return Position(mode, entry, now_ns)
