"""What faults lay over the mains: each turns a segment into another, and is undone by being taken away.

`Mains` keeps them apart from what the load wants, and applies them in the order of `Layer`: first the load's switch,
then the grid, the service line, the meter's own wiring and transformers. Within a layer they go in the order in which
they came.
A share of a voltage (`Scaled`) is the grid's own or a voltage transformer's: it says which.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isqrt
from typing import Final, Protocol

from hal.frontend import Wiring
from hal.units import TURN
from sim.physics.angle import COSINE_BITS, angle_of, cosine, sine
from sim.physics.waves import SILENT, Currents, Harmonic, Segment, Voltages, Wave, neutral

_HALF: Final = TURN // 2
_THOUSAND: Final = 1_000
_ADMITTANCE_BITS: Final = 80


class Layer(enum.IntEnum):
    """Where an overlay acts, from the load and the grid to the meter."""

    LOAD = -1
    GRID = 0
    LINES = 1
    NEUTRAL = 2
    WIRING = 3
    TRANSFORMERS = 4


class Overlay(Protocol):
    """One of them. Frozen: equal ones do the same."""

    @property
    def layer(self) -> Layer: ...

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        """The segment with this laid over it."""


@dataclass(frozen=True, slots=True)
class LoadOff:
    """The load is switched off behind the meter: no current flows, the voltages stay."""

    layer: Layer = Layer.LOAD

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        return replace(segment, currents=(SILENT, SILENT, SILENT, SILENT))


@dataclass(frozen=True, slots=True)
class FrequencyForced:
    """The grid runs at another frequency, whatever it should be."""

    frequency_uhz: int
    layer: Layer = Layer.GRID

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        return replace(segment, frequency_uhz=self.frequency_uhz)


@dataclass(frozen=True, slots=True)
class PhasesLost:
    """Voltage and current of some phases (0 is L1) are gone; the neutral carries what is left of the sum."""

    phases: tuple[int, ...]
    layer: Layer = Layer.LINES

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        lost = [phase in self.phases for phase in range(3)]
        if wiring is Wiring.THREE_PHASE_THREE_WIRE and lost[1]:
            # Both voltages are measured against L2.
            lost = [True, True, True]
        u, i = segment.voltages, segment.currents
        voltages: Voltages = (
            SILENT if lost[0] else u[0],
            SILENT if lost[1] else u[1],
            SILENT if lost[2] else u[2],
        )
        left = (SILENT if lost[0] else i[0], SILENT if lost[1] else i[1], SILENT if lost[2] else i[2])
        if left == i[:3] or wiring is Wiring.THREE_PHASE_THREE_WIRE:
            back = i[3]
        else:
            back = neutral(left)
        currents: Currents = (*left, back)
        return Segment(segment.frequency_uhz, voltages, currents)


@dataclass(frozen=True, slots=True)
class Scaled:
    """Voltages of some phases are another share, in thousandths, of what they should be; currents stay.

    A dip of the grid, or a voltage transformer that tells something else. The load counts as one of constant current.
    """

    phases: tuple[int, ...]
    permille: int
    layer: Layer = Layer.GRID

    def __post_init__(self) -> None:
        if self.permille < 0:
            raise ValueError(f"a voltage can't be scaled by {self.permille} thousandths")

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        first, second, third = (
            _scaled(wave, self.permille) if phase in self.phases else wave
            for phase, wave in enumerate(segment.voltages)
        )
        return replace(segment, voltages=(first, second, third))


@dataclass(frozen=True, slots=True)
class NeutralLost:
    """The neutral is broken before the meter: the star point of the loads floats, and no current comes back by it.

    Loads are linear ones between their phase and the star point: what a current and a voltage of the fundamental say.
    Harmonics keep their shares. Only a service of four wires has a neutral to lose.
    """

    layer: Layer = Layer.NEUTRAL

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        if wiring is not Wiring.THREE_PHASE_FOUR_WIRE:
            return segment
        volts = [_vector(wave) for wave in segment.voltages]
        admittances = [
            _quotient(_vector(current), volt) for current, volt in zip(segment.currents[:3], volts, strict=True)
        ]
        whole = (sum(y[0] for y in admittances), sum(y[1] for y in admittances))
        if whole == (0, 0):
            return replace(segment, currents=(*segment.currents[:3], SILENT))
        pulled = [_product(y, volt) for y, volt in zip(admittances, volts, strict=True)]
        star = _quotient((sum(i[0] for i in pulled), sum(i[1] for i in pulled)), whole, bits=0)
        highest = max(wave.rms for wave in segment.voltages)
        if max(abs(star[0]), abs(star[1])) >> COSINE_BITS <= 2 + (highest >> 30):
            # Rounding, and a load that is the same on all phases: the star point stays where it is.
            return replace(segment, currents=(*segment.currents[:3], SILENT))
        shifted = [
            volt if wave.rms == 0 else (volt[0] - star[0], volt[1] - star[1])
            for volt, wave in zip(volts, segment.voltages, strict=True)
        ]
        u1, u2, u3 = (_wave(vector, like) for vector, like in zip(shifted, segment.voltages, strict=True))
        drawn = [_product(y, volt) for y, volt in zip(admittances, shifted, strict=True)]
        i1, i2, i3 = (
            _wave((x >> _ADMITTANCE_BITS, y >> _ADMITTANCE_BITS), like)
            for (x, y), like in zip(drawn, segment.currents[:3], strict=True)
        )
        return Segment(segment.frequency_uhz, (u1, u2, u3), (i1, i2, i3, SILENT))


@dataclass(frozen=True, slots=True)
class SequenceSwapped:
    """Two phases are exchanged before the meter, voltage and current alike: the field turns the other way."""

    layer: Layer = Layer.WIRING

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        u, i = segment.voltages, segment.currents
        if wiring is Wiring.THREE_PHASE_THREE_WIRE:
            return Segment(segment.frequency_uhz, (u[2], u[1], u[0]), (i[2], i[1], i[0], i[3]))
        return Segment(segment.frequency_uhz, (u[0], u[2], u[1]), (i[0], i[2], i[1], i[3]))


@dataclass(frozen=True, slots=True)
class CurrentsCrossed:
    """The current circuits of two phases are exchanged."""

    first: int
    second: int
    layer: Layer = Layer.TRANSFORMERS

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        i = list(segment.currents)
        i[self.first], i[self.second] = i[self.second], i[self.first]
        return replace(segment, currents=(i[0], i[1], i[2], i[3]))


@dataclass(frozen=True, slots=True)
class CurrentsReversed:
    """The current circuits of some phases are connected the wrong way round."""

    phases: tuple[int, ...]
    layer: Layer = Layer.TRANSFORMERS

    def over(self, segment: Segment, wiring: Wiring) -> Segment:
        i1, i2, i3 = (
            _inverted(wave) if phase in self.phases else wave for phase, wave in enumerate(segment.currents[:3])
        )
        return replace(segment, currents=(i1, i2, i3, segment.currents[3]))


def laid_over(segment: Segment, overlays: Sequence[Overlay], wiring: Wiring) -> Segment:
    """A segment with all of these over it."""
    for overlay in sorted(overlays, key=lambda one: one.layer):
        segment = overlay.over(segment, wiring)
    return segment


def _scaled(wave: Wave, permille: int) -> Wave:
    rms = (2 * wave.rms * permille + _THOUSAND) // (2 * _THOUSAND)
    return replace(wave, rms=rms) if rms else SILENT


def _inverted(wave: Wave) -> Wave:
    """Half a turn for the fundamental and for each harmonic, which the fundamental's turn carries along by its
    order."""
    if not wave.rms:
        return wave
    harmonics = tuple(
        Harmonic(harmonic.order, harmonic.share_ppm, (harmonic.angle + _HALF * (1 - harmonic.order)) % TURN)
        for harmonic in wave.harmonics
    )
    return Wave(wave.rms, (wave.angle + _HALF) % TURN, harmonics)


_Vector = tuple[int, int]


def _vector(wave: Wave) -> _Vector:
    """Its fundamental, in its own unit times 2**40."""
    return wave.rms * cosine(wave.angle), wave.rms * sine(wave.angle)


def _wave(vector: _Vector, like: Wave) -> Wave:
    """A wave with this fundamental, and the harmonics of another."""
    x, y = vector
    rms = (isqrt(x * x + y * y) + (1 << (COSINE_BITS - 1))) >> COSINE_BITS
    return Wave(rms, angle_of(y, x), like.harmonics) if rms else SILENT


def _product(a: _Vector, b: _Vector) -> _Vector:
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _quotient(a: _Vector, b: _Vector, bits: int = _ADMITTANCE_BITS) -> _Vector:
    """a / b times 2**bits; nothing by nothing is nothing."""
    square = b[0] * b[0] + b[1] * b[1]
    if not square:
        return 0, 0
    x, y = _product(a, (b[0], -b[1]))
    return (x << bits) // square, (y << bits) // square
