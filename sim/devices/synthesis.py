"""The samples of stationary sine waves, in integers: direct digital synthesis.

A phase accumulator of 2**48 to the turn steps through a table of 2**14 sines and cosines with linear interpolation:
the error of a tone is below 2e-8 of its amplitude at any order. All channels share the mains' phase, so one look-up for
each order serves them all, and each tone is `a sin + b cos`. The accumulator keeps the remainder of its division, so
the phase of a sample does not depend on where synthesis was cut. Nothing leaves int64: phases are masked after each
step, the amplitudes of a channel sum up to less than 2**32, and the table's entries have 30 bits and a sign.

`make_table` takes its sines from `sim.physics.angle`, integer arithmetic of Python's ints, so the table is the same on
every machine.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hal.frontend import FULL_SCALE
from hal.units import TURN
from sim.physics.angle import FINE_BITS, fine_sine

TABLE_BITS: Final = 14
AMPLITUDE_BITS: Final = 32
"""What the amplitudes of the tones of one channel, and its offset, sum up to has at most 32 bits."""
SINE_BITS: Final = 30
"""The table is scaled by 2**30."""

_TURN_BITS: Final = TURN.bit_length() - 1
_MASK: Final = TURN - 1
_REST_BITS: Final = _TURN_BITS - TABLE_BITS
_REST: Final = (1 << _REST_BITS) - 1
_HIGHEST: Final = FULL_SCALE - 1
_LOWEST: Final = -FULL_SCALE

NOISE_DEVIATION: Final = 75_674
"""Twice the standard deviation of a sum of four uniform 16-bit numbers: 2 x 65536 / sqrt(3), rounded down."""

_NOISE_MEAN: Final = 4 * 0xFFFF
_WORD: Final = 0xFFFF_FFFF
_FIRST: Final = 0x5A2F_1D35
_SECOND: Final = 0x6C8E_9CF5


def make_table() -> NDArray[np.int32]:
    """The table, int32 of shape (2**14, 4): sine, step to the next entry's, cosine, step; scaled by 2**30."""
    shift = FINE_BITS - SINE_BITS
    half = 1 << (shift - 1)
    size = 1 << TABLE_BITS
    sines = [(fine_sine(k << _REST_BITS) + half) >> shift for k in range(size)]
    steps = [sines[(k + 1) % size] - sines[k] for k in range(size)]
    quarter = size // 4
    columns = (sines, steps, sines[quarter:] + sines[:quarter], steps[quarter:] + steps[:quarter])
    return np.array(columns, dtype=np.int32).T.copy()


@njit(cache=True, nogil=True)
def _step(count: int, start: NDArray[np.int64], phases: NDArray[np.int64]) -> None:
    """The mains' phase at each sample."""
    phase = start[0]
    remainder = start[1]
    step = start[2]
    step_remainder = start[3]
    divisor = start[4]
    for i in range(count):
        phases[i] = phase
        phase += step
        remainder += step_remainder
        if remainder >= divisor:
            remainder -= divisor
            phase += 1
        phase &= _MASK


@njit(cache=True, nogil=True)
def _look_up(count: int, order: int, table: NDArray[np.int32], scratch: NDArray[np.int64]) -> None:
    """Sines (row 1 of `scratch`) and cosines (row 2) of the phases (row 0) times an order."""
    for i in range(count):
        turned = (order * scratch[0, i]) & _MASK
        k = turned >> _REST_BITS
        rest = turned & _REST
        scratch[1, i] = table[k, 0] + ((np.int64(table[k, 1]) * rest) >> _REST_BITS)
        scratch[2, i] = table[k, 2] + ((np.int64(table[k, 3]) * rest) >> _REST_BITS)


