"""Excess demand: how often, and for how long, demand was above a threshold."""

from dataclasses import dataclass, replace
from typing import Self

from firmware.demand.config import ExcessThreshold
from firmware.demand.interval import Interval
from firmware.demand.stamp import Stamp


@dataclass(frozen=True, slots=True)
class ExcessRegister:
    """An excess is an unbroken row of intervals whose demand is above the threshold.

    `count` is the number of excesses, `duration_s` the time from begin to end of all intervals in them, `last` the
    stamp of the newest; all since billing ended last. `running_s` is the duration of the excess that goes on, 0 if none
    does: it outlives an end of billing.
    """

    kept: ExcessThreshold
    count: int = 0
    duration_s: int = 0
    running_s: int = 0
    last: Stamp | None = None

    def with_interval(self, interval: Interval) -> Self:
        """After one more interval. An excess whose count was billed already counts anew in the next billing period."""
        demand_mw = interval.demand_mw(self.kept.quantity)
        if demand_mw is None:
            return self
        if demand_mw <= self.kept.threshold_mw:
            return replace(self, running_s=0) if self.running_s else self
        length_s = interval.end_s - interval.start_s
        return replace(
            self,
            count=self.count + (not self.running_s or not self.count),
            duration_s=self.duration_s + length_s,
            running_s=self.running_s + length_s,
            last=interval.stamp,
        )

    def billed(self) -> Self:
        return replace(self, count=0, duration_s=0, last=None)
