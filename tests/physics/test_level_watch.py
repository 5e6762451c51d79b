"""The interrupt of the metering IC, its sequence detector, and its count of mains cycles."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.frontend import Levels, PhaseSequence, Wiring
from hal.units import MS, WH, S
from sim.devices.disturbance import Disturbance
from sim.devices.metering_ic import MeteringIc
from sim.physics.mains import Mains
from sim.physics.service import PowerFactor, Service
from sim.world import Phase, World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
AT = Levels(
    voltages_uv=(115_000_000,),
    currents_na=(1_000_000_000,),
    powers_uw=(-1_000_000,),
    total_powers_uw=(0,),
    frequencies_uhz=(47_500_000, 52_500_000),
)


class Bench:
    def __init__(self, wiring: Wiring = FOUR) -> None:
        self.world = World(1)
        self.mains = Mains(self.world, wiring)
        self.raised: list[int] = []
        self.ic = MeteringIc(self.world, self.mains, lambda: self.raised.append(self.world.now))
        self.service = Service(wiring, 230_000_000)
        self.load(2.0)
        self.ic.configure(wiring, 0, WH)

    def load(self, amperes: float, factor: int = 1_000_000, **service: int) -> None:
        self.mains.demand(replace(self.service, **service).current(round(amperes * 1e9), PowerFactor(factor)))

    def at(self, instant_ns: int, *args: float, **service: int) -> None:
        self.world.at(instant_ns, Phase.WORLD, lambda: self.load(*args, **service))


CHANGES = {
    "a voltage falls": ((2.0,), {"voltage_uv": 110_000_000}),
    "a current falls": ((0.9,), {}),
    "power is exported": ((2.0, -1_000_000), {}),
    "the frequency falls": ((2.0,), {"frequency_uhz": 47_000_000}),
    "the sequence is reversed": ((2.0,), {"reversed_sequence": True}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_level_that_is_passed_is_told_both_ways(change: str) -> None:
    bench = Bench()
    bench.ic.watch(AT)
    args, service = CHANGES[change]
    bench.at(S, *args, **service)
    bench.at(3 * S, 2.0)
    bench.world.run_until(10 * S)
    assert bench.raised == [S, 3 * S]


def test_what_passes_no_level_is_not_told() -> None:
    bench = Bench()
    bench.ic.watch(AT)
    for second in range(1, 100):
        bench.at(second * S, 1.1 + second / 100, 700_000 + second, voltage_uv=200_000_000 + second)
    bench.world.run_until(200 * S)
    assert bench.raised == []


def test_before_it_is_told_to_watch_it_is_silent_and_after_a_power_loss() -> None:
    bench = Bench()
    bench.at(S, 0.1)
    bench.world.run_until(2 * S)
    bench.ic.watch(AT)
    bench.ic.power_down()
    bench.at(3 * S, 2.0)
    bench.ic.power_up()
    bench.world.run_until(4 * S)
    assert bench.raised == []


def test_what_comes_too_soon_is_told_later_and_what_has_gone_by_not_at_all() -> None:
    bench = Bench()
    bench.ic.watch(AT)
    bench.at(S, 0.1)
    bench.at(S + 50 * MS, 2.0)
    bench.at(5 * S, 0.1)
    bench.at(5 * S + 50 * MS, 2.0)
    bench.at(5 * S + 100 * MS, 0.1)
    bench.world.run_until(10 * S)
    assert bench.raised == [S, S + 200 * MS, 5 * S]


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from([0.1, 2.0])), max_size=40))
def test_interrupts_keep_their_distance_and_the_last_state_is_told(course: list[tuple[int, float]]) -> None:
    bench = Bench()
    bench.ic.watch(AT)
    now, amperes = 0, 2.0
    states = [(0, 2.0)]
    for pause, amperes in course:
        now += pause * MS
        bench.at(now, amperes)
        states.append((now, amperes))
    bench.world.run_until(now + S)
    raised = bench.raised
    assert all(later - sooner >= 200 * MS for sooner, later in pairwise(raised))

    def state_at(instant_ns: int) -> float:
        return [amperes for at, amperes in states if at <= instant_ns][-1]

    seen = [2.0, *(state_at(instant) for instant in raised)]
    assert all(a != b for a, b in pairwise(seen))
    assert seen[-1] == amperes


def test_a_frozen_ic_is_told_by_its_heart_and_a_stuck_channel_by_its_flag() -> None:
    bench = Bench()
    bench.ic.watch(AT)
    for instant, act in (
        (S, lambda: bench.ic.disturb(0, Disturbance.FROZEN)),
        (3 * S, lambda: bench.ic.settle(0)),
        (5 * S, lambda: bench.ic.disturb(6, Disturbance.STUCK)),
    ):
        bench.world.at(instant, Phase.WORLD, act)
    bench.world.run_until(10 * S)
    assert bench.raised == [S, 3 * S, 5 * S]


@pytest.mark.parametrize("wiring", list(Wiring))
@pytest.mark.parametrize("reverse", [False, True])
def test_the_sequence_of_a_service(wiring: Wiring, reverse: bool) -> None:
    bench = Bench(wiring)
    bench.load(1.0, reversed_sequence=reverse)
    expected = PhaseSequence.REVERSED if reverse else PhaseSequence.FORWARD
    assert bench.ic.live().sequence is (PhaseSequence.UNKNOWN if wiring is Wiring.SINGLE_PHASE else expected)
    bench.mains.fail([0])
    assert bench.ic.live().sequence is PhaseSequence.UNKNOWN


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(1, 10**12), st.integers(40_000_000, 70_000_000), st.booleans()), min_size=1, max_size=8
    )
)
def test_mains_cycles_are_frequency_by_time_while_there_is_a_voltage(course: list[tuple[int, int, bool]]) -> None:
    bench = Bench()
    bench.ic.power_up()
    expected, now = Fraction(0), 0
    for lasts, frequency, voltage in course:
        bench.load(1.0 if voltage else 0.0, frequency_uhz=frequency, voltage_uv=230_000_000 * voltage)
        now += lasts
        bench.world.run_until(now)
        expected += Fraction(lasts * frequency * voltage, 10**15)
        assert bench.ic.mains_cycles() == int(expected * 2**16)
