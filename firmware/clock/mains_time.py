"""Time from the mains: cycles counted at their nominal frequency, while that is near enough to it."""

from dataclasses import dataclass
from typing import Final

from hal.units import S

CYCLE_BITS: Final = 16
"""Cycles are counted in 2**16ths, as by `hal.frontend.MeteringFrontEnd.mains_cycles`."""

BAND_PERCENT: Final = 5
"""Beyond this the mains tell no time (Elster A1140)."""

_BACK_PERCENT: Final = 4
"""Within this they tell it again; a choice of ours, so that a frequency on the edge does not toggle."""

LOOK_LEAST_NS: Final = S

_UHZ_NS: Final = 10**15


def time_of(cycles: int, nominal_uhz: int) -> int:
    """The ns that so many cycles (in 2**16ths) last at their nominal frequency."""
    return (cycles * _UHZ_NS // nominal_uhz) >> CYCLE_BITS


@dataclass(frozen=True, slots=True)
class Advance:
    """What the mains say about the time between two looks: `mains_ns` for `elapsed_ns` of the CPU's.

    `good` if their mean frequency was within the band.
    """

    at_ns: int
    elapsed_ns: int
    mains_ns: int
    frequency_uhz: int
    good: bool


def _near(value: int, nominal: int, percent: int = BAND_PERCENT) -> bool:
    return 100 * abs(value - nominal) <= percent * nominal


class MainsTime:
    """The count of cycles as a clock."""

    def __init__(self, nominal_uhz: int) -> None:
        self._nominal_uhz = nominal_uhz
        self._seen: tuple[int, int] | None = None

    def tells(self, frequency_uhz: int, followed: bool) -> bool:
        """Whether mains of this frequency tell the time; `followed`: the clock follows them already."""
        return _near(frequency_uhz, self._nominal_uhz, BAND_PERCENT if followed else _BACK_PERCENT)

    def look(self, at_ns: int, cycles: int) -> Advance | None:
        """`cycles` were counted up to a monotonic instant; None if there is nothing (or not enough time) to compare
        that with. A count that fell began anew."""
        seen = self._seen
        if seen is not None and at_ns - seen[0] < LOOK_LEAST_NS and cycles >= seen[1]:
            return None
        self._seen = at_ns, cycles
        if seen is None or cycles < seen[1]:
            return None
        elapsed_ns, counted = at_ns - seen[0], cycles - seen[1]
        mains_ns = time_of(counted, self._nominal_uhz)
        good = _near(mains_ns, elapsed_ns)
        frequency_uhz = self._nominal_uhz * mains_ns // elapsed_ns
        return Advance(at_ns, elapsed_ns, mains_ns, frequency_uhz, good)
