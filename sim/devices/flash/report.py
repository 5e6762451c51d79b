"""What a flash tells whoever listens: the steps of its operations, and what it was asked for that makes no sense."""

import enum
from dataclasses import dataclass

from sim.devices.flash.cut import EraseCut, ProgramCut


class Kind(enum.Enum):
    """The operations that take time."""

    PROGRAM = "program"
    ERASE = "erase"


class Stage(enum.Enum):
    """What a listener is told of an operation."""

    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DONE = "done"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class FlashOperation:
    """A step in the life of an operation. Instants are true ns; `left` says what a cut left.

    A program that wraps is told as what the part makes of it: a program of its whole page.
    """

    kind: Kind
    address: int
    length: int
    stage: Stage
    start_ns: int
    at_ns: int
    left: ProgramCut | EraseCut | None = None


class Refusal(enum.Enum):
    """What a correct program never asks of the part, and what comes of it."""

    UNPOWERED = "without supply: nobody answers"
    """A `hal.flash.FlashError`."""
    RANGE = "outside the array"
    """A `hal.flash.FlashError`."""
    LENGTH = "of no data, or more than a page"
    """A `hal.flash.FlashError`."""
    BUSY = "while busy: ignored"
    """A read gives 0xFF."""
    PAGE_CROSSED = "across a page: goes on at the page's beginning"
    """The data are programmed, only not where they were meant to be."""
    NOT_ERASED = "over bits that are not erased: they stay zero"
    """A program only clears bits. Cells that a cut left between the levels are not erased either."""
    SUSPENDED_SECTOR = "in a sector whose erase is suspended"
    """A program is ignored, a read gives anything. The data sheet forbids both, and does not say what comes of them."""
    SUSPENDED_ERASE = "while another erase is suspended: ignored"
    """The part takes no erase then."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that a correct program never asks of the part, for an oracle. `at_ns` is a true instant."""

    at_ns: int
    refusal: Refusal
    address: int
    text: str
