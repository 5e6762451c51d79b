"""Powers in closed form against the wave itself, summed up in plain Python."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.frontend import Wiring
from hal.units import TURN
from sim.physics.angle import cosine, sine
from sim.physics.energy import by_kind
from sim.physics.power import element_power, powers
from sim.physics.service import PowerFactor, Service
from sim.physics.waves import Harmonic, Segment, Wave, neutral

angles = st.integers(0, TURN - 1)
harmonics = st.lists(
    st.builds(Harmonic, st.integers(2, 40), st.integers(0, 500_000), angles), max_size=4, unique_by=lambda h: h.order
).map(tuple)


def waves(largest):
    return st.builds(Wave, st.integers(0, largest), angles, harmonics)


def instantaneous(wave, turn):
    """The wave as its docstring has it, at a phase of the mains in turns."""
    own = turn + wave.angle / TURN
    value = math.sin(2 * math.pi * own)
    for h in wave.harmonics:
        value += h.share_ppm / 1e6 * math.sin(2 * math.pi * (h.order * own + h.angle / TURN))
    return math.sqrt(2) * wave.rms * value


@settings(max_examples=60)
@given(waves(400_000_000), waves(100_000_000_000))
def test_powers_are_the_means_of_the_products(voltage, current):
    count = 256  # above twice the highest order: the mean over a cycle is exact
    u = [instantaneous(voltage, k / count) for k in range(count)]
    i = [instantaneous(current, k / count) for k in range(count)]
    power = element_power(voltage, current)
    full = max(voltage.rms * current.rms * 4, 1)
    assert power.active_fw == pytest.approx(sum(a * b for a, b in zip(u, i, strict=True)) / count, abs=1e-11 * full + 1)
    assert power.voltage_uv == pytest.approx(math.sqrt(sum(a * a for a in u) / count), abs=1.01)
    assert power.current_na == pytest.approx(math.sqrt(sum(b * b for b in i) / count), abs=1.01)
    true_s = math.sqrt(sum(a * a for a in u) * sum(b * b for b in i)) / count
    assert power.apparent_fva == pytest.approx(true_s, abs=1e-11 * full + 1)


@given(waves(400_000_000), waves(100_000_000_000))
def test_reactive_power_is_the_fundamentals_and_positive_when_the_current_lags(voltage, current):
    lag = 2 * math.pi * (voltage.angle - current.angle) / TURN
    expected = voltage.rms * current.rms * math.sin(lag)
    assert element_power(voltage, current).reactive_fvar == pytest.approx(
        expected, abs=1 + 1e-11 * voltage.rms * current.rms
    )


@pytest.mark.parametrize("wiring", list(Wiring))
@pytest.mark.parametrize("reverse", [False, True])
def test_a_service_draws_the_power_that_it_is_asked_for(wiring, reverse):
    service = Service(wiring, 230_000_000, reversed_sequence=reverse)
    for active, reactive in ((3_000_000, 1_000_000), (3_000_000, -2_000_000), (-5_000, 7_000), (0, -9), (12, 0)):
        total = powers(service.power(active, reactive), wiring).total
        assert total.active_fw == pytest.approx(active * 10**12, rel=1e-6, abs=10**9)
        assert total.reactive_fvar == pytest.approx(reactive * 10**12, rel=1e-6, abs=10**9)


@pytest.mark.parametrize("wiring", list(Wiring))
@pytest.mark.parametrize("reverse", [False, True])
def test_the_harmonics_of_the_standards_test_add_four_percent(wiring, reverse):
    """IEC 62053-22: 10 % of the fifth in the voltage, 40 % in the current, in phase at the positive zero crossing."""
    pure = Service(wiring, 230_000_000, reversed_sequence=reverse)
    tested = Service(wiring, 230_000_000, 50_000_000, (Harmonic(5, 100_000),), (Harmonic(5, 400_000),), reverse)
    without = powers(pure.current(5_000_000_000), wiring).total
    with_fifth = powers(tested.current(5_000_000_000), wiring).total
    assert with_fifth.active_fw == pytest.approx(without.active_fw * 1.04, rel=1e-9)
    assert with_fifth.reactive_fvar == pytest.approx(without.reactive_fvar, abs=without.active_fw * 1e-9)


@given(st.integers(2, 40), angles, angles, angles, st.booleans())
def test_two_elements_measure_what_three_do(order, voltage_angle, current_angle, lag, reverse):
    """Blondel: without a neutral current two elements measure all power; of a zero sequence there is neither."""
    voltage_harmonics = (Harmonic(order, 300_000, voltage_angle),)
    current_harmonics = (Harmonic(order, 300_000, current_angle),)
    factor = PowerFactor(cosine(lag) * 10**6 >> 40, leading=sine(lag) < 0)

    def total(wiring, voltage_uv):
        service = Service(wiring, voltage_uv, 50_000_000, voltage_harmonics, current_harmonics, reverse)
        return powers(service.current(5_000_000_000, factor), wiring).total

    four = total(Wiring.THREE_PHASE_FOUR_WIRE, 100_000_000)
    three = total(Wiring.THREE_PHASE_THREE_WIRE, 173_205_081)
    if order % 3:
        assert three.active_fw == pytest.approx(four.active_fw, abs=four.apparent_fva * 1e-7)
    assert three.reactive_fvar == pytest.approx(four.reactive_fvar, abs=four.apparent_fva * 1e-7)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("order", range(2, 12))
def test_voltages_between_phases_are_differences_of_phase_voltages(order, reverse):
    harmonics = (Harmonic(order, 300_000, TURN // 11),)
    four = Service(Wiring.THREE_PHASE_FOUR_WIRE, 100_000_000, voltage_harmonics=harmonics, reversed_sequence=reverse)
    three = Service(Wiring.THREE_PHASE_THREE_WIRE, 173_205_081, voltage_harmonics=harmonics, reversed_sequence=reverse)
    u1, u2, u3 = four.idle().voltages
    u12, unused, u32 = three.idle().voltages
    assert unused.rms == 0
    for k in range(17):
        second = instantaneous(u2, k / 17)
        assert instantaneous(u12, k / 17) == pytest.approx(instantaneous(u1, k / 17) - second, abs=10)
        assert instantaneous(u32, k / 17) == pytest.approx(instantaneous(u3, k / 17) - second, abs=10)


@pytest.mark.parametrize("ppm", [1_000_000, 999_999, 800_000, 500_000, 250_000, 0, -500_000, -1_000_000])
@pytest.mark.parametrize("leading", [False, True])
def test_a_power_factor_is_that_of_the_power(ppm, leading):
    service = Service(Wiring.THREE_PHASE_FOUR_WIRE, 230_000_000)
    total = powers(service.current(5_000_000_000, PowerFactor(ppm, leading)), Wiring.THREE_PHASE_FOUR_WIRE).total
    assert total.active_fw * 10**6 == pytest.approx(total.apparent_fva * ppm, abs=total.apparent_fva * 1e-3)
    if abs(ppm) < 10**6:
        assert (total.reactive_fvar < 0) is leading


def test_reactive_power_of_a_power_factor():
    assert PowerFactor(600_000).reactive_of(3_000) == 4_000
    assert PowerFactor(600_000, leading=True).reactive_of(3_000) == -4_000
    with pytest.raises(ValueError, match="power factor of 0"):
        PowerFactor(0).reactive_of(1)
    with pytest.raises(ValueError, match="between -1 and 1"):
        PowerFactor(1_000_001)


@settings(max_examples=60)
@given(*(waves(100_000_000_000) for _ in range(3)))
def test_the_neutral_carries_the_sum(first, second, third):
    back = neutral((first, second, third))
    largest = max(first.rms, second.rms, third.rms)
    if back.rms * 1000 < largest:  # its harmonics are no longer told as shares with the digits to compare
        return
    for k in range(7):
        total = sum(instantaneous(wave, k / 7) for wave in (first, second, third))
        assert instantaneous(back, k / 7) == pytest.approx(total, abs=1e-5 * back.rms + 1e-8 * largest + 30)


def test_one_phase_of_a_service_returns_through_the_neutral():
    drawn = Service(Wiring.THREE_PHASE_FOUR_WIRE, 230_000_000).power(1_000_000, 0, phase=1)
    assert drawn.currents[0].rms == drawn.currents[2].rms == 0
    assert drawn.currents[3] == drawn.currents[1]
    with pytest.raises(ValueError, match="can't hang on L1"):
        Service(Wiring.THREE_PHASE_THREE_WIRE, 100_000_000).power(1, 0, phase=0)
    with pytest.raises(ValueError, match="can't hang on L2"):
        Service(Wiring.SINGLE_PHASE, 100_000_000).power(1, 0, phase=1)
    with pytest.raises(ValueError, match="needs a voltage"):
        Service(Wiring.SINGLE_PHASE, 0).power(1, 0)


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 9))
def test_kinds_follow_the_signs_and_nothing_is_lost(p, q, s):
    a, b, q1, q2, q3, q4, c, d = by_kind(p, q, s)
    assert (a - b, c + d) == (p, s)
    assert q1 + q2 - q3 - q4 == q
    assert bool(q1) == (p >= 0 and q > 0)
    assert bool(q2) == (p < 0 and q > 0)
    assert bool(q3) == (p < 0 and q < 0)
    assert bool(q4) == (p >= 0 and q < 0)


def test_values_that_can_not_be_are_refused():
    with pytest.raises(ValueError, match="order"):
        Harmonic(1, 5)
    with pytest.raises(ValueError, match="negative"):
        Harmonic(2, -5)
    with pytest.raises(ValueError, match="negative"):
        Wave(-1)
    with pytest.raises(ValueError, match="same order"):
        Wave(1, 0, (Harmonic(3, 1), Harmonic(3, 2)))
    with pytest.raises(ValueError, match="frequency"):
        Segment(-1, (Wave(1),) * 3, (Wave(1),) * 4)
