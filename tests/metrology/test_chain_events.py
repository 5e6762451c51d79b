"""The sampled chain when voltage goes and comes, samples are lost, power fails, or next to nothing flows."""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.metrology.chain import SampledChain
from firmware.metrology.power_factor import power_factor_ppm
from firmware.metrology.window import Window
from hal.frontend import SampleBlock, Wiring
from tests.metrology.waves import SCALE, Load, Wave, balanced, blocks

PERIOD_NS = 250_000
LONGEST_NS = 220_000_000


def chain(start_power_uw: int = 1_000_000, wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE) -> SampledChain:
    return SampledChain(SCALE, wiring, 50_000_000, 230_000_000, start_power_uw)


def fed(meter: SampledChain, samples: NDArray[np.int32], sizes: Iterator[int] | int = 800) -> list[Window]:
    return [window for block in blocks(samples, sizes) for window in meter.feed(block)]


def total(windows: list[Window], kind: int) -> int:
    return sum(window.increment.energies[kind] for window in windows)


def contiguous(windows: list[Window], start_ns: int = 0) -> bool:
    starts = [window.start_ns for window in windows]
    return starts == [start_ns, *(window.end_ns for window in windows[:-1])]


WAVE = Wave(50.03, balanced(Load(lag=0.8))).samples(0, 6_000)


@given(st.lists(st.integers(1, 1_700), min_size=1, max_size=60))
@settings(max_examples=30)
def test_any_cutting_into_blocks_gives_the_same_windows_and_keeps_every_count(sizes: list[int]) -> None:
    one, other = chain(0), chain(0)
    whole = fed(one, WAVE, WAVE.shape[1]) + list(one.close())
    cut = fed(other, WAVE, iter([*sizes, *([800] * 8)])) + list(other.close())
    assert [window.increment for window in cut] == [window.increment for window in whole]
    assert [window.live for window in cut] == [window.live for window in whole]
    assert contiguous(cut)
    assert cut[-1].end_ns == 6_000 * PERIOD_NS


def test_what_is_delivered_is_the_exact_sum_but_for_the_part_of_a_count() -> None:
    """A voltage of a few counts that alternate has no DC to speak of: the products can be summed by hand."""
    rng = np.random.default_rng(3)
    half = rng.integers(-4_000_000, 4_000_000, (7, 1_500), dtype=np.int32)
    samples = np.empty((7, 3_000), np.int32)
    samples[:, ::2], samples[:, 1::2] = half, -half
    meter = chain(0)
    windows = fed(meter, samples) + list(meter.close())
    offsets = [0] * 7
    products = 0
    for tick in samples.T.tolist():
        clean = []
        for channel, x in enumerate(tick):
            step = (x * 65536 - offsets[channel]) >> 14
            clean.append(x - ((2 * offsets[channel] + step + 65536) >> 17))
            offsets[channel] += step
        products += sum(clean[k] * clean[k + 3] for k in range(3))
    nwh = Fraction(products * SCALE.voltage_peak_uv * SCALE.current_peak_na, 10**6 * 3_600 * 4_000 * 2**46)
    net = total(windows, 0) - total(windows, 1)
    # Each of the two directions keeps less than a whole one.
    assert -1 < nwh - net < 1


def test_without_voltage_windows_go_on_and_nothing_counts() -> None:
    samples = Wave(50.0, balanced(Load(volts=0.0))).samples(0, 8_000)
    windows = fed(chain(), samples)
    assert len(windows) == 10
    assert contiguous(windows)
    for window in windows:
        assert window.end_ns - window.start_ns <= LONGEST_NS
        assert window.increment.energies == (0,) * 8
        assert window.cycles == 0
        assert window.live.frequency_uhz == 0
        assert power_factor_ppm(window.live.total) == 0
        assert window.live.phases[0].current_na == pytest.approx(5e9, rel=1e-3)


@pytest.mark.parametrize("lost", [(0,), (0, 1), (2,), (1, 2)])
def test_phase_loss(lost: tuple[int, ...]) -> None:
    samples = Wave(50.03, balanced(Load(lag=0.5))).samples(0, 24_000)
    for element in lost:
        samples[[element, element + 3], 8_100:] = 0
    windows = fed(chain(), samples)
    assert contiguous(windows)
    assert all(window.end_ns - window.start_ns <= LONGEST_NS for window in windows)
    live = windows[-1].live
    left = 3 - len(lost)
    assert live.total.active_uw * 1e-6 == pytest.approx(left * 230 * 5 * math.cos(0.5), rel=1e-4)
    assert live.frequency_uhz == pytest.approx(50_030_000, abs=1_000)
    seconds = (8_100 * 3 + 15_900 * left) / 4_000
    measured = [sum(column) for column in zip(*(window.increment.energies for window in windows), strict=True)]
    missing = (24_000 * PERIOD_NS - windows[-1].end_ns) * 1e-9 * left
    assert measured[0] * 3.6e-6 == pytest.approx((seconds - missing) * 230 * 5 * math.cos(0.5), rel=5e-4)
    assert measured[1] == 0


