"""The dip and swell unit of a metering IC: rms values of a cycle, renewed each half cycle, held against two levels.

As the ADE9000 (UG-1098, "Dip/Swell Indication"): the rms value of a cycle, renewed each half cycle, is compared with
DIP_LVL and SWELL_LVL, and the lowest or highest one of an event is kept. That part has no clock: an external timer
captures the instants from its event pin, which is why they are monotonic here.

Voltages are piecewise stationary, so all follows in closed form. A change is in the values of the half cycle in which
it falls and of the next two; only these are looked at, and nothing wakes else. Half cycles are cut at the zero
crossings of the element's own fundamental; without a voltage, where they would be. Products of two harmonics, whose
share in a cut half cycle is not null, are left out.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from math import isqrt
from typing import Final

from hal.frontend import Excursion, ExcursionKind, ExcursionLimits
from hal.units import TURN
from sim.physics.angle import COSINE_BITS, PI_Q128, sine
from sim.physics.mains import Mains
from sim.physics.waves import MILLION, SILENT, Segment, Wave
from sim.world import Phase, World

QUEUE: Final = 16
"""Excursions that have ended and wait to be read."""

_HALF: Final = TURN // 2
_UHZ_NS: Final = 10**15
"""Micro-hertz by nanoseconds in a turn."""
_TOUCHED: Final = 3
"""Half cycles that see a change: the one in which it falls, the next, and the one whose cycle begins after it."""
_INSTANT_NS: Final = 2
_PI_SHIFT: Final = 128 - COSINE_BITS


class HalfCycleUnit:
    """Follows the elements' voltages. `told` is called when an excursion begins or ends."""

    def __init__(self, world: World, mains: Mains, mono: Callable[[], int], told: Callable[[], None]) -> None:
        self._world = world
        self._mains = mains
        self._mono = mono
        self._told = told
        self._elements: list[_Element] = []
        self._ended: deque[Excursion] = deque(maxlen=QUEUE)

    @property
    def watching(self) -> bool:
        return bool(self._elements)

    def begin(self, limits: ExcursionLimits, elements: tuple[int, ...], segment: Segment) -> None:
        """Watch anew; the first value is that of the first whole cycle."""
        self.end()
        for number in elements:
            element = _Element(number, limits, segment.voltages[number], segment.frequency_uhz)
            self._elements.append(element)
            element.anew(self._world.now, self._phase())
            self._arm(element)

    def end(self) -> None:
        """Nothing is watched any more, and what waited to be read is gone."""
        for element in self._elements:
            element.token += 1
        self._elements = []
        self._ended.clear()

    def change(self, segment: Segment) -> None:
        """The elements see other mains from now on."""
        now = self._world.now
        for element in self._elements:
            if element.sees(segment):
                if element.touched and element.due_ns is not None and element.due_ns <= now + _INSTANT_NS:
                    # A half cycle ends with the change.
                    self._crossed(element, element.token)
                element.change(now, self._phase(), segment)
                self._arm(element)

    def read(self) -> tuple[Excursion, ...]:
        """Those that have ended, once, then those that go on."""
        ended = tuple(self._ended)
        self._ended.clear()
        return ended + tuple(element.running for element in self._elements if element.running is not None)

    def _phase(self) -> int:
        return self._mains.phase(self._world.now)

    def _arm(self, element: "_Element") -> None:
        element.token += 1
        element.due_ns = instant = element.next_ns(self._world.now, self._phase())
        if instant is not None:
            self._world.at(instant, Phase.DEVICES, partial(self._crossed, element, element.token))

    def _crossed(self, element: "_Element", token: int) -> None:
        """A half cycle ends."""
        if token != element.token:
            return
        before = element.running
        ended = element.close(self._world.now, self._phase(), self._mono())
        if ended is not None:
            self._ended.append(ended)
        if ended is not None or (before is None and element.running is not None):
            self._told()
        if element.touched:
            self._arm(element)


