"""The sampled chain against waves whose true quantities are known in closed form."""

import math

import numpy as np
import pytest

from firmware.metrology.chain import SampledChain
from firmware.metrology.power_factor import power_factor_ppm
from firmware.metrology.window import Window
from hal.frontend import PhaseValues, SampleScale, Wiring
from tests.metrology.waves import SCALE, Load, Wave, balanced, blocks

TEN_SECONDS = 40_000
FIFTH = ((5, 0.1),)
FIFTH_OF_CURRENT = ((5, 0.4),)
START_POWER_UW = 1_000_000


def chain(wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE, nominal_hz: int = 50) -> SampledChain:
    return SampledChain(SCALE, wiring, nominal_hz * 10**6, 230_000_000, START_POWER_UW)


def measured(wave: Wave, count: int, meter: SampledChain, size: int = 800) -> list[Window]:
    return [window for block in blocks(wave.samples(0, count), size) for window in meter.feed(block)]


def energies(windows: list[Window]) -> list[int]:
    return [sum(kind) for kind in zip(*(window.increment.energies for window in windows), strict=True)]


def seconds(windows: list[Window]) -> float:
    return (windows[-1].end_ns - windows[0].start_ns) / 1e9


@pytest.mark.parametrize("lag", [0.0, math.acos(0.5), -math.acos(0.8)], ids=["pf1", "pf0.5ind", "pf0.8cap"])
@pytest.mark.parametrize("hertz", [49.0, 50.03, 51.0, 60.0])
def test_energy_and_power_with_the_fifth_harmonic(hertz: float, lag: float) -> None:
    loads = balanced(Load(lag=lag, voltage_harmonics=FIFTH, current_harmonics=FIFTH_OF_CURRENT))
    wave = Wave(hertz, loads)
    active_w = sum(load.active_w for load in loads)
    reactive_var = sum(load.reactive_var for load in loads)
    apparent_va = math.hypot(active_w, reactive_var)

    meter = chain(nominal_hz=60 if hertz > 55 else 50)
    windows = measured(wave, TEN_SECONDS, meter)
    for window in windows[1:]:
        total = window.live.total
        assert abs(total.active_uw * 1e-6 - active_w) < 1e-4 * active_w
        assert abs(total.reactive_uvar * 1e-6 - reactive_var) < 1e-4 * apparent_va
        assert abs(window.live.frequency_uhz - hertz * 1e6) < 1_000

    settled = windows[1:]
    imported, exported, q1, q2, q3, q4, _, exported_va = energies(settled)
    assert (imported - exported) * 3.6e-6 == pytest.approx(active_w * seconds(settled), rel=20e-6)
    assert (q1 + q2 - q3 - q4) * 3.6e-6 == pytest.approx(reactive_var * seconds(settled), rel=1e-4, abs=0.01)
    assert exported == q2 == q3 == exported_va == 0
    assert (q1 > 0) == (lag > 0)
    assert (q4 > 0) == (lag < 0)

    windows += meter.close()
    whole = energies(windows)
    assert (whole[0] - whole[1]) * 3.6e-6 == pytest.approx(active_w * TEN_SECONDS / 4_000, rel=40e-6)


@pytest.mark.parametrize("lag", [0.4, math.pi - 0.4, math.pi + 0.4, -0.4], ids=["Q1", "Q2", "Q3", "Q4"])
def test_quadrants_by_the_signs_of_p_and_q(lag: float) -> None:
    loads = balanced(Load(lag=lag))
    windows = measured(Wave(50.0, loads), 6_000, chain())
    names = ("A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-")
    used = {name for name, energy in zip(names, energies(windows), strict=True) if energy}
    quadrant = {0.4: "R1", math.pi - 0.4: "R2", math.pi + 0.4: "R3", -0.4: "R4"}[lag]
    assert used == ({"A+", "S+", quadrant} if math.cos(lag) > 0 else {"A-", "S-", quadrant})
    last = windows[-1].live.total
    assert last.active_uw * 1e-6 == pytest.approx(sum(load.active_w for load in loads), rel=1e-4)
    assert last.reactive_uvar * 1e-6 == pytest.approx(sum(load.reactive_var for load in loads), rel=1e-4)
    assert last.apparent_uva * 1e-6 == pytest.approx(3 * 230 * 5, rel=1e-4)
    assert power_factor_ppm(last) == pytest.approx(math.cos(lag) * 1e6, abs=50)


