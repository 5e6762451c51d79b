"""The sampling converter on an oscillator that changes its pace in the midst of a block."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.frontend import Wiring
from hal.units import MS, S
from sim.devices.adc import Adc
from sim.devices.oscillator import Oscillator
from sim.physics.mains import Mains
from sim.physics.service import PowerFactor, Service
from sim.world import Phase, World

LOAD = Service(Wiring.THREE_PHASE_FOUR_WIRE, 230_000_000).current(5_000_000_000, PowerFactor(500_000))
PEAK_NA = 20_000_000_000
PEAK_UV = 600_000_000

changes = st.lists(st.tuples(st.integers(1, 700 * MS), st.integers(-10_000_000, 10_000_000)), min_size=1, max_size=4)


@settings(max_examples=15)
@given(changes)
def test_blocks_keep_their_counts_and_samples_their_instants(course: list[tuple[int, int]]) -> None:
    world = World(1)
    mains = Mains(world)
    oscillator = Oscillator()
    blocks: list[tuple[int, int, np.ndarray]] = []

    def full() -> None:
        block = adc.take()
        assert block is not None
        blocks.append((world.now, block.end_ns, block.samples[0].copy()))

    adc = Adc(
        world,
        mains,
        lambda: oscillator.mono_at(world.now),
        oscillator.true_of,
        full,
        current_peak_na=PEAK_NA,
        voltage_peak_uv=PEAK_UV,
    )
    oscillator.follow(adc.retime)
    mains.demand(LOAD)
    adc.start()
    now = 0
    pace = [(0, 0, S)]
    for gap, ppb in course:
        now += gap
        at_ns, count, rate = pace[-1]
        pace.append((now, count + (now - at_ns) * rate // S, S + ppb))
        world.at(now, Phase.WORLD, lambda now=now, ppb=ppb: oscillator.change(now, ppb))
    world.run_until(now + S)
    assert len(blocks) >= 4
    for number, (at_ns, end_ns, samples) in enumerate(blocks):
        assert end_ns == (number + 1) * 200 * MS
        counts = number * 200 * MS + np.arange(1, 801) * 250_000
        true_ns = np.interp(counts, [count for _, count, _ in pace], [at for at, _, _ in pace])
        last_at, last_count, last_rate = pace[-1]
        beyond = counts > last_count
        true_ns[beyond] = last_at + (counts[beyond] - last_count) * S / last_rate
        assert at_ns == pytest.approx(true_ns[-1], abs=3)
        wave = np.sqrt(2) * 230e6 / PEAK_UV * 2**23 * np.sin(2 * np.pi * 50 * true_ns / S)
        # A tenth of a sample at 50 Hz: 25 us are 0.8 % of the peak.
        assert np.abs(samples - wave).max() < 0.01 * 2**23 * 0.54
