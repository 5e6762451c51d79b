"""Snapshots: what can be read is what is kept, seen through the view; nothing else can be read."""

from collections.abc import Iterator
from fractions import Fraction
from math import trunc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.registers import c1219, obis, reduced_id
from firmware.registers.energy import SOURCES, CustomerSum, units
from firmware.registers.identity import Direction, Kind, NoSuchRegister, Phase, Quantity, RegisterId
from firmware.registers.periods import Periods
from firmware.registers.snapshot import Snapshot
from firmware.registers.states import States, single
from firmware.registers.value import Stamp, Unit, ValueStatus
from firmware.registers.view import View
from tests.registers.drawing import identities
from tests.registers.kept import VALID, AverageOfOne, DemandOf, ExcessOf, PeakOf, PeriodOf

NOW = Stamp(1_800_000_000, 3_600, VALID)
SUMS = (CustomerSum(((1, 0), (-1, 1))), CustomerSum(((1, 2), (1, 5))))
"""Two of three: C3 is not defined."""
UNITS = units(SUMS)
VIEW = View(digits=12)

places = st.integers(0, 9)
stamps = st.builds(Stamp, st.integers(0, 2**32 - 1), st.sampled_from([0, 3_600, -12_600]), st.just(VALID))
demands_mw = st.integers(1, 10**9)


@st.composite
def demand_registers(draw: st.DrawFn, place: int, rate: int) -> DemandOf:
    peaks = [PeakOf(draw(demands_mw), draw(stamps)) for _ in range(draw(st.integers(0, 5)))]
    beside = draw(st.lists(places, max_size=2, unique=True))
    values = [(other, [draw(st.integers(-(10**9), 10**9)) for _ in peaks]) for other in beside]
    return DemandOf(place, rate, 5, peaks, draw(st.none() | st.integers(0, 10**12)), values)


@st.composite
def periods(draw: st.DrawFn) -> PeriodOf:
    rates = draw(st.integers(1, 3))
    kept = draw(st.lists(places, min_size=1, max_size=4, unique=True))
    energies: dict[tuple[int, int], int] = {}
    for place in kept:
        by_rate = rates if draw(st.booleans()) else 0
        for rate in range(by_rate + 1):
            energies[place, rate] = draw(st.integers(-(10**15) if place > 7 else 0, 10**15))
    wanted = draw(st.lists(st.tuples(places, st.integers(0, 3)), max_size=3, unique=True))
    demands = [draw(demand_registers(place, rate)) for place, rate in wanted]
    numbers = draw(st.lists(st.tuples(places, st.integers(1, 2)), max_size=2, unique=True))
    excesses = [ExcessOf(*one, draw(st.integers(0, 99)), draw(st.integers(0, 9_999))) for one in numbers]
    ratio = draw(st.builds(Fraction, st.integers(1, 100), st.integers(1, 9)))
    return PeriodOf(ratio, rates, energies, demands, excesses, draw(stamps))


@st.composite
def meters(draw: st.DrawFn) -> tuple[PeriodOf, dict[int, PeriodOf], dict[int, PeriodOf], list[AverageOfOne]]:
    closed = {number: draw(periods()) for number in draw(st.sets(st.integers(1, 36), max_size=2))}
    days = {number: draw(periods()) for number in draw(st.sets(st.integers(1, 62), max_size=1))}
    averages = [
        AverageOfOne(place, draw(demands_mw), draw(stamps), draw(demands_mw), draw(st.none() | stamps))
        for place in draw(st.lists(places, max_size=2, unique=True))
    ]
    return draw(periods()), closed, days, averages


Meter = tuple[PeriodOf, dict[int, PeriodOf], dict[int, PeriodOf], list[AverageOfOne]]


def snapshot(meter: Meter) -> Snapshot:
    current, closed, days, averages = meter
    counts = States(NOW, {single(Quantity.BILLING, Kind.COUNT): 5})
    return Snapshot(NOW, [counts, Periods(NOW, VIEW, UNITS, current, closed, days, averages)])


