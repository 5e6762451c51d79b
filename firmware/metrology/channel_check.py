"""Which channels of a block can't be right: a converter that is stuck or at its stop, or one with a large offset."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hal.frontend import FULL_SCALE

STUCK_FROM = 1
"""Counts. A 24-bit converter is never quiet to the last bit, but an ideal one without a signal: that shows 0."""

OFFSET_FROM = FULL_SCALE // 20
"""Counts of DC that no healthy channel has."""

OFFSET_BITS = 16
"""`offsets` are DC in counts times 2**16, as `dsp.measure` follows it."""


@njit(cache=True, nogil=True)
def faulty_channels(samples: NDArray[np.int32], offsets: NDArray[np.int64], stuck_from: int, offset_from: int) -> int:
    """A bit for each row of `samples` whose values are all the same, that far from 0, or whose DC is that large."""
    found = 0
    for channel in range(samples.shape[0]):
        first = samples[channel, 0]
        if abs(offsets[channel]) >> OFFSET_BITS >= offset_from:
            found |= 1 << channel
        elif abs(first) >= stuck_from:
            same = True
            for k in range(1, samples.shape[1]):
                if samples[channel, k] != first:
                    same = False
                    break
            if same:
                found |= 1 << channel
    return found
