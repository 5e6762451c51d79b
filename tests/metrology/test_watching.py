"""What the sampled chain tells besides energy: passed levels, the sequence, faulty channels, mains cycles."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from firmware.metrology.chain import SampledChain
from firmware.metrology.channel_check import faulty_channels
from firmware.metrology.mains_cycles import MainsCycles
from firmware.metrology.passed_levels import PassedLevels
from firmware.metrology.window import Window
from hal.frontend import Levels, PhaseSequence, Summation, Wiring
from hal.units import MS
from tests.metrology.waves import FULL, SCALE, Load, Wave, balanced, blocks

FOUR = Wiring.THREE_PHASE_FOUR_WIRE


def chain(wiring: Wiring = FOUR, summation: Summation = Summation.NET) -> SampledChain:
    return SampledChain(SCALE, wiring, 50_000_000, 230_000_000, 1_000_000, summation)


def windows(loads: tuple[Load, ...], frequency: float = 50.0, meter: SampledChain | None = None) -> list[Window]:
    """Those of nearly half a second; the last one is whole."""
    meter = chain() if meter is None else meter
    return [window for block in blocks(Wave(frequency, loads).samples(0, 1_900), 800) for window in meter.feed(block)]


LOADS = st.tuples(
    *(
        st.builds(
            Load, volts=st.floats(50, 300), amperes=st.floats(0.01, 10), lag=st.floats(0, 6), angle=st.just(third)
        )
        for third in (0.0, math.tau / 3, 2 * math.tau / 3)
    )
)


@settings(max_examples=10)
@given(LOADS, st.floats(48, 52), st.lists(st.floats(0.5, 2).filter(lambda x: abs(x - 1) > 1e-3), min_size=1))
@pytest.mark.parametrize("summation", list(Summation))
def test_a_window_lies_where_its_values_do(
    summation: Summation, loads: tuple[Load, ...], frequency: float, shares: list[float]
) -> None:
    """Levels are laid around the very values of the window."""
    window = windows(loads, frequency, chain(summation=summation))[-1]
    live = window.live

    def around(value: int) -> tuple[int, ...]:
        return tuple(round(value * share) for share in shares)

    first = live.phases[0]
    levels = Levels(
        around(first.voltage_uv),
        around(first.current_na),
        around(first.active_uw),
        around(live.total.active_uw),
        tuple(round(live.frequency_uhz + (share - 1) * 1e7) for share in shares),
    )
    sides = PassedLevels(levels, SCALE, (0, 1, 2), summation).sides(window.row)

    def reached(value: int, at: tuple[int, ...]) -> int:
        return sum(value >= level for level in at)

    expected = []
    for phase in live.phases:
        expected += [
            reached(phase.voltage_uv, levels.voltages_uv),
            reached(phase.current_na, levels.currents_na),
            reached(phase.active_uw, levels.powers_uw),
        ]
    expected.append(reached(live.total.active_uw, levels.total_powers_uw))
    expected.append(reached(live.frequency_uhz, levels.frequencies_uhz))
    assert list(sides) == [*expected, True]


@pytest.mark.parametrize("reverse", [False, True])
def test_the_sequence_follows_the_voltages(reverse: bool) -> None:
    loads = balanced(Load())
    if reverse:
        loads = (loads[0], loads[2], loads[1])
    found = windows(loads)[-1]
    assert found.live.sequence is (PhaseSequence.REVERSED if reverse else PhaseSequence.FORWARD)
    dark = (replace(loads[0], volts=5.0), *loads[1:])
    assert windows(dark)[-1].live.sequence is PhaseSequence.UNKNOWN


@pytest.mark.parametrize("reverse", [False, True])
def test_the_sequence_of_two_elements(reverse: bool) -> None:
    """U12 leads its phase by 30 degrees, U32 lags by as much; reversed it is the other way round."""
    angles = (-math.tau / 12, -math.tau / 4) if not reverse else (math.tau / 12, math.tau / 4)
    loads = (Load(angle=angles[0]), Load(volts=0.0, amperes=0.0), Load(angle=angles[1]))
    found = windows(loads, meter=chain(Wiring.THREE_PHASE_THREE_WIRE))[-1]
    assert found.live.sequence is (PhaseSequence.REVERSED if reverse else PhaseSequence.FORWARD)


@settings(max_examples=60)
@given(
    arrays.arrays(np.int32, (7, 50), elements=st.integers(-FULL, FULL - 1)),
    st.lists(st.tuples(st.integers(0, 6), st.integers(-3, 3) | st.integers(-FULL, FULL - 1)), max_size=5),
    st.lists(st.integers(-FULL << 16, FULL << 16), min_size=7, max_size=7),
    st.integers(1, 5),
    st.integers(1, FULL),
)
def test_faulty_channels_are_those_that_are_constant_or_far_off(
    samples: NDArray[np.int32],
    constant: list[tuple[int, int]],
    offsets: list[int],
    stuck_from: int,
    offset_from: int,
) -> None:
    for channel, value in constant:
        samples[channel] = value
    expected = 0
    for channel in range(7):
        values = set(samples[channel].tolist())
        stuck = len(values) == 1 and abs(min(values)) >= stuck_from
        if stuck or abs(offsets[channel]) // 2**16 >= offset_from:
            expected |= 1 << channel
    assert faulty_channels(samples, np.array(offsets, np.int64), stuck_from, offset_from) == expected


def test_a_short_block_accuses_nobody() -> None:
    meter = chain()
    samples = Wave(50.0, balanced(Load())).samples(0, 1_601)
    for block in blocks(samples, 800):
        meter.feed(block)
        assert meter.faulty == 0


@settings(max_examples=8)
@given(st.floats(45, 55), st.lists(st.integers(0, 200), min_size=1, max_size=20))
def test_mains_cycles_grow_with_the_frequency_and_never_go_back(frequency: float, pauses: list[int]) -> None:
    """Asked at any time; within a fiftieth of a cycle of the truth, once the first crossing was seen."""
    cycles = MainsCycles(SCALE.rate_hz, 420 * MS)
    meter = chain()
    for block in blocks(Wave(frequency, balanced(Load())).samples(0, 4_800), 800):
        for window in meter.feed(block):
            cycles.add(window)
    base = cycles.at(1_200 * MS)
    counts, now = [base], 1_200 * MS
    for pause in pauses:
        now = min(now + pause * MS, 1_400 * MS)
        counts.append(cycles.at(now))
    assert counts == sorted(counts)
    assert (counts[-1] - base) / 2**16 == pytest.approx(frequency * (now - 1_200 * MS) / 1e9, abs=0.02)
    assert base / 2**16 == pytest.approx(frequency * 1.2, abs=2)


def test_without_a_voltage_the_count_stands() -> None:
    cycles = MainsCycles(SCALE.rate_hz, 420 * MS)
    meter = chain()
    live = Wave(50.0, balanced(Load())).samples(0, 4_000)
    dark = Wave(50.0, balanced(Load(volts=0.0, amperes=0.0))).samples(4_000, 8_000)
    counts = []
    for block in blocks(np.concatenate([live, dark], axis=1), 800):
        for window in meter.feed(block):
            cycles.add(window)
        counts.append(cycles.at(block.end_ns))
    assert counts == sorted(counts)
    assert counts[4] > counts[3]
    assert len(set(counts[-8:])) == 1
    assert counts[-1] / 2**16 == pytest.approx(50, abs=3)


@settings(max_examples=10)
@given(LOADS)
def test_moduli_are_summed_element_by_element(loads: tuple[Load, ...]) -> None:
    net, moduli = windows(loads)[-1], windows(loads, meter=chain(summation=Summation.MODULI))[-1]
    assert moduli.live.phases == net.live.phases
    assert moduli.live.total.active_uw == sum(abs(phase.active_uw) for phase in net.live.phases)
    flowed = moduli.increment
    seconds = (flowed.end_ns - flowed.start_ns) / 1e9
    assert flowed.energies[1] == 0
    # uW s / 3.6 = nWh
    assert flowed.energies[0] == pytest.approx(moduli.live.total.active_uw * seconds / 3.6, rel=1e-4, abs=3)
    reactive = sum(flowed.energies[2:6])
    assert reactive == pytest.approx(abs(net.live.total.reactive_uvar) * seconds / 3.6, rel=1e-4, abs=3) or not reactive
