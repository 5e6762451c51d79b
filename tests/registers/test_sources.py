"""What demand registers give to a snapshot, against the registers that demand keeps."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus
from firmware.demand.config import Coincident, DemandConfig, ExcessThreshold, MaximumDemand
from firmware.demand.demand import Demand
from firmware.demand.registers import DemandRegisters
from firmware.registers.demand import KeptDemands, each_average
from firmware.registers.energy import SOURCES, CustomerSum, units
from firmware.registers.identity import Kind, Phase, RegisterId
from firmware.registers.periods import Periods
from firmware.registers.snapshot import Snapshot
from firmware.registers.value import Stamp, Unit, ValueStatus
from firmware.registers.view import View
from tests.registers.kept import PeriodOf

BEGIN_S = 1_700_000_100
PERIOD_S = 900
VALID = ClockStatus.VALID
CONFIG = DemandConfig(
    period_s=PERIOD_S,
    maxima=(MaximumDemand(0), MaximumDemand(0, 2), MaximumDemand(8, 1)),
    coincidents=(Coincident(0, 6), Coincident(0, 8), Coincident(2, 2)),
    excesses=(ExcessThreshold(0, 4_000), ExcessThreshold(8, 1), ExcessThreshold(0, 8_000)),
    averages=(0, 3),
)
SUMS = (CustomerSum(((1, 0), (-1, 1))),)
INTERVALS = st.lists(
    st.tuples(st.integers(1, 2), st.lists(st.integers(-3_000_000_000, 3_000_000_000), min_size=11, max_size=11)),
    min_size=1,
    max_size=12,
)


class Meter(PeriodOf):
    """Registers of demand as they are kept, and no energies."""

    def __init__(self, kept: DemandRegisters) -> None:
        demands = KeptDemands(kept)
        super().__init__(Fraction(1), 0, {}, demands.demands, demands.excesses)
        self.demand = demands.demand


def identity(place: int, kind: Kind, rate: int = 0, rank: int = 1, beside: int | None = None) -> RegisterId:
    quantity, direction = SOURCES[place]
    return RegisterId(quantity, Phase.TOTAL, direction, kind, rate, 0, rank, beside=beside)


@settings(max_examples=40)
@given(INTERVALS, st.integers(0, 1))
def test_a_snapshot_shows_what_demand_keeps(intervals: list[tuple[int, list[int]]], billed: int) -> None:
    demand = Demand(CONFIG, Zone(0), BEGIN_S, 1)
    at_s = BEGIN_S
    for number, (rate, energies) in enumerate(intervals):
        demand.add([abs(energy) if place < 8 else energy for place, energy in enumerate(energies)])
        at_s = (at_s // PERIOD_S + 1) * PERIOD_S
        demand.boundary(at_s, rate, VALID)
        if billed and number == len(intervals) // 2:
            demand.end_billing()
    kept = demand.registers
    now = Stamp(at_s + 1, 0, VALID)
    averages = each_average(demand.averages())
    taken = Snapshot(now, [Periods(now, View(demand_resolution=-3), units(SUMS), Meter(kept), {}, None, averages)])
    names = set(taken.ids())
    wanted: dict[RegisterId, tuple[int, Unit, int | None]] = {}
    for register in kept.maxima:
        place, rate = register.kept.quantity, register.kept.rate
        for rank in range(1, 6):
            content = register.ranks[rank - 1] if rank <= len(register.ranks) else None
            wanted[identity(place, Kind.MAXIMUM_DEMAND, rate, rank)] = (
                (0, Unit.WATT, None) if content is None else (content.demand_mw, Unit.WATT, content.stamp.utc_s)
            )
        sums = (register.cumulative_mw, register.continuous_cumulative_mw)
        for kind, total in zip((Kind.CUMULATIVE_DEMAND, Kind.CONTINUOUS_CUMULATIVE_DEMAND), sums, strict=True):
            wanted[identity(place, kind, rate)] = (total, Unit.WATT, now.utc_s)
    for coincident in kept.coincidents:
        maximum, other = kept.maxima[coincident.kept.maximum], coincident.kept.quantity
        unit = {6: Unit.VOLT_AMPERE, 8: Unit.WATT, 2: Unit.VAR}[other]
        for rank in range(1, 6):
            seen = rank <= len(maximum.ranks)
            name = identity(other, Kind.COINCIDENT_DEMAND, maximum.kept.rate, rank, maximum.kept.quantity)
            value = coincident.demands_mw[rank - 1] if seen else 0
            wanted[name] = (value, unit, maximum.ranks[rank - 1].stamp.utc_s if seen else None)
    for number, excess in zip((1, 1, 2), kept.excesses, strict=True):
        place = excess.kept.quantity
        wanted[identity(place, Kind.OVER_COUNT, rank=number)] = (excess.count, Unit.COUNT, now.utc_s)
        wanted[identity(place, Kind.OVER_DURATION, rank=number)] = (excess.duration_s, Unit.SECOND, now.utc_s)
    for name, (content_mw, unit, utc_s) in wanted.items():
        value = taken.read(name)
        assert (value.value, value.unit) == (content_mw, unit), name.text
        assert bool(value.status & ValueStatus.EMPTY) == (utc_s is None)
        assert utc_s is None or value.captured.utc_s == utc_s
    told = demand.averages()
    for at, place in enumerate(told.quantities):
        name = identity(place, Kind.AVERAGE_DEMAND)
        assert taken.read(name).value == told.current_mw[at]
        assert taken.read(name).started == Stamp(told.start_s, told.start_offset_s)
        wanted[name] = wanted[identity(place, Kind.LAST_AVERAGE)] = (0, Unit.WATT, None)
        last = taken.read(identity(place, Kind.LAST_AVERAGE))
        assert last.value == told.last_mw[at]
        assert last.captured == Stamp(at_s, 0, VALID)
        assert bool(last.status & ValueStatus.SHORT) == told.last_short
    assert names == set(wanted)