def test_two_elements_measure_all_of_a_three_wire_load() -> None:
    line, current, lag = 100.0, 2.0, math.acos(0.5)
    # U12 leads U1 by 30 degrees; U32 leads U3 by -30 degrees, and U3 leads U1 by 120.
    first = Load(line, current, lag=lag + math.pi / 6, angle=-math.pi / 6)
    third = Load(line, current, lag=lag - math.pi / 6, angle=-math.pi / 2)
    silent = Load(0.0, 0.0)
    windows = measured(Wave(50.0, (first, silent, third)), 8_000, chain(Wiring.THREE_PHASE_THREE_WIRE))
    live = windows[-1].live
    assert live.total.active_uw * 1e-6 == pytest.approx(math.sqrt(3) * line * current * 0.5, rel=1e-4)
    assert live.total.reactive_uvar * 1e-6 == pytest.approx(math.sqrt(3) * line * current * math.sin(lag), rel=1e-4)
    assert live.phases[1] == PhaseValues(0, 0, 0, 0, 0)


def test_elements_not_in_use_count_nothing() -> None:
    loads = balanced(Load())
    one = measured(Wave(50.0, loads), 4_000, chain(Wiring.SINGLE_PHASE))
    three = measured(Wave(50.0, loads), 4_000, chain())
    assert energies(one)[0] * 3 == pytest.approx(energies(three)[0], rel=1e-3)
    assert one[-1].live.total == one[-1].live.phases[0]


def test_dc_is_taken_out_of_voltage_and_current() -> None:
    loads = balanced(Load(amperes=0.05, lag=1.0))
    offsets = (20_000, -30_000, 5_000, 20_000, 30_000, -9_000, 4_000)
    windows = measured(Wave(50.03, loads, offsets=offsets), 30 * 4_000, chain())
    live = windows[-1].live
    assert live.total.active_uw * 1e-6 == pytest.approx(sum(load.active_w for load in loads), rel=1e-4)
    assert live.total.reactive_uvar * 1e-6 == pytest.approx(sum(load.reactive_var for load in loads), rel=1e-4)
    assert live.phases[0].current_na == pytest.approx(50_000_000, rel=1e-4)
    assert windows[-1].neutral_current_na < 20_000


def test_rms_of_the_neutral() -> None:
    samples = Wave(50.0, balanced(Load(amperes=3.0))).samples(0, 4_000)
    samples[6] = samples[3]
    meter = chain()
    windows = [window for block in blocks(samples, 800) for window in meter.feed(block)]
    assert windows[-1].neutral_current_na == pytest.approx(3_000_000_000, rel=1e-4)


def test_class_0_2_s_at_a_hundredth_of_the_rated_current() -> None:
    loads = balanced(Load(amperes=0.05))
    windows = measured(Wave(49.97, loads), 12_000, chain())
    assert windows[-1].live.total.active_uw * 1e-6 == pytest.approx(sum(load.active_w for load in loads), rel=1e-4)


def test_frequency_comes_from_phase_not_from_crossings_that_noise_moves() -> None:
    """2 % of white noise moves the crossings, and what they give by themselves, by up to 15 mHz."""
    samples = Wave(50.03, balanced(Load())).samples(0, 40_000)
    samples[:3] += np.random.default_rng(5).integers(-200_000, 200_000, (3, 40_000), dtype=np.int32)
    meter = chain()
    windows = [window for block in blocks(samples, 800) for window in meter.feed(block)]
    assert all(abs(window.live.frequency_uhz - 50_030_000) < 5_000 for window in windows[2:])


def test_8_ks() -> None:
    scale = SampleScale(SCALE.voltage_peak_uv, SCALE.current_peak_na, 8_000)
    loads = balanced(Load(lag=1.0))
    meter = SampledChain(scale, Wiring.THREE_PHASE_FOUR_WIRE, 50_000_000, 230_000_000, START_POWER_UW)
    samples = Wave(50.4, loads, scale).samples(0, 12_000)
    windows = [window for block in blocks(samples, 1_600, rate_hz=8_000) for window in meter.feed(block)]
    live = windows[-1].live
    assert live.total.active_uw * 1e-6 == pytest.approx(sum(load.active_w for load in loads), rel=1e-4)
    assert live.total.reactive_uvar * 1e-6 == pytest.approx(sum(load.reactive_var for load in loads), rel=1e-4)
    assert live.frequency_uhz == pytest.approx(50_400_000, abs=1_000)
