"""Field types of a scenario's model: texts with units in the file, ints in the model, patterns in the JSON Schema."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, WithJsonSchema

from firmware.clock.civil import parse_offset
from firmware.clock.dst import ChangeRule, minute_of_day
from hal.units import S
from protocols.iec62056_21 import DataSet
from sim.scenario.quantities import (
    CAPACITANCE,
    CHARGE,
    CURRENT,
    DEVIATION,
    DURATION_PATTERN,
    ENERGY,
    FREQUENCY,
    POWER,
    REGISTER_ENERGY,
    SIGNED_DURATION_PATTERN,
    TEMPERATURE,
    VOLTAGE,
    Quantity,
    QuantityError,
    parse_duration,
    parse_signed_duration,
)

MILLION: Final = 1_000_000
_NWH_PER_WH: Final = 1_000_000_000
_UW_PER_MW: Final = 1_000
_UV_PER_MV: Final = 1_000
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND: Final = datetime.timedelta(microseconds=1)

RTC_FIRST_NS: Final = 946_684_800 * S
"""2000-01-01 00:00 UTC, in ns since 1970: an RTC counts from here ..."""
RTC_END_NS: Final = 4_102_444_800 * S
"""... to here, 2100-01-01."""


class Table(BaseModel):
    """A table of a scenario: unknown keys are refused, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


def _text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def _of(quantity: Quantity) -> WithJsonSchema:
    return _text(quantity.pattern, quantity.example)


def _not_negative(parse: Callable[[object], int]) -> Callable[[object], int]:
    def checked(given: object) -> int:
        value = parse(given)
        if value < 0:
            raise QuantityError(f'"{given}" is negative')
        return value

    return checked


def _positive(parse: Callable[[object], int]) -> Callable[[object], int]:
    def checked(given: object) -> int:
        value = parse(given)
        if value <= 0:
            raise QuantityError(f'"{given}" is not above zero')
        return value

    return checked


def _whole(parse: Callable[[object], int], unit: int, name: str) -> Callable[[object], int]:
    """What `parse` gives in wider units; refuses what is finer."""

    def checked(given: object) -> int:
        value, rest = divmod(parse(given), unit)
        if rest:
            raise QuantityError(f'"{given}" is finer than {name}')
        return value

    return checked


parse_seconds: Final = _whole(parse_duration, S, "a second")

