"""Half-cycle voltages: the compiled loop to the bit, the definition in floats, both boards before the same mains."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.metrology import half_cycle_dsp as half
from firmware.metrology.chain import SampledChain
from hal.frontend import Excursion, ExcursionKind, ExcursionLimits, SampleScale, Wiring
from hal.units import MS, S
from sim.physics.overlays import FrequencyForced, Scaled
from sim.physics.service import PowerFactor, Service
from sim.world import Phase
from tests.metrology.waves import blocks
from tests.quality.boards import FOUR, LIMITS, NOMINAL_UV, Boards, seconds

HALF_NS = 10 * MS


# To the bit


def reference(base, levels, track, rows):
    """Sample by sample: what each leaves to the half cycle that it ends, and to the next."""
    found = []
    for element in range(3):
        own = track[element]
        if not own[half.IN_USE]:
            continue
        before = own[half.LAST_SAMPLE]
        for k, sample in enumerate(rows[element][1:], base + 1):
            square = sample * sample
            if own[half.NEXT] > k << 16:
                own[half.SUM] += square
            else:
                f = own[half.NEXT] - ((k - 1) << 16)
                g = (1 << 16) - f
                part = (square * (f * f >> 18) - before * before * (g * g >> 18)) >> 15
                length, total = own[half.NEXT] - own[half.SINCE], own[half.SUM] + part
                cycle, both = length + own[half.LAST_LENGTH], total + own[half.LAST_SUM]
                if own[half.BLIND]:
                    own[half.BLIND] -= 1
                else:
                    found += judged(own, element, cycle, both * 65_536 // cycle, levels)
                own[half.LAST_LENGTH], own[half.LAST_SUM] = length, total
                own[half.SINCE] = own[half.NEXT]
                own[half.NEXT] += levels[half.HALF]
                own[half.SUM] = square - part
            before = sample
        own[half.LAST_SAMPLE] = before
    return found


def judged(own, element, cycle, mean, levels):
    low, low_over, high, high_over = levels[:4]
    if own[half.STATE] == 0:
        if low <= mean < high:
            return []
        own[half.STATE] = half.DIP if mean < low else half.SWELL
        own[half.BEGIN], own[half.EXTREME] = own[half.NEXT] - cycle, mean
        return []
    dip = own[half.STATE] == half.DIP
    if mean < low_over if dip else mean >= high_over:
        own[half.EXTREME] = min(own[half.EXTREME], mean) if dip else max(own[half.EXTREME], mean)
        return []
    ended = [own[half.STATE], element, own[half.BEGIN], own[half.NEXT], own[half.EXTREME]]
    own[half.STATE] = 0
    return [ended]


FULL = 1 << 23
sample = st.integers(-FULL, FULL) | st.integers(-300_000, 300_000)


@settings(max_examples=60)
@given(
    st.data(),
    st.integers(5 << 16, 60 << 16),
    st.lists(st.integers(0, 60), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.integers(0, FULL**2), min_size=4, max_size=4),
)
def test_the_compiled_loop_agrees_with_the_reference(data, length, sizes, used, bounds):
    low, low_over, high_over, high = sorted(bounds)
    levels = np.array([low, low_over, high, high_over, length], np.int64)
    track = np.zeros((3, half.TRACKS), np.int64)
    for element in range(3):
        track[element, half.IN_USE] = used[element]
        track[element, half.NEXT] = length // (element + 1)
        track[element, half.BLIND] = element
    mirror = track.tolist()
    base = 0
    for size in sizes:
        values = [data.draw(st.lists(sample, min_size=size, max_size=size)) for _ in range(3)]
        rows = np.zeros((9, size + 1), np.int32)
        rows[:3, 1:] = values
        found = np.zeros((3 * (size + 2), half.FIELDS), np.int64)
        count = half.follow(size, base, levels, track, rows, found) if size else 0
        assert found[:count].tolist() == (reference(base, levels.tolist(), mirror, rows.tolist()) if size else [])
        assert track.tolist() == mirror
        base += size


# By the definition


SCALE = SampleScale(voltage_peak_uv=600_000_000, current_peak_na=20_000_000_000, rate_hz=4_000)
FINE = 50
"""Points of the reference to a sample."""


def by_definition(volts, fine_hz, crossings, limits):
    """Urms(1/2) from crossing to crossing but one, and what it says of dips and swells."""
    squares = np.concatenate(([0.0], np.cumsum(volts**2))) / fine_hz
    at = np.interp(crossings, np.arange(squares.size) / fine_hz, squares)
    values = np.sqrt((at[2:] - at[:-2]) / (crossings[2:] - crossings[:-2]))
    found, kind, begin, extreme = [], None, 0.0, 0.0
    for value, first, last in zip(values, crossings, crossings[2:], strict=False):
        if kind is None:
            if value < limits.dip_uv / 1e6 or value >= limits.swell_uv / 1e6:
                kind = ExcursionKind.DIP if value < limits.dip_uv / 1e6 else ExcursionKind.SWELL
                begin, extreme = first, value
            continue
        dip = kind is ExcursionKind.DIP
        edge = (limits.dip_uv + limits.hysteresis_uv if dip else limits.swell_uv - limits.hysteresis_uv) / 1e6
        if value >= edge if dip else value < edge:
            found.append((kind, begin, last, extreme))
            kind = None
        else:
            extreme = min(extreme, value) if dip else max(extreme, value)
    return found, values


disturbances = st.lists(
    st.tuples(st.floats(0.1, 0.5), st.floats(0.003, 0.25), st.floats(0, 0.85) | st.floats(1.15, 1.4)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, deadline=None)
@given(disturbances, st.floats(49.5, 50.5))
def test_dips_and_swells_are_those_of_the_definition(steps, frequency):
    """One phase, against float64 and the exact crossings; values near a threshold may fall on either side."""
    end = 1.2 + sum(pause + lasts for pause, lasts, _ in steps) + 0.3
    fine_hz = SCALE.rate_hz * FINE
    times = (np.arange(int(end * fine_hz)) + 0.5) / fine_hz
    shares = np.ones_like(times)
    begin = 1.2
    for pause, lasts, share in steps:
        begin += pause
        shares[(times >= begin) & (times < begin + lasts)] = share
        begin += lasts
    wave = 230 * math.sqrt(2) * shares * np.sin(math.tau * frequency * times + 0.4)
    crossings = (np.arange(math.ceil(0.4 / math.pi), 2 * frequency * end + 0.4 / math.pi) - 0.4 / math.pi) / (
        2 * frequency
    )
    expected, values = by_definition(wave, fine_hz, crossings[crossings < end], LIMITS)
    edges = [(LIMITS.dip_uv + h) / 1e6 for h in (0, LIMITS.hysteresis_uv)]
    edges += [(LIMITS.swell_uv - h) / 1e6 for h in (0, LIMITS.hysteresis_uv)]
    if min(abs(value - edge) for value in values for edge in edges) < 3:
        return
    samples = np.zeros((7, int(end * SCALE.rate_hz)), np.int32)
    taken = np.arange(samples.shape[1]) + 1
    voltage = np.interp(taken / SCALE.rate_hz, times, wave)
    samples[0] = np.round(voltage / 600 * FULL)
    chain = SampledChain(SCALE, Wiring.SINGLE_PHASE, 50_000_000, NOMINAL_UV, 1_000_000)
    chain.watch_excursions(LIMITS)
    for block in blocks(samples, 800):
        chain.feed(block)
    found = [one for one in chain.excursions() if one.end_ns is not None]
    assert [one.kind for one in found] == [kind for kind, *_ in expected]
    for one, (_, began, ended, extreme) in zip(found, expected, strict=True):
        assert one.begin_ns == pytest.approx(began * 1e9, abs=MS // 5)
        assert one.end_ns == pytest.approx(ended * 1e9, abs=MS // 5)
        assert abs((one.extreme_uv / 1e6) ** 2 - extreme**2) < SAMPLE_SQUARE


SAMPLE_SQUARE = 2 * (1.4 * 230) ** 2 / 80 / 2
"""V**2: half a sample's share of a cycle, at its crest, which a step between two samples leaves open."""


