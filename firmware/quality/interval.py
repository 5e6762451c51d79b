"""One 10-minute value of each quantity: what is summed up, and what comes of it.

Voltages are the root of the mean of all squares in the ten minutes, as that of the 10/12-cycle values is
(IEC 61000-4-30, aggregation). THD and unbalance are 10/12-cycle values too, of which one every 10 s is taken: the root
of the mean of their squares.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Final

from hal.frontend import SquareSums
from hal.units import S

LENGTH_S: Final = 600
LEAST_NS: Final = 595 * S
"""An interval of which less was measured gives no value: power came or went, or the clock was set."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read every 10 s. Ratios are ppm; None for what can't be told."""

    sums: SquareSums
    thd_ppm: tuple[int | None, int | None, int | None]
    unbalance_ppm: int | None


@dataclass(frozen=True, slots=True)
class TenMinutes:
    """The values of an interval, by the UTC second in which it ended. `flagged`: a dip, swell or interruption was in
    it; such values are told, and not judged (IEC 61000-4-30, flagging)."""

    end_utc_s: int
    covered_ns: int
    voltages_uv: tuple[int, int, int]
    thd_ppm: tuple[int | None, int | None, int | None]
    unbalance_ppm: int | None
    flagged: bool

    @property
    def whole(self) -> bool:
        return self.covered_ns >= LEAST_NS


class Aggregate:
    """Sums from one reading on: of squares by difference, of ratios reading by reading. Its size never changes."""

    def __init__(self, begin: SquareSums) -> None:
        self._begin = begin
        self._thd = [_Squares(), _Squares(), _Squares()]
        self._unbalance = _Squares()
        self.flagged = False

    def add(self, reading: Reading) -> None:
        for squares, thd_ppm in zip(self._thd, reading.thd_ppm, strict=True):
            squares.add(thd_ppm)
        self._unbalance.add(reading.unbalance_ppm)

    def end(self, end_utc_s: int, sums: SquareSums) -> TenMinutes:
        """The values of what lies between the two sums. A front end that began to sum anew has covered nothing."""
        covered_ns = max(sums.elapsed_ns - self._begin.elapsed_ns, 0)
        first, second, third = (
            isqrt(max(after - before, 0) // covered_ns) if covered_ns else 0
            for before, after in zip(self._begin.uv2_ns, sums.uv2_ns, strict=True)
        )
        thd = self._thd[0].root, self._thd[1].root, self._thd[2].root
        return TenMinutes(end_utc_s, covered_ns, (first, second, third), thd, self._unbalance.root, self.flagged)


class _Squares:
    """The mean square of a ratio over the readings that could tell it."""

    __slots__ = ("count", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0

    def add(self, ratio_ppm: int | None) -> None:
        if ratio_ppm is not None:
            self.count += 1
            self.total += ratio_ppm * ratio_ppm

    @property
    def root(self) -> int | None:
        return isqrt(self.total // self.count) if self.count else None
