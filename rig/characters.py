"""Characters of a line, as the host's terminal driver hands them over.

A UART of the host runs with eight data bits wherever it can: 7E1 and 7O1 have the ten bits of 8N1, so the eighth bit
is the parity, computed and checked here, and each refused character is counted. Formats that need the hardware's parity
have the driver mark what it refused.

A pseudo-terminal has no line: it carries characters without start, parity and stop bits.
"""

from typing import Protocol

from hal.serial import LineSettings, Parity, Received

_MARK = 0xFF


class Characters(Protocol):
    """Between the bytes of a driver and the characters of a line."""

    def encode(self, data: bytes) -> bytes:
        """What to hand to the driver."""

    def decode(self, raw: bytes) -> Received:
        """What a driver that marks errors (`termios.PARMRK`) handed over; a mark may be cut between two calls."""


class _Marks:
    """Marks of a driver: FF 00 x stands for a character with a bad parity or frame, FF FF for the character FF."""

    def __init__(self) -> None:
        self._open = b""

    def take(self, raw: bytes) -> tuple[bytes, int]:
        """Good characters, and how many were marked."""
        good = bytearray()
        marked = 0
        for byte in raw:
            if self._open == b"\xff\x00":
                marked += 1
                self._open = b""
            elif self._open:
                if byte == _MARK:
                    good.append(_MARK)
                    self._open = b""
                else:
                    self._open = b"\xff\x00"
            elif byte == _MARK:
                self._open = b"\xff"
            else:
                good.append(byte)
        return bytes(good), marked


class PlainCharacters:
    """Of a pseudo-terminal: a character is a byte. One that the data bits can't hold is refused as a bad frame."""

    def __init__(self, settings: LineSettings) -> None:
        self._limit = 1 << settings.data_bits
        self._marks = _Marks()

    def encode(self, data: bytes) -> bytes:
        return bytes(byte % self._limit for byte in data)

    def decode(self, raw: bytes) -> Received:
        taken, marked = self._marks.take(raw)
        good = bytes(byte for byte in taken if byte < self._limit)
        return Received(good, framing_errors=marked + len(taken) - len(good))


class SevenBitCharacters:
    """Of a UART at 7E1 or 7O1 that runs at 8N1: bit 7 is the parity."""

    def __init__(self, settings: LineSettings) -> None:
        if not parity_in_software(settings):
            raise ValueError(f"{settings}: only seven bits with parity fill the eight of 8N1")
        self._odd = settings.parity is Parity.ODD
        self._marks = _Marks()

    def encode(self, data: bytes) -> bytes:
        return bytes(self._with_parity(byte & 0x7F) for byte in data)

    def decode(self, raw: bytes) -> Received:
        taken, marked = self._marks.take(raw)
        good = bytes(byte & 0x7F for byte in taken if byte == self._with_parity(byte & 0x7F))
        return Received(good, parity_errors=len(taken) - len(good), framing_errors=marked)

    def _with_parity(self, character: int) -> int:
        return character | ((character.bit_count() + self._odd) & 1) << 7


class HardwareCharacters:
    """Of a UART that runs at the format itself. The driver's marks tell no bad parity from a bad frame."""

    def __init__(self, settings: LineSettings) -> None:
        self._parity = settings.parity is not Parity.NONE
        self._marks = _Marks()

    def encode(self, data: bytes) -> bytes:
        return data

    def decode(self, raw: bytes) -> Received:
        good, marked = self._marks.take(raw)
        return Received(good, marked, 0) if self._parity else Received(good, 0, marked)


def parity_in_software(settings: LineSettings) -> bool:
    """Whether a UART can run at 8N1 for this format."""
    return settings.data_bits == 7 and settings.parity is not Parity.NONE
