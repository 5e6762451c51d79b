"""Disturbed channels of both front ends: what they show, only while it lasts, and how faults lie over each other."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.frontend import CHANNELS, FULL_SCALE, LiveValues, SampleBlock, Wiring
from hal.outputs import Pulse
from hal.units import MS, WH, S
from sim.devices.adc import Adc
from sim.devices.disturbance import Disturbance, Disturbed
from sim.devices.metering_ic import MeteringIc
from sim.physics.mains import Mains
from sim.physics.service import PowerFactor, Service
from sim.world import Phase, World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
LOAD = Service(FOUR, 230_000_000).current(5_000_000_000, PowerFactor(800_000))
SIGNALS = range(6)
"""Channels that have a signal: a balanced load has no current in the neutral."""


class Sampling:
    """A converter, started with the world, and all that it delivered."""

    def __init__(self, seed: int = 1) -> None:
        self.world = World(seed)
        self.mains = Mains(self.world)
        self.mains.demand(LOAD)
        self.blocks: list[SampleBlock] = []
        self.adc = Adc(
            self.world, self.mains, lambda: self.world.now, lambda mono: mono, self._take, current_peak_na=20 * 10**9
        )
        self.adc.start()

    def _take(self) -> None:
        block = self.adc.take()
        assert block is not None
        self.blocks.append(SampleBlock(block.samples.copy(), block.first, block.end_ns, block.lost))

    def at(self, instant_ns: int, action: Callable[[], None]) -> None:
        self.world.at(instant_ns, Phase.WORLD, action)

    def samples(self) -> np.ndarray:
        return np.concatenate([block.samples for block in self.blocks], axis=1)


def sampled(channel: int, how: Disturbance, amount: int = 0, begin: int = 503 * MS, end: int = 1_117 * MS):
    """The samples of 2 s, disturbed and not, and the first and last disturbed one."""
    disturbed, healthy = Sampling(), Sampling()
    disturbed.at(begin, lambda: disturbed.adc.disturb(channel, how, amount))
    disturbed.at(end, lambda: disturbed.adc.settle(channel))
    for sampling in (disturbed, healthy):
        sampling.world.run_until(2 * S)
    return disturbed.samples(), healthy.samples(), begin * 4 // MS, end * 4 // MS


@settings(max_examples=10)
@given(st.sampled_from(SIGNALS), st.sampled_from([how for how in Disturbance if how is not Disturbance.FROZEN]))
def test_one_channel_shows_it_and_only_while_it_lasts(channel: int, how: Disturbance) -> None:
    amount = 100_000 if how is Disturbance.OFFSET else 0
    disturbed, healthy, first, end = sampled(channel, how, amount)
    others = [n for n in range(len(CHANNELS)) if n != channel]
    assert np.array_equal(disturbed[others], healthy[others])
    assert np.array_equal(disturbed[channel, :first], healthy[channel, :first])
    assert np.array_equal(disturbed[channel, end:], healthy[channel, end:])
    shown = disturbed[channel, first:end]
    match how:
        case Disturbance.STUCK:
            assert set(shown) == {healthy[channel, first - 1]}
        case Disturbance.SATURATED:
            assert set(shown) == {FULL_SCALE - 1}
        case Disturbance.MISSING:
            assert set(shown) == {0}
        case Disturbance.OFFSET:
            expected = np.minimum(healthy[channel, first:end] + FULL_SCALE // 10, FULL_SCALE - 1)
            assert np.array_equal(shown, expected)


def test_an_offset_clips_at_full_scale() -> None:
    disturbed, _, first, end = sampled(0, Disturbance.OFFSET, 900_000)
    assert disturbed[0, first:end].max() == FULL_SCALE - 1


def test_a_frozen_converter_delivers_nothing_until_it_is_settled_and_begins_anew() -> None:
    sampling = Sampling()
    sampling.at(503 * MS, lambda: sampling.adc.disturb(3, Disturbance.FROZEN))
    sampling.at(700 * MS, sampling.adc.start)
    sampling.at(1_100 * MS, lambda: sampling.adc.settle(3))
    sampling.world.run_until(1_099 * MS)
    assert [block.end_ns for block in sampling.blocks] == [200 * MS, 400 * MS]
    assert sampling.adc.flush() is None
    sampling.world.run_until(2 * S)
    assert [block.end_ns // MS for block in sampling.blocks[2:]] == [1_300, 1_500, 1_700, 1_900]
    assert sampling.blocks[2].first == 0


def test_one_that_lost_its_supply_while_frozen_waits_for_a_start() -> None:
    sampling = Sampling()
    sampling.at(503 * MS, lambda: sampling.adc.disturb(3, Disturbance.FROZEN))
    sampling.at(600 * MS, sampling.adc.power_down)
    sampling.at(700 * MS, sampling.adc.power_up)
    sampling.at(800 * MS, lambda: sampling.adc.settle(3))
    sampling.world.run_until(2 * S)
    assert len(sampling.blocks) == 2


class Metering:
    """A metering IC that counts pulses of a watt-hour."""

    def __init__(self) -> None:
        self.world = World(1)
        self.mains = Mains(self.world)
        self.mains.demand(LOAD)
        self.ic = MeteringIc(self.world, self.mains)
        self.ic.configure(FOUR, 0, WH)

    def live(self) -> LiveValues:
        return self.ic.live()


@pytest.mark.parametrize("how", [Disturbance.STUCK, Disturbance.SATURATED, Disturbance.MISSING])
@pytest.mark.parametrize("element", range(3))
def test_a_metering_ic_measures_nothing_there(how: Disturbance, element: int) -> None:
    """Behind the high-pass filter nothing is left: powers and energy follow from the other elements."""
    bench = Metering()
    whole = bench.live()
    bench.ic.disturb(element, how)
    live = bench.live()
    assert live.phases[element].voltage_uv == 0
    assert live.phases[element].current_na == whole.phases[element].current_na
    assert live.total.active_uw == pytest.approx(whole.total.active_uw * 2 / 3, rel=1e-6)
    assert live.faulty == (0 if how is Disturbance.MISSING else 1 << element)
    bench.world.run_until(3_600 * S)
    assert bench.ic.energy().active_import == pytest.approx(live.total.active_uw * 1_000, rel=1e-6)
    bench.ic.settle(element)
    assert bench.live() == whole


def test_an_offset_does_not_pass_the_high_pass_filter() -> None:
    bench = Metering()
    whole = bench.live()
    bench.ic.disturb(0, Disturbance.OFFSET, 500_000)
    assert bench.live() == whole


def test_a_frozen_metering_ic_shows_what_it_showed_and_counts_nothing() -> None:
    bench = Metering()
    bench.world.run_until(1_000 * S)
    whole, counted, sent = bench.live(), bench.ic.energy(), bench.ic.pulses(Pulse.ACTIVE)
    cycles = bench.ic.mains_cycles()
    bench.ic.disturb(0, Disturbance.FROZEN)
    bench.mains.demand(Service(FOUR, 200_000_000).power(2_000_000, 0))
    bench.world.run_until(2_000 * S)
    assert not bench.live().alive
    assert bench.live().total == whole.total
    assert bench.ic.energy() == counted
    assert bench.ic.pulses(Pulse.ACTIVE) == sent
    assert bench.ic.mains_cycles() == cycles
    bench.mains.demand(LOAD)
    bench.ic.settle(0)
    assert bench.live() == whole
    bench.world.run_until(3_000 * S)
    assert bench.ic.energy().active_import == pytest.approx(2 * counted.active_import, rel=1e-6)
    assert bench.ic.mains_cycles() == 2 * cycles


def test_one_that_boots_frozen_says_so() -> None:
    bench = Metering()
    bench.ic.disturb(0, Disturbance.FROZEN)
    bench.ic.power_down()
    bench.ic.power_up()
    bench.ic.configure(FOUR, 0, WH)
    assert not bench.live().alive
    assert bench.live().total.voltage_uv == 0
    bench.ic.settle(0)
    assert bench.live().alive
    assert bench.live().total.voltage_uv == 690_000_000


KINDS = st.sampled_from(list(Disturbance))


@given(st.lists(st.tuples(st.integers(0, 6), KINDS, st.booleans()), max_size=40))
def test_the_last_of_several_shows(course: list[tuple[int, Disturbance, bool]]) -> None:
    """Against a plain list of all that was begun and not ended."""
    disturbed = Disturbed()
    begun: list[tuple[int, Disturbance]] = []
    for channel, how, begins in course:
        if begins:
            disturbed.begin(channel, how, 0)
            begun.append((channel, how))
        elif (channel, how) in begun:
            assert disturbed.end(channel, how) is how
            begun.reverse()
            begun.remove((channel, how))
            begun.reverse()
        else:
            with pytest.raises(ValueError, match="not disturbed"):
                disturbed.end(channel, how)
        for each in range(len(CHANNELS)):
            last = [how for channel, how in begun if channel == each and how is not Disturbance.FROZEN][-1:]
            shown = disturbed.of(each)
            assert ([] if shown is None else [shown.how]) == last
        assert disturbed.frozen == any(how is Disturbance.FROZEN for _, how in begun)


def test_what_can_not_be() -> None:
    with pytest.raises(ValueError, match="channels 0 to 6"):
        Metering().ic.disturb(7, Disturbance.MISSING)
    with pytest.raises(ValueError, match="full scale"):
        Sampling().adc.disturb(0, Disturbance.OFFSET, 1_000_001)
    with pytest.raises(ValueError, match="U2 can't be settled"):
        Sampling().adc.settle(1)
