"""Coincident demand: what another quantity was at each of the five highest of a maximum."""

from dataclasses import dataclass, replace
from typing import Self

from firmware.demand.config import Coincident
from firmware.demand.interval import Interval
from firmware.demand.maximum import RANKS


@dataclass(frozen=True, slots=True)
class CoincidentRegister:
    """One demand in mW (mvar, mVA) for each rank of its maximum; below zero for a sum that was."""

    kept: Coincident
    demands_mw: tuple[int, ...] = ()

    def with_interval(self, place: int, interval: Interval) -> Self:
        """After an interval that took a rank of the maximum. A quantity that was not integrated in it counts as
        zero."""
        demand_mw = interval.demand_mw(self.kept.quantity) or 0
        return replace(self, demands_mw=(*self.demands_mw[:place], demand_mw, *self.demands_mw[place:])[:RANKS])

    def billed(self) -> Self:
        return replace(self, demands_mw=())
