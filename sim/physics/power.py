"""The powers of a stationary segment, in closed form.

The product of micro-volts and nano-amperes is a femto-watt, and powers are ints of these: a year at the worst rounding
adds up to 5 pWh. P > 0 is import; Q > 0 is a current that lags, so inductive import is quadrant 1 (IEC 62053-23).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import isqrt
from typing import Final

from hal.frontend import Summation, Wiring
from sim.physics.angle import COSINE_BITS, cosine, sine
from sim.physics.waves import MILLION, Segment, Wave

FW_PER_UW: Final = 1_000_000_000
_SHARES: Final = MILLION * MILLION
_SCALE: Final = _SHARES << COSINE_BITS


@dataclass(frozen=True, slots=True)
class ElementPower:
    """One measuring element, or the sum of them: rms values with harmonics, powers in fW, fvar and fVA.

    `active_fw` counts all harmonics, `reactive_fvar` the fundamental alone, `apparent_fva` is voltage by current.
    """

    voltage_uv: int
    current_na: int
    active_fw: int
    reactive_fvar: int
    apparent_fva: int


@dataclass(frozen=True, slots=True)
class Powers:
    """All three elements, the unused ones zero, and their sum. The apparent power of the sum is the arithmetic one."""

    elements: tuple[ElementPower, ElementPower, ElementPower]
    total: ElementPower


_NOTHING: Final = ElementPower(0, 0, 0, 0, 0)


def element_power(voltage: Wave, current: Wave) -> ElementPower:
    """The powers of one voltage and one current of the same frequency."""
    product = voltage.rms * current.rms
    if not product:
        return ElementPower(voltage.total_rms, current.total_rms, 0, 0, 0)
    lag = voltage.angle - current.angle
    real = _SHARES * cosine(lag)
    if voltage.harmonics and current.harmonics:
        others = {harmonic.order: harmonic for harmonic in current.harmonics}
        for mine in voltage.harmonics:
            other = others.get(mine.order)
            if other is not None:
                angle = mine.order * lag + mine.angle - other.angle
                real += mine.share_ppm * other.share_ppm * cosine(angle)
    return ElementPower(
        voltage.total_rms,
        current.total_rms,
        (product * real + _SCALE // 2) // _SCALE,
        (product * sine(lag) + (1 << (COSINE_BITS - 1))) >> COSINE_BITS,
        isqrt(voltage.square * current.square) // _SHARES,
    )


@lru_cache(maxsize=8)
def powers(segment: Segment, wiring: Wiring, summation: Summation = Summation.NET) -> Powers:
    """The powers that an ideal meter of this wiring measures, summed as it does."""
    used = wiring.elements
    elements = tuple(
        element_power(segment.voltages[n], segment.currents[n]) if n in used else _NOTHING for n in range(3)
    )
    actives = [element.active_fw for element in elements]
    total = ElementPower(
        sum(element.voltage_uv for element in elements),
        sum(element.current_na for element in elements),
        sum(map(abs, actives)) if summation is Summation.MODULI else sum(actives),
        sum(element.reactive_fvar for element in elements),
        sum(element.apparent_fva for element in elements),
    )
    return Powers((elements[0], elements[1], elements[2]), total)
