"""The compiled kernels against plain Python, to the bit, and against libm."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.units import TURN
from sim.devices import synthesis
from sim.devices.synthesis import NOISE_DEVIATION, SINE_BITS, TABLE_BITS, add_noise, make_table, synthesize

TABLE = make_table()
ROWS = [tuple(int(value) for value in row) for row in TABLE]
REST_BITS = 48 - TABLE_BITS
SIZE = 40


def clipped(value):
    return min(max(value, -(1 << 23)), (1 << 23) - 1)


def looked_up(phase):
    entry, rest = divmod(phase % TURN, 1 << REST_BITS)
    sine, step, cosine, cosine_step = ROWS[entry]
    return sine + (step * rest >> REST_BITS), cosine + (cosine_step * rest >> REST_BITS)


def reference_synthesis(first, end, start, channels, orders, tones):
    """One row a channel, of the columns from `first` on."""
    phase, remainder, step, step_remainder, divisor = start
    rows = [[] for _ in channels]
    for k in range(end - first):
        # The phase in closed form: the kernel's accumulation of remainders must not lose anything.
        now = (phase + k * step + (remainder + k * step_remainder) // divisor) % TURN
        for channel, (a, b, shift, offset) in enumerate(channels):
            sine, cosine = looked_up(now)
            value = offset + a * sine + b * cosine
            for order, begin, until in orders:
                sine, cosine = looked_up(order * now)
                for owner, c, d in tones[begin:until]:
                    if owner == channel:
                        value += c * sine + d * cosine
            rows[channel].append(clipped(value >> shift))
    return rows


def reference_noise(number, keys, scale):
    word = 0xFFFF_FFFF
    total = -4 * 0xFFFF
    for key in keys:
        x = (number & word) ^ key ^ ((number >> 32) * 0x6C8E_9CF5 & word)
        x = (x ^ x >> 16) * 0x5A2F_1D35 & word
        x = (x ^ x >> 15) * 0x6C8E_9CF5 & word
        x = ((x ^ x >> 16) * 0x5A2F_1D35 + key) & word
        x ^= x >> 15
        total += 2 * ((x & 0xFFFF) + (x >> 16))
    return (total * scale + (1 << 31)) >> 32


@st.composite
def jobs(draw):
    first = draw(st.integers(0, SIZE))
    end = draw(st.integers(first, SIZE))
    divisor = draw(st.integers(1, 9) | st.integers(1, (1 << 62) - 1))
    start = (
        draw(st.integers(0, TURN - 1)),
        draw(st.integers(0, divisor - 1)),
        draw(st.integers(0, TURN - 1)),
        draw(st.integers(0, divisor - 1)),
        divisor,
    )
    part = st.integers(-(1 << 29), 1 << 29)
    shift = draw(st.integers(30, 60))
    channels = [
        (draw(part), draw(part), shift, draw(st.integers(-(1 << 60), 1 << 60))) for _ in range(draw(st.integers(1, 7)))
    ]
    orders, tones = [], []
    for order in draw(st.lists(st.integers(2, 100), max_size=3, unique=True)):
        begin = len(tones)
        tones += [
            (channel, draw(part) >> 2, draw(part) >> 2) for channel in range(len(channels)) if draw(st.booleans())
        ]
        orders.append((order, begin, len(tones)))
    return first, end, start, channels, orders, tones


def synthesized(first, end, start, channels, orders, tones, scratch=None):
    samples = np.full((len(channels), SIZE), 77, dtype=np.int32)
    synthesize(
        samples,
        first,
        end,
        np.array(start, dtype=np.int64),
        np.array(channels, dtype=np.int64),
        np.array(orders, dtype=np.int64).reshape(-1, 3),
        np.array(tones, dtype=np.int64).reshape(-1, 3),
        TABLE,
        np.zeros((3 + len(channels), SIZE), dtype=np.int64) if scratch is None else scratch,
    )
    return samples


@settings(max_examples=150)
@given(jobs())
def test_synthesis_agrees_with_plain_python_to_the_bit(job):
    first, end, *_ = job
    samples = synthesized(*job)
    assert samples[:, first:end].tolist() == reference_synthesis(*job)
    assert (samples[:, :first] == 77).all()
    assert (samples[:, end:] == 77).all()


@given(jobs())
def test_phases_lose_no_remainder(job):
    first, end, (phase, remainder, step, step_remainder, divisor), channels, *_ = job
    scratch = np.zeros((3 + len(channels), SIZE), dtype=np.int64)
    synthesized(*job, scratch=scratch)
    for k, found in enumerate(scratch[0, : end - first].tolist()):
        assert found == (phase + k * step + (remainder + k * step_remainder) // divisor) % TURN


@settings(max_examples=100)
@given(
    st.lists(st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=2), min_size=1, max_size=7),
    st.integers(0, 2**62),
    st.integers(0, 2**44),
    st.integers(0, SIZE),
)
def test_noise_agrees_with_plain_python_to_the_bit(keys, number, scale, first):
    samples = np.full((len(keys), SIZE), 1000, dtype=np.int32)
    scales = np.array([scale] * (len(keys) - 1) + [0], dtype=np.int64)
    add_noise(samples, first, SIZE, number, np.array(keys, dtype=np.int64), scales)
    for row, own, own_scale in zip(samples.tolist(), keys, scales.tolist(), strict=True):
        expected = [1000] * first
        expected += [clipped(1000 + reference_noise(number + k, own, own_scale)) for k in range(SIZE - first)]
        assert row == expected


@pytest.mark.parametrize("kernel", ["synthesize", "add_noise"])
def test_kernels_are_the_same_without_compilation(kernel, monkeypatch):
    """What NUMBA_DISABLE_JIT=1 would run, warnings being errors."""
    job = (
        3,
        37,
        (TURN - 5, 12, 3_518_437_208_883, 11, 13),
        [(1 << 29, -(1 << 29), 36, 1 << 35)] * 2,
        [(5, 0, 1)],
        [(1, 9, 9)],
    )
    compiled = synthesized(*job)
    keys = np.array([[2**31 - 1, 5], [7, 2**31 - 2]], dtype=np.int64)
    scales = np.array([1 << 30, 1 << 20], dtype=np.int64)
    add_noise(compiled, 3, 37, 2**40 - 9, keys, scales)
    for name in ("_step", "_look_up", "synthesize", "add_noise"):
        function = getattr(synthesis, name)
        monkeypatch.setattr(synthesis, name, getattr(function, "py_func", function))
    monkeypatch.setitem(globals(), "synthesize", synthesis.synthesize)
    with np.errstate(all="raise"):
        plain = synthesized(*job)
        synthesis.add_noise(plain, 3, 37, 2**40 - 9, keys, scales)
    assert plain.tolist() == compiled.tolist()


def test_the_table_is_that_of_libm():
    k = np.arange(1 << TABLE_BITS)
    angle = 2 * math.pi * k / (1 << TABLE_BITS)
    scale = 1 << SINE_BITS
    assert np.abs(TABLE[:, 0] - np.sin(angle) * scale).max() < 0.51
    assert np.abs(TABLE[:, 2] - np.cos(angle) * scale).max() < 0.51
    for column in (0, 2):
        assert (TABLE[:, column] + TABLE[:, column + 1] == np.roll(TABLE[:, column], -1)).all()


@given(st.integers(0, TURN - 1))
def test_interpolation_errs_by_less_than_2e_8(phase):
    sine, cosine = looked_up(phase)
    radians = 2 * math.pi * phase / TURN
    assert sine / (1 << SINE_BITS) == pytest.approx(math.sin(radians), abs=2e-8)
    assert cosine / (1 << SINE_BITS) == pytest.approx(math.cos(radians), abs=2e-8)


def test_noise_is_white_and_has_the_rms_it_was_given():
    count = 50_000
    samples = np.zeros((2, count), dtype=np.int32)
    scale = (40 << 32) // NOISE_DEVIATION
    keys = np.array([[123_456_789, 987_654_321], [55_555, 2_000_000_011]], dtype=np.int64)
    add_noise(samples, 0, count, 0, keys, np.array([scale, scale], dtype=np.int64))
    noise = samples.astype(float)
    assert noise.std(axis=1) == pytest.approx([40, 40], rel=0.02)
    assert np.abs(noise.mean(axis=1)).max() < 5 * 40 / math.sqrt(count)
    limit = 5 / math.sqrt(count)
    assert abs(np.corrcoef(noise)[0, 1]) < limit
    for row in noise:
        for lag in (1, 2, 80, 4096):
            assert abs(np.corrcoef(row[:-lag], row[lag:])[0, 1]) < limit
