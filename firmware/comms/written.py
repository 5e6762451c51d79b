"""How the optical port writes a register: digits, unit and stamp of a data set, in the units that a utility bills in.

What is billed is cut off below the last digit by its view already. What is measured is rounded to its last digit, half
away from zero, since nobody bills by it.
"""

from typing import Final

from firmware.clock.civil import local_at_offset
from firmware.registers.identity import Kind, Quantity, RegisterId
from firmware.registers.value import Stamp, Unit, Value, ValueStatus
from protocols.iec62056_21 import DataSet
from protocols.iec62056_21 import Value as Text

_KILO: Final = 3
_ENERGY_DIGITS: Final = 6
_DEMAND_DIGITS: Final = 3

_DEMANDS: Final = frozenset(
    {Kind.AVERAGE_DEMAND, Kind.LAST_AVERAGE, Kind.CUMULATIVE_DEMAND, Kind.CONTINUOUS_CUMULATIVE_DEMAND}
)
_STAMPED: Final = frozenset({Kind.MAXIMUM_DEMAND, Kind.COINCIDENT_DEMAND})
_INTEGERS: Final = frozenset({Unit.COUNT, Unit.SECOND, Unit.MINUTE})

_MEASURED: Final = {
    Unit.VOLT: (0, 3, 1),
    Unit.AMPERE: (0, 3, 3),
    Unit.WATT: (_KILO, 3, 3),
    Unit.VAR: (_KILO, 3, 3),
    Unit.VOLT_AMPERE: (_KILO, 3, 3),
    Unit.HERTZ: (0, 2, 2),
    Unit.DEGREE: (0, 3, 1),
    Unit.CELSIUS: (0, 2, 1),
    Unit.PERCENT: (0, 3, 1),
    Unit.COUNT: (0, 1, 3),
}
"""By unit: the power of ten that is written, digits before the point at least, decimals."""

_WIDTHS: Final = {Quantity.BILLING: 2, Quantity.ENERGY_RATE: 2, Quantity.DEMAND_RATE: 2, Quantity.PROGRAMMING: 4}
_WORDS: Final = frozenset({Quantity.STATUS, Quantity.ALARM})

_SYMBOLS: Final = {unit: unit.symbol or None for unit in Unit} | {Unit.DEGREE: "deg", Unit.CELSIUS: "C"}
"""The port's characters have no degree sign."""
_KILO_SYMBOLS: Final = {unit: f"k{unit.symbol}" for unit in Unit}


def data_set(address: str, identity: RegisterId, value: Value) -> DataSet:
    """A register under its address."""
    kind = identity.kind
    if kind is Kind.ENERGY:
        return DataSet.of(address, _kilo(value, _ENERGY_DIGITS), _KILO_SYMBOLS[value.unit])
    if kind in _STAMPED:
        shown = Text(_kilo(value, _DEMAND_DIGITS), _KILO_SYMBOLS[value.unit])
        stamp = "" if value.status & ValueStatus.EMPTY else _stamp(value.captured)
        return DataSet(address, (shown, Text(stamp)))
    if kind in _DEMANDS:
        return DataSet.of(address, _kilo(value, _DEMAND_DIGITS), _KILO_SYMBOLS[value.unit])
    if kind is Kind.TIME:
        return DataSet.of(address, _stamp(value.captured))
    if value.unit in _INTEGERS and value.scaler == 0:
        return DataSet.of(address, _integer(identity.quantity, value.value), _SYMBOLS[value.unit])
    power, digits, decimals = _MEASURED[value.unit]
    return DataSet.of(
        address, _rounded(value, power, digits, decimals), (_KILO_SYMBOLS if power else _SYMBOLS)[value.unit]
    )


def _kilo(value: Value, digits: int) -> str:
    """In thousands, with all the digits that the value has."""
    decimals = _KILO - value.scaler
    if decimals <= 0:
        return f"{value.value * 10**-decimals:0{digits}}"
    whole, rest = divmod(abs(value.value), 10**decimals)
    return f"{'-' if value.value < 0 else ''}{whole:0{digits}}.{rest:0{decimals}}"


def _rounded(value: Value, power: int, digits: int, decimals: int) -> str:
    """In 10**`power` of the unit, with so many decimals."""
    amount, places = abs(value.value), power - value.scaler - decimals
    if places > 0:
        amount = (2 * amount + 10**places) // (2 * 10**places)
    else:
        amount *= 10**-places
    whole, rest = divmod(amount, 10**decimals)
    return f"{'-' if value.value < 0 else ''}{whole:0{digits}}.{rest:0{decimals}}"


def _integer(quantity: Quantity, number: int) -> str:
    if quantity in _WORDS:
        return f"{number:08X}"
    if quantity is Quantity.BILLING:
        number %= 100
    return f"{number:0{_WIDTHS.get(quantity, 1)}}"


def _stamp(stamp: Stamp) -> str:
    """YYMMDDhhmm in the local time of then."""
    local = local_at_offset(stamp.utc_s, stamp.offset_s)
    return f"{local.year % 100:02}{local.month:02}{local.day:02}{local.hour:02}{local.minute:02}"
