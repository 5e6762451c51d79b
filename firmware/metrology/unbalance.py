"""Unbalance by symmetrical components of the fundamentals (IEC 61000-4-30, supply voltage unbalance, from memory)."""

import cmath
from collections.abc import Sequence
from dataclasses import dataclass
from math import tau
from typing import Final

from hal.frontend import Waves, Wiring

_MILLION: Final = 10**6
_TURN_UDEG: Final = 360 * _MILLION
_THIRD: Final = cmath.exp(1j * tau / 3)

Phasor = complex


@dataclass(frozen=True, slots=True)
class Unbalance:
    """Negative and zero sequence over the positive one, in ppm; `zero_ppm` is None where no neutral is measured.

    Of a field that turns the other way the sequences change places: the greater counts as the positive one.
    """

    negative_ppm: int
    zero_ppm: int | None


def voltage_unbalance(waves: Waves, wiring: Wiring) -> Unbalance | None:
    """None with a single phase, or while a voltage is missing."""
    phasors = []
    for element in wiring.elements:
        wave = waves.elements[element]
        if wave.voltage_angle_udeg is None:
            return None
        phasors.append(cmath.rect(wave.fundamental_uv, wave.voltage_angle_udeg / _TURN_UDEG * tau))
    if wiring is Wiring.THREE_PHASE_THREE_WIRE:
        # U12 and U32 are measured; the three between the lines sum to nothing.
        first, last = phasors
        phasors = [first, -last, last - first]
    return _unbalance(phasors, wiring)


def current_unbalance(waves: Waves, wiring: Wiring) -> Unbalance | None:
    """None with a single phase, or while a current or its voltage is missing."""
    phasors = []
    for element in wiring.elements:
        wave = waves.elements[element]
        if wave.voltage_angle_udeg is None or wave.current_angle_udeg is None:
            return None
        angle = wave.voltage_angle_udeg - wave.current_angle_udeg
        phasors.append(cmath.rect(wave.fundamental_na, angle / _TURN_UDEG * tau))
    if wiring is Wiring.THREE_PHASE_THREE_WIRE:
        first, last = phasors
        phasors = [first, -first - last, last]
    return _unbalance(phasors, wiring)


def _unbalance(phasors: Sequence[Phasor], wiring: Wiring) -> Unbalance | None:
    if len(phasors) < 3:
        return None
    first, second, third = phasors
    one = abs(first + _THIRD * second + _THIRD.conjugate() * third)
    other = abs(first + _THIRD.conjugate() * second + _THIRD * third)
    positive, negative = max(one, other), min(one, other)
    if not positive:
        return None
    zero = None if wiring is Wiring.THREE_PHASE_THREE_WIRE else round(abs(first + second + third) / positive * _MILLION)
    return Unbalance(round(negative / positive * _MILLION), zero)
