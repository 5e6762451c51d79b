"""The inner loop of the sampled chain: DC removal, zero crossing, and the sums of each window, in integers.

`measure` is called once a block. Everything is int64 (rows hold int32, widened before they are used); in the bits below
the sign is left out, and n is the samples of the longest window, under 2**12 for rates up to 16 kS/s:

| step                                                | bits                                   |
|-----------------------------------------------------|----------------------------------------|
| sample x                                            | 23 (-2**23 to 2**23 - 1)               |
| DC tracker z += (x*2**16 - z) >> 14                 | 23 + 16 = 39; difference and sums 41   |
| x less its DC                                       | 24 (under 2**24)                       |
| low-pass y += (x*2**8 - y) >> s                     | 24 + 8 = 32; the difference 33         |
| fraction of a crossing, y*2**16 / difference        | 32 + 16 = 48                           |
| squares, products, sample times sine (2**24)        | 48                                     |
| sum over a window                                   | 48 + 12 = 60                           |
| weights of the cut sample, together at most 2**14   | 48 + 14 = 62                           |
| instant in 2**-16 sample                            | 58 after 30 years at 4 kS/s            |
| increment, cycles * 2**56 / length, 15 cycles       | 60                                     |
| phase of the oscillator (2**40 is a turn), times 2  | 41                                     |

A window ends at an instant between two samples, a and b. The product curve between them is taken as a straight line
(the trapezoid rule): with b a fraction f after a, the old window gets f**2/2 of b, less (1-f)**2/2 of a. What the old
window does not get of b begins the new one, so that all windows together hold every sample exactly once.

Windows are cut at rising zero crossings of a low-passed reference voltage, after 10 (at 60 Hz 12) whole cycles, or
fewer if the next would make the window too long. A window that did not begin at a crossing ends after its first whole
cycle, so as to find the mains again; where no crossing comes, it ends after a fixed count of samples. A crossing from
which cycles are counted anew must follow 5/16 of a nominal period below the arming level: before that the low-pass has
not settled, and a cycle measured from there would mislead the oscillator for the whole of the next window.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

FRACTION_BITS = 16
SINE_BITS = 24
WAVE_BITS = 11
PHASE_BITS = 40
FILTER_BITS = 8

_OFFSET_BITS = 16
_OFFSET_SHIFT = 14
_ONE = 1 << FRACTION_BITS
_TURN = (1 << PHASE_BITS) - 1
_QUARTER = 1 << (PHASE_BITS - 2)
_STEP_SHIFT = PHASE_BITS - WAVE_BITS
_WEIGHT_BITS = 15
_WEIGHT_SHIFT = 2 * FRACTION_BITS + 1 - _WEIGHT_BITS
_INCREMENT_SHIFT = PHASE_BITS + FRACTION_BITS

ROWS = 9
"""Rows of the scratch block: the seven channels, then sine and cosine. Column 0 is the last sample before the block."""

# Sums of a window: the index of element 0 of each; elements 1 and 2 follow.
V2 = 0
I2 = 3
P = 6
V_SIN = 9
V_COS = 12
I_SIN = 15
I_COS = 18
N2 = 21
SUMS = 22

# After the sums in a row of `windows`.
START = 22
"""Begin and end, in 2**-16 of a sample; sample k is complete at k * 2**16."""
END = 23
CYCLES = 24
"""Whole cycles seen in the window."""
WHOLE = 25
"""1 if it begins and ends at zero crossings, and holds nothing but whole cycles."""
REFERENCE = 26
PHASE = 27
"""Phase of the oscillator at the first whole sample of the window, that sample, and the phase's increment a sample."""
PHASE_AT = 28
INCREMENT = 29
MEASURED = 30
"""The increment that zero crossings of this window give; that of the last one if they give none."""
FIELDS = 31

# `config`
FILTER_SHIFT = 0
ARM_LEVEL = 1
"""The low-passed voltage (in 2**-8 count) must have been below minus this for a rising crossing to count."""
PRESENT = 2
"""Mean square of an element's voltage, in counts, from which on it is present."""
WINDOW_CYCLES = 3
BLIND_SAMPLES = 4
"""Samples after which a window without a crossing ends."""
LONGEST = 5
"""Samples after which any window ends."""
SHORTEST_PERIOD = 6
LONGEST_PERIOD = 7
"""Periods, in 2**-16 sample, that can be the mains'."""
IN_USE = 8
"""Bits of the elements in use."""
CONFIGS = 9