@pytest.mark.parametrize("dead", [40, 333, 1_000, 2_077])
def test_a_dip_of_all_voltages_loses_nothing_and_adds_nothing(dead: int) -> None:
    """Also with one phase at PF 0.5, where power flows back in each cycle: nothing must count as export."""
    load = Load(lag=math.acos(0.5))
    samples = Wave(50.03, (load, replace(load, volts=0, amperes=0), replace(load, volts=0, amperes=0))).samples(
        0, 9_000
    )
    samples[[0, 3], 3_000 : 3_000 + dead] = 0
    meter = chain(wiring=Wiring.SINGLE_PHASE)
    windows = fed(meter, samples) + list(meter.close())
    assert contiguous(windows)
    assert all(window.end_ns - window.start_ns <= LONGEST_NS for window in windows)
    assert total(windows, 1) == total(windows, 7) == 0
    wanted = (9_000 - dead) / 4_000 * load.active_w
    assert (total(windows, 0)) * 3.6e-6 == pytest.approx(wanted, abs=230 * 5 / 314)


def test_start_up_is_measured_within_a_cycle_and_a_half() -> None:
    windows = fed(chain(), Wave(49.0, balanced(Load())).samples(0, 1_600), 100)
    assert windows[0].end_ns <= 45_000_000
    assert windows[0].cycles == 1
    assert windows[1].live.frequency_uhz == pytest.approx(49_000_000, abs=1_000)


@pytest.mark.parametrize("hertz", [49.0, 50.0, 51.0])
def test_wherever_in_a_cycle_the_samples_begin_reactive_energy_is_counted(hertz: float) -> None:
    """The low-pass has to settle before a crossing can be trusted: a first cycle that is measured short or long would
    turn the oscillator away from the mains for all of the next window."""
    load = Load(lag=0.45)
    mains = Wave(hertz, balanced(load))
    for phase in range(0, 84, 4):
        windows = fed(chain(), mains.samples(phase, 1_400), 800)
        seconds = windows[-1].end_ns / 1e9
        expected = 3 * load.reactive_var * seconds / 3_600 * 1e9
        apparent_s = 3 * load.volts * load.amperes / 3_600 * 1e9
        assert total(windows, 2) == pytest.approx(expected, abs=0.006 * apparent_s), (hertz, phase)


@pytest.mark.parametrize("hertz", [42.5, 57.5])
def test_far_from_the_nominal_frequency(hertz: float) -> None:
    load = Load(lag=1.0)
    windows = fed(chain(), Wave(hertz, balanced(load)).samples(0, 12_000))
    assert all(window.end_ns - window.start_ns <= LONGEST_NS for window in windows)
    live = windows[-1].live
    assert live.total.active_uw * 1e-6 == pytest.approx(3 * load.active_w, rel=1e-4)
    assert live.total.reactive_uvar * 1e-6 == pytest.approx(3 * load.reactive_var, rel=1e-4)


@given(st.integers(1, 4_000))
@settings(max_examples=40)
def test_power_fail_saves_what_was_measured_to_the_last_sample(end: int) -> None:
    meter = chain(0)
    full = end // 800 * 800
    windows = fed(meter, WAVE[:, :full]) if full else []
    flushed = None if full == end else SampleBlock(WAVE[:, full:end], full, end * PERIOD_NS, 0)
    windows += meter.close(flushed)
    assert windows[-1].end_ns == end * PERIOD_NS
    assert contiguous(windows)
    # In a quarter of a cycle the sampling of the two ends still shows.
    expected = end / 4_000 * 3_450 * math.cos(0.8)
    assert total(windows, 0) * 3.6e-6 == pytest.approx(expected, rel=1e-3 if end >= 80 else 2e-3)
    assert list(meter.close()) == []


def test_after_a_close_the_chain_starts_anew() -> None:
    meter, fresh = chain(), chain()
    fed(meter, WAVE[:, :2_345])
    meter.close()
    again, first = fed(meter, WAVE), fed(fresh, WAVE)
    assert [window.start_ns for window in again] == pytest.approx([window.start_ns for window in first], abs=50_000)
    assert again[0].start_ns == 0
    assert again[-1].live.total.active_uw == pytest.approx(first[-1].live.total.active_uw, rel=1e-5)


