"""Registers made up for tests, as plain values: what sources of registers give."""

from dataclasses import dataclass, field
from fractions import Fraction

from firmware.clock.trust import ClockStatus
from firmware.registers.value import GOOD, Stamp, ValueStatus

VALID = ClockStatus.VALID


@dataclass
class PeakOf:
    demand_mw: int
    ended: Stamp


@dataclass
class DemandOf:
    place: int
    rate: int
    ranks: int
    peaks: list[PeakOf]
    cumulative_mw: int | None
    beside: list[tuple[int, list[int]]]


@dataclass
class ExcessOf:
    place: int
    number: int
    count: int
    duration_s: int


@dataclass
class AverageOfOne:
    place: int
    current_mw: int
    started: Stamp
    last_mw: int
    last_ended: Stamp | None
    current_status: ValueStatus = GOOD
    last_status: ValueStatus = GOOD


@dataclass
class PeriodOf:
    """Energies by place and rate; rate 0 is the total."""

    ratio: Fraction
    rates: int
    energies: dict[tuple[int, int], int]
    demands: list[DemandOf]
    excesses: list[ExcessOf]
    closed: Stamp = field(default=Stamp(0, 0))

    @property
    def places(self) -> list[int]:
        return sorted({place for place, _ in self.energies})

    def energy(self, place: int, rate: int) -> int | None:
        return self.energies.get((place, rate))

    def demand(self, place: int, rate: int) -> DemandOf | None:
        return next((one for one in self.demands if (one.place, one.rate) == (place, rate)), None)
