"""Messages that carry a block check character (BCC), and the single-character ones.

    data message      STX text ETX BCC          text of a readout: (line CR LF)* ! CR LF
    partial block     STX text EOT BCC          ACK asks for the next, NAK for the same; the last ends with ETX
    command message   SOH C D [STX text] ETX BCC, or EOT for a partial block

BCC (IEC 62056-21, block check character): XOR of the 7-bit characters after the first SOH or STX, ETX or EOT included.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .characters import ACK, CR, CRLF, END_OF_DATA, EOT, ETX, LF, NAK, SEVEN_BITS, SOH, STX, is_printable
from .data import DataSet, parse_lines
from .errors import ParseError
from .limits import VALUE_CHARS_MODE_C

ACK_BYTES = bytes((ACK,))
NAK_BYTES = bytes((NAK,))


@dataclass(frozen=True, slots=True)
class DataMessage:
    """`STX text ETX BCC`; a partial block, with EOT, if it is not the last."""

    text: str
    last: bool = True

    def encode(self) -> bytes:
        """The whole message as sent."""
        return _sealed(bytes((STX,)) + self.text.encode("ascii"), self.last)


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """`SOH command type STX text ETX BCC`; without STX if `text` is None, with EOT if it is not the last block."""

    command: str
    command_type: str
    text: str | None = None
    last: bool = True

    def encode(self) -> bytes:
        """The whole message as sent."""
        body = f"{chr(SOH)}{self.command}{self.command_type}"
        if self.text is not None:
            body += chr(STX) + self.text
        return _sealed(body.encode("ascii"), self.last)


BREAK = CommandMessage("B", "0")
"""Ends a session: 01 42 30 03 71."""


def bcc(characters: Iterable[int]) -> int:
    """XOR of 7-bit characters: those after the first SOH or STX, up to and including ETX or EOT."""
    check = 0
    for character in characters:
        check ^= character
    return check & SEVEN_BITS


def readout_message(data_sets: Iterable[DataSet]) -> DataMessage:
    """Data message of a readout, a line for each data set."""
    return DataMessage("".join(data_set.encode() + CRLF for data_set in data_sets) + END_OF_DATA)


def data_message(data_sets: Iterable[DataSet], last: bool = True) -> DataMessage:
    """Data message of programming mode: CR LF between data sets, none after the last."""
    return DataMessage(CRLF.join(data_set.encode() for data_set in data_sets), last)


def parse_readout(text: str, limit: int = VALUE_CHARS_MODE_C) -> tuple[DataSet, ...]:
    """Data sets of a readout's text. ParseError if it does not end with `!` CR LF or breaks the grammar."""
    if not text.endswith(END_OF_DATA):
        raise ParseError(len(text), "'!' CR LF expected at the end of a readout")
    lines = text.removesuffix(END_OF_DATA)
    if lines and not lines.endswith(CRLF):
        raise ParseError(len(lines), "CR LF expected before '!'")
    return parse_lines(lines, limit)


def decode(message: bytes) -> DataMessage | CommandMessage:
    """Message from all its bytes, SOH or STX to BCC. ParseError, with the offset in bytes, if it is not one."""
    if len(message) < 3 or message[0] not in (SOH, STX):
        raise ParseError(0, "SOH or STX, a body and a BCC expected")
    if message[-2] not in (ETX, EOT):
        raise ParseError(len(message) - 2, "ETX or EOT expected")
    if bcc(message[1:-1]) != message[-1]:
        raise ParseError(len(message) - 1, f"BCC {message[-1]:#04x}, but the characters give {bcc(message[1:-1]):#04x}")
    last = message[-2] == ETX
    if message[0] == STX:
        return DataMessage(_text(message, 1), last)
    if len(message) < 5 or not (is_printable(message[1]) and is_printable(message[2])):
        raise ParseError(1, "a command letter and a type expected after SOH")
    command, command_type = chr(message[1]), chr(message[2])
    if len(message) == 5:
        return CommandMessage(command, command_type, None, last)
    if message[3] != STX:
        raise ParseError(3, "STX expected after the command")
    return CommandMessage(command, command_type, _text(message, 4), last)


def _text(message: bytes, start: int) -> str:
    for offset in range(start, len(message) - 2):
        if not is_printable(message[offset]) and message[offset] not in (CR, LF):
            raise ParseError(offset, f"character {message[offset]:#04x} inside a block")
    return message[start:-2].decode("ascii")


def _sealed(body: bytes, last: bool) -> bytes:
    message = body + bytes((ETX if last else EOT,))
    return message + bytes((bcc(message[1:]),))
