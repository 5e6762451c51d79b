"""Energies and demands: of the running billing period, the closed ones, and the daily freezes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from firmware.registers.energy import POWER_UNITS, SOURCES, TERMS
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.sources import AverageDemand, ClosedRegisters, DemandRegister, PeriodRegisters
from firmware.registers.value import GOOD, Stamp, Unit, Value, ValueStatus
from firmware.registers.view import View

_KINDS: Final = (
    Kind.ENERGY,
    Kind.AVERAGE_DEMAND,
    Kind.LAST_AVERAGE,
    Kind.MAXIMUM_DEMAND,
    Kind.CUMULATIVE_DEMAND,
    Kind.CONTINUOUS_CUMULATIVE_DEMAND,
    Kind.COINCIDENT_DEMAND,
    Kind.OVER_COUNT,
    Kind.OVER_DURATION,
    Kind.TIME,
)
_SOURCES: Final = [(quantity, Phase.TOTAL, direction) for quantity, direction in SOURCES]
_PLACES: Final = {source: place for place, source in enumerate(SOURCES)}
_BILLING: Final = (Quantity.BILLING, Phase.TOTAL, Direction.NONE, Kind.TIME)
_EXCESSES: Final = (Kind.OVER_COUNT, Kind.OVER_DURATION)
_AVERAGES: Final = (Kind.AVERAGE_DEMAND, Kind.LAST_AVERAGE)


class Periods:
    """The part of a snapshot that bills. `closed` are the closed periods by how long ago they were closed, 1 the last;
    `days` the daily freezes likewise. `units` has the unit of each energy, None for one that is not defined."""

    def __init__(
        self,
        now: Stamp,
        view: View,
        units: Sequence[Unit | None],
        current: PeriodRegisters,
        closed: Mapping[int, ClosedRegisters],
        days: Mapping[int, ClosedRegisters] | None = None,
        averages: Sequence[AverageDemand] = (),
    ) -> None:
        self._now = now
        self._view = view
        self._units = units
        self._current = current
        self._closed = closed
        self._days = {} if days is None else days
        self._averages = averages

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return _KINDS

    @property
    def closed(self) -> Sequence[int]:
        """The closed periods that there are, the last closed first."""
        return sorted(self._closed)

    def ids(self) -> Iterator[RegisterId]:
        yield from _kept(self._current, 0, 0)
        for average in self._averages:
            base = (*_SOURCES[average.place], Kind.AVERAGE_DEMAND)
            yield RegisterId(*base)
            if average.last_ended is not None:
                yield RegisterId(*base[:3], Kind.LAST_AVERAGE)
        for period in self.closed:
            yield RegisterId(*_BILLING, period=period)
            yield from _kept(self._closed[period], period, 0)
        for day in sorted(self._days):
            yield RegisterId(*_BILLING, day=day)
            yield from _kept(self._days[day], 0, day)

    def find(self, identity: RegisterId) -> Value | None:
        quantity, phase, direction, kind, rate, period, rank, order, day, beside = identity
        if phase is not Phase.TOTAL or order or (period and day):
            return None
        registers: PeriodRegisters
        if period or day:
            found = (self._closed if period else self._days).get(period or day)
            if found is None:
                return None
            registers, stamp = found, found.closed
        else:
            registers, stamp = self._current, self._now
        if kind is Kind.ENERGY:
            return None if rank != 1 or beside is not None else self._energy(registers, identity, stamp)
        if kind is Kind.TIME:
            known = identity[:4] == _BILLING and registers is not self._current
            plain = rate == 0 and rank == 1 and beside is None
            return Value(stamp.utc_s, Unit.SECOND, 0, GOOD, stamp) if known and plain else None
        place = _PLACES.get((quantity, direction))
        unit = None if place is None else self._units[place]
        if place is None or unit is None:
            return None
        if kind in _AVERAGES:
            plain = rate == 0 and rank == 1 and beside is None and registers is self._current
            return self._average(place, unit, kind) if plain else None
        if kind in _EXCESSES:
            return None if beside is not None else self._excess(registers, identity, place, stamp)
        demand = registers.demand(place if beside is None else beside, rate)
        if demand is None or not 1 <= rank <= demand.ranks or (beside is None) is (kind is Kind.COINCIDENT_DEMAND):
            return None
        return self._demand(registers, demand, identity, place, POWER_UNITS[unit], stamp)

    def _energy(self, registers: PeriodRegisters, identity: RegisterId, stamp: Stamp) -> Value | None:
        terms = TERMS.get((identity.quantity, identity.direction))
        unit = None if terms is None else self._units[terms[0][1]]
        if terms is None or unit is None:
            return None
        content = 0
        for sign, place in terms:
            register = registers.energy(place, identity.rate)
            if register is None:
                return None
            content += register if sign > 0 else -register
        view = self._view
        return Value(view.energy(content, registers.ratio), unit, view.energy_resolution, GOOD, stamp)

    def _average(self, place: int, unit: Unit, kind: Kind) -> Value | None:
        average = next((one for one in self._averages if one.place == place), None)
        if average is None:
            return None
        if kind is Kind.AVERAGE_DEMAND:
            content, status, stamp, started = average.current_mw, average.current_status, self._now, average.started
        elif average.last_ended is None:
            return None
        else:
            content, status, stamp, started = average.last_mw, average.last_status, average.last_ended, None
        view = self._view
        shown = view.demand(content, self._current.ratio)
        return Value(shown, POWER_UNITS[unit], view.demand_resolution, status, stamp, started)

    def _excess(self, registers: PeriodRegisters, identity: RegisterId, place: int, stamp: Stamp) -> Value | None:
        for excess in registers.excesses:
            if (excess.place, excess.number) == (place, identity.rank) and identity.rate == 0:
                if identity.kind is Kind.OVER_COUNT:
                    return Value(excess.count, Unit.COUNT, 0, GOOD, stamp)
                return Value(excess.duration_s, Unit.SECOND, 0, GOOD, stamp)
        return None

    def _demand(
        self,
        registers: PeriodRegisters,
        demand: DemandRegister,
        identity: RegisterId,
        place: int,
        unit: Unit,
        stamp: Stamp,
    ) -> Value | None:
        """A maximum, what is coincident with it, or a sum of maxima."""
        kind, rank, peaks = identity.kind, identity.rank, demand.peaks
        resolution = self._view.demand_resolution
        seen = rank <= len(peaks)
        if kind in (Kind.MAXIMUM_DEMAND, Kind.COINCIDENT_DEMAND):
            content = 0
            if kind is Kind.COINCIDENT_DEMAND:
                kept = next((values for other, values in demand.beside if other == place), None)
                if kept is None:
                    return None
                content = kept[rank - 1] if seen else 0
            elif seen:
                content = peaks[rank - 1].demand_mw
            if not seen:
                return Value(0, unit, resolution, ValueStatus.EMPTY, stamp)
            stamp = peaks[rank - 1].ended
        else:
            if demand.cumulative_mw is None or rank != 1:
                return None
            content = demand.cumulative_mw
            if kind is Kind.CONTINUOUS_CUMULATIVE_DEMAND and peaks:
                content += peaks[0].demand_mw
        return Value(self._view.demand(content, registers.ratio), unit, resolution, GOOD, stamp)


def _kept(registers: PeriodRegisters, period: int, day: int) -> Iterator[RegisterId]:
    """Not every energy need be kept by rate."""
    for place in registers.places:
        source = _SOURCES[place]
        for rate in range(registers.rates + 1):
            if registers.energy(place, rate) is not None:
                yield RegisterId(*source, Kind.ENERGY, rate, period, 1, 0, day)
    for demand in registers.demands:
        yield from _demand_ids(demand, period, day)
    for excess in registers.excesses:
        for kind in _EXCESSES:
            yield RegisterId(*_SOURCES[excess.place], kind, 0, period, excess.number, 0, day)


def _demand_ids(demand: DemandRegister, period: int, day: int) -> Iterator[RegisterId]:
    source, rate = _SOURCES[demand.place], demand.rate
    for rank in range(1, demand.ranks + 1):
        yield RegisterId(*source, Kind.MAXIMUM_DEMAND, rate, period, rank, 0, day)
    if demand.cumulative_mw is not None:
        for kind in (Kind.CUMULATIVE_DEMAND, Kind.CONTINUOUS_CUMULATIVE_DEMAND):
            yield RegisterId(*source, kind, rate, period, 1, 0, day)
    for other, _ in demand.beside:
        of = _SOURCES[other]
        for rank in range(1, demand.ranks + 1):
            yield RegisterId(*of, Kind.COINCIDENT_DEMAND, rate, period, rank, 0, day, demand.place)