# Both boards


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0.3, 0.8),
            st.floats(0.002, 0.3),
            st.integers(0, 860) | st.integers(1_140, 1_400),
            st.sampled_from([(0,), (1,), (0, 2), (0, 1, 2)]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([Wiring.SINGLE_PHASE, Wiring.THREE_PHASE_THREE_WIRE, FOUR]),
    st.integers(49_500_000, 50_500_000),
)
def test_both_boards_tell_the_same(steps, wiring, frequency_uhz):
    """Begins and ends within half a cycle, depths within what a sample leaves open."""
    boards = Boards(wiring)
    boards.mains.demand(Service(wiring, NOMINAL_UV, frequency_uhz).current(10**9, PowerFactor(900_000)))
    boards.begin()
    at = 1.5
    for pause, lasts, permille, phases in steps:
        at += pause
        overlay = Scaled(phases, permille)
        boards.world.at(seconds(at), Phase.WORLD, lambda overlay=overlay: boards.mains.lay(overlay))
        at += lasts
        boards.world.at(seconds(at), Phase.WORLD, lambda overlay=overlay: boards.mains.lift(overlay))
    boards.run_until(seconds(at + 0.7))
    sampled, computed = boards.excursions()
    for found, others in ((sampled, computed), (computed, sampled)):
        for one in found:
            if marginal(one):
                continue
            same = [other for other in others if agree(one, other)]
            assert len(same) == 1, (one, others)


def marginal(one: Excursion) -> bool:
    """So near to the threshold that one sample decides."""
    edge = LIMITS.dip_uv if one.kind is ExcursionKind.DIP else LIMITS.swell_uv
    return abs((one.extreme_uv / 1e6) ** 2 - (edge / 1e6) ** 2) < SAMPLE_SQUARE


