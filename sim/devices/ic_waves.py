"""What a metering IC tells of waves: fundamentals, angles, distortion; in closed form from the stationary mains.

As the ADE9000 does (data sheet: fundamental rms values, VTHD and ITHD, phase angles; no registers for single
harmonics). Distortion is all that is not the fundamental (THD from the total and the fundamental rms, from memory).
"""

from math import isqrt
from typing import Final

from hal.frontend import ElementWaves
from hal.units import TURN
from sim.physics.waves import MILLION, Segment, Wave

_TURN_UDEG: Final = 360 * MILLION


def element_waves(segment: Segment, number: int, first: int, present_uv: int) -> ElementWaves:
    """Of an element in use, `first` being the first of them. Voltages count from `present_uv` on, currents always."""
    voltage, current = segment.voltages[number], segment.currents[number]
    reference = segment.voltages[first]
    there = voltage.rms >= present_uv
    return ElementWaves(
        voltage.rms,
        current.rms,
        _udeg(voltage.angle - reference.angle) if there and reference.rms >= present_uv else None,
        _signed(_udeg(voltage.angle - current.angle)) if there and current.rms else None,
        _distortion_ppm(voltage) if there else None,
        _distortion_ppm(current) if current.rms else None,
    )


def _udeg(angle: int) -> int:
    """An angle in 2**48ths of a turn, from 0 on, in millionths of a degree."""
    return (2 * (angle % TURN) * _TURN_UDEG + TURN) // (2 * TURN) % _TURN_UDEG


def _signed(udeg: int) -> int:
    return udeg - _TURN_UDEG if udeg > _TURN_UDEG // 2 else udeg


def _distortion_ppm(wave: Wave) -> int:
    return (isqrt(4 * sum(harmonic.share_ppm**2 for harmonic in wave.harmonics)) + 1) // 2