# `track`
_BASE = 0
_FILTERED = 1
_ARMED = 2
"""1 more than the sample in which the voltage fell below the arming level; 0 when it has not."""
_REFERENCE = 3
_START = 4
_SYNC = 5
_CROSSING = 6
_CYCLES = 7
_INCREMENT = 8
_PHASE = 9
_FRACTION = 10
_FIRST_PHASE = 11
_FIRST = 12
TRACKS = 13


def restart(track: Ints, sums: Ints, first: int) -> None:
    """Begin anew with sample `first`: an empty window that starts one sample earlier. Keeps reference and increment."""
    sums[:] = 0
    reference, increment = track[_REFERENCE], track[_INCREMENT]
    track[:] = 0
    track[_REFERENCE], track[_INCREMENT] = reference, increment
    track[_BASE] = first - 1
    track[_START] = (first - 1) << FRACTION_BITS
    track[_CYCLES] = -1
    track[_FIRST_PHASE] = increment
    track[_FIRST] = first


def tune(track: Ints, increment: int, reference: int) -> None:
    """Set the oscillator's increment a sample, in 2**-40 of a turn, and the element in which to look for crossings."""
    track[_INCREMENT] = increment
    track[_REFERENCE] = reference


def partial(track: Ints, sums: Ints) -> list[int]:
    """The window so far, to the end of the last sample, as a row of `windows`."""
    row = [*sums.tolist(), *([0] * (FIELDS - SUMS))]
    row[START] = int(track[_START])
    row[END] = int(track[_BASE]) << FRACTION_BITS
    row[CYCLES] = max(int(track[_CYCLES]), 0)
    row[REFERENCE] = int(track[_REFERENCE])
    row[PHASE] = int(track[_FIRST_PHASE])
    row[PHASE_AT] = int(track[_FIRST])
    row[INCREMENT] = row[MEASURED] = int(track[_INCREMENT])
    return row


@njit(cache=True, nogil=True)
def _remove_offsets(count: int, offsets: Ints, rows: Rows) -> None:
    """Follow the DC of each channel and take it out, in place. Voltage and current are shifted in phase alike.

    What is taken out is the mean of the tracker before and after the sample: with either alone, the mains' own share
    in the tracker would change every amplitude by 2**-15, and every power by 61 millionths.
    """
    shift = _OFFSET_BITS + 1
    rounding = 1 << _OFFSET_BITS
    for element in range(3):
        zv = offsets[element]
        zi = offsets[element + 3]
        for k in range(1, count + 1):
            v = np.int64(rows[element, k])
            i = np.int64(rows[element + 3, k])
            dv = ((v << _OFFSET_BITS) - zv) >> _OFFSET_SHIFT
            di = ((i << _OFFSET_BITS) - zi) >> _OFFSET_SHIFT
            rows[element, k] = v - ((zv + zv + dv + rounding) >> shift)
            rows[element + 3, k] = i - ((zi + zi + di + rounding) >> shift)
            zv += dv
            zi += di
        offsets[element] = zv
        offsets[element + 3] = zi
    z = offsets[6]
    for k in range(1, count + 1):
        n = np.int64(rows[6, k])
        dn = ((n << _OFFSET_BITS) - z) >> _OFFSET_SHIFT
        rows[6, k] = n - ((z + z + dn + rounding) >> shift)
        z += dn
    offsets[6] = z


@njit(cache=True, nogil=True)
def _crossed(crossing: int, settled: bool, config: Ints, track: Ints) -> bool:
    """Count a rising zero crossing; True if the window ends there."""
    period = crossing - track[_CROSSING]
    if track[_CYCLES] >= 0 and period < config[SHORTEST_PERIOD]:
        return False
    track[_CROSSING] = crossing
    if track[_CYCLES] < 0 or period > config[LONGEST_PERIOD]:
        track[_SYNC] = crossing
        track[_CYCLES] = 0 if settled else -1
        return False
    track[_CYCLES] += 1
    if track[_SYNC] != track[_START] or track[_CYCLES] >= config[WINDOW_CYCLES]:
        return True
    next_length = (crossing - track[_START]) // track[_CYCLES] * (track[_CYCLES] + 1)
    return bool(next_length > (config[LONGEST] << FRACTION_BITS))


