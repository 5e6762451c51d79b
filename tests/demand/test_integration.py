"""Intervals of every method against the ledger, and what no outage, clock set or rate change may do."""

import random
from dataclasses import replace
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.demand.config import DemandConfig, Method
from firmware.demand.demand import Demand
from firmware.demand.interval import Interval
from firmware.demand.layout import build_demand, parse_demand
from firmware.demand.period import AfterOutage
from tests.demand.drawn import BEGIN_S, UTC, Act, Driver, acts, configs
from tests.demand.ledger import THERMAL_ERROR_MW, TICK_S, Told

chances = st.integers(0, 2**32).map(random.Random)
begins = st.integers(0, 90).map(lambda tick: BEGIN_S + TICK_S * tick)


def agree(config: DemandConfig, interval: Interval, told: Told) -> None:
    assert (interval.start_s, interval.end_s, interval.energies) == (told.start_s, told.end_s, told.energies)
    assert (interval.short, interval.idle) == (told.short, told.idle)
    assert interval.idle or interval.rate == told.rate
    assert interval.quantities == config.quantities
    for demand_mw, exact in zip(interval.demands_mw, told.demands, strict=True):
        if config.method is Method.THERMAL:
            assert floor(exact - THERMAL_ERROR_MW) <= demand_mw <= floor(exact + THERMAL_ERROR_MW)
        else:
            assert demand_mw == floor(exact)


@settings(max_examples=120)
@given(configs(), begins, acts, chances)
def test_intervals_are_those_of_the_ledger(
    config: DemandConfig, begin_s: int, script: list[Act], chance: random.Random
) -> None:
    """Energies, demands, rates and flags of block, sliding and thermal demand, through outages of known and unknown
    length, clocks set and gone back, rates switched, and synchronisations; parts in which energy comes don't matter."""
    driver = Driver(config, begin_s, chance)
    driver.live(script)
    told = [interval for interval in driver.intervals if not interval.empty]
    for interval, by_hand in zip(told, driver.ledger.told, strict=True):
        agree(config, interval, by_hand)


@settings(max_examples=80)
@given(configs(), begins, acts, chances)
def test_nothing_inflates_a_maximum(
    config: DemandConfig, begin_s: int, script: list[Act], chance: random.Random
) -> None:
    """A steady 3.6 kW is never seen as more, and a steady load is what every whole interval says, but for the thermal
    demand, which comes near it."""
    driver = Driver(config, begin_s, chance)
    steady_mw = 3_600_000
    driver.live(script, [steady_mw * TICK_S * 10**6 // 3_600] * 11)
    for interval in driver.intervals:
        assert all(0 <= demand_mw <= steady_mw for demand_mw in interval.demands_mw)
        if not interval.short:
            least = steady_mw * 9 // 10 - 1 if config.method is Method.THERMAL else steady_mw
            assert all(demand_mw >= least for demand_mw in interval.demands_mw)
    told = [interval for interval in driver.intervals if not (interval.idle or interval.empty)]
    highest = max((interval.demands_mw[0] for interval in told), default=0)
    assert driver.demand.registers.maxima[0].highest_mw == highest
    averages = driver.demand.averages()
    assert all(demand_mw <= steady_mw for demand_mw in (*averages.current_mw, *averages.last_mw))


@settings(max_examples=100)
@given(configs(forgiven=False), st.integers(1, 2_000), st.integers(0, 3_000), chances)
def test_a_save_at_any_second_is_transparent(
    config: DemandConfig, at_s: int, then_s: int, chance: random.Random
) -> None:
    """One meter goes on; another is saved, and begins from the bytes with no time passed. Only flags may differ."""
    config = replace(config, after_outage=AfterOutage.RESUME)
    valid = ClockStatus.VALID
    one = Demand(config, UTC, BEGIN_S, 1)

    def run(meters: list[Demand], from_s: int, to_s: int) -> list[list[Interval]]:
        told: list[list[Interval]] = [[] for _ in meters]
        while from_s < to_s:
            step_s = min(to_s, meters[0].next_s) - from_s
            energies = [chance.randrange(10**9 * step_s) for _ in range(11)]
            from_s += step_s
            for meter, intervals in zip(meters, told, strict=True):
                meter.add(energies)
                interval = meter.boundary(from_s, 1 + from_s // 400 % 2, valid)
                intervals += [] if interval is None else [interval]
        return told

    run([one], BEGIN_S, BEGIN_S + at_s)
    now_s = BEGIN_S + at_s
    state, _ = parse_demand(build_demand(one.state(now_s)))
    rate = state.running.rate
    other, broken = Demand.resume(config, UTC, state, now_s, rate, valid, 0)
    assert broken is None
    ours, theirs = run([one, other], now_s, now_s + then_s)
    assert [replace(i, short=True) for i in ours] == [replace(i, short=True) for i in theirs]
    assert all(i.short >= j.short for i, j in zip(theirs, ours, strict=True))
    assert one.registers == other.registers
    assert one.averages().current_mw == other.averages().current_mw
