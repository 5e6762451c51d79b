"""The compiled inner loop against the plain-Python reference, to the bit."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.metrology import dsp
from firmware.metrology.wavetable import sine_table
from tests.metrology.reference import TABLE, Reference, Settings
from tests.metrology.waves import Load, Wave, balanced

FULL = 1 << 23
PERIOD = 80 << 16
WAVE = sine_table(dsp.WAVE_BITS, dsp.SINE_BITS)
FOUR_WIRE = Settings(
    filter_shift=3,
    arm_level=100_000 << 8,
    present=200_000**2,
    window_cycles=10,
    blind_samples=800,
    longest=880,
    shortest_period=PERIOD // 2,
    longest_period=PERIOD * 8 // 5,
    elements=(0, 1, 2),
    increment=(1 << 40) // 80,
)


class Compiled:
    """`dsp.measure` with its arrays, as a chain holds them."""

    def __init__(self, config: Settings, offset: int = 0) -> None:
        self.config = np.zeros(dsp.CONFIGS, np.int64)
        self.config[dsp.FILTER_SHIFT] = config.filter_shift
        self.config[dsp.ARM_LEVEL] = config.arm_level
        self.config[dsp.PRESENT] = config.present
        self.config[dsp.WINDOW_CYCLES] = config.window_cycles
        self.config[dsp.BLIND_SAMPLES] = config.blind_samples
        self.config[dsp.LONGEST] = config.longest
        self.config[dsp.SHORTEST_PERIOD] = config.shortest_period
        self.config[dsp.LONGEST_PERIOD] = config.longest_period
        self.config[dsp.IN_USE] = sum(1 << element for element in config.elements)
        self.offsets = np.full(7, offset << 16, np.int64)
        self.track = np.zeros(dsp.TRACKS, np.int64)
        self.sums = np.zeros(dsp.SUMS, np.int64)
        self.rows = np.zeros((dsp.ROWS, 6_000), np.int32)
        self.windows = np.zeros((200, dsp.FIELDS), np.int64)
        dsp.tune(self.track, config.increment, config.elements[0])
        dsp.restart(self.track, self.sums, 0)

    def feed(self, samples: NDArray[np.int32]) -> list[list[int]]:
        count = samples.shape[1]
        self.rows[:7, 1 : count + 1] = samples
        found = dsp.measure(count, self.config, self.offsets, self.track, self.sums, self.rows, WAVE, self.windows)
        rows: list[list[int]] = self.windows[:found].tolist()
        return rows


def reference(config: Settings, samples: NDArray[np.int32], offset: int = 0) -> Reference:
    model = Reference(config, offsets=[offset << 16] * 7)
    for tick in samples.T.tolist():
        model.feed(tick)
    return model


def compiled(
    config: Settings, samples: NDArray[np.int32], sizes: Iterable[int], offset: int = 0
) -> tuple[list[list[int]], Compiled]:
    kernel = Compiled(config, offset)
    rows: list[list[int]] = []
    at = 0
    for size in sizes:
        if at >= samples.shape[1]:
            break
        rows += kernel.feed(samples[:, at : at + size])
        at += size
    rows += kernel.feed(samples[:, at:]) if at < samples.shape[1] else []
    return rows, kernel


def channel(source: random.Random, count: int, period: float) -> list[int]:
    """A wave, a square wave, noise, bursts, silence or a constant, with a DC, up to full scale."""
    kind = source.choice(("wave", "wave", "square", "noise", "burst", "silence", "constant"))
    amplitude = source.choice((FULL - 1, FULL // 2, 300_000, 20))
    offset = source.choice((0, 0, amplitude // 8))
    shift = source.random()
    values = []
    for k in range(count):
        turn = (k / period + shift) % 1
        value = {
            "wave": amplitude * TABLE[int(turn * 2048)] >> 24,
            "square": amplitude if turn < 0.5 else -amplitude - 1,
            "noise": source.randint(-amplitude, amplitude),
            "burst": (amplitude * TABLE[int(turn * 2048)] >> 24) if k // 300 % 2 else 0,
            "silence": 0,
            "constant": -amplitude,
        }[kind]
        values.append(max(-FULL, min(FULL - 1, value + offset)))
    return values


@st.composite
def captures(draw: st.DrawFn) -> tuple[Settings, NDArray[np.int32], list[int]]:
    # A seed, not a stream: thousands of samples would be more than hypothesis has entropy for.
    source = random.Random(draw(st.integers(0, 1 << 32)))
    count = draw(st.integers(1, 3_000))
    period = draw(st.floats(55, 120))
    samples = np.array([channel(source, count, period) for _ in range(7)], np.int32)
    config = Settings(
        filter_shift=draw(st.integers(2, 4)),
        arm_level=draw(st.integers(0, 1 << 30)),
        present=draw(st.integers(0, 1 << 40)),
        window_cycles=draw(st.sampled_from((10, 12))),
        blind_samples=draw(st.integers(700, 800)),
        longest=draw(st.integers(800, 900)),
        shortest_period=PERIOD // 2,
        longest_period=PERIOD * 8 // 5,
        elements=draw(st.sampled_from(((0, 1, 2), (0, 2), (0,), (2,)))),
        increment=draw(st.integers(1, 1 << 35)),
    )
    sizes = draw(st.lists(st.integers(1, 900), max_size=40))
    return config, samples, sizes


@given(captures())
@settings(max_examples=60)
def test_agrees_with_the_reference_to_the_bit_however_it_is_cut_into_blocks(
    capture: tuple[Settings, NDArray[np.int32], list[int]],
) -> None:
    config, samples, sizes = capture
    model = reference(config, samples)
    rows, kernel = compiled(config, samples, sizes)
    assert rows == model.windows
    rest = dsp.partial(kernel.track, kernel.sums)
    assert rest[: dsp.SUMS] == model.sums
    assert rest[dsp.START] == model.start
    assert rest[dsp.END] == model.tick << 16
    for kind in range(dsp.SUMS):
        assert sum(row[kind] for row in rows) + rest[kind] == model.products[kind]
    assert compiled(config, samples, [samples.shape[1]])[0] == rows


@given(captures())
@settings(max_examples=25)
def test_windows_follow_each_other_and_none_is_too_long(
    capture: tuple[Settings, NDArray[np.int32], list[int]],
) -> None:
    config, samples, sizes = capture
    rows, _ = compiled(config, samples, sizes)
    ends = [-1 << 16] + [row[dsp.END] for row in rows]
    assert [row[dsp.START] for row in rows] == ends[:-1]
    for row in rows:
        assert config.shortest_period <= row[dsp.END] - row[dsp.START] <= config.longest << 16


@pytest.mark.parametrize("offset", [FULL - 1, -FULL])
@pytest.mark.parametrize("period", [80, 10_000])
def test_full_scale_square_waves_after_full_scale_dc_do_not_overflow(offset: int, period: int) -> None:
    square = [-FULL if (k // (period // 2)) % 2 == (0 if offset > 0 else 1) else FULL - 1 for k in range(2_400)]
    samples = np.array([square] * 7, np.int32)
    model = reference(FOUR_WIRE, samples, offset)
    rows, _ = compiled(FOUR_WIRE, samples, [800, 800], offset)
    assert rows == model.windows
    assert max(row[dsp.V2] for row in rows) > 1 << 56


def test_the_table_is_a_sine() -> None:
    assert WAVE.tolist() == TABLE


def capture_digest() -> str:
    """A digest of what two seconds of a dip, a return and noise give."""
    samples = Wave(50.03, balanced(Load(lag=0.7)), offsets=(900, -700, 0, 50, 0, 0, 3)).samples(0, 2_000)
    samples[0, 700:1_500] //= 64
    samples[1, 900:1_300] = 0
    rows, _ = compiled(FOUR_WIRE, samples, [300] * 7)
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_without_the_compiler_the_result_is_the_same_and_nothing_warns() -> None:
    program = "from tests.metrology.test_dsp import capture_digest; print(capture_digest())"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", program],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == capture_digest()
    assert run.stderr == ""