@njit(cache=True, nogil=True)
def _seek(first: int, count: int, config: Ints, track: Ints, rows: Rows) -> int:
    """Follow the reference voltage from column `first` on; the column in which the window ends, or count + 1.

    The end lies `track[_FRACTION]` of 2**16 after the sample before that column.
    """
    shift = config[FILTER_SHIFT]
    arm = -config[ARM_LEVEL]
    reference = track[_REFERENCE]
    base = track[_BASE]
    y = track[_FILTERED]
    armed = track[_ARMED]
    start = (track[_START] >> FRACTION_BITS) - base
    deadline = start + (config[BLIND_SAMPLES] if track[_CYCLES] < 0 else config[LONGEST])
    end = count + 1
    for k in range(first, count + 1):
        before = y
        y += ((np.int64(rows[reference, k]) << FILTER_BITS) - y) >> shift
        if y < arm:
            if armed == 0:
                armed = base + k + 1
        elif armed != 0 and y >= 0:
            settled = (base + k + 1 - armed) << (FRACTION_BITS + 3) >= 5 * config[SHORTEST_PERIOD]
            armed = 0
            fraction = (-before << FRACTION_BITS) // (y - before)
            if _crossed(((base + k - 1) << FRACTION_BITS) + fraction, settled, config, track):
                track[_FRACTION] = fraction
                end = k
                break
            deadline = start + (config[BLIND_SAMPLES] if track[_CYCLES] < 0 else config[LONGEST])
        if k >= deadline:
            track[_FRACTION] = _ONE
            end = k
            break
    track[_FILTERED] = y
    track[_ARMED] = armed
    return end


@njit(cache=True, nogil=True)
def _sine(phase: np.int64, wave: Ints) -> np.int64:
    """The sine of a phase, of amplitude 2**24, between two entries of the table."""
    index = phase >> _STEP_SHIFT
    share = (phase >> (_STEP_SHIFT - 16)) & 0xFFFF
    low = wave[index]
    return np.int64(low + (((wave[index + 1] - low) * share) >> 16))


@njit(cache=True, nogil=True)
def _oscillate(first: int, end: int, track: Ints, rows: Rows, wave: Ints) -> None:
    """Sine and cosine of the oscillator for the columns from `first` to before `end`."""
    phase = track[_PHASE]
    increment = track[_INCREMENT]
    for k in range(first, end):
        phase = (phase + increment) & _TURN
        rows[7, k] = _sine(phase, wave)
        rows[8, k] = _sine((phase + _QUARTER) & _TURN, wave)
    track[_PHASE] = phase


@njit(cache=True, nogil=True)
def _accumulate(first: int, end: int, rows: Rows, sums: Ints) -> None:
    """Add the columns from `first` to before `end`, whole."""
    for element in range(3):
        v2 = i2 = p = v_sin = v_cos = i_sin = i_cos = np.int64(0)
        for k in range(first, end):
            v = np.int64(rows[element, k])
            i = np.int64(rows[element + 3, k])
            s = np.int64(rows[7, k])
            c = np.int64(rows[8, k])
            v2 += v * v
            i2 += i * i
            p += v * i
            v_sin += v * s
            v_cos += v * c
            i_sin += i * s
            i_cos += i * c
        sums[V2 + element] += v2
        sums[I2 + element] += i2
        sums[P + element] += p
        sums[V_SIN + element] += v_sin
        sums[V_COS + element] += v_cos
        sums[I_SIN + element] += i_sin
        sums[I_COS + element] += i_cos
    n2 = np.int64(0)
    for k in range(first, end):
        n = np.int64(rows[6, k])
        n2 += n * n
    sums[N2] += n2


@njit(cache=True, nogil=True)
def _share(index: int, before: np.int64, here: np.int64, fraction: np.int64, sums: Ints, window: Ints) -> None:
    """End one sum of the window in the sample `here`, and begin the next window with the rest of it."""
    rest = _ONE - fraction
    weighed = here * ((fraction * fraction) >> _WEIGHT_SHIFT) - before * ((rest * rest) >> _WEIGHT_SHIFT)
    part = weighed >> _WEIGHT_BITS
    window[index] = sums[index] + part
    sums[index] = here - part


