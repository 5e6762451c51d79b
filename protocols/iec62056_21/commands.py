"""Types of programming commands, the digit after the command letter."""

from enum import Enum


class AuthenticationMethod(Enum):
    """Password commands of the reading device."""

    PASSWORD = "1"
    """P1: the password itself."""
    RESULT = "2"
    """P2: the result of an algorithm on the operand."""


class CommandType(Enum):
    """Types of read and write commands. Partial blocks and national types [m]."""

    ASCII = "1"
    FORMATTED = "2"
    ASCII_PARTIAL = "3"
    FORMATTED_PARTIAL = "4"
    NATIONAL = "5"
    NATIONAL_PARTIAL = "6"

    @property
    def partial(self) -> bool:
        """Whether the data may come in several blocks."""
        return self in (CommandType.ASCII_PARTIAL, CommandType.FORMATTED_PARTIAL, CommandType.NATIONAL_PARTIAL)
