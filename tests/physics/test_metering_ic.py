"""The metering IC: the same energy as the true one, pulses, start power, power loss."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.energy import EnergyCounters
from hal.frontend import MeteringFrontEnd, Wiring
from hal.outputs import Pulse
from hal.units import HOUR, MINUTE, WH, S
from sim.devices.metering_ic import MeteringIc
from sim.physics.energy import TrueEnergy
from sim.physics.mains import Mains
from sim.physics.service import PowerFactor, Service
from sim.world import Phase, World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
SERVICE = Service(FOUR, 230_000_000)
NO_ENERGY = EnergyCounters(*(0,) * 8)


class Bench:
    def __init__(self, wiring=FOUR, start_power_uw=0, pulse_energy_nwh=WH, **options):
        self.world = World(1)
        self.mains = Mains(self.world, wiring)
        self.ic = MeteringIc(self.world, self.mains, **options)
        self.energy = TrueEnergy(self.world, self.mains, wiring)
        self.ic.configure(wiring, start_power_uw, pulse_energy_nwh)

    def demand(self, at_ns, segment):
        self.world.at(at_ns, Phase.WORLD, lambda: self.mains.demand(segment))


course = st.lists(
    st.tuples(
        st.integers(0, 3 * HOUR),
        st.integers(-5_000_000, 5_000_000),
        st.integers(-5_000_000, 5_000_000),
    ),
    max_size=10,
)


@settings(max_examples=50)
@given(course, st.sampled_from(list(Wiring)))
def test_an_ideal_one_bills_the_true_energy(changes, wiring):
    bench = Bench(wiring, pulse_energy_nwh=WH // 10)
    at = 0
    for pause, active, reactive in changes:
        at += pause
        bench.demand(at, Service(wiring, 230_000_000).power(active, reactive))
    end = at + HOUR
    bench.world.run_until(end)
    truth = bench.energy.at(end)
    assert bench.ic.energy().values() == truth
    # Pulses come from the exact sum; what two roundings left out may make the last of them.
    assert 0 <= bench.ic.pulses(Pulse.ACTIVE) - sum(truth[:2]) // (WH // 10) <= 1
    assert 0 <= bench.ic.pulses(Pulse.REACTIVE) - sum(truth[2:6]) // (WH // 10) <= 1


def test_it_is_a_metering_front_end_and_nothing_wakes():
    bench = Bench()
    assert isinstance(bench.ic, MeteringFrontEnd)
    bench.mains.demand(SERVICE.power(1_000_000, 0))
    assert not bench.world._env._queue


def test_pulses_come_one_a_quantum():
    bench = Bench(pulse_energy_nwh=WH)
    bench.demand(0, SERVICE.power(3_600_000, -1_800_000))
    bench.world.run_until(10 * S + S // 2)
    assert bench.ic.pulses(Pulse.ACTIVE) == 10
    assert bench.ic.pulses(Pulse.REACTIVE) == 5
    # Export counts on; a new configuration begins a pulse anew.
    bench.mains.demand(SERVICE.power(-3_600_000, 0))
    bench.world.run_until(11 * S + S // 4)
    assert bench.ic.pulses(Pulse.ACTIVE) == 11
    bench.ic.configure(FOUR, 0, WH // 2)
    assert bench.ic.pulses(Pulse.ACTIVE) == 11
    bench.world.run_until(12 * S)
    assert bench.ic.pulses(Pulse.ACTIVE) == 12
    assert bench.ic.energy().active_export == pytest.approx(WH * 3 // 2, rel=1e-6)


def test_below_the_start_power_nothing_is_counted():
    bench = Bench(start_power_uw=10_000_000)
    bench.demand(0, SERVICE.power(9_999, 0))
    bench.world.run_until(HOUR)
    assert bench.ic.energy() == NO_ENERGY
    assert bench.ic.live().total.active_uw == pytest.approx(9_999_000, rel=1e-6)
    bench.mains.demand(SERVICE.power(9_000, 12_000))
    bench.world.run_until(2 * HOUR)
    counted = bench.ic.energy()
    assert counted.active_import == 0
    assert counted.reactive_q1 == pytest.approx(12 * WH, rel=1e-6)
    assert counted.apparent_import == pytest.approx(15 * WH, rel=1e-6)
    bench.mains.demand(SERVICE.power(-10_001, 9_999))
    bench.world.run_until(3 * HOUR)
    assert bench.ic.energy().active_export == pytest.approx(10.001 * WH, rel=1e-6)
    assert bench.ic.energy().reactive_q2 == 0


def test_it_counts_from_its_configuration_until_it_loses_its_supply():
    world = World(1)
    mains = Mains(world)
    ic = MeteringIc(world, mains)
    mains.demand(SERVICE.power(6_000_000, 0))
    world.run_until(MINUTE)
    assert ic.energy() == NO_ENERGY
    assert ic.live().frequency_uhz == 0
    assert ic.live().total.active_uw == 0
    ic.configure(FOUR, 0, WH)
    world.run_until(2 * MINUTE + S // 10)
    assert ic.energy().active_import == pytest.approx(100 * WH + WH // 6, rel=1e-6)
    ic.power_down()
    world.run_until(HOUR)
    mains.demand(SERVICE.power(3_000_000, 0))
    assert ic.energy() == NO_ENERGY
    assert ic.pulses(Pulse.ACTIVE) == 100
    ic.power_up()
    world.run_until(2 * HOUR)
    assert ic.energy() == NO_ENERGY
    ic.configure(FOUR, 0, WH)
    world.run_until(2 * HOUR + MINUTE)
    assert ic.energy().active_import == pytest.approx(50 * WH, rel=1e-6)
    assert ic.pulses(Pulse.ACTIVE) in (149, 150)


def test_instantaneous_values():
    bench = Bench()
    bench.mains.demand(SERVICE.current(5_000_000_000, PowerFactor(500_000)))
    live = bench.ic.live()
    assert live.frequency_uhz == 50_000_000
    for phase in live.phases:
        assert (phase.voltage_uv, phase.current_na) == (230_000_000, 5_000_000_000)
        assert phase.active_uw == 575_000_000
        assert phase.reactive_uvar == pytest.approx(995_929_214, abs=1)
        assert phase.apparent_uva == 1_150_000_000
    assert live.total.active_uw == 3 * 575_000_000
    assert live.total.current_na == 15_000_000_000
    bench.mains.fail()
    assert bench.ic.live().frequency_uhz == 0
    assert bench.ic.live().total.voltage_uv == 0


def test_a_gain_error_is_in_energy_and_power_alike():
    bench = Bench(gain_ppm=-2000)
    bench.demand(0, SERVICE.power(3_000_000, -1_000_000))
    bench.world.run_until(HOUR)
    for measured, true in zip(bench.ic.energy().values(), bench.energy.at(HOUR), strict=True):
        assert measured == pytest.approx(true * 0.998, abs=2)
    assert bench.ic.live().total.active_uw == pytest.approx(3_000_000_000 * 0.998, rel=1e-6)
    assert bench.ic.live().total.voltage_uv == 690_000_000


def test_settings_that_can_not_be():
    bench = Bench()
    with pytest.raises(ValueError, match="start power"):
        bench.ic.configure(FOUR, -1, 1)
    with pytest.raises(ValueError, match="pulse"):
        bench.ic.configure(FOUR, 0, 0)
    with pytest.raises(ValueError, match="gain"):
        Bench(gain_ppm=-1_000_000)
