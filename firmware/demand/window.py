"""Block and sliding demand: the mean of the last n subintervals; block demand is that with n = 1.

A subinterval that was lost, or not yet measured, counts as zero energy; the divisor is always the nominal period. So a
demand that lacks something is low, and flagged, but never scaled up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from firmware.clock.dst import HOUR_S
from firmware.demand.interval import NWH_S_PER_MW_H


@dataclass(frozen=True, slots=True)
class Subinterval:
    """One that has ended: its energies in nWh, the rate in which it began (0: lost), and whether it was whole."""

    energies: tuple[int, ...]
    rate: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The period in s, and the n - 1 subintervals before the running one, the newest first."""

    period_s: int
    older: tuple[Subinterval, ...]

    @classmethod
    def empty(cls, period_s: int, subintervals: int, quantities: int) -> Self:
        return cls(period_s, (Subinterval((0,) * quantities, 0, False),) * (subintervals - 1))

    @property
    def whole(self) -> bool:
        return all(one.whole for one in self.older)

    @property
    def held(self) -> int:
        count = 0
        for one in self.older:
            if not one.rate:
                break
            count += 1
        return count

    def demands_mw(self, energies: Sequence[int]) -> tuple[int, ...]:
        sums = [sum(one) for one in zip(energies, *[one.energies for one in self.older], strict=True)]
        return tuple([energy * HOUR_S // (NWH_S_PER_MW_H * self.period_s) for energy in sums])

    def rate(self, rate: int) -> int:
        """That of the oldest subinterval in it: an integration period counts in the rate in which it began."""
        for one in reversed(self.older):
            if one.rate:
                return one.rate
        return rate

    def taken(self, energies: Sequence[int], rate: int, whole: bool) -> Self:
        if not self.older:
            return self
        return replace(self, older=(Subinterval(tuple(energies), rate, whole), *self.older[:-1]))

    def lost(self, count: int) -> Self:
        if not self.older or not count:
            return self
        nothing = Subinterval((0,) * len(self.older[0].energies), 0, False)
        gone = min(count, len(self.older))
        return replace(self, older=(nothing,) * gone + self.older[: len(self.older) - gone])

    def broken(self) -> Self:
        return self.cleared()

    def cleared(self) -> Self:
        return self.lost(len(self.older))
