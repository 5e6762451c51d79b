"""Incremental recognisers: bytes in one at a time, whole messages out, in buffers that never pass their limit.

Each looks for its own messages in whatever comes, and several may be fed the same stream. A byte above 0x7F is noise:
it breaks a `/` message and an option select, and spoils a block. A block is not restarted by a SOH or STX within it
(the BCC runs from the first), else one flipped bit could make a shorter, valid block of the rest.
"""

from .block import bcc
from .characters import ACK, CR, EOT, ETX, LF, SEVEN_BITS, SOH, STX, is_printable
from .limits import LINE_MESSAGE_BYTES
from .rejection import Rejection

_SLASH = ord("/")
_OPTION_SELECT_BYTES = 6


class LineScanner:
    """Finds messages `/` ... CR LF of printable characters. A second `/` begins anew."""

    def __init__(self) -> None:
        self._kept = bytearray()

    @property
    def buffered(self) -> int:
        """Bytes of an unfinished message."""
        return len(self._kept)

    def reset(self) -> None:
        """Forget an unfinished message."""
        self._kept.clear()

    def feed(self, byte: int) -> bytes | None:
        """A whole message, if this byte ends one."""
        if byte == _SLASH:
            self._kept[:] = (byte,)
            return None
        if not self._kept:
            return None
        after_cr = self._kept[-1] == CR
        fits = byte == LF if after_cr else is_printable(byte) or byte == CR
        if not fits or len(self._kept) == LINE_MESSAGE_BYTES:
            self._kept.clear()
            return None
        self._kept.append(byte)
        if byte != LF:
            return None
        message = bytes(self._kept)
        self._kept.clear()
        return message


class OptionScanner:
    """Finds option select messages: ACK, three printable characters, CR LF. Another ACK begins anew."""

    def __init__(self) -> None:
        self._kept = bytearray()

    @property
    def buffered(self) -> int:
        """Bytes of an unfinished message."""
        return len(self._kept)

    def reset(self) -> None:
        """Forget an unfinished message."""
        self._kept.clear()

    def feed(self, byte: int) -> bytes | Rejection | None:
        """A whole message, if this byte ends one; MALFORMED if it breaks one."""
        if byte == ACK:
            self._kept[:] = (byte,)
            return None
        if not self._kept:
            return None
        position = len(self._kept)
        fits = is_printable(byte) if position < 4 else byte == (CR if position == 4 else LF)
        if not fits:
            self._kept.clear()
            return Rejection.MALFORMED
        self._kept.append(byte)
        if len(self._kept) < _OPTION_SELECT_BYTES:
            return None
        message = bytes(self._kept)
        self._kept.clear()
        return message


class BlockScanner:
    """Finds messages SOH or STX ... ETX or EOT, BCC, of at most `limit` bytes.

    A longer one is not kept but followed to its end, and reported there. One that lacks characters is no message, even
    if its BCC is right: that is a mere XOR, and an even number of equal characters has none.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._fault: Rejection | None = None
        self._at_bcc = False

    @property
    def buffered(self) -> int:
        """Bytes kept of an unfinished message, or 1 at least while an overlong one is followed."""
        return len(self._kept)

    def reset(self) -> None:
        """Forget an unfinished message."""
        self._kept.clear()
        self._fault = None
        self._at_bcc = False

    def spoil(self) -> None:
        """A character of the message under way, if there is one, never came."""
        if self._kept and self._fault is None:
            self._fault = Rejection.DAMAGED

    def feed(self, byte: int) -> bytes | Rejection | None:
        """A whole message with a right BCC, or what was wrong with it, if this byte ends one."""
        if not self._kept and byte not in (SOH, STX):
            return None
        if byte > SEVEN_BITS and self._fault is None:
            self._fault = Rejection.EIGHT_BIT
        if len(self._kept) == self._limit:
            self._fault = Rejection.TOO_LONG
            del self._kept[1:]
        self._kept.append(byte)
        if not self._at_bcc:
            self._at_bcc = byte in (ETX, EOT)
            return None
        message, fault = bytes(self._kept), self._fault
        self.reset()
        if fault is None and bcc(message[1:-1]) != message[-1]:
            fault = Rejection.BCC
        return message if fault is None else fault
