"""A two-line dot-matrix display, and the symbols around it."""

import enum
from typing import Final, Protocol

LINES: Final = 2
COLUMNS: Final = 16


class Symbol(enum.Enum):
    """The annunciators: segments beside the dot matrix that are lit or not."""

    L1 = "L1"
    """The voltage of the phase is there; so for the next two."""
    L2 = "L2"
    L3 = "L3"
    SEQUENCE = "sequence"
    """The phases follow each other the wrong way round."""
    Q1 = "Q1"
    """The quadrant of the power that flows: import, inductive; then counter-clockwise."""
    Q2 = "Q2"
    Q3 = "Q3"
    Q4 = "Q4"
    T1 = "T1"
    """The energy rate in force; so for the next seven."""
    T2 = "T2"
    T3 = "T3"
    T4 = "T4"
    T5 = "T5"
    T6 = "T6"
    T7 = "T7"
    T8 = "T8"
    ALARM = "alarm"
    CLOCK = "clock"
    """The time is not to be trusted."""
    BATTERY = "battery"
    OPEN = "open"
    """The disconnect relay is open."""
    READY = "ready"
    """It is open, and may be closed at the meter."""
    LOAD = "load"
    """The load-control output is on."""
    MANUAL = "manual"
    """What is shown was chosen by the button."""
    TEST = "test"


class Display(Protocol):
    """`Line.DISPLAY` says that the display wants to be drawn: the tick of its refresh, of 1 s or so. Nothing has to be
    drawn in between."""

    def show(self, line: int, text: str) -> None:
        """Replace a line (0 or 1) by up to 16 printable ASCII characters; ValueError for others."""

    def light(self, symbols: frozenset[Symbol]) -> None:
        """Light these symbols, and no others."""