@njit(cache=True, nogil=True)
def synthesize(
    samples: NDArray[np.int32],
    first: int,
    end: int,
    start: NDArray[np.int64],
    channels: NDArray[np.int64],
    orders: NDArray[np.int64],
    tones: NDArray[np.int64],
    table: NDArray[np.int32],
    scratch: NDArray[np.int64],
) -> None:
    """Fill columns `first` to `end` - 1 of `samples`, int32 of shape (channels, n), clipped to 24 bits.

    `start` is (phase, remainder, step, step's remainder, divisor): the phase at the first sample and what each adds,
    in whole 2**48ths of a turn and a remainder by `divisor` < 2**62. `channels` has a row (a, b, shift, offset) for
    each channel; its samples are `(offset + a sin + b cos + harmonics) >> shift`, where sin and cos are scaled by
    2**30; so they are rounded to nearest if there is half a step in the offset. `orders` has a row (order, first tone,
    end of tones) for each harmonic, `tones` a row (channel, a, b) for each sine. `scratch` is int64 of shape
    (3 + channels, n); the phases of the samples stand in its first row afterwards.
    """
    count = end - first
    _step(count, start, scratch[0])
    _look_up(count, 1, table, scratch)
    sines = scratch[1]
    cosines = scratch[2]
    if orders.shape[0] == 0:
        for channel in range(channels.shape[0]):
            a = channels[channel, 0]
            b = channels[channel, 1]
            shift = channels[channel, 2]
            offset = channels[channel, 3]
            row = samples[channel, first:end]
            for i in range(count):
                row[i] = min(max((offset + a * sines[i] + b * cosines[i]) >> shift, _LOWEST), _HIGHEST)
        return
    for channel in range(channels.shape[0]):
        a = channels[channel, 0]
        b = channels[channel, 1]
        offset = channels[channel, 3]
        total = scratch[3 + channel]
        for i in range(count):
            total[i] = offset + a * sines[i] + b * cosines[i]
    for n in range(orders.shape[0]):
        _look_up(count, orders[n, 0], table, scratch)
        for tone in range(orders[n, 1], orders[n, 2]):
            total = scratch[3 + tones[tone, 0]]
            a = tones[tone, 1]
            b = tones[tone, 2]
            for i in range(count):
                total[i] += a * sines[i] + b * cosines[i]
    for channel in range(channels.shape[0]):
        shift = channels[channel, 2]
        total = scratch[3 + channel]
        row = samples[channel, first:end]
        for i in range(count):
            row[i] = min(max(total[i] >> shift, _LOWEST), _HIGHEST)


@njit(cache=True, nogil=True)
def add_noise(
    samples: NDArray[np.int32], first: int, end: int, count: int, keys: NDArray[np.int64], scales: NDArray[np.int64]
) -> None:
    """Add noise to columns `first` to `end` - 1, clipped to 24 bits.

    It depends on a channel's two 31-bit keys, int64 of shape (channels, 2), and on the number of the sample alone,
    which is `count` for column `first`: the number is hashed under each key, and the four 16-bit numbers of that are
    summed.
    `scales[channel]` is the noise's rms value in counts, times 2**32 and divided by `NOISE_DEVIATION`; 0 adds none.
    """
    for channel in range(keys.shape[0]):
        scale = scales[channel]
        if scale == 0:
            continue
        for i in range(first, end):
            number = count + i - first
            total = -_NOISE_MEAN
            for word in range(2):
                key = keys[channel, word]
                x = ((number & _WORD) ^ key ^ (((number >> 32) * _SECOND) & _WORD)) & _WORD
                x = ((x ^ (x >> 16)) * _FIRST) & _WORD
                x = ((x ^ (x >> 15)) * _SECOND) & _WORD
                x = ((x ^ (x >> 16)) * _FIRST + key) & _WORD
                x ^= x >> 15
                total += 2 * ((x & 0xFFFF) + (x >> 16))
            value = samples[channel, i] + ((total * scale + (1 << 31)) >> 32)
            samples[channel, i] = min(max(value, _LOWEST), _HIGHEST)
