"""The damaged bits of a sector. A sector without damage has none of this.

Bits of a span of bytes are one little-endian int, byte 0 lowest.
"""


class Damage:
    """Which bits are weak (read differently each time), rotten (have leaked from 0 to 1), or stuck at 0 or at 1.

    A bit is stuck at one level only, and whatever else befalls it then has no effect.
    """

    def __init__(self, sector_bytes: int) -> None:
        self._weak = bytearray(sector_bytes)
        self._rotten = bytearray(sector_bytes)
        self._low = bytearray(sector_bytes)
        self._high = bytearray(sector_bytes)

    def shown(self, held: int, offset: int, length: int) -> int:
        """What cells show that hold `held`: weak ones show that too."""
        return held & ~_bits(self._low, offset, length) | _bits(self._high, offset, length)

    def weak(self, offset: int, length: int) -> int:
        return _bits(self._weak, offset, length) & ~self.stuck(offset, length)

    def rotten(self, offset: int, length: int) -> int:
        return _bits(self._rotten, offset, length)

    def stuck(self, offset: int, length: int) -> int:
        return _bits(self._low, offset, length) | _bits(self._high, offset, length)

    # What happens to bits

    def stick(self, offset: int, mask: int, level: int) -> None:
        """Bits of one byte stay at a level; those that were stuck at the other are no more."""
        here, other = (self._high, self._low) if level else (self._low, self._high)
        here[offset] |= mask
        other[offset] &= ~mask

    def rot(self, offset: int, mask: int) -> None:
        """Bits of one byte have leaked to 1, and are no longer weak."""
        self._rotten[offset] |= mask
        self._weak[offset] &= ~mask

    def weaken(self, offset: int, length: int, bits: int) -> None:
        self._weak[offset : offset + length] = (_bits(self._weak, offset, length) | bits).to_bytes(length, "little")

    def move(self, offset: int, length: int, bits: int) -> None:
        """These bits have been brought to a level again: they are neither weak nor rotten."""
        for masks in (self._weak, self._rotten):
            masks[offset : offset + length] = (_bits(masks, offset, length) & ~bits).to_bytes(length, "little")

    def erase(self) -> bool:
        """All bits have been brought to 1 again, as far as they move; whether any damage is left."""
        self._weak = bytearray(len(self._weak))
        self._rotten = bytearray(len(self._rotten))
        return any(self._low) or any(self._high)


def _bits(masks: bytearray, offset: int, length: int) -> int:
    return int.from_bytes(masks[offset : offset + length], "little")