Duration = Annotated[int, BeforeValidator(_positive(parse_duration)), _text(DURATION_PATTERN, "90min", "1h30min")]
"""Above zero, in ns."""
Instant = Annotated[int, BeforeValidator(parse_duration), _text(DURATION_PATTERN, "2h", "0s")]
"""True ns since the scenario's start."""
SignedDuration = Annotated[int, BeforeValidator(parse_signed_duration), _text(SIGNED_DURATION_PATTERN, "-90min")]
"""In ns."""
SignedSeconds = Annotated[
    int, BeforeValidator(_whole(parse_signed_duration, S, "a second")), _text(SIGNED_DURATION_PATTERN, "-30s")
]
"""A signed duration of whole seconds, in s."""
Seconds = Annotated[int, BeforeValidator(_positive(parse_seconds)), _text(DURATION_PATTERN, "30min")]
"""A duration of whole seconds, in s."""
LockOut = Annotated[int, BeforeValidator(parse_seconds), _text(DURATION_PATTERN, "15min", "0s")]
"""A duration of whole seconds, in s; 0 for none."""
Voltage = Annotated[int, BeforeValidator(_positive(VOLTAGE.parse)), _of(VOLTAGE)]
"""In uV."""
CellVoltage = Annotated[
    int, BeforeValidator(_positive(_whole(VOLTAGE.parse, _UV_PER_MV, "a milli-volt"))), _of(VOLTAGE)
]
"""In mV."""
Current = Annotated[int, BeforeValidator(_positive(CURRENT.parse)), _of(CURRENT)]
"""In nA."""
DrawnCurrent = Annotated[int, BeforeValidator(_not_negative(CURRENT.parse)), _of(CURRENT)]
"""In nA, zero allowed."""
RegisterEnergy = Annotated[int, BeforeValidator(REGISTER_ENERGY.parse), _of(REGISTER_ENERGY)]
"""In nWh, nvarh or nVAh."""
AnnualEnergy = Annotated[
    int, BeforeValidator(_not_negative(_whole(ENERGY.parse, _NWH_PER_WH, "a watt-hour"))), _of(ENERGY)
]
"""In Wh."""
Power = Annotated[int, BeforeValidator(_whole(POWER.parse, _UW_PER_MW, "a milli-watt")), _of(POWER)]
"""In mW; negative feeds in."""
Frequency = Annotated[int, BeforeValidator(_positive(FREQUENCY.parse)), _of(FREQUENCY)]
"""In uHz."""
Deviation = Annotated[int, BeforeValidator(DEVIATION.parse), _of(DEVIATION)]
"""In parts per 10**9."""
Tolerance = Annotated[int, BeforeValidator(_not_negative(DEVIATION.parse)), _of(DEVIATION)]
"""In parts per 10**9, not negative."""
GainError = Annotated[int, BeforeValidator(_whole(DEVIATION.parse, 1_000, "a part in a million")), _of(DEVIATION)]
"""In ppm."""
Permille = Annotated[
    int, BeforeValidator(_not_negative(_whole(DEVIATION.parse, 1_000_000, "a thousandth"))), _of(DEVIATION)
]
"""A share in thousandths, not negative."""
Chance = Annotated[
    int, BeforeValidator(_not_negative(_whole(DEVIATION.parse, 1_000, "a part in a million"))), _of(DEVIATION)
]
"""A share in ppm, not negative."""
RmsVoltage = Annotated[int, BeforeValidator(_not_negative(VOLTAGE.parse)), _of(VOLTAGE)]
"""In uV, zero allowed."""
Charge = Annotated[int, BeforeValidator(_positive(CHARGE.parse)), _of(CHARGE)]
"""In uAh."""
Capacitance = Annotated[
    int, BeforeValidator(_positive(_whole(CAPACITANCE.parse, 1_000, "a milli-farad"))), _of(CAPACITANCE)
]
"""In mF."""
Temperature = Annotated[int, BeforeValidator(TEMPERATURE.parse), _of(TEMPERATURE)]
"""In thousandths of a degree Celsius."""


