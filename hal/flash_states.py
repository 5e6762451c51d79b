"""What a serial NOR flash makes of a command, in one table: for whoever implements `hal.flash.Flash`.

A command that finds no row is ignored; for a `suspend` or a `resume` nothing is wrong with that (Winbond W25Q32BV data
sheet, "BUSY" and "Erase / Program Suspend (75h)"; W25Q64JV is the same family).
"""

import enum
from typing import Final


class FlashState(enum.Enum):
    """What the part is doing."""

    OFF = enum.auto()
    """Without supply."""
    READY = enum.auto()
    PROGRAMMING = enum.auto()
    ERASING = enum.auto()
    SUSPENDING = enum.auto()
    """An erase is held soon, and goes on until then."""
    SUSPENDED = enum.auto()
    PROGRAMMING_SUSPENDED = enum.auto()
    """A program, while an erase is held."""


class FlashCommand(enum.Enum):
    """What it is told; `END` is the end of what is under way."""

    PROGRAM = enum.auto()
    ERASE = enum.auto()
    SUSPEND = enum.auto()
    RESUME = enum.auto()
    END = enum.auto()


NEXT_STATE: Final = {
    (FlashState.READY, FlashCommand.PROGRAM): FlashState.PROGRAMMING,
    (FlashState.READY, FlashCommand.ERASE): FlashState.ERASING,
    (FlashState.PROGRAMMING, FlashCommand.END): FlashState.READY,
    (FlashState.ERASING, FlashCommand.END): FlashState.READY,
    (FlashState.ERASING, FlashCommand.SUSPEND): FlashState.SUSPENDING,
    (FlashState.SUSPENDING, FlashCommand.END): FlashState.SUSPENDED,
    (FlashState.SUSPENDED, FlashCommand.PROGRAM): FlashState.PROGRAMMING_SUSPENDED,
    (FlashState.SUSPENDED, FlashCommand.RESUME): FlashState.ERASING,
    (FlashState.PROGRAMMING_SUSPENDED, FlashCommand.END): FlashState.SUSPENDED,
}

IDLE_STATES: Final = frozenset({FlashState.OFF, FlashState.READY, FlashState.SUSPENDED})
"""Those in which it is not busy."""
