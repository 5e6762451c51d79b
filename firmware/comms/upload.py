"""A long value that a reader writes piece by piece: gathered in RAM, used once it is whole, gone with the session."""

from typing import Final

from crcmod.predefined import mkPredefinedCrcFun

BYTES_MOST: Final = 32_768
PIECE_BYTES: Final = 48
"""What a reader of ours puts into a piece: 96 characters, within the 128 that mode C allows a value."""

_crc32: Final = mkPredefinedCrcFun("crc-32")


class Upload:
    """Pieces come in order, as hexadecimal digits; the first one has offset 0, and begins anew."""

    def __init__(self) -> None:
        self._data = bytearray()

    def put(self, offset: int, digits: str) -> bool:
        """Take the piece that belongs at `offset`; False, and nothing changed, if it is none or leaves a gap.

        A piece that comes again, its acknowledgement lost, is taken once.
        """
        try:
            piece = bytes.fromhex(digits)
        except ValueError:
            return False
        if not piece or offset + len(piece) > BYTES_MOST:
            return False
        if offset == 0:
            self._data = bytearray(piece)
            return True
        if offset > len(self._data):
            return False
        self._data[offset : offset + len(piece)] = piece
        return True

    def clear(self) -> None:
        """The session is over."""
        self._data.clear()

    def take(self, crc: int) -> bytes | None:
        """The whole value if this is its CRC-32, once; None if it is not."""
        data = bytes(self._data)
        if not data or int(_crc32(data)) != crc:
            return None
        self._data.clear()
        return data
