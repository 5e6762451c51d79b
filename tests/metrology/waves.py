"""Synthetic waves by floats, sample by sample: the tests' own generator, which shares nothing with the firmware."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hal.frontend import SampleBlock, SampleScale

SCALE = SampleScale(voltage_peak_uv=460_000_000, current_peak_na=20_000_000_000, rate_hz=4_000)
FULL = 1 << 23


@dataclass(frozen=True)
class Load:
    """One element: Vrms in V, Irms in A of the fundamentals, the angle by which the current lags, and harmonics.

    Harmonics are pairs of order and share of the fundamental, in phase with it at its zero crossing.
    """

    volts: float = 230.0
    amperes: float = 5.0
    lag: float = 0.0
    angle: float = 0.0
    voltage_harmonics: tuple[tuple[int, float], ...] = ()
    current_harmonics: tuple[tuple[int, float], ...] = ()

    @property
    def active_w(self) -> float:
        power = self.volts * self.amperes * math.cos(self.lag)
        currents = dict(self.current_harmonics)
        for order, share in self.voltage_harmonics:
            power += self.volts * self.amperes * share * currents.get(order, 0.0) * math.cos(order * self.lag)
        return power

    @property
    def reactive_var(self) -> float:
        return self.volts * self.amperes * math.sin(self.lag)


@dataclass(frozen=True)
class Wave:
    """Three elements at one frequency, with a DC of each channel in counts."""

    frequency_hz: float
    loads: Sequence[Load]
    scale: SampleScale = SCALE
    offsets: tuple[int, ...] = (0,) * 7
    phase: float = 0.3

    def samples(self, first: int, count: int) -> NDArray[np.int32]:
        block = np.zeros((7, count), np.int32)
        for element, load in enumerate(self.loads):
            volt = load.volts * math.sqrt(2) / (self.scale.voltage_peak_uv * 1e-6) * FULL
            ampere = load.amperes * math.sqrt(2) / (self.scale.current_peak_na * 1e-9) * FULL
            for k in range(count):
                angle = math.tau * self.frequency_hz * (first + k + 1) / self.scale.rate_hz + self.phase - load.angle
                v = math.sin(angle) + sum(share * math.sin(n * angle) for n, share in load.voltage_harmonics)
                lagging = angle - load.lag
                i = math.sin(lagging) + sum(share * math.sin(n * lagging) for n, share in load.current_harmonics)
                block[element, k] = round(volt * v) + self.offsets[element]
                block[element + 3, k] = round(ampere * i) + self.offsets[element + 3]
        block[6] += self.offsets[6]
        return block


def balanced(load: Load) -> tuple[Load, ...]:
    """The same load in three phases, in the sequence 1, 2, 3."""
    return tuple(replace(load, angle=math.tau * k / 3) for k in range(3))


def blocks(
    samples: NDArray[np.int32], sizes: Iterator[int] | int, first: int = 0, rate_hz: int = SCALE.rate_hz
) -> Iterator[SampleBlock]:
    """Cut samples into blocks of the given sizes, with the instants of a front end that started at 0."""
    period_ns = 10**9 // rate_hz
    at = 0
    while at < samples.shape[1]:
        size = sizes if isinstance(sizes, int) else next(sizes)
        part = samples[:, at : at + size]
        at += part.shape[1]
        yield SampleBlock(part, first + at - part.shape[1], (first + at) * period_ns, 0)
