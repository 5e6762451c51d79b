"""What a register shows: an integer, its unit and scaler, how far it can be trusted, and when it was so."""

import enum
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from firmware.clock.trust import ClockStatus


class Unit(enum.IntEnum):
    """Units under their COSEM codes (DLMS UA 1000-1, the enumeration `unit` of class 3)."""

    MINUTE = 6
    SECOND = 7
    DEGREE = 8
    """Of a phase angle."""
    CELSIUS = 9
    WATT = 27
    VOLT_AMPERE = 28
    VAR = 29
    WATT_HOUR = 30
    VOLT_AMPERE_HOUR = 31
    VAR_HOUR = 32
    AMPERE = 33
    VOLT = 35
    HERTZ = 44
    PERCENT = 56
    COUNT = 255
    """A number without a unit."""

    @property
    def symbol(self) -> str:
        """As written behind a number; empty for a number without a unit."""
        return _SYMBOLS[self]


_SYMBOLS: Final = {
    Unit.MINUTE: "min",
    Unit.SECOND: "s",
    Unit.DEGREE: "°",
    Unit.CELSIUS: "°C",
    Unit.WATT: "W",
    Unit.VOLT_AMPERE: "VA",
    Unit.VAR: "var",
    Unit.WATT_HOUR: "Wh",
    Unit.VOLT_AMPERE_HOUR: "VAh",
    Unit.VAR_HOUR: "varh",
    Unit.AMPERE: "A",
    Unit.VOLT: "V",
    Unit.HERTZ: "Hz",
    Unit.PERCENT: "%",
    Unit.COUNT: "",
}


class ValueStatus(enum.IntFlag):
    """What a reader must know besides the value; none of these for a value that is as it should be."""

    EMPTY = 1
    """Nothing has happened yet that gives a value, which is 0."""
    INVALID = 2
    """What it was measured with can't be right, or delivers nothing new: the value is the last one."""
    SHORT = 4
    """Of an average: its interval was less than a whole one."""
    IDLE = 8
    """Of an average: demand did not count in its interval."""


GOOD: Final = ValueStatus(0)


@dataclass(frozen=True, slots=True)
class Stamp:
    """An instant by the meter's clock: UTC in s, local time less UTC then, and the trust in the clock; None where that
    was not kept."""

    utc_s: int
    offset_s: int
    clock: ClockStatus | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """`value` times 10 to the power of `scaler`, in `unit`.

    `captured` is when it was so: the end of the interval of a demand, the end of billing of a historical register, else
    the instant of the snapshot. `started` is the begin of the interval of an average.
    """

    value: int
    unit: Unit
    scaler: int
    status: ValueStatus
    captured: Stamp
    started: Stamp | None = None

    @property
    def exact(self) -> Fraction:
        """In whole units."""
        return Fraction(self.value) * Fraction(10) ** self.scaler

    def at(self, scaler: int) -> int:
        """The value with another scaler, truncated toward zero."""
        if scaler <= self.scaler:
            return self.value * int(10 ** (self.scaler - scaler))
        whole = abs(self.value) // int(10 ** (scaler - self.scaler))
        return whole if self.value >= 0 else -whole