def _power_factor(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise ValueError(f"expected a number from -1 to 1, such as 0.95, not {_shown(given)}")
    number = Decimal(given)
    if not number.is_finite() or not -1 <= number <= 1:
        raise ValueError(f"{given} is not from -1 to 1")
    scaled = number * MILLION
    if scaled != int(scaled):
        raise ValueError(f"{given} has more than six decimals")
    return int(scaled)


PowerFactorPpm = Annotated[
    int, BeforeValidator(_power_factor), WithJsonSchema({"type": "number", "minimum": -1, "maximum": 1})
]
"""In millionths; negative exports."""


def _counts(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int | Decimal) or not Decimal(given).is_finite():
        raise ValueError(f"expected a number of counts, such as 1.5, not {_shown(given)}")
    number = Decimal(given)
    if not 0 <= number <= MILLION or number * 1_000 != int(number * 1_000):
        raise ValueError(f"{given} is not from 0 to {MILLION} with at most three decimals")
    return int(number * 1_000)


MilliCounts = Annotated[
    int, BeforeValidator(_counts), WithJsonSchema({"type": "number", "minimum": 0, "maximum": MILLION})
]
"""Thousandths of a count of the converter."""


def _ratio(quantity: Quantity) -> Callable[[object], Fraction]:
    expected = f'a ratio of primary to secondary, such as "{_RATIO_EXAMPLES[quantity.example]}"'

    def parse(given: object) -> Fraction:
        sides = given.split("/") if isinstance(given, str) else []
        if len(sides) != 2:
            raise ValueError(f"expected {expected}, not {_shown(given)}")
        try:
            primary, secondary = (quantity.parse(side) for side in sides)
        except QuantityError as error:
            raise ValueError(f"expected {expected}: {error}") from None
        if primary <= 0 or secondary <= 0:
            raise ValueError(f"{_shown(given)} is not above zero")
        return Fraction(primary, secondary)

    return parse


_RATIO_EXAMPLES: Final = {CURRENT.example: "100 A / 5 A", VOLTAGE.example: "20 kV / 100 V"}
_RATIO_PATTERN: Final = r"^[^/]+/[^/]+$"

CurrentRatio = Annotated[Fraction, BeforeValidator(_ratio(CURRENT)), _text(_RATIO_PATTERN, "100 A / 5 A")]
VoltageRatio = Annotated[Fraction, BeforeValidator(_ratio(VOLTAGE)), _text(_RATIO_PATTERN, "20 kV / 100 V")]


def _offset(given: object) -> int:
    if not isinstance(given, str):
        raise ValueError(f'expected an offset from UTC, such as "+01:00", not {_shown(given)}')
    return parse_offset(given)


UtcOffset = Annotated[int, BeforeValidator(_offset), _text(r"^[+-]\d\d:\d\d$", "+01:00")]
"""Local time less UTC, in s."""


def _change_rule(given: object) -> ChangeRule:
    if not isinstance(given, str):
        raise ValueError(f'expected a rule, such as "last Sunday March 02:00", not {_shown(given)}')
    return ChangeRule.parse(given)


ChangeOfClock = Annotated[
    ChangeRule,
    BeforeValidator(_change_rule),
    _text(r"^\s*\S+\s+\S+\s+\S+\s+\d\d:\d\d\s*$", "last Sunday March 02:00"),
]


def minute(given: object) -> int:
    """Minutes after midnight of `"06:30"`, below 24:00; ValueError for anything else."""
    found = minute_of_day(given) if isinstance(given, str) else None
    if found is None or found == 1_440:
        raise ValueError(f'expected a time of day, such as "06:30", not {_shown(given)}')
    return found


MinuteOfDay = Annotated[int, BeforeValidator(minute), _text(r"^([01]\d|2[0-3]):[0-5]\d$", "00:00")]


def _start(given: object) -> int | None:
    if given == "first-row":
        return None
    if isinstance(given, str):
        try:
            given = datetime.datetime.fromisoformat(given)
        except ValueError:
            raise ValueError(f"{_START_EXPECTED}, not {_shown(given)}") from None
    if not isinstance(given, datetime.datetime):
        raise ValueError(f"{_START_EXPECTED}, not {_shown(given)}")
    if given.tzinfo is None:
        raise ValueError(f"{_START_EXPECTED}; {given.isoformat()} has none")
    utc_ns = (given - _EPOCH) // _MICROSECOND * 1_000
    if not RTC_FIRST_NS <= utc_ns < RTC_END_NS:
        raise ValueError(f"{given.isoformat()} is not within the years that an RTC counts, 2000 to 2099 (UTC)")
    return utc_ns


_START_EXPECTED: Final = "expected a date and time with its offset from UTC, such as 2026-03-28T18:00:00+01:00"

Start = Annotated[
    int | None,
    BeforeValidator(_start),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"const": "first-row"}]}),
]
"""UTC in ns since 1970; None for the first row of a measured load."""


def _run_duration(given: object) -> int | None:
    return None if given == "all" else _positive(parse_duration)(given)


RunDuration = Annotated[
    int | None,
    BeforeValidator(_run_duration),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": DURATION_PATTERN}, {"const": "all"}]}),
]
"""In ns; None for as long as a measured load lasts."""


def _pair(given: object) -> object:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise ValueError(f'expected two durations, such as ["2h", "3h"], not {_shown(given)}')
    return tuple(given)


def _ordered(pair: tuple[int, int]) -> tuple[int, int]:
    if pair[0] > pair[1]:
        raise ValueError("the first of the two lies after the second")
    return pair


Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64)]
"""Of a fault, a reading or an expectation: a letter, then letters, digits, `-` and `_`."""

Window = Annotated[tuple[Instant, Instant], BeforeValidator(_pair), AfterValidator(_ordered)]
"""First and last instant, in true ns since the start; both belong to it."""
SignedWindow = Annotated[tuple[SignedDuration, SignedDuration], BeforeValidator(_pair), AfterValidator(_ordered)]
"""Least and most, in ns."""
Phase = Annotated[StrictInt, Field(ge=1, le=3)]
"""1 is L1."""


def _accuracy(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


AccuracyText = BeforeValidator(_accuracy)
"""Classes 1 and 2 may be written as numbers."""


def _shown(given: object) -> str:
    if isinstance(given, str):
        return f'"{given}"'
    if isinstance(given, bool):
        return str(given).lower()
    return str(given)


def _password(text: str) -> str:
    DataSet.of("", text)
    return text


Password = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_password)]
"""What the optical port can carry as a value: printable ASCII without ( ) * / !."""