def agree(one: Excursion, other: Excursion) -> bool:
    assert one.end_ns is not None
    return (
        (one.kind, one.element) == (other.kind, other.element)
        and other.end_ns is not None
        and abs(one.begin_ns - other.begin_ns) <= HALF_NS + MS
        and abs(one.end_ns - other.end_ns) <= HALF_NS + MS
        and abs(one.extreme_uv**2 - other.extreme_uv**2) < SAMPLE_SQUARE * 10**12
    )


def test_a_dip_is_told_while_it_goes_on_and_once_when_it_has_ended():
    boards = Boards()
    boards.mains.demand(Service(FOUR, NOMINAL_UV).current(10**9, PowerFactor(1_000_000)))
    boards.begin()
    overlay = Scaled((1,), 500)
    boards.world.at(2 * S, Phase.WORLD, lambda: boards.mains.lay(overlay))
    boards.world.at(4 * S, Phase.WORLD, lambda: boards.mains.lift(overlay))
    boards.run_until(3 * S)
    for _ in range(2):
        for found in boards.excursions():
            assert [(one.element, one.end_ns) for one in found] == [(1, None)]
            assert found[0].extreme_uv == pytest.approx(115_000_000, rel=1e-3)
    boards.run_until(5 * S)
    for found in boards.excursions():
        assert found[0].begin_ns == pytest.approx(2 * S, abs=20 * MS)
        assert found[0].end_ns == pytest.approx(4 * S, abs=30 * MS)
    assert boards.excursions() == ([], [])


@pytest.mark.parametrize(("shares", "extreme"), [((800, 915, 925), 184_000_000), ((1_150, 1_085, 1_075), 264_500_000)])
def test_it_is_over_when_the_voltage_is_back_by_the_hysteresis(shares, extreme):
    boards = Boards()
    boards.mains.demand(Service(FOUR, NOMINAL_UV).current(10**9, PowerFactor(1_000_000)))
    boards.begin()
    overlays = [Scaled((0,), share) for share in shares]
    for second, overlay in enumerate(overlays, 2):
        boards.world.at(second * S, Phase.WORLD, lambda overlay=overlay: boards.mains.lay(overlay))
        boards.world.at((second + 1) * S, Phase.WORLD, lambda overlay=overlay: boards.mains.lift(overlay))
    boards.run_until(6 * S)
    for found in boards.excursions():
        assert len(found) == 1
        assert found[0].begin_ns == pytest.approx(2 * S, abs=25 * MS)
        assert found[0].end_ns == pytest.approx(4 * S, abs=35 * MS)
        assert found[0].extreme_uv == pytest.approx(extreme, rel=1e-3)


def test_a_frequency_that_changes_is_no_dip():
    boards = Boards()
    boards.mains.demand(Service(FOUR, NOMINAL_UV).current(10**9, PowerFactor(1_000_000)))
    boards.begin()
    for step, frequency_uhz in enumerate((52_000_000, 48_000_000, 50_500_000)):
        overlay = FrequencyForced(frequency_uhz)
        boards.world.at((2 + 2 * step) * S, Phase.WORLD, lambda overlay=overlay: boards.mains.lay(overlay))
    boards.run_until(9 * S)
    assert boards.excursions() == ([], [])


def test_the_ic_wakes_for_three_half_cycles_after_a_change_and_not_else():
    boards = Boards()
    boards.mains.demand(Service(FOUR, NOMINAL_UV).current(10**9, PowerFactor(1_000_000)))
    boards.ic.watch_excursions(LIMITS)
    boards.run_until(S)
    assert not boards.world._env._queue
    boards.mains.demand(Service(FOUR, NOMINAL_UV).current(2 * 10**9, PowerFactor(1_000_000)))
    assert not boards.world._env._queue, "a current is no voltage"
    boards.mains.lay(Scaled((0,), 950))
    assert boards.world._env._queue
    boards.run_until(2 * S)
    assert not boards.world._env._queue


def test_more_than_the_queue_holds_drops_the_first():
    boards = Boards()
    boards.mains.demand(Service(FOUR, NOMINAL_UV).current(10**9, PowerFactor(1_000_000)))
    boards.begin()
    overlay = Scaled((0,), 300)
    for number in range(20):
        boards.world.at(S + number * S // 5, Phase.WORLD, lambda: boards.mains.lay(overlay))
        boards.world.at(S + number * S // 5 + S // 20, Phase.WORLD, lambda: boards.mains.lift(overlay))
    boards.run_until(6 * S)
    for found in boards.excursions():
        assert len(found) == 16
        assert found[0].begin_ns == pytest.approx(S + 4 * S // 5, abs=40 * MS)
        assert all(one.end_ns < other.begin_ns for one, other in pairwise(found))


def test_limits_that_leave_no_band():
    with pytest.raises(ValueError, match="no band"):
        ExcursionLimits(dip_uv=200, swell_uv=220, hysteresis_uv=10)