def test_a_power_fail_inside_the_negative_part_of_a_cycle_counts_no_export() -> None:
    load = Load(lag=math.acos(0.3))
    silent = Load(volts=0.0, amperes=0.0)
    samples = Wave(50.0, (load, silent, silent)).samples(0, 2_400)
    for end in range(1_700, 1_790, 7):
        meter = chain(wiring=Wiring.SINGLE_PHASE)
        windows = fed(meter, samples[:, :end], 400) + list(meter.close())
        assert total(windows, 1) == 0
        assert all(energy >= 0 for window in windows for energy in window.increment.energies)


def test_lost_samples_leave_a_gap_in_which_nothing_is_invented() -> None:
    meter = chain()
    windows = list(meter.feed(SampleBlock(WAVE[:, :1_000], 0, 1_000 * PERIOD_NS, 0)))
    after = SampleBlock(WAVE[:, 1_800:3_800], 1_800, 3_800 * PERIOD_NS, 800)
    windows += meter.feed(after)
    windows += meter.close()
    gaps = [
        (before.end_ns, behind.start_ns) for before, behind in pairwise(windows) if before.end_ns != behind.start_ns
    ]
    assert gaps == [(1_000 * PERIOD_NS, 1_800 * PERIOD_NS)]
    assert total(windows, 0) * 3.6e-6 == pytest.approx(3_000 / 4_000 * 3_450 * math.cos(0.8), rel=1e-3)


@pytest.mark.parametrize(("share", "counts"), [(1.02, True), (0.98, False)])
def test_nothing_creeps_below_the_starting_threshold(share: float, counts: bool) -> None:
    start_w = 3.45
    load = Load(amperes=start_w * share / 690)
    windows = fed(chain(3_450_000), Wave(50.03, balanced(load)).samples(0, 12_000))[1:]
    assert all((window.increment.energies[0] > 0) is counts for window in windows)
    assert all((window.increment.energies[6] > 0) is counts for window in windows)
    assert all(energy == 0 for window in windows for energy in window.increment.energies[1:6])


def test_apparent_energy_goes_on_where_active_and_reactive_power_cancel() -> None:
    """Two currents exchanged: at 120 degrees to their voltages, one each way, and the third at none."""
    third = 2 * math.pi / 3
    phases = [Load(lag=third), Load(lag=-third), Load()]
    waves = [balanced(load)[element] for element, load in enumerate(phases)]
    windows = fed(chain(), Wave(50.03, waves).samples(0, 8_000))[1:]
    assert all(abs(window.live.total.active_uw) < 1_000_000 for window in windows)
    length_s = (windows[-1].end_ns - windows[0].start_ns) * 1e-9
    assert total(windows, 6) == pytest.approx(3 * 230 * Load().amperes * length_s / 3_600 * 1e9, rel=1e-4)
    assert [kind for kind in range(8) if total(windows, kind)] == [6]


def test_a_purely_reactive_load_counts_no_active_energy() -> None:
    windows = fed(chain(), Wave(50.03, balanced(Load(lag=-math.pi / 2))).samples(0, 8_000))[1:]
    kinds = [total(windows, kind) for kind in range(8)]
    assert [kind for kind in range(8) if kinds[kind]] == [5, 6]


def test_a_single_phase_of_noise_has_a_power_factor() -> None:
    noise = np.random.default_rng(1).integers(-3, 4, (7, 3_000), dtype=np.int32)
    for window in fed(chain(), noise):
        for values in (*window.live.phases, window.live.total):
            assert -(10**6) <= power_factor_ppm(values) <= 10**6
        assert window.increment.energies == (0,) * 8


def test_samples_may_be_read_only_and_strided() -> None:
    strided = np.zeros((7, 1_600), np.int32)
    strided[:, ::2] = WAVE[:, :800]
    view = strided[:, ::2]
    view.flags.writeable = False
    one, other = chain(), chain()
    first = one.feed(SampleBlock(view, 0, 800 * PERIOD_NS, 0))
    assert [w.increment for w in first] == [
        w.increment for w in other.feed(SampleBlock(WAVE[:, :800], 0, 800 * PERIOD_NS, 0))
    ]


@pytest.mark.parametrize("samples", [np.zeros((6, 8), np.int32), np.zeros((7, 8), np.int64), np.zeros(7, np.int32)])
def test_refuses_other_blocks(samples: NDArray[np.int32]) -> None:
    with pytest.raises(ValueError, match="samples: int32 of shape"):
        chain().feed(SampleBlock(samples, 0, 0, 0))


def test_refuses_other_rates_and_frequencies() -> None:
    with pytest.raises(ValueError, match="rate_hz"):
        SampledChain(replace(SCALE, rate_hz=1_000), Wiring.SINGLE_PHASE, 50_000_000, 230_000_000, 0)
    with pytest.raises(ValueError, match="nominal_frequency_uhz"):
        SampledChain(SCALE, Wiring.SINGLE_PHASE, 16_700_000, 230_000_000, 0)
