"""Fundamentals, angles, distortion, harmonics and unbalance: closed-form waves against float64, and both boards."""

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.metrology.instrumentation import Instrumentation
from firmware.metrology.unbalance import current_unbalance, voltage_unbalance
from hal.frontend import ElementWaves, LiveValues, PhaseValues, Waves, Wiring
from hal.units import TURN
from sim.physics.waves import SILENT, Harmonic, Segment, Wave, neutral
from tests.quality.boards import FOUR, Boards, seconds

PPM = 10**6
SHARE = st.integers(1_000, 100_000)
TURNS = st.integers(0, TURN - 1)


def harmonics(orders):
    return st.lists(st.tuples(st.sampled_from(orders), SHARE, TURNS), max_size=5, unique_by=lambda one: one[0]).map(
        lambda found: tuple(Harmonic(*one) for one in found)
    )


def segments(highest):
    """Four wires, voltages not far from a third of a turn apart, each with harmonics of its own."""
    orders = list(range(2, highest + 1))

    def built(volts, amperes, lags, leads, voltage_harmonics, current_harmonics, frequency):
        angles = [(-TURN * n // 3 + lead) % TURN for n, lead in enumerate(leads)]
        u1, u2, u3 = (Wave(*one) for one in zip(volts, angles, voltage_harmonics, strict=True))
        i1, i2, i3 = (
            Wave(rms, (angle - lag) % TURN, own)
            for rms, angle, lag, own in zip(amperes, angles, lags, current_harmonics, strict=True)
        )
        return Segment(frequency, (u1, u2, u3), (i1, i2, i3, neutral((i1, i2, i3))))

    def three(of):
        return st.tuples(of, of, of)

    return st.builds(
        built,
        three(st.integers(180_000_000, 260_000_000)),
        three(st.integers(200_000_000, 5_000_000_000)),
        three(TURNS),
        three(st.integers(-TURN // 30, TURN // 30)),
        three(harmonics(orders)),
        three(harmonics(orders)),
        st.integers(49_500_000, 50_050_000),
    )


def on_both(segment, wiring=FOUR, rate_hz=4_000):
    boards = Boards(wiring, rate_hz)
    boards.demand(0, segment)
    boards.begin(None)
    windows = []
    feed = boards.chain.feed
    boards.chain.feed = lambda block: windows.extend(feed(block))
    boards.run_until(seconds(3.1))
    return boards, windows[-1]


def turned(one, other):
    """By how much two angles differ, in millionths of a degree."""
    return abs((one - other + 180 * PPM) % (360 * PPM) - 180 * PPM)


@settings(max_examples=10, deadline=None)
@given(segments(35))
def test_both_boards_tell_the_same_waves(segment):
    """The converter's DC tracker has not settled to the last count after 3 s: a millionth part or so is left."""
    boards, window = on_both(segment)
    sampled, computed = window.waves, boards.ic.waves()
    assert sampled.neutral_current_na == pytest.approx(computed.neutral_current_na, rel=1e-4, abs=30_000)
    for one, other, volts, amperes in zip(
        sampled.elements, computed.elements, segment.voltages, segment.currents[:3], strict=True
    ):
        assert other.fundamental_uv == volts.rms
        assert one.fundamental_uv == pytest.approx(volts.rms, rel=1e-5)
        assert one.fundamental_na == pytest.approx(amperes.rms, rel=2e-5)
        assert turned(one.voltage_angle_udeg, other.voltage_angle_udeg) < 1_500
        assert turned(one.current_angle_udeg, other.current_angle_udeg) < 1_500
        for mine, its, wave in (
            (one.voltage_thd_ppm, other.voltage_thd_ppm, volts),
            (one.current_thd_ppm, other.current_thd_ppm, amperes),
        ):
            assert its == round(math.hypot(*(harmonic.share_ppm for harmonic in wave.harmonics)))
            # Where there is next to none, rounding and the split samples at the ends make up to 0.6 %.
            assert mine**2 == pytest.approx(its**2, rel=5e-3, abs=4e7)


@pytest.mark.parametrize(("rate_hz", "told"), [(4_000, 36), (8_000, 40)])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_harmonics_are_those_of_the_wave(rate_hz, told, data):
    segment = data.draw(segments(told - 1))
    boards, _ = on_both(segment, rate_hz=rate_hz)
    found = boards.chain.spectrum()
    assert found.channels[0].share_ppm(told) is not None
    highest = min(40, int(0.45 * rate_hz * 1e6 / segment.frequency_uhz + 0.05))
    for channel, wave in enumerate((*segment.voltages, *segment.currents)):
        mine = found.channels[channel]
        if wave.rms < 10_000_000:
            # What three currents leave in the neutral.
            continue
        shares = {harmonic.order: harmonic.share_ppm for harmonic in wave.harmonics}
        assert mine.fundamental == pytest.approx(wave.rms, rel=1e-5)
        for order in range(2, 41):
            if order > highest:
                assert mine.share_ppm(order) is None
            else:
                assert mine.share_ppm(order) == pytest.approx(shares.get(order, 0), abs=20, rel=1e-3)
        assert mine.thd_ppm == pytest.approx(math.hypot(*shares.values()), rel=1e-3, abs=40)


def test_at_a_whole_count_of_samples_harmonics_are_those_of_an_fft():
    """50 Hz and 4 kS/s: ten cycles are 800 samples, and line 10 h of their transform is order h."""
    own = (Harmonic(3, 50_000, TURN // 7), Harmonic(5, 30_000), Harmonic(36, 9_000, TURN // 3))
    voltage = Wave(230_000_000, 0, own)
    segment = Segment(50_000_000, (voltage, SILENT, SILENT), (SILENT,) * 4)
    boards, _ = on_both(segment, Wiring.SINGLE_PHASE)
    samples = []
    feed = boards.chain.feed
    boards.chain.feed = lambda block: (samples.append(block.samples[0].copy()), feed(block))
    boards.run_until(seconds(3.3))
    lines = np.abs(np.fft.rfft(samples[-1].astype(float)))[::10]
    found = boards.chain.spectrum().channels[0]
    for order in range(2, 37):
        assert found.share_ppm(order) == pytest.approx(lines[order] / lines[1] * PPM, abs=3)
    assert boards.chain.spectrum().channels[1] is None


def test_nothing_to_tell_of_before_the_first_whole_window_and_without_a_voltage():
    boards = Boards()
    assert boards.chain.spectrum() is None
    boards.begin(None)
    boards.run_until(seconds(1))
    assert boards.chain.spectrum() is None


# Unbalance


def phasors(volts, wiring=FOUR):
    """What the converter's chain would tell of voltages (complex), and currents that lag them by 30 degrees."""
    first = volts[wiring.elements[0]]
    elements = []
    for number in range(3):
        if number not in wiring.elements:
            elements.append(ElementWaves(0, 0))
            continue
        lead = math.degrees(cmath.phase(volts[number] / first)) % 360
        elements.append(
            ElementWaves(
                round(abs(volts[number]) * PPM),
                round(abs(volts[number]) * 10**7),
                round(lead * PPM) % (360 * PPM),
                30 * PPM,
            )
        )
    return Waves(tuple(elements), 0)


OPERATOR = cmath.exp(1j * math.tau / 3)


@settings(max_examples=100)
@given(
    st.floats(100, 300),
    st.complex_numbers(max_magnitude=0.2),
    st.complex_numbers(max_magnitude=0.2),
)
def test_unbalance_is_what_the_sequences_were_made_of(positive, negative, zero):
    volts = [positive * (OPERATOR.conjugate() ** k + negative * OPERATOR**k + zero) for k in range(3)]
    waves = phasors(volts)
    for found in (voltage_unbalance(waves, FOUR), current_unbalance(waves, FOUR)):
        assert found.negative_ppm == pytest.approx(abs(negative) * PPM, abs=2)
        assert found.zero_ppm == pytest.approx(abs(zero) * PPM, abs=2)


@settings(max_examples=50)
@given(st.floats(100, 300), st.complex_numbers(max_magnitude=0.2))
def test_two_elements_see_the_same_negative_sequence(positive, negative):
    """Line voltages have the ratio of the phase voltages; what is measured are U12 and U32."""
    phases = [positive * (OPERATOR.conjugate() ** k + negative * OPERATOR**k) for k in range(3)]
    volts = [phases[0] - phases[1], 0, phases[2] - phases[1]]
    found = voltage_unbalance(phasors(volts, Wiring.THREE_PHASE_THREE_WIRE), Wiring.THREE_PHASE_THREE_WIRE)
    assert found.negative_ppm == pytest.approx(abs(negative) * PPM, abs=3)
    assert found.zero_ppm is None


def test_a_field_that_turns_the_other_way_is_not_all_unbalance():
    found = voltage_unbalance(phasors([230 * OPERATOR**k for k in range(3)]), FOUR)
    assert found.negative_ppm == 0


def test_what_can_not_be_told_is_absent():
    waves = phasors([230, 230 * OPERATOR.conjugate(), 230 * OPERATOR])
    dark = Waves((waves.elements[0], ElementWaves(0, 0), waves.elements[2]), 0)
    assert voltage_unbalance(dark, FOUR) is None
    assert current_unbalance(dark, FOUR) is None
    assert voltage_unbalance(phasors([230, 0, 0], Wiring.SINGLE_PHASE), Wiring.SINGLE_PHASE) is None
    nothing = PhaseValues(0, 0, 0, 0, 0)
    half = PhaseValues(230_000_000, 5_000_000_000, -575_000_000, 995_929_214, 1_150_000_000)
    told = Instrumentation(FOUR, LiveValues((half, nothing, nothing), half, 50_000_000), waves)
    assert told.power_factors_ppm == (-500_000, 0, 0)
    assert told.power_factor_ppm == -500_000
    assert told.voltage_unbalance.negative_ppm == told.current_unbalance.negative_ppm == 0