def shown(content: int, ratio: Fraction, power: int) -> int:
    return trunc(content * ratio / 10**power)


Expected = tuple[int, Unit, Stamp, bool]
"""Value, unit, stamp, and whether it is empty."""

POWER = {Unit.WATT_HOUR: Unit.WATT, Unit.VAR_HOUR: Unit.VAR, Unit.VOLT_AMPERE_HOUR: Unit.VOLT_AMPERE}


def expected(meter: Meter) -> Iterator[tuple[RegisterId, Expected]]:
    """By the definitions: every register, and what it shows."""
    current, closed, days, averages = meter
    yield single(Quantity.BILLING, Kind.COUNT), (5, Unit.COUNT, NOW, False)
    for average in averages:
        quantity, direction = SOURCES[average.place]
        unit = POWER[UNITS[average.place] or Unit.COUNT]
        for kind, content, stamp in (
            (Kind.AVERAGE_DEMAND, average.current_mw, NOW),
            (Kind.LAST_AVERAGE, average.last_mw, average.last_ended),
        ):
            if stamp is not None:
                identity = RegisterId(quantity, Phase.TOTAL, direction, kind)
                yield identity, (shown(content, current.ratio, 3), unit, stamp, False)
    of_periods = [(0, 0, current, NOW)]
    of_periods += [(number, 0, one, one.closed) for number, one in closed.items()]
    of_periods += [(0, number, one, one.closed) for number, one in days.items()]
    for period, day, kept, stamp in of_periods:
        if kept is not current:
            identity = RegisterId(Quantity.BILLING, Phase.TOTAL, Direction.NONE, Kind.TIME, period=period, day=day)
            yield identity, (stamp.utc_s, Unit.SECOND, stamp, False)
        yield from expected_of(kept, stamp, period, day)


def expected_of(kept: PeriodOf, stamp: Stamp, period: int, day: int) -> Iterator[tuple[RegisterId, Expected]]:
    def register(place: int, kind: Kind, rate: int, rank: int = 1, beside: int | None = None) -> RegisterId:
        quantity, direction = SOURCES[place]
        return RegisterId(quantity, Phase.TOTAL, direction, kind, rate, period, rank, 0, day, beside)

    def unit(place: int) -> Unit:
        return UNITS[place] or Unit.COUNT

    for (place, rate), content in kept.energies.items():
        yield register(place, Kind.ENERGY, rate), (shown(content, kept.ratio, 9), unit(place), stamp, False)
    for one in kept.excesses:
        yield register(one.place, Kind.OVER_COUNT, 0, one.number), (one.count, Unit.COUNT, stamp, False)
        yield register(one.place, Kind.OVER_DURATION, 0, one.number), (one.duration_s, Unit.SECOND, stamp, False)
    for demand in kept.demands:
        watts = POWER[unit(demand.place)]
        for rank in range(1, 6):
            seen = rank <= len(demand.peaks)
            peak = demand.peaks[rank - 1] if seen else PeakOf(0, stamp)
            content = (shown(peak.demand_mw, kept.ratio, 3), watts, peak.ended, not seen)
            yield register(demand.place, Kind.MAXIMUM_DEMAND, demand.rate, rank), content
            for other, values in demand.beside:
                value = shown(values[rank - 1], kept.ratio, 3) if seen else 0
                identity = register(other, Kind.COINCIDENT_DEMAND, demand.rate, rank, demand.place)
                yield identity, (value, POWER[unit(other)], peak.ended, not seen)
        if demand.cumulative_mw is not None:
            highest = demand.peaks[0].demand_mw if demand.peaks else 0
            for kind, content_mw in (
                (Kind.CUMULATIVE_DEMAND, demand.cumulative_mw),
                (Kind.CONTINUOUS_CUMULATIVE_DEMAND, demand.cumulative_mw + highest),
            ):
                identity = register(demand.place, kind, demand.rate)
                yield identity, (shown(content_mw, kept.ratio, 3), watts, stamp, False)


