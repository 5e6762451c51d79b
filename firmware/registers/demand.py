"""Demand registers as sources of registers: the five highest, what is coincident with them, what went over a
threshold, current and last averages."""

from collections.abc import Sequence
from dataclasses import dataclass

from firmware.demand.maximum import RANKS, MaximumRegister, RankedDemand
from firmware.demand.registers import DemandRegisters
from firmware.demand.stamp import Stamp as DemandStamp
from firmware.demand.state import Averages
from firmware.registers.value import GOOD, Stamp, ValueStatus


@dataclass(frozen=True, slots=True)
class RankedPeak:
    """One of the five highest."""

    ranked: RankedDemand

    @property
    def demand_mw(self) -> int:
        return self.ranked.demand_mw

    @property
    def ended(self) -> Stamp:
        return _stamp(self.ranked.stamp)


@dataclass(frozen=True, slots=True)
class RankedMaximum:
    """The maximum register at a place of those that are kept."""

    kept: DemandRegisters
    at: int

    @property
    def _register(self) -> MaximumRegister:
        return self.kept.maxima[self.at]

    @property
    def place(self) -> int:
        return self._register.kept.quantity

    @property
    def rate(self) -> int:
        return self._register.kept.rate

    @property
    def ranks(self) -> int:
        return RANKS

    @property
    def peaks(self) -> Sequence[RankedPeak]:
        return [RankedPeak(ranked) for ranked in self._register.ranks]

    @property
    def cumulative_mw(self) -> int:
        return self._register.cumulative_mw

    @property
    def beside(self) -> Sequence[tuple[int, Sequence[int]]]:
        mine = [one for one in self.kept.coincidents if one.kept.maximum == self.at]
        return [(one.kept.quantity, one.demands_mw) for one in mine]


@dataclass(frozen=True, slots=True)
class NumberedExcess:
    """An excess, with the number of its threshold among those of its energy."""

    place: int
    number: int
    count: int
    duration_s: int


class KeptDemands:
    """All demand registers of a billing period, for `PeriodRegisters` to give on."""

    def __init__(self, kept: DemandRegisters) -> None:
        self._kept = kept

    @property
    def demands(self) -> Sequence[RankedMaximum]:
        return [RankedMaximum(self._kept, at) for at in range(len(self._kept.maxima))]

    def demand(self, place: int, rate: int) -> RankedMaximum | None:
        for at, register in enumerate(self._kept.maxima):
            if register.kept.quantity == place and register.kept.rate == rate:
                return RankedMaximum(self._kept, at)
        return None

    @property
    def excesses(self) -> Sequence[NumberedExcess]:
        found: list[NumberedExcess] = []
        for one in self._kept.excesses:
            place = one.kept.quantity
            number = 1 + sum(other.place == place for other in found)
            found.append(NumberedExcess(place, number, one.count, one.duration_s))
        return found


@dataclass(frozen=True, slots=True)
class AverageOf:
    """Current and last average of the energy at a place of those that are integrated."""

    averages: Averages
    at: int

    @property
    def place(self) -> int:
        return self.averages.quantities[self.at]

    @property
    def current_mw(self) -> int:
        return self.averages.current_mw[self.at]

    @property
    def current_status(self) -> ValueStatus:
        return _status(self.averages.current_short, self.averages.current_idle)

    @property
    def started(self) -> Stamp:
        return Stamp(self.averages.start_s, self.averages.start_offset_s)

    @property
    def last_mw(self) -> int:
        return self.averages.last_mw[self.at]

    @property
    def last_status(self) -> ValueStatus:
        return _status(self.averages.last_short, self.averages.last_idle)

    @property
    def last_ended(self) -> Stamp | None:
        captured = self.averages.captured
        return None if captured is None else _stamp(captured)


def each_average(averages: Averages) -> Sequence[AverageOf]:
    """One for each energy that is integrated."""
    return [AverageOf(averages, at) for at in range(len(averages.quantities))]


def _stamp(stamp: DemandStamp) -> Stamp:
    return Stamp(stamp.utc_s, stamp.offset_s, stamp.clock)


def _status(short: bool, idle: bool) -> ValueStatus:
    return (ValueStatus.SHORT if short else GOOD) | (ValueStatus.IDLE if idle else GOOD)
