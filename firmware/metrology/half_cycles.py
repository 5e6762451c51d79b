"""Dips and swells of a sampled front end: half-cycle values of each element, cut at its voltage's zero crossings.

Crossings are those of the fundamental, as the chain demodulates it: each window says where they were, and the half
cycles go on from there with its frequency. A correction is made little by little, so that a cycle's length stays right
to 1.6 %. What a window in which an excursion began or ended says of phase and frequency is not to be believed: such a
window is left out, which is known one block later; half cycles run on as they were.
"""

from collections import deque
from math import atan2, isqrt, tau
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware.metrology import dsp
from firmware.metrology import half_cycle_dsp as half
from firmware.metrology.window import Window, middle, oscillator
from hal.frontend import FULL_SCALE, Excursion, ExcursionKind, ExcursionLimits, SampleScale
from hal.units import S

QUEUE: Final = 16
"""Excursions that have ended and wait to be read."""

_STEP_SHIFT: Final = 6
"""A half cycle is made longer or shorter by a 64th at the most."""

_HALF_TURN_BITS: Final = dsp.PHASE_BITS + dsp.FRACTION_BITS
"""2**57 is a turn, where an increment in 2**-40 turn a sample meets instants in 2**-17 sample."""

_PRESENT: Final = 8
"""A voltage of an eighth of the level of a dip has crossings to go by."""


