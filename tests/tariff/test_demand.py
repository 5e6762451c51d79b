"""Block demand against a ledger of seconds: whole and short intervals, outages, clock sets, and maxima."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.tariff.demand import AfterOutage, BlockDemand, DemandState, IntegrationPeriod, Interval, Maxima
from tests.clock.reference import BERLIN, SYDNEY, instants, zones

LENGTHS_S = [60 * minutes for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)]
lengths = st.sampled_from(LENGTHS_S)
UTC = Zone(0)
QUARTER = IntegrationPeriod(900, UTC)


@given(lengths, zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))))
def test_ends_are_the_whole_periods_of_the_clock_on_the_wall(length_s: int, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    period = IntegrationPeriod(length_s, zone)
    end_s = period.next_end(utc_s)
    assert utc_s < end_s <= utc_s + length_s
    local = zone.local(end_s)
    assert (3_600 * local.hour + 60 * local.minute + local.second) % length_s == 0
    assert period.begins(end_s)
    assert period.begins(utc_s) == (utc_s == end_s - length_s)


@pytest.mark.parametrize("length_s", [0, -900, 30, 90, 420, 5_400, 7_200, 86_400])
def test_periods_that_do_not_divide_an_hour_are_refused(length_s: int) -> None:
    with pytest.raises(ValueError, match="integration period"):
        IntegrationPeriod(length_s, UTC)


@pytest.mark.parametrize("zone", [BERLIN, SYDNEY])
@pytest.mark.parametrize("spring", [True, False])
def test_days_of_23_and_25_hours_have_46_and_50_half_hours(zone: Zone, spring: bool) -> None:
    change_s = zone.next_change(zone.utc(2026, 1, 1))
    assert change_s is not None
    if zone.local(change_s).dst is not spring:
        change_s = zone.next_change(change_s)
        assert change_s is not None
    shown = zone.local(change_s)
    today = date(shown.year, shown.month, shown.day)
    at_s = zone.utc(shown.year, shown.month, shown.day)
    demand = BlockDemand(IntegrationPeriod(1_800, zone), at_s, 1)
    intervals = []
    for _ in range(60):
        demand.add(1_000_000)
        intervals.append(demand.close(demand.end_s, 1))
    # An interval belongs to the day of its last second: the one that ends at 24:00 to the day that ends.
    of_day = [i for i in intervals if (d := zone.local(i.end_s - 1)) and date(d.year, d.month, d.day) == today]
    assert len(of_day) == (46 if spring else 50)
    assert not any(interval.short for interval in intervals)
    assert all(interval.offset_s == zone.offset(interval.start_s) for interval in intervals)
    assert len({(interval.end_s + interval.offset_s, interval.offset_s) for interval in intervals}) == 60


def test_demand_is_energy_over_the_nominal_length() -> None:
    demand = BlockDemand(QUARTER, 0, 1)
    demand.add(250 * 10**9)
    whole = demand.close(900, 1)
    assert (whole.demand_mw, whole.short, whole.end_s) == (1_000_000, False, 900)
    demand.add(100 * 10**9)
    cut = demand.close(1_200, 1)
    # 100 Wh in five minutes are 1.2 kW while they flow, and 400 W over the quarter of an hour.
    assert (cut.demand_mw, cut.short, cut.end_s) == (400_000, True, 1_200)
    rest = demand.close(1_800, 1)
    assert (rest.demand_mw, rest.short, rest.start_s) == (0, True, 1_200)
    assert not demand.close(2_700, 1).short


@given(lengths, st.integers(0, 10**18))
def test_demand_is_truncated_never_rounded_up(length_s: int, energy_nwh: int) -> None:
    demand_mw = Interval(0, length_s, 0, length_s, 1, energy_nwh, False).demand_mw
    assert demand_mw * length_s * 10**6 <= energy_nwh * 3_600 < (demand_mw + 1) * length_s * 10**6


TICK_S = 20

outages = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 200)), max_size=6)


@settings(max_examples=200)
@given(lengths, st.integers(0, 400), outages, st.randoms(use_true_random=False), st.integers(0, 15))
def test_intervals_are_those_of_the_ledger(
    length_s: int, first: int, stretches: list[tuple[int, int]], chance: random.Random, odd: int
) -> None:
    """Supply and outages in turn, a right clock: sums, flags and stamps are those of an adding-up by interval."""
    period = IntegrationPeriod(length_s, UTC)
    at_s = 1_700_000_000 // 3_600 * 3_600 + first * TICK_S + odd
    demand = BlockDemand(period, at_s, 1)
    closed: list[Interval] = []
    powered: list[tuple[int, int, int]] = []
    for on, off in [*stretches, (100, 1)]:
        for _ in range(on):
            energy = chance.randrange(10**9)
            powered.append((at_s, at_s + TICK_S, energy))
            # The energy of a tick that an end cuts is dealt out by the second.
            done = 0
            while demand.end_s <= at_s + TICK_S:
                part = energy * (demand.end_s - at_s) // TICK_S - done
                demand.add(part)
                done += part
                closed.append(demand.close(demand.end_s, 1))
            demand.add(energy - done)
            at_s += TICK_S
        state = DemandState.from_ints(demand.state(at_s).to_ints())
        at_s += off * TICK_S
        demand, left = BlockDemand.resume(period, state, at_s, 1)
        closed += [left] if left is not None else []

    by_end: dict[int, int] = {}
    seconds: dict[int, int] = {}
    for begin_s, end_s, energy in powered:
        done = 0
        for second in range(begin_s, end_s):
            share = energy * (second + 1 - begin_s) // TICK_S
            ends_s = (second // length_s + 1) * length_s
            by_end[ends_s] = by_end.get(ends_s, 0) + share - done
            seconds[ends_s] = seconds.get(ends_s, 0) + 1
            done = share
    by_end.pop(demand.end_s, None)
    expected = {end_s: (energy, seconds[end_s] < length_s) for end_s, energy in by_end.items()}
    assert {i.end_s: (i.energy_nwh, i.short) for i in closed} == expected
    assert len({i.end_s for i in closed}) == len(closed)
    total = sum(i.energy_nwh for i in closed) + demand.state(at_s).energy_nwh
    assert total == sum(energy for _, _, energy in powered)


acts = st.lists(
    st.tuples(st.sampled_from(("run", "set", "outage", "cut")), st.integers(0, 2_000), st.integers(-2_000, 2_000)),
    max_size=40,
)


@settings(max_examples=300)
@given(lengths, acts)
def test_no_outage_clock_set_or_cut_inflates_a_maximum(length_s: int, script: list[tuple[str, int, int]]) -> None:
    """A constant 3.6 kW is never seen as more, whatever happens to the clock and the supply."""
    period = IntegrationPeriod(length_s, UTC)
    clock_s = 1_700_000_000
    demand = BlockDemand(period, clock_s, 1)
    maxima = Maxima.cleared(1)
    flowed = 0
    closed: list[Interval] = []
    for act, run_s, jump_s in script:
        until_s = clock_s + run_s
        while clock_s < until_s:
            step_s = min(until_s, demand.end_s) - clock_s
            demand.add(step_s * 10**9)
            flowed += step_s * 10**9
            clock_s += step_s
            if clock_s == demand.end_s:
                closed.append(demand.close(clock_s, 1))
        if act == "set":
            closed.append(demand.clock_set(clock_s, clock_s + jump_s, 1))
            clock_s += jump_s
        elif act == "outage":
            # Forward for a clock that ran on; backward or too little for one that lost its supply.
            demand, left = BlockDemand.resume(period, demand.state(clock_s), clock_s + jump_s, 1)
            clock_s += jump_s
            closed += [left] if left is not None else []
        elif act == "cut":
            closed.append(demand.close(clock_s, 1))
    for interval in closed:
        maxima = maxima.with_interval(interval)
        assert interval.demand_mw <= 3_600_000
        assert interval.short or interval.energy_nwh == length_s * 10**9
    assert sum(interval.energy_nwh for interval in closed) + demand.state(clock_s).energy_nwh == flowed
    assert maxima.total is None or maxima.total.demand_mw <= 3_600_000


def test_outage_within_an_interval_resumes_it_flagged() -> None:
    demand = BlockDemand(QUARTER, 9_000, 2)
    demand.add(7)
    demand, closed = BlockDemand.resume(QUARTER, demand.state(9_100), 9_899, 1)
    assert closed is None
    demand.add(5)
    interval = demand.close(9_900, 1)
    assert interval == Interval(9_000, 9_900, 0, 900, 2, 12, True)
    assert not demand.close(10_800, 1).short


def test_outage_over_the_end_closes_it_short_with_what_was_measured() -> None:
    demand = BlockDemand(QUARTER, 9_000, 2)
    demand.add(7)
    demand, closed = BlockDemand.resume(QUARTER, demand.state(9_100), 12_345, 1)
    assert closed == Interval(9_000, 9_900, 0, 900, 2, 7, True)
    assert demand.end_s == 12_600
    assert demand.close(12_600, 1) == Interval(12_345, 12_600, 0, 900, 1, 0, True)


def test_clock_that_went_back_in_an_outage_does_not_go_on_with_the_interval() -> None:
    demand = BlockDemand(QUARTER, 9_000, 1)
    demand.add(7)
    demand, closed = BlockDemand.resume(QUARTER, demand.state(9_800), 9_100, 1)
    assert closed == Interval(9_000, 9_800, 0, 900, 1, 7, True)
    assert demand.close(9_900, 1).energy_nwh == 0


def test_outage_at_the_very_begin_of_an_interval_leaves_nothing_to_close() -> None:
    demand = BlockDemand(QUARTER, 9_000, 1)
    assert BlockDemand.resume(QUARTER, demand.state(9_000), 20_000, 1)[1] is None
    demand.add(1)
    closed = BlockDemand.resume(QUARTER, demand.state(9_000), 20_000, 1)[1]
    assert closed is not None
    assert not closed.empty
    assert BlockDemand(QUARTER, 9_050, 1).close(9_050, 1).empty


def test_clock_that_stood_still_in_an_outage_goes_on() -> None:
    demand = BlockDemand(QUARTER, 9_000, 1)
    _, closed = BlockDemand.resume(QUARTER, demand.state(9_800), 9_800, 1)
    assert closed is None


def test_another_period_after_the_outage_closes_by_the_old_one() -> None:
    demand = BlockDemand(QUARTER, 9_000, 1)
    demand.add(250 * 10**9)
    half = IntegrationPeriod(1_800, UTC)
    demand, closed = BlockDemand.resume(half, demand.state(9_100), 9_200, 1)
    assert closed is not None
    assert (closed.length_s, closed.demand_mw, closed.end_s) == (900, 1_000_000, 9_100)
    assert demand.end_s == 10_800


def test_time_outside_the_interval_and_negative_energy_are_refused() -> None:
    demand = BlockDemand(QUARTER, 9_100, 1)
    for utc_s in (9_099, 9_901):
        with pytest.raises(ValueError, match="not within the interval"):
            demand.close(utc_s, 1)
        with pytest.raises(ValueError, match="not within the interval"):
            demand.clock_set(utc_s, 20_000, 1)
    with pytest.raises(ValueError, match="negative"):
        demand.add(-1)
    assert demand.state(9_100).energy_nwh == 0


def test_an_interval_counts_in_the_rate_in_which_it_began() -> None:
    demand = BlockDemand(QUARTER, 9_000, 1)
    assert demand.close(9_900, 2).rate == 1
    assert demand.close(10_000, 3).rate == 2
    assert demand.clock_set(10_100, 20_000, 4).rate == 3
    assert demand.state(20_000).rate == 4


drawn_intervals = st.lists(
    st.builds(
        Interval,
        start_s=st.just(0),
        end_s=st.integers(1, 2**32 - 1),
        offset_s=st.sampled_from((3_600, 7_200, -12_600)),
        length_s=lengths,
        rate=st.integers(1, 4),
        energy_nwh=st.one_of(st.integers(0, 10**13), st.sampled_from((0, 10**9, 2 * 10**9))),
        short=st.booleans(),
    ),
    max_size=20,
)


@given(drawn_intervals)
def test_maxima_are_the_first_of_the_highest(intervals: list[Interval]) -> None:
    maxima = Maxima.cleared(4)
    for interval in intervals:
        maxima = maxima.with_interval(interval)
    for rate, seen in enumerate((maxima.total, *maxima.by_rate)):
        own = [i for i in intervals if rate in (0, i.rate) and i.demand_mw > 0]
        if not own:
            assert seen is None
            continue
        first = sorted(own, key=lambda interval: -interval.demand_mw)[0]
        assert seen is not None
        assert (seen.demand_mw, seen.utc_s, seen.offset_s) == (first.demand_mw, first.end_s, first.offset_s)
    assert Maxima.from_ints(maxima.to_ints()) == maxima
    assert len(maxima.to_ints()) == 15


@given(st.tuples(*[st.integers(0, 2**32)] * 5, st.booleans()))
def test_state_survives_as_ints(values: tuple[int, int, int, int, int, bool]) -> None:
    state = DemandState(*values)
    ints = state.to_ints()
    assert DemandState.from_ints(ints) == state
    assert all(type(value) is int for value in ints)


@pytest.mark.parametrize("count", [0, 3, 5, 7])
def test_wrong_counts_of_ints_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="values"):
        DemandState.from_ints((0,) * count)
    with pytest.raises(ValueError, match="values"):
        Maxima.from_ints((0,) * count)


def test_a_rate_without_a_register_is_refused() -> None:
    for rate in (0, 3):
        with pytest.raises(ValueError, match=f"rate {rate}"):
            Maxima.cleared(2).with_interval(Interval(0, 900, 0, 900, rate, 1, False))


@given(
    st.sampled_from(AfterOutage),
    st.integers(1, 899),
    st.integers(1, 3_000),
    st.integers(1, 2_000),
)
def test_an_outage_never_puts_the_energy_of_two_periods_into_one(
    after: AfterOutage, before_s: int, off_s: int, then_s: int
) -> None:
    """A constant load, a quarter of an hour broken at any second: resume, restart and synchronise each close what they
    must, no demand is above the load, and what waits for the next whole period is no demand."""
    demand = BlockDemand(QUARTER, 9_000, 1)
    demand.add(before_s * 10**9)
    up_s = 9_000 + before_s + off_s
    state = DemandState.from_ints(demand.state(9_000 + before_s).to_ints())
    demand, broken = BlockDemand.resume(QUARTER, state, up_s, 1, after)
    closed = [] if broken is None else [broken]
    within = up_s < 9_900
    assert (broken is None) == (within and after is AfterOutage.RESUME)
    if broken is not None:
        assert (broken.end_s, broken.energy_nwh) == (9_000 + before_s if within else 9_900, before_s * 10**9)
    assert demand.idle == (after is AfterOutage.SYNCHRONISE and up_s % 900 != 0)
    clock_s = up_s
    while clock_s < up_s + then_s:
        step_s = min(demand.end_s, up_s + then_s) - clock_s
        demand.add(step_s * 10**9)
        clock_s += step_s
        if clock_s == demand.end_s:
            closed.append(demand.close(clock_s, 1))
        state = DemandState.from_ints(demand.state(clock_s).to_ints())
        demand, none = BlockDemand.resume(QUARTER, state, clock_s, 1)
        assert none is None
    told = [interval for interval in closed if not interval.idle]
    assert all(interval.demand_mw <= 4_000_000 for interval in told)
    assert all(interval.short or interval.energy_nwh == 900 * 10**9 for interval in told)
    maxima = Maxima.cleared(1)
    for interval in closed:
        maxima = maxima.with_interval(interval)
    most = max((interval.demand_mw for interval in told), default=0)
    assert (maxima.total.demand_mw if maxima.total is not None else 0) == most
    idle = [interval for interval in closed if interval.idle]
    assert len(idle) <= 1
    assert all(interval.end_s % 900 == 0 for interval in idle)
