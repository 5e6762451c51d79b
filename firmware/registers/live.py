"""What the meter measures now, as registers: voltages, currents, powers, power factor, frequency."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final

from firmware.metrology.power_factor import power_factor_ppm
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.value import GOOD, Stamp, Unit, Value, ValueStatus
from firmware.registers.view import truncated
from hal.frontend import CHANNELS, LiveValues, PhaseSequence, PhaseValues

_MICRO: Final = -6
_NANO: Final = -9
_CURRENT_BIT: Final = CHANNELS.index("I1")
_SEQUENCES: Final = {PhaseSequence.UNKNOWN: 0, PhaseSequence.FORWARD: 1, PhaseSequence.REVERSED: 2}

_POWERS: Final = (
    (Quantity.ACTIVE, Direction.IMPORT),
    (Quantity.ACTIVE, Direction.EXPORT),
    (Quantity.REACTIVE, Direction.IMPORT),
    (Quantity.REACTIVE, Direction.EXPORT),
    (Quantity.APPARENT, Direction.NONE),
    (Quantity.POWER_FACTOR, Direction.NONE),
)
_OF_A_PHASE: Final = ((Quantity.VOLTAGE, Direction.NONE), (Quantity.CURRENT, Direction.NONE), *_POWERS)


def present(quantity: Quantity, direction: Direction = Direction.NONE, phase: Phase = Phase.TOTAL) -> RegisterId:
    """The identity of an instantaneous value."""
    return RegisterId(quantity, phase, direction, Kind.INSTANTANEOUS)


class Live:
    """The part of a snapshot that is measured. Values are primary by exact ratios, truncated to uV, nA, uW and the
    like; an element of `elements` (0 to 2) is shown as the phase of its number.

    Import and export are one of them zero; the net power, signed, can be found too. Apparent power has no direction.
    A value is invalid while the front end delivers nothing new, or says that a channel it comes from can't be right.
    """

    def __init__(
        self, now: Stamp, live: LiveValues, elements: Sequence[int], ct_ratio: Fraction, vt_ratio: Fraction
    ) -> None:
        self._now = now
        self._live = live
        self._elements = tuple(elements)
        self._ct = ct_ratio
        self._vt = vt_ratio
        self._ratio = ct_ratio * vt_ratio

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (Kind.INSTANTANEOUS, Kind.STATE)

    def ids(self) -> Iterator[RegisterId]:
        return iter(_ids(self._elements))

    def find(self, identity: RegisterId) -> Value | None:
        quantity, phase, direction, kind = identity[:4]
        if kind is not Kind.INSTANTANEOUS:
            known = identity == (*_SEQUENCE, 0, 0, 1, 0, 0, None)
            return self._value(_SEQUENCES[self._live.sequence], Unit.COUNT, 0, 0b111) if known else None
        if identity[4:] != (0, 0, 1, 0, 0, None) or phase is Phase.NEUTRAL:
            return None
        if phase is Phase.TOTAL:
            if quantity is Quantity.FREQUENCY and direction is Direction.NONE:
                return self._value(self._live.frequency_uhz, Unit.HERTZ, _MICRO, 0b111)
            return self._power(quantity, direction, self._live.total, 0b111_111)
        element = phase - 1
        if element not in self._elements:
            return None
        values = self._live.phases[element]
        volts, amperes = 1 << element, 1 << _CURRENT_BIT + element
        if quantity is Quantity.VOLTAGE and direction is Direction.NONE:
            return self._value(truncated(values.voltage_uv, self._vt, 0), Unit.VOLT, _MICRO, volts)
        if quantity is Quantity.CURRENT and direction is Direction.NONE:
            return self._value(truncated(values.current_na, self._ct, 0), Unit.AMPERE, _NANO, amperes)
        return self._power(quantity, direction, values, volts | amperes)

    def _power(self, quantity: Quantity, direction: Direction, values: PhaseValues, channels: int) -> Value | None:
        if quantity is Quantity.POWER_FACTOR and direction is Direction.NONE:
            return self._value(power_factor_ppm(values), Unit.COUNT, _MICRO, channels)
        if quantity is Quantity.APPARENT and direction is Direction.NONE:
            power, unit = values.apparent_uva, Unit.VOLT_AMPERE
        elif quantity is Quantity.ACTIVE:
            power, unit = values.active_uw, Unit.WATT
        elif quantity is Quantity.REACTIVE:
            power, unit = values.reactive_uvar, Unit.VAR
        else:
            return None
        if direction is Direction.IMPORT:
            power = max(power, 0)
        elif direction is Direction.EXPORT:
            power = max(-power, 0)
        elif direction is not Direction.NET and quantity is not Quantity.APPARENT:
            return None
        return self._value(truncated(power, self._ratio, 0), unit, _MICRO, channels)

    def _value(self, amount: int, unit: Unit, scaler: int, channels: int) -> Value:
        sound = self._live.alive and not self._live.faulty & channels
        return Value(amount, unit, scaler, GOOD if sound else ValueStatus.INVALID, self._now)


_SEQUENCE: Final = (Quantity.PHASE_SEQUENCE, Phase.TOTAL, Direction.NONE, Kind.STATE)


@lru_cache(maxsize=8)
def _ids(elements: tuple[int, ...]) -> tuple[RegisterId, ...]:
    found = [present(*of, Phase(element + 1)) for element in elements for of in _OF_A_PHASE]
    found += [present(*of) for of in (*_POWERS, (Quantity.FREQUENCY, Direction.NONE))]
    return (*found, RegisterId(*_SEQUENCE))