class _Element:
    """One element's sums of squares, in uV**2 * ns."""

    def __init__(self, number: int, limits: ExcursionLimits, wave: Wave, frequency_uhz: int) -> None:
        self._number = number
        self._limits = limits
        self._wave = wave
        self._angle = wave.angle
        self._frequency_uhz = frequency_uhz
        self.running: Excursion | None = None
        self.touched = 0
        """Half cycles still to be looked at; with none, what the last one said holds on."""
        self.token = 0
        self.due_ns: int | None = None
        """When the half cycle under way ends, if somebody looks."""
        self._blind = 0
        self._at = (0, 0)
        """True ns, and the mains' phase, up to which the half cycle under way is summed."""
        self._half = (0, 0)
        """Its sum and ns."""
        self._last = (0, 0)
        """Those of the half cycle before."""

    def anew(self, now_ns: int, phase: int) -> None:
        self._at = (now_ns, phase)
        self._half = (0, 0)
        self.touched = _TOUCHED
        # What is cut off at the front, and the first whole half cycle.
        self._blind = 2

    def sees(self, segment: Segment) -> bool:
        return segment.voltages[self._number] != self._wave or segment.frequency_uhz != self._frequency_uhz

    def change(self, now_ns: int, phase: int, segment: Segment) -> None:
        if not self.touched and self._frequency_uhz:
            # Since the last crossing, and in the half cycle before it, nothing has changed.
            turned = (phase + self._angle) % _HALF
            since_ns = turned * _UHZ_NS // (self._frequency_uhz * TURN)
            half_ns = _UHZ_NS // (2 * self._frequency_uhz)
            self._last = (half_ns * self._wave.square // MILLION**2, half_ns)
            self._half = (0, 0)
            self._at = (now_ns - since_ns, phase - turned)
        self._sum(now_ns, phase)
        self._wave, self._frequency_uhz = segment.voltages[self._number], segment.frequency_uhz
        if self._wave != SILENT:
            self._angle = self._wave.angle
        self.touched = _TOUCHED

    def next_ns(self, now_ns: int, phase: int) -> int | None:
        """When the half cycle under way ends; None while the mains have no frequency."""
        if not self._frequency_uhz:
            return None
        left = _HALF - (phase + self._angle) % _HALF
        if left * _UHZ_NS <= _INSTANT_NS * self._frequency_uhz * TURN:
            # That crossing is now; phases are rounded.
            left += _HALF
        return now_ns - (-left * _UHZ_NS // (self._frequency_uhz * TURN))

    def close(self, now_ns: int, phase: int, mono_ns: int) -> Excursion | None:
        """End the half cycle; an excursion that ended with it."""
        self._sum(now_ns, phase)
        squares, lasted_ns = (a + b for a, b in zip(self._half, self._last, strict=True))
        self._last, self._half = self._half, (0, 0)
        self.touched -= 1
        if self._blind:
            self._blind -= 1
            return None
        return self._judge(squares, lasted_ns, mono_ns)

    def _judge(self, squares: int, lasted_ns: int, mono_ns: int) -> Excursion | None:
        limits, running = self._limits, self.running

        def below(level_uv: int) -> bool:
            return squares < level_uv * level_uv * lasted_ns

        if running is None:
            kind = ExcursionKind.DIP if below(limits.dip_uv) else ExcursionKind.SWELL
            if kind is ExcursionKind.DIP or not below(limits.swell_uv):
                self.running = Excursion(kind, self._number, mono_ns - lasted_ns, None, _root(squares, lasted_ns))
            return None
        dip = running.kind is ExcursionKind.DIP
        over = not below(limits.dip_uv + limits.hysteresis_uv) if dip else below(limits.swell_uv - limits.hysteresis_uv)
        level_uv = _root(squares, lasted_ns)
        if not over:
            extreme_uv = min(level_uv, running.extreme_uv) if dip else max(level_uv, running.extreme_uv)
            self.running = Excursion(running.kind, self._number, running.begin_ns, None, extreme_uv)
            return None
        self.running = None
        return Excursion(running.kind, self._number, running.begin_ns, mono_ns, running.extreme_uv)

    def _sum(self, now_ns: int, phase: int) -> None:
        """Take the squares up to now into the half cycle under way."""
        since_ns, since = self._at
        passed_ns = now_ns - since_ns
        squares = passed_ns * self._wave.square // MILLION**2
        if self._frequency_uhz and self._wave.rms:
            # sin**2 = (1 - cos 2w) / 2, over the angles from one instant to the other.
            swing = sine(2 * (phase + self._angle) % TURN) - sine(2 * (since + self._angle) % TURN)
            scaled = self._wave.rms**2 * swing * _UHZ_NS << _PI_SHIFT
            squares -= scaled // (4 * PI_Q128 * self._frequency_uhz)
        self._half = (self._half[0] + squares, self._half[1] + passed_ns)
        self._at = (now_ns, phase)


def _root(squares: int, lasted_ns: int) -> int:
    return isqrt(max(squares, 0) // lasted_ns)
