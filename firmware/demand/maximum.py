"""Maximum demand registers: the five highest of a billing period, and the sum of the maxima of all periods before."""

from dataclasses import dataclass, replace
from typing import Final, Self

from firmware.demand.config import MaximumDemand
from firmware.demand.interval import Interval
from firmware.demand.stamp import Stamp

RANKS: Final = 5


@dataclass(frozen=True, slots=True)
class RankedDemand:
    """A demand in mW (mvar, mVA) above zero, and the stamp of its interval's end."""

    demand_mw: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class MaximumRegister:
    """What is kept; up to five demands, the highest first, of equal ones the earlier first; and the cumulative demand,
    which grows by the highest at each end of billing."""

    kept: MaximumDemand
    ranks: tuple[RankedDemand, ...] = ()
    cumulative_mw: int = 0

    @property
    def highest_mw(self) -> int:
        """Zero where none has been seen."""
        return self.ranks[0].demand_mw if self.ranks else 0

    @property
    def continuous_cumulative_mw(self) -> int:
        """What the cumulative demand would be if billing ended now."""
        return self.cumulative_mw + self.highest_mw

    def place(self, interval: Interval) -> int | None:
        """The rank, from 0, that an interval takes; None for one that is not among the highest."""
        if self.kept.rate not in (0, interval.rate):
            return None
        demand_mw = interval.demand_mw(self.kept.quantity)
        if demand_mw is None or demand_mw <= 0:
            return None
        if len(self.ranks) == RANKS and demand_mw <= self.ranks[-1].demand_mw:
            return None
        return sum(ranked.demand_mw >= demand_mw for ranked in self.ranks)

    def with_interval(self, interval: Interval) -> Self:
        """After one more interval."""
        place = self.place(interval)
        demand_mw = interval.demand_mw(self.kept.quantity)
        if place is None or demand_mw is None:
            return self
        ranked = RankedDemand(demand_mw, interval.stamp)
        return replace(self, ranks=(*self.ranks[:place], ranked, *self.ranks[place:])[:RANKS])

    def billed(self) -> Self:
        """At the begin of the next billing period."""
        return replace(self, ranks=(), cumulative_mw=self.continuous_cumulative_mw)