@njit(cache=True, nogil=True)
def _split(k: int, track: Ints, rows: Rows, sums: Ints, window: Ints) -> None:
    """End every sum of the window in column k."""
    f = track[_FRACTION]
    s = np.int64(rows[7, k])
    c = np.int64(rows[8, k])
    s_before = np.int64(rows[7, k - 1])
    c_before = np.int64(rows[8, k - 1])
    for element in range(3):
        v = np.int64(rows[element, k])
        i = np.int64(rows[element + 3, k])
        v_before = np.int64(rows[element, k - 1])
        i_before = np.int64(rows[element + 3, k - 1])
        _share(V2 + element, v_before * v_before, v * v, f, sums, window)
        _share(I2 + element, i_before * i_before, i * i, f, sums, window)
        _share(P + element, v_before * i_before, v * i, f, sums, window)
        _share(V_SIN + element, v_before * s_before, v * s, f, sums, window)
        _share(V_COS + element, v_before * c_before, v * c, f, sums, window)
        _share(I_SIN + element, i_before * s_before, i * s, f, sums, window)
        _share(I_COS + element, i_before * c_before, i * c, f, sums, window)
    n = np.int64(rows[6, k])
    n_before = np.int64(rows[6, k - 1])
    _share(N2, n_before * n_before, n * n, f, sums, window)


@njit(cache=True, nogil=True)
def _finish(k: int, config: Ints, track: Ints, window: Ints) -> None:
    """Describe the window that ends in column k; tune the oscillator, choose the reference, and begin the next one."""
    end = ((track[_BASE] + k - 1) << FRACTION_BITS) + track[_FRACTION]
    at_crossing = track[_CYCLES] > 0 and track[_CROSSING] == end
    window[START] = track[_START]
    window[END] = end
    window[CYCLES] = max(track[_CYCLES], 0)
    window[WHOLE] = 1 if at_crossing and track[_SYNC] == track[_START] else 0
    window[REFERENCE] = track[_REFERENCE]
    window[PHASE] = track[_FIRST_PHASE]
    window[PHASE_AT] = track[_FIRST]
    window[INCREMENT] = track[_INCREMENT]
    if track[_CYCLES] > 0:
        track[_INCREMENT] = (track[_CYCLES] << _INCREMENT_SHIFT) // (track[_CROSSING] - track[_SYNC])
    window[MEASURED] = track[_INCREMENT]
    track[_START] = end
    track[_SYNC] = end
    track[_CYCLES] = 0 if at_crossing else -1
    track[_FIRST] = track[_BASE] + k
    track[_FIRST_PHASE] = track[_PHASE]
    length = (window[END] - window[START]) >> FRACTION_BITS
    for element in range(3):
        if (config[IN_USE] >> element) & 1 and window[V2 + element] >= config[PRESENT] * length:
            track[_REFERENCE] = element
            break


@njit(cache=True, nogil=True)
def measure(
    count: int, config: Ints, offsets: Ints, track: Ints, sums: Ints, rows: Rows, wave: Ints, windows: Ints
) -> int:
    """Measure the `count` samples that stand in columns 1 to count of `rows`; how many rows of `windows` it filled.

    `rows` is int32 of shape (9, > count), `windows` int64 of shape (m, 31); two windows are never less than
    `SHORTEST_PERIOD` apart. `config`, `offsets` (7), `track`, `sums` and `wave` (2**11 + 1) are int64 vectors.
    """
    _remove_offsets(count, offsets, rows)
    found = 0
    column = 1
    while column <= count:
        end = _seek(column, count, config, track, rows)
        _oscillate(column, min(end, count) + 1, track, rows, wave)
        _accumulate(column, end, rows, sums)
        if end <= count:
            _split(end, track, rows, sums, windows[found])
            _finish(end, config, track, windows[found])
            found += 1
        column = end + 1
    for row in range(ROWS):
        rows[row, 0] = rows[row, count]
    track[_BASE] += count
    return found