@settings(max_examples=60)
@given(meters())
def test_every_register_is_read_as_it_is_kept(meter: Meter) -> None:
    taken = snapshot(meter)
    wanted = dict(expected(meter))
    ids = list(taken.ids())
    assert len(ids) == len(set(ids))
    assert set(ids) == set(wanted)
    for identity in ids:
        value = taken.read(identity)
        found = (value.value, value.unit, value.captured, bool(value.status & ValueStatus.EMPTY))
        assert found == wanted[identity], identity.text
        assert value.scaler == 0


@settings(max_examples=60)
@given(meters())
def test_each_register_of_a_snapshot_has_at_most_one_code_and_shares_none(meter: Meter) -> None:
    ids = list(snapshot(meter).ids())
    for codes in (
        [obis.code(identity, 50) for identity in ids],
        [reduced_id.code(identity, 50) for identity in ids],
        [c1219.source(identity) for identity in ids],
    ):
        given_out = [code for code in codes if code is not None]
        assert len(given_out) == len(set(given_out))


@settings(max_examples=60)
@given(meters(), st.lists(identities, max_size=60))
def test_nothing_else_can_be_read(meter: Meter, drawn: list[RegisterId]) -> None:
    """But the sums of energies that are kept."""
    taken = snapshot(meter)
    kept = set(taken.ids())
    summed = {(Quantity.ACTIVE, Direction.NET), (Quantity.ACTIVE, Direction.ABSOLUTE)}
    summed |= {(Quantity.REACTIVE, Direction.IMPORT), (Quantity.REACTIVE, Direction.EXPORT)}
    near = [identity._replace(**{name: 7}) for identity in list(kept)[:5] for name in ("rate", "rank", "order", "day")]
    near += [identity._replace(phase=Phase.L1) for identity in list(kept)[:5]]
    near += [identity._replace(beside=3) for identity in list(kept)[:5]]
    for identity in (*drawn, *near):
        if identity in kept or (identity.kind is Kind.ENERGY and identity[0:3:2] in summed):
            continue
        assert taken.find(identity) is None, identity.text
        with pytest.raises(NoSuchRegister) as refused:
            taken.read(identity)
        assert refused.value.identity == identity
        assert identity.text in str(refused.value)


@given(st.lists(st.integers(0, 10**15), min_size=8, max_size=8), st.builds(Fraction, st.integers(1, 50), st.just(3)))
def test_sums_of_what_is_kept_are_cut_off_once(eight: list[int], ratio: Fraction) -> None:
    current = PeriodOf(ratio, 0, {(place, 0): content for place, content in enumerate(eight)}, [], [])
    taken = snapshot((current, {}, {}, []))

    def read(quantity: Quantity, direction: Direction) -> int:
        return taken.read(RegisterId(quantity, Phase.TOTAL, direction, Kind.ENERGY)).value

    assert read(Quantity.ACTIVE, Direction.NET) == shown(eight[0] - eight[1], ratio, 9)
    assert read(Quantity.ACTIVE, Direction.ABSOLUTE) == shown(eight[0] + eight[1], ratio, 9)
    assert read(Quantity.REACTIVE, Direction.IMPORT) == shown(eight[2] + eight[3], ratio, 9)
    assert read(Quantity.REACTIVE, Direction.EXPORT) == shown(eight[4] + eight[5], ratio, 9)


def test_how_an_identity_is_told() -> None:
    identity = RegisterId(Quantity.ACTIVE, Phase.L2, Direction.IMPORT, Kind.MAXIMUM_DEMAND, 2, 1, 3)
    assert identity.text == "maximum demand, active import, L2, rate 2, period 1, rank 3"
    assert str(NoSuchRegister(identity)) == f"no such register: {identity.text}"
    assert isinstance(NoSuchRegister(identity), KeyError)
