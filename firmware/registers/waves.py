"""What the waves are like now, as registers: angles, distortion, unbalance, the neutral current."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from firmware.metrology.instrumentation import Instrumentation
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.live import present
from firmware.registers.value import GOOD, Stamp, Unit, Value, ValueStatus
from firmware.registers.view import truncated
from hal.frontend import ElementWaves, Wiring

_NANO: Final = -9
_MICRO: Final = -6
_PPM_IN_PERCENT: Final = -4

_OF_AN_ELEMENT: Final = (
    Quantity.VOLTAGE_ANGLE,
    Quantity.CURRENT_ANGLE,
    Quantity.THD_VOLTAGE,
    Quantity.THD_CURRENT,
)
_UNBALANCES: Final = (Quantity.VOLTAGE_UNBALANCE, Quantity.CURRENT_UNBALANCE)
_NEUTRAL: Final = present(Quantity.CURRENT, phase=Phase.NEUTRAL)


class WaveRegisters:
    """The part of a snapshot about waves. What the front end can't tell is no register now, not zero.

    A voltage angle says by how much the voltage leads that of the first element, a current angle by how much the
    current lags its voltage. Unbalance is that of the negative sequence over the positive one.
    """

    def __init__(self, now: Stamp, told: Instrumentation, ct_ratio: Fraction) -> None:
        self._now = now
        self._told = told
        self._ct = ct_ratio

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (Kind.INSTANTANEOUS,)

    def ids(self) -> Iterator[RegisterId]:
        for element in self._told.wiring.elements:
            for quantity in _OF_AN_ELEMENT:
                yield from self._if_told(present(quantity, phase=Phase(element + 1)))
        yield from self._if_told(_NEUTRAL)
        for quantity in _UNBALANCES:
            yield from self._if_told(present(quantity))

    def _if_told(self, identity: RegisterId) -> Iterator[RegisterId]:
        if self.find(identity) is not None:
            yield identity

    def find(self, identity: RegisterId) -> Value | None:
        quantity, phase, direction = identity[:3]
        if direction is not Direction.NONE or identity != present(quantity, phase=phase):
            return None
        if identity == _NEUTRAL and self._told.wiring is not Wiring.THREE_PHASE_THREE_WIRE:
            return self._value(truncated(self._told.waves.neutral_current_na, self._ct, 0), Unit.AMPERE, _NANO)
        if phase is Phase.TOTAL:
            return self._unbalance(quantity)
        if phase is Phase.NEUTRAL or phase - 1 not in self._told.wiring.elements:
            return None
        waves = self._told.waves.elements[phase - 1]
        amount = _amount(waves, quantity)
        if amount is None:
            return None
        if quantity in (Quantity.VOLTAGE_ANGLE, Quantity.CURRENT_ANGLE):
            return self._value(amount, Unit.DEGREE, _MICRO)
        return self._value(amount, Unit.PERCENT, _PPM_IN_PERCENT)

    def _unbalance(self, quantity: Quantity) -> Value | None:
        if quantity not in _UNBALANCES:
            return None
        told = self._told
        found = told.voltage_unbalance if quantity is Quantity.VOLTAGE_UNBALANCE else told.current_unbalance
        return None if found is None else self._value(found.negative_ppm, Unit.PERCENT, _PPM_IN_PERCENT)

    def _value(self, amount: int, unit: Unit, scaler: int) -> Value:
        live = self._told.live
        return Value(amount, unit, scaler, GOOD if live.alive and not live.faulty else ValueStatus.INVALID, self._now)


def _amount(waves: ElementWaves, quantity: Quantity) -> int | None:
    if quantity is Quantity.VOLTAGE_ANGLE:
        return waves.voltage_angle_udeg
    if quantity is Quantity.CURRENT_ANGLE:
        return waves.current_angle_udeg
    if quantity is Quantity.THD_VOLTAGE:
        return waves.voltage_thd_ppm
    return waves.current_thd_ppm if quantity is Quantity.THD_CURRENT else None
