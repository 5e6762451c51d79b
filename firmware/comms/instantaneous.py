"""What the meter measures now, under reduced OBIS codes: voltages, currents, powers, power factor, frequency.

Primary values: CT and VT ratios are applied as exact rationals; rounded to the last digit, since nobody bills by them.
"""

from collections.abc import Iterator
from fractions import Fraction

from firmware.metrology.nameplate import Nameplate
from firmware.metrology.power_factor import power_factor_ppm
from hal.frontend import LiveValues, PhaseValues
from protocols.iec62056_21 import DataSet

_PHASE_STEP = 20
"""OBIS group C: what is n for the total is 20 + n, 40 + n, 60 + n for the phases."""


def instantaneous(live: LiveValues, nameplate: Nameplate) -> Iterator[DataSet]:
    """The data sets, phases first; elements that the wiring does not use are left out."""
    ct, vt = nameplate.ct_ratio, nameplate.vt_ratio
    for element in nameplate.wiring.elements:
        values, base = live.phases[element], _PHASE_STEP * (element + 1)
        yield DataSet.of(f"{base + 12}.7.0", _decimal(values.voltage_uv * vt, 10**6, 3, 1), "V")
        yield DataSet.of(f"{base + 11}.7.0", _decimal(values.current_na * ct, 10**9, 3, 3), "A")
        yield from _powers(values, base, ct * vt)
        yield DataSet.of(f"{base + 13}.7.0", _factor(values))
    yield from _powers(live.total, 0, ct * vt)
    yield DataSet.of("9.7.0", _decimal(live.total.apparent_uva * ct * vt, 10**9, 3, 3), "kVA")
    yield DataSet.of("13.7.0", _factor(live.total))
    yield DataSet.of("14.7.0", _decimal(Fraction(live.frequency_uhz), 10**6, 2, 2), "Hz")


def _powers(values: PhaseValues, base: int, ratio: Fraction) -> Iterator[DataSet]:
    """Import and export of active power, and of reactive power, one of each pair zero."""
    for code, power, unit in ((1, values.active_uw, "kW"), (3, values.reactive_uvar, "kvar")):
        for place, amount in ((code, max(power, 0)), (code + 1, max(-power, 0))):
            yield DataSet.of(f"{base + place}.7.0", _decimal(amount * ratio, 10**9, 3, 3), unit)


def _factor(values: PhaseValues) -> str:
    ppm = power_factor_ppm(values)
    return f"{'-' if ppm < 0 else ''}{_decimal(Fraction(abs(ppm)), 10**6, 1, 3)}"


def _decimal(value: Fraction, unit: int, digits: int, decimals: int) -> str:
    """A value, of which `unit` make one, with so many digits before the point at least."""
    divisor = value.denominator * unit
    scaled = (2 * value.numerator * 10**decimals + divisor) // (2 * divisor)
    whole, rest = divmod(scaled, 10**decimals)
    return f"{whole:0{digits}}.{rest:0{decimals}}"
