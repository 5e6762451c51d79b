"""Harmonics to the 40th, at the measured frequency, from the samples of 10 or 12 cycles.

For whole cycles in a whole count of samples a discrete Fourier transform of these samples is what IEC 61000-4-7 asks
for. Mains keep to no sample rate: here all orders are fitted together to the samples by least squares, at the frequency
that the window measured, so no order leaks into another. In floats: nobody bills by them, and only who asks pays.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import hypot, tau
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hal.frontend import CHANNELS, FULL_SCALE, SampleScale

ORDERS: Final = 40
"""The highest order that is told."""

_TOLD_BELOW: Final = 0.45
"""Shares of the sample rate: orders up to the one are told, up to the other fitted."""
_FITTED_BELOW: Final = 0.49
_ORDER_SLACK: Final = 0.05
"""At 50 Hz and 4 kS/s the 36th stands at the very limit, and mains that are a little fast do not take it away."""
_PPM: Final = 10**6
_QUIET: Final = 2.0**-16
"""A wave whose fundamental's peak is under that share of full scale is too little to tell of."""


@dataclass(frozen=True, slots=True)
class Harmonics:
    """Of one channel: the fundamental's rms value in uV or nA, each order from 2 to 40 in ppm of it (None for one that
    the sample rate can't tell), and the total harmonic distortion of those that are told, in ppm."""

    fundamental: int
    shares_ppm: tuple[int | None, ...]
    thd_ppm: int

    def share_ppm(self, order: int) -> int | None:
        """Of an order from 2 to 40; ValueError for another."""
        if not 2 <= order <= ORDERS:
            raise ValueError(f"a harmonic's order is 2 to {ORDERS}, not {order}")
        return self.shares_ppm[order - 2]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """One entry for each of `hal.frontend.CHANNELS`; None for one that is not in use, or has nothing to tell of."""

    channels: tuple[Harmonics | None, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples of the channels, int32 of shape (7, n), the mains' frequency over the sample rate, and at how many of the
    newest cycles to look."""

    samples: NDArray[np.int32]
    turns_a_sample: float
    cycles: int


def fitted(stretch: Stretch, scale: SampleScale, elements: tuple[int, ...]) -> Spectrum | None:
    """None while there are less samples than the cycles have."""
    turns = stretch.turns_a_sample
    count = int(stretch.cycles / turns)
    if count > stretch.samples.shape[1]:
        return None
    waves, solution = _fit(count, turns)
    projected = waves.T @ stretch.samples[:, -count:].T.astype(np.float64)
    found = solution @ projected
    told = min(ORDERS, int(_TOLD_BELOW / turns + _ORDER_SLACK))
    used = {*elements, *(element + 3 for element in elements), len(CHANNELS) - 1}
    return Spectrum(
        tuple(
            _harmonics(found[1:, channel], told, scale.voltage_peak_uv if channel < 3 else scale.current_peak_na)
            if channel in used
            else None
            for channel in range(len(CHANNELS))
        )
    )


@lru_cache(maxsize=4)
def _fit(count: int, turns: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A constant, and sines and cosines of each order in turn, over the samples; and what turns sums with them into
    amplitudes."""
    highest = min(int(_FITTED_BELOW / turns), ORDERS)
    angles = np.outer(np.arange(count), np.arange(1, highest + 1)) * (tau * turns)
    waves = np.empty((count, 2 * highest + 1))
    waves[:, 0] = 1
    waves[:, 1::2] = np.sin(angles)
    waves[:, 2::2] = np.cos(angles)
    return waves, np.asarray(np.linalg.inv(waves.T @ waves), np.float64)


def _harmonics(parts: NDArray[np.float64], told: int, peak: int) -> Harmonics | None:
    amplitudes = [hypot(sine, cosine) for sine, cosine in zip(parts[0::2], parts[1::2], strict=True)][:told]
    fundamental = amplitudes[0]
    if fundamental < FULL_SCALE * _QUIET:
        return None
    shares = [amplitude / fundamental for amplitude in amplitudes[1:]]
    told_ppm: list[int | None] = [round(share * _PPM) for share in shares]
    return Harmonics(
        round(fundamental * peak / (FULL_SCALE * 2**0.5)),
        tuple(told_ppm + [None] * (ORDERS - 1 - len(told_ppm))),
        round(hypot(*shares) * _PPM),
    )
