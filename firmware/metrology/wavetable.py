"""One turn of a sine in integers, computed by integers, so that it is the same table on every machine."""

import numpy as np
from numpy.typing import NDArray

_ONE = 1 << 96
_PI = 3_141592653589793238462643383279502884197 * _ONE // 10**39


def _sine(angle: int) -> int:
    """The sine of an angle of 0 to pi/4 (or a little more), both as shares of 2**96 in radians: Taylor's series."""
    term, total, order = angle, 0, 1
    while term:
        total += term
        term = -(term * angle // _ONE * angle // _ONE) // ((order + 1) * (order + 2))
        order += 2
        if abs(term) <= order:
            break
    return total


def sine_table(index_bits: int, amplitude_bits: int) -> NDArray[np.int64]:
    """A sine of amplitude 2**amplitude_bits at 2**index_bits + 1 equidistant angles of one turn, both ends included."""
    quarter = 1 << (index_bits - 2)
    rising = [
        (_sine(_PI * step // (2 * quarter)) + (_ONE >> (amplitude_bits + 1))) >> (96 - amplitude_bits)
        for step in range(quarter + 1)
    ]
    half = rising + rising[-2::-1]
    return np.array(half + [-value for value in half[1:]], dtype=np.int64)
