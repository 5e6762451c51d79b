"""Sines and angles in integers, so that they are the same on every machine.

A libm may differ from another in the last bit, and a last bit that is then rounded shows now and then; a year of load
changes asks for some hundred thousand values. Here all is fixed-point arithmetic of Python's ints: a table every 1024th
of a turn, and a short Taylor series in between. Angles are shares of a turn in 2**48ths (`hal.units.TURN`).
"""

from functools import lru_cache
from typing import Final

from hal.units import TURN

COSINE_BITS: Final = 40
"""`cosine` and `sine` are scaled by 2**40."""

FINE_BITS: Final = 62
"""`fine_sine` is scaled by 2**62; its error is below 2**-56."""

PI_Q128: Final = 0x3_243F6A88_85A308D3_13198A2E_03707344
"""pi x 2**128, cut off."""

_Q: Final = 64
_ONE: Final = 1 << _Q
_TURN_BITS: Final = TURN.bit_length() - 1
_COARSE_BITS: Final = 10
_COARSE: Final = 1 << _COARSE_BITS
_REST_BITS: Final = _TURN_BITS - _COARSE_BITS
_REST: Final = (1 << _REST_BITS) - 1
_TWO_PI_Q64: Final = PI_Q128 >> (127 - _Q)
_TURNS_A_RADIAN_Q64: Final = (1 << (_Q + 127)) // PI_Q128
_ATAN_STEPS: Final = 64


def _series_sine(radians_q128: int) -> int:
    """Taylor's series of the sine, in Q128, for angles up to a right one."""
    square = radians_q128 * radians_q128 >> 128
    term, total, order = radians_q128, 0, 1
    while term:
        total += term
        term = -(term * square >> 128) // ((order + 1) * (order + 2))
        order += 2
        if abs(term) <= 1:
            break
    return total


def _coarse_sines() -> tuple[int, ...]:
    """The sine of every 1024th of a turn, in Q64."""
    quarter = _COARSE // 4
    rising = [_series_sine(2 * PI_Q128 * k // _COARSE) for k in range(quarter + 1)]
    first = [(value + (1 << 63)) >> 64 for value in rising]
    half = first + first[-2:0:-1]
    return (*half, *(-value for value in half))


def _coarse_arctangents() -> tuple[int, ...]:
    """The arctangent of k / 64 for k from 0 to 64, in radians in Q64: Euler's series, halving at the least."""
    values = []
    for k in range(_ATAN_STEPS + 1):
        square = _ATAN_STEPS * _ATAN_STEPS + k * k
        term = (_ATAN_STEPS * k << 96) // square
        total, n = 0, 0
        while term:
            total += term
            n += 1
            term = term * 2 * n * k * k // ((2 * n + 1) * square)
        values.append((total + (1 << 31)) >> 32)
    return tuple(values)


_SINES: Final = _coarse_sines()
_ARCTANGENTS: Final = _coarse_arctangents()


def fine_sine(angle: int) -> int:
    """The sine of an angle in 2**48ths of a turn, times 2**62."""
    angle &= TURN - 1
    coarse = angle >> _REST_BITS
    rest = (angle & _REST) * _TWO_PI_Q64 >> _TURN_BITS
    square = rest * rest >> _Q
    sine = rest - (rest * square >> _Q) // 6 + (rest * (square * square >> _Q) >> _Q) // 120
    cosine = _ONE - (square >> 1) + (square * square >> _Q) // 24 - (square * (square * square >> _Q) >> _Q) // 720
    value = _SINES[coarse] * cosine + _SINES[(coarse + _COARSE // 4) % _COARSE] * sine
    shift = 2 * _Q - FINE_BITS
    return (value + (1 << (shift - 1))) >> shift


@lru_cache(maxsize=4096)
def sine(angle: int) -> int:
    """The sine of an angle in 2**48ths of a turn, times 2**40, rounded."""
    shift = FINE_BITS - COSINE_BITS
    return (fine_sine(angle) + (1 << (shift - 1))) >> shift


def cosine(angle: int) -> int:
    """The cosine of an angle in 2**48ths of a turn, times 2**40, rounded."""
    return sine((angle + TURN // 4) % TURN)


def angle_of(y: int, x: int) -> int:
    """The angle of a vector, in 2**48ths of a turn from 0 to TURN - 1; right to one of them. The null vector has 0."""
    wide, high = abs(x), abs(y)
    if not wide and not high:
        return 0
    swapped = high > wide
    if swapped:
        wide, high = high, wide
    step = (_ATAN_STEPS * high + wide // 2) // wide
    tangent = (_ATAN_STEPS * high - step * wide << _Q) // (_ATAN_STEPS * wide + step * high)
    square = tangent * tangent >> _Q
    rest = tangent
    power = tangent
    for order in (3, 5, 7, 9):
        power = -(power * square >> _Q)
        rest += power // order
    radians = _ARCTANGENTS[step] + rest
    angle = (radians * _TURNS_A_RADIAN_Q64 + (1 << (2 * _Q - _TURN_BITS - 1))) >> (2 * _Q - _TURN_BITS)
    if swapped:
        angle = TURN // 4 - angle
    if x < 0:
        angle = TURN // 2 - angle
    return (-angle if y < 0 else angle) % TURN
