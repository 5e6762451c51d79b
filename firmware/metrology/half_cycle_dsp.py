"""The inner loop of half-cycle voltages: the rms value of a cycle, renewed each half cycle, held against two levels.

`follow` is called once a block, after `dsp.measure`, with the samples that have lost their DC. Each element has half
cycles of its own, cut at instants between two samples: squares are split there as `dsp` splits a window's sums. Values
are mean squares of a cycle in counts; nothing needs a root. All is int64, sign left out:

| step                                             | bits                                     |
|--------------------------------------------------|------------------------------------------|
| sample less its DC, squared                      | 48                                       |
| sum over a cycle, 356 samples at 45 Hz, 16 kS/s  | 48 + 9 = 57                              |
| weights of the cut sample, together at most 2**14| 48 + 14 = 62                             |
| length of a cycle in 2**-16 sample               | 25                                       |
| mean square: quotient, and rest * 2**16          | 57 - 22 + 16 = 51, and 25 + 16 = 41      |

An excursion (IEC 61000-4-30, dips and swells, from memory) begins with the first cycle whose value is below the one
level (or not below the other), and is stamped with that cycle's begin; it ends with the first cycle that is back by the
hysteresis, and is stamped with that cycle's end.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from firmware.metrology.dsp import FRACTION_BITS

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

# A row of `track`, one an element.
NEXT = 0
"""Where the half cycle under way ends, in 2**-16 of a sample; sample k is complete at k * 2**16."""
SINCE = 1
SUM = 2
"""Where it began, and its sum of squares."""
LAST_LENGTH = 3
LAST_SUM = 4
"""Of the half cycle before."""
LAST_SAMPLE = 5
BLIND = 6
"""Half cycles to end before a value is good."""
STATE = 7
"""0, or `DIP`, or `SWELL`."""
BEGIN = 8
EXTREME = 9
IN_USE = 10
TRACKS = 11

# `levels`
DIP_FROM = 0
"""Mean squares: a value below is a dip, one of at least `DIP_OVER` none any more."""
DIP_OVER = 1
SWELL_FROM = 2
SWELL_OVER = 3
HALF = 4
"""The length of a half cycle."""
LEVELS = 5

# A row of `found`.
KIND = 0
ELEMENT = 1
FOUND_BEGIN = 2
FOUND_END = 3
FOUND_EXTREME = 4
FIELDS = 5

DIP = 1
SWELL = 2

_ONE = 1 << FRACTION_BITS
_WEIGHT_BITS = 15
_WEIGHT_SHIFT = 2 * FRACTION_BITS + 1 - _WEIGHT_BITS


@njit(cache=True, nogil=True)
def _judge(instant: int, mean: int, length: int, element: int, levels: Ints, own: Ints, found: Ints) -> int:
    """Hold a cycle's value against the levels; 1 if an excursion ended with it, which is in `found` then."""
    state = own[STATE]
    if state == 0:
        if mean < levels[DIP_FROM]:
            own[STATE] = DIP
        elif mean >= levels[SWELL_FROM]:
            own[STATE] = SWELL
        else:
            return 0
        own[BEGIN] = instant - length
        own[EXTREME] = mean
        return 0
    if state == DIP:
        over = mean >= levels[DIP_OVER]
        worse = mean < own[EXTREME]
    else:
        over = mean < levels[SWELL_OVER]
        worse = mean > own[EXTREME]
    if not over:
        if worse:
            own[EXTREME] = mean
        return 0
    found[KIND] = state
    found[ELEMENT] = element
    found[FOUND_BEGIN] = own[BEGIN]
    found[FOUND_END] = instant
    found[FOUND_EXTREME] = own[EXTREME]
    own[STATE] = 0
    return 1


@njit(cache=True, nogil=True)
def follow(count: int, base: int, levels: Ints, track: Ints, rows: Rows, found: Ints) -> int:
    """Follow the `count` samples in columns 1 to count of `rows`; column k is sample `base` + k.

    How many rows of `found`, int64 of shape (m, 5), it filled: the excursions that ended, element by element. `track`
    is int64 of shape (3, 11), `levels` (5); two excursions of an element end at least a half cycle apart.
    """
    ended = 0
    for element in range(3):
        own = track[element]
        if own[IN_USE] == 0:
            continue
        total = own[SUM]
        column = 1
        while column <= count:
            end = ((own[NEXT] + _ONE - 1) >> FRACTION_BITS) - base
            squares = np.int64(0)
            for k in range(column, min(end, count + 1)):
                v = np.int64(rows[element, k])
                squares += v * v
            total += squares
            if end > count:
                break
            fraction = own[NEXT] - ((base + end - 1) << FRACTION_BITS)
            rest = _ONE - fraction
            v = np.int64(rows[element, end])
            before = np.int64(rows[element, end - 1]) if end > 1 else own[LAST_SAMPLE]
            here = v * v
            weighed = here * ((fraction * fraction) >> _WEIGHT_SHIFT)
            weighed -= before * before * ((rest * rest) >> _WEIGHT_SHIFT)
            part = weighed >> _WEIGHT_BITS
            total += part
            length = own[NEXT] - own[SINCE]
            if own[BLIND] > 0:
                own[BLIND] -= 1
            else:
                cycle = length + own[LAST_LENGTH]
                both = total + own[LAST_SUM]
                whole = both // cycle
                mean = (whole << FRACTION_BITS) + (((both - whole * cycle) << FRACTION_BITS) // cycle)
                ended += _judge(own[NEXT], mean, cycle, element, levels, own, found[ended])
            own[LAST_LENGTH] = length
            own[LAST_SUM] = total
            own[SINCE] = own[NEXT]
            own[NEXT] += levels[HALF]
            total = here - part
            column = end + 1
        own[SUM] = total
        own[LAST_SAMPLE] = rows[element, count]
    return ended
