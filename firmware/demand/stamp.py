"""When a demand was measured: the end of its interval, with the local offset and the clock's status then."""

from dataclasses import dataclass
from typing import Final, Self

from firmware.clock.trust import ClockStatus

STAMP_BYTES: Final = 6

_CLOCKS: Final = tuple(ClockStatus)
_OFFSET_BIAS_MIN: Final = 1_024
"""Local offsets are -12 h to +16 h in whole minutes; with this added they are positive, and no stamp is all zeros."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """UTC in s, local time less UTC in s in the second before, and how far the clock was trusted."""

    utc_s: int
    offset_s: int
    clock: ClockStatus

    def to_bytes(self) -> bytes:
        """Six bytes: the second; the offset in minutes plus 1024, times four, plus the place of the clock's status."""
        packed = (self.offset_s // 60 + _OFFSET_BIAS_MIN) * len(_CLOCKS) + _CLOCKS.index(self.clock)
        return self.utc_s.to_bytes(4, "little") + packed.to_bytes(2, "little")

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """What `to_bytes` gave, None for six zeros; ValueError for what is no stamp."""
        if len(data) != STAMP_BYTES:
            raise ValueError(f"stamp: {STAMP_BYTES} bytes, not {len(data)}")
        packed = int.from_bytes(data[4:], "little")
        if not packed:
            return None
        minutes, clock = divmod(packed, len(_CLOCKS))
        return cls(int.from_bytes(data[:4], "little"), 60 * (minutes - _OFFSET_BIAS_MIN), _CLOCKS[clock])


def stamp_bytes(stamp: Stamp | None) -> bytes:
    """Six bytes of a stamp, zeros for none."""
    return bytes(STAMP_BYTES) if stamp is None else stamp.to_bytes()