class HalfCycles:
    """Follows the voltages of the elements in use."""

    def __init__(self, scale: SampleScale, elements: tuple[int, ...], increment: int, limits: ExcursionLimits) -> None:
        """`increment` is the expected frequency, in 2**-40 of a turn a sample."""
        self._scale = scale
        self._elements = elements
        self._levels = _levels(scale, limits)
        self._levels[half.HALF] = _half_length(increment)
        self._present = int(self._levels[half.DIP_FROM]) // _PRESENT**2
        self._track = np.zeros((3, half.TRACKS), np.int64)
        self._found = np.zeros((3, half.FIELDS), np.int64)
        self._next: int | None = None
        self._aligned = [False, False, False]
        self._last_ns = 0
        self._ended: deque[Excursion] = deque(maxlen=QUEUE)
        self._windows: list[Window] = []
        """To go by, once it is known that no excursion was in them."""
        self._over = [0, 0, 0]
        """Where the last excursion of an element ended."""

    def feed(self, rows: NDArray[np.int32], count: int, first: int, end_ns: int) -> bool:
        """Samples `first` on, in columns 1 to count, the last of them complete at `end_ns`; whether an excursion began
        or ended. After a gap all begins anew."""
        if first != self._next:
            self._restart(first)
        room = 3 * (2 + (count << dsp.FRACTION_BITS) // (int(self._levels[half.HALF]) >> 1))
        if room > self._found.shape[0]:
            self._found = np.zeros((room, half.FIELDS), np.int64)
        before = self._track[:, half.STATE].any()
        ended = half.follow(count, first - 1, self._levels, self._track, rows, self._found)
        self._next = first + count
        self._last_ns = end_ns
        for row in sorted(self._found[:ended].tolist(), key=lambda found: found[half.FOUND_END]):
            self._ended.append(self._excursion(*row))
            self._over[row[half.ELEMENT]] = row[half.FOUND_END]
        for window in self._windows:
            self._go_by(window)
        self._windows.clear()
        return bool(ended or (not before and self._track[:, half.STATE].any()))

    def align(self, window: Window) -> None:
        """Go by a window's zero crossings from the next block on, if it has any."""
        if window.row[dsp.CYCLES]:
            self._windows.append(window)

    def _go_by(self, window: Window) -> None:
        row = window.row
        if self._disturbed(row, row[dsp.REFERENCE]):
            return
        increment = row[dsp.MEASURED]
        self._levels[half.HALF] = _half_length(increment)
        length = row[dsp.END] - row[dsp.START] >> dsp.FRACTION_BITS
        for element in self._elements:
            if row[dsp.V2 + element] >= self._present * length and not self._disturbed(row, element):
                self._align(element, _astray(row, element, increment, int(self._track[element, half.NEXT])))

    def _disturbed(self, row: list[int], element: int) -> bool:
        """Whether an excursion of the element reaches into a window."""
        own = self._track[element]
        return bool(self._over[element] > row[dsp.START] or (own[half.STATE] and own[half.BEGIN] < row[dsp.END]))

    def read(self) -> tuple[Excursion, ...]:
        """Those that have ended, once, then those that go on."""
        ended = tuple(self._ended)
        self._ended.clear()
        running = (self._track[element].tolist() for element in self._elements)
        return ended + tuple(
            self._excursion(own[half.STATE], element, own[half.BEGIN], None, own[half.EXTREME])
            for element, own in zip(self._elements, running, strict=True)
            if own[half.STATE]
        )

    def _restart(self, first: int) -> None:
        self._track[:] = 0
        self._windows.clear()
        self._over = [0, 0, 0]
        self._aligned = [False, False, False]
        begin = (first - 1) << dsp.FRACTION_BITS
        for element in self._elements:
            own = self._track[element]
            own[half.IN_USE] = 1
            own[half.SINCE] = begin
            own[half.NEXT] = begin + self._levels[half.HALF]
            # What is cut off at the front, and the first whole half cycle.
            own[half.BLIND] = 2

    def _align(self, element: int, astray: int) -> None:
        """Move the end of the half cycle under way towards the crossing, which lies `astray` later."""
        own = self._track[element]
        assert self._next is not None
        if self._aligned[element]:
            step = int(self._levels[half.HALF]) >> _STEP_SHIFT
            measured = (self._next - 1) << dsp.FRACTION_BITS
            own[half.NEXT] = max(int(own[half.NEXT]) + min(max(astray, -step), step), measured + 1)
        else:
            self._aligned[element] = True
            # Later rather than sooner: what is sampled already stays in this half cycle.
            own[half.NEXT] += astray if astray >= 0 else astray + self._levels[half.HALF]
            own[half.BLIND] = max(own[half.BLIND], 2)

    def _excursion(self, kind: int, element: int, begin: int, end: int | None, extreme: int) -> Excursion:
        peak = self._scale.voltage_peak_uv
        return Excursion(
            ExcursionKind(kind),
            element,
            self._instant_ns(begin),
            None if end is None else self._instant_ns(end),
            isqrt(max(extreme, 0) * peak * peak) // FULL_SCALE,
        )

    def _instant_ns(self, instant: int) -> int:
        assert self._next is not None
        since = ((self._next - 1) << dsp.FRACTION_BITS) - instant
        return self._last_ns - since * S // (self._scale.rate_hz << dsp.FRACTION_BITS)


def _levels(scale: SampleScale, limits: ExcursionLimits) -> NDArray[np.int64]:
    levels = np.zeros(half.LEVELS, np.int64)
    for place, level_uv in (
        (half.DIP_FROM, limits.dip_uv),
        (half.DIP_OVER, limits.dip_uv + limits.hysteresis_uv),
        (half.SWELL_FROM, limits.swell_uv),
        (half.SWELL_OVER, limits.swell_uv - limits.hysteresis_uv),
    ):
        levels[place] = level_uv * level_uv * FULL_SCALE * FULL_SCALE // scale.voltage_peak_uv**2
    return levels


def _half_length(increment: int) -> int:
    """A half cycle in 2**-16 sample."""
    return (1 << (_HALF_TURN_BITS - 1)) // increment


def _astray(row: list[int], element: int, increment: int, instant: int) -> int:
    """By how much an element's nearest zero crossing lies after an instant, in 2**-16 sample.

    With the oscillator the voltage is `sin(oscillator + d)`, in the middle of the window.
    """
    ahead = atan2(row[dsp.V_COS + element], row[dsp.V_SIN + element]) / tau
    turn = 2 << _HALF_TURN_BITS
    phase = oscillator(row) + round(ahead * turn) + increment * (2 * instant - middle(row))
    beyond = (phase + turn // 4) % (turn // 2) - turn // 4
    return -beyond // (2 * increment)
