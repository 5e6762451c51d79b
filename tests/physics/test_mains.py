"""Changes, lost phases, the mains' own phase, and true energy over a random course of segments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.frontend import Wiring
from hal.units import HOUR, MS, TURN, S
from sim.physics.energy import FW_NS_PER_NWH, TrueEnergy, by_kind
from sim.physics.mains import Mains
from sim.physics.power import powers
from sim.physics.service import Service
from sim.physics.waves import dead
from sim.world import Phase, World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
SERVICE = Service(FOUR, 230_000_000)


def test_listeners_hear_of_changes_alone():
    mains = Mains(World(1))
    heard = []
    mains.subscribe(lambda before, after: heard.append((before, after)))
    load = SERVICE.power(1_000_000, 0)
    mains.demand(dead())
    mains.demand(load)
    mains.demand(load)
    mains.fail([0, 1, 2])
    mains.demand(SERVICE.idle())
    mains.restore([0, 1, 2])
    assert heard == [(dead(), load), (load, dead()), (dead(), SERVICE.idle())]


def test_a_lost_phase_loses_voltage_and_current_and_the_neutral_carries_the_rest():
    mains = Mains(World(1))
    mains.demand(SERVICE.power(6_900_000, 0))
    assert mains.segment.currents[3].rms == 0
    mains.fail([1])
    segment = mains.segment
    assert [wave.rms for wave in segment.voltages] == [230_000_000, 0, 230_000_000]
    assert [wave.rms for wave in segment.currents] == [10_000_000_000, 0, 10_000_000_000, 10_000_000_000]
    assert mains.fed


def test_overlapping_losses_end_with_the_last():
    mains = Mains(World(1))
    load = SERVICE.power(1_000_000, 0)
    mains.demand(load)
    mains.fail()
    mains.fail([0])
    mains.restore()
    assert mains.segment.voltages[0].rms == 0
    mains.restore([0])
    assert mains.segment == load
    with pytest.raises(ValueError, match="L3 can't be restored"):
        mains.restore([2])


def test_without_l2_a_two_element_meter_has_no_voltage():
    mains = Mains(World(1), Wiring.THREE_PHASE_THREE_WIRE)
    mains.demand(Service(Wiring.THREE_PHASE_THREE_WIRE, 100_000_000).power(1_000_000, 0))
    assert mains.fed
    mains.fail([1])
    assert mains.segment == dead()
    assert not mains.fed


def test_the_phase_is_continuous_when_the_frequency_changes():
    world = World(1)
    mains = Mains(world)
    phases = []

    def change():
        before = mains.phase(world.now)
        mains.demand(Service(FOUR, 230_000_000, 51_234_567).idle())
        phases.append((before, mains.phase(world.now)))

    world.at(1_234_567_891, Phase.WORLD, change)
    world.run_until(2 * S)
    assert phases[0][0] == phases[0][1] == 1_234_567_891 * 50 * TURN // S % TURN
    after = mains.phase(2 * S) - phases[0][0]
    assert after % TURN == pytest.approx((765_432_109 * 51.234567e-9 % 1) * TURN, abs=TURN >> 36)


course = st.lists(
    st.tuples(
        st.integers(0, 3 * HOUR),
        st.integers(-5_000_000, 5_000_000),
        st.integers(-5_000_000, 5_000_000),
        st.sampled_from([0, 1, 2, None]),
    ),
    max_size=12,
)


@settings(max_examples=50)
@given(course, st.lists(st.integers(0, 40 * HOUR), max_size=4))
def test_true_energy_is_the_sum_of_power_by_time(changes, readings):
    world = World(1)
    mains = Mains(world)
    energy = TrueEnergy(world, mains, FOUR)
    course = [(0, mains.segment)]
    at = 0
    for pause, active, reactive, phase in changes:
        at += pause
        segment = SERVICE.power(active, reactive, phase)
        course.append((at, segment))
        world.at(at, Phase.WORLD, lambda segment=segment: mains.demand(segment))
    end = at + HOUR
    for reading in readings:
        # Reading in between changes nothing.
        world.at(min(reading, end), Phase.OBSERVERS, lambda: energy.at(world.now))
    world.run_until(end)
    expected = [0] * 8
    for (begin, segment), (until, _) in zip(course, [*course[1:], (end, None)], strict=True):
        total = powers(segment, FOUR).total
        for k, power in enumerate(by_kind(total.active_fw, total.reactive_fvar, total.apparent_fva)):
            expected[k] += power * (until - begin)
    assert energy.exact(end) == tuple(expected)
    assert energy.at(end) == tuple(value // FW_NS_PER_NWH for value in expected)


def test_a_kilowatt_hour():
    world = World(1)
    mains = Mains(world)
    energy = TrueEnergy(world, mains, FOUR)
    world.at(0, Phase.WORLD, lambda: mains.demand(SERVICE.power(1_000_000, 0)))
    world.run_until(HOUR)
    assert energy.at(HOUR)[0] == pytest.approx(1000 * 10**9, rel=1e-9)
    assert energy.at(HOUR)[0] == energy.at(HOUR)[6]
    with pytest.raises(ValueError, match="after a change"):
        energy.at(-MS)
