"""A serial port: an optical head, a pseudo-terminal, a real UART."""

import enum
from dataclasses import dataclass
from typing import Protocol


class Parity(enum.Enum):
    NONE = "N"
    EVEN = "E"
    ODD = "O"


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Baud rate and character format. One stop bit, as both IEC 62056-21 (7E1) and ANSI C12.18 (8N1) have it."""

    baud: int
    data_bits: int = 8
    parity: Parity = Parity.NONE

    @property
    def character_bits(self) -> int:
        """Bits on the line for one character, with start, parity and stop bit."""
        return 1 + self.data_bits + (self.parity is not Parity.NONE) + 1


@dataclass(frozen=True, slots=True)
class Received:
    """Characters since the last read, and how many more were refused for their parity or framing, or overran."""

    data: bytes
    parity_errors: int = 0
    framing_errors: int = 0
    overruns: int = 0


class SerialPort(Protocol):
    """A half- or full-duplex port. Interrupts: a character has arrived; the last stop bit has left."""

    def configure(self, settings: LineSettings) -> None:
        """Change speed and format at once; characters on the line are received wrong, so wait for the last stop bit."""

    def read(self) -> Received:
        """All that has arrived since the last call."""

    def write(self, data: bytes) -> None:
        """Queue characters behind those that are being sent."""

    def sending(self) -> bool:
        """Whether the last stop bit has yet to leave."""
