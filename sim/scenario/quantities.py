"""Quantities written with their unit, as `"230 V"`, `"90min"` or `"4000 kWh"`, and the ints that they mean.

All arithmetic is decimal and exact: a text that is no whole number of the int's unit is refused, never rounded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from hal.units import DAY, HOUR, MINUTE, MS, NS, US, S

_DIGITS: Final = 40
"""Significant digits of a number: enough for nanoseconds in an age, and an end to what a text can ask for."""

_NUMBER: Final = r"[+-]?\d{1,20}(?:\.\d{1,20})?"


class QuantityError(ValueError):
    """A text is no such quantity: says what was expected, and what was given."""


def _refuse(expected: str, given: object) -> QuantityError:
    shown = f'"{given}"' if isinstance(given, str) else f"{given}, which has no unit"
    return QuantityError(f"expected {expected}, not {shown}")


def _exact(number: str, factor: Decimal) -> int | None:
    """`number * factor` if that is whole; None if it is not."""
    with localcontext() as context:
        context.prec = 2 * _DIGITS
        scaled = Decimal(number) * factor
        whole = int(scaled)
        return whole if whole == scaled else None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of quantity: its units, each with how many of the int's unit it makes, the widest first.

    `expected` completes "expected ...", with an example; `resolution` is what the int counts, in words.
    """

    expected: str
    resolution: str
    units: Mapping[str, Decimal]
    other_names: Mapping[str, str]
    example: str

    @property
    def pattern(self) -> str:
        """A regular expression, ECMA and Python alike, of the texts that it takes."""
        names = sorted((*self.units, *self.other_names), key=len, reverse=True)
        return rf"^\s*{_NUMBER}\s*(?:{'|'.join(re.escape(name) for name in names)})\s*$"

    def parse(self, given: object) -> int:
        """The int that a text means; QuantityError if it is no such text, or not whole in the int's unit."""
        if not isinstance(given, str):
            raise _refuse(self.expected, given)
        match = re.fullmatch(rf"\s*({_NUMBER})\s*(\S+)\s*", given, re.ASCII)
        factor = None if match is None else self.units.get(self.other_names.get(match[2], match[2]))
        if match is None or factor is None:
            raise _refuse(self.expected, given)
        value = _exact(match[1], factor)
        if value is None:
            raise QuantityError(f'"{given}" is finer than {self.resolution}')
        return value

    def format(self, value: int) -> str:
        """The shortest exact text, in the widest unit that leaves at most six decimals; `parse` reads it back."""
        with localcontext() as context:
            context.prec = 2 * _DIGITS
            for unit, factor in self.units.items():
                number = Decimal(value) / factor
                if abs(number) >= 1 and number == round(number, 6):
                    return f"{_plain(number)} {unit}"
            unit, factor = list(self.units.items())[-1]
            return f"{_plain(Decimal(value) / factor)} {unit}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quantity(
    expected: str, example: str, resolution: str, units: dict[str, int | str], **other_names: str
) -> Quantity:
    return Quantity(
        expected=f'{expected}, such as "{example}"',
        resolution=resolution,
        units={unit: Decimal(factor) for unit, factor in units.items()},
        other_names=other_names,
        example=example,
    )


VOLTAGE: Final = _quantity(
    "a voltage", "230 V", "a micro-volt", {"kV": 10**9, "V": 10**6, "mV": 10**3, "uV": 1}, **{"µV": "uV"}
)
"""In uV."""

CURRENT: Final = _quantity(
    "a current", "5 A", "a nano-ampere", {"kA": 10**12, "A": 10**9, "mA": 10**6, "uA": 10**3, "nA": 1}, **{"µA": "uA"}
)
"""In nA."""

ENERGY: Final = _quantity(
    "an energy",
    "4000 kWh",
    "a nano-watt-hour",
    {"GWh": 10**18, "MWh": 10**15, "kWh": 10**12, "Wh": 10**9, "mWh": 10**6, "uWh": 10**3, "nWh": 1},
)
"""In nWh."""

REGISTER_ENERGY: Final = _quantity(
    "an energy",
    "4000 kWh",
    "a nano-watt-hour",
    {
        "kWh": 10**12,
        "kvarh": 10**12,
        "kVAh": 10**12,
        "MWh": 10**15,
        "Mvarh": 10**15,
        "MVAh": 10**15,
        "Wh": 10**9,
        "varh": 10**9,
        "VAh": 10**9,
        "nWh": 1,
    },
)
"""In nWh, nvarh or nVAh: what a register shows."""

POWER: Final = _quantity(
    "a power", "2.5 kW", "a micro-watt", {"MW": 10**12, "kW": 10**9, "W": 10**6, "mW": 10**3, "uW": 1}
)
"""In uW."""

FREQUENCY: Final = _quantity(
    "a frequency", "50 Hz", "a micro-hertz", {"kHz": 10**9, "Hz": 10**6, "mHz": 10**3, "uHz": 1}
)
"""In uHz."""

DEVIATION: Final = _quantity(
    "a share", "200 ppm", "a part in 10**9", {"%": 10**7, "ppm": 10**3, "ppb": 1}, **{"percent": "%"}
)
"""In parts per 10**9; written in percent, ppm or ppb."""

CHARGE: Final = _quantity(
    "a charge", "1200 mAh", "a micro-ampere-hour", {"Ah": 10**6, "mAh": 10**3, "uAh": 1}, **{"µAh": "uAh"}
)
"""In uAh."""

CAPACITANCE: Final = _quantity(
    "a capacitance", "0.47 F", "a micro-farad", {"F": 10**6, "mF": 10**3, "uF": 1}, **{"µF": "uF"}
)
"""In uF."""

TEMPERATURE: Final = _quantity(
    "a temperature", "23 °C", "a thousandth of a degree", {"°C": 10**3, "mK": 1}, **{"C": "°C", "degC": "°C"}
)
"""In thousandths of a degree Celsius."""

_DURATION_UNITS: Final = {"d": DAY, "h": HOUR, "min": MINUTE, "s": S, "ms": MS, "us": US, "ns": NS}
_DAYS_FROM: Final = 100 * HOUR
"""Durations of less are written in hours: `30h`, not `1d6h`."""
_DURATION_NAMES: Final = {"µs": "us"}
_DURATION_PART: Final = r"\d{1,20}(?:\.\d{1,20})?\s*(?:d|h|min|s|ms|us|µs|ns)"
_DURATION_EXPECTED: Final = 'a duration, such as "90min", "1h30min" or "2 d"'

DURATION_PATTERN: Final = rf"^\s*(?:{_DURATION_PART}\s*)+$"
"""A regular expression, ECMA and Python alike, of the texts that `parse_duration` takes (but for the units' order)."""

SIGNED_DURATION_PATTERN: Final = rf"^\s*[+-]?\s*(?:{_DURATION_PART}\s*)+$"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Number and unit of each part of a duration."""
    for match in re.finditer(r"(\d+(?:\.\d+)?)\s*([a-zµ]+)", text):
        yield match[1], _DURATION_NAMES.get(match[2], match[2])


def parse_duration(given: object) -> int:
    """Nanoseconds of `"30h"`, `"1h30min"`, `"1 d"`, `"500 ms"`: units from wide to narrow, each at most once."""
    if not isinstance(given, str) or re.fullmatch(DURATION_PATTERN, given, re.ASCII) is None:
        raise _refuse(_DURATION_EXPECTED, given)
    total, before = 0, DAY + 1
    for number, unit in _parts(given):
        factor = _DURATION_UNITS[unit]
        if factor >= before:
            raise QuantityError(f'"{given}": the units of a duration go from wide to narrow, each at most once')
        before = factor
        value = _exact(number, Decimal(factor))
        if value is None:
            raise QuantityError(f'"{given}" is finer than a nanosecond')
        total += value
    return total


def parse_signed_duration(given: object) -> int:
    """As `parse_duration`, with an optional sign before it: `"-90min"`."""
    if isinstance(given, str):
        text = given.strip()
        if text[:1] in ("+", "-"):
            try:
                size = parse_duration(text[1:])
            except QuantityError:
                raise _refuse(_DURATION_EXPECTED, given) from None
            return -size if text[0] == "-" else size
    return parse_duration(given)


def format_duration(ns: int) -> str:
    """The text of a duration or of an instant, exact: `1h30min`, `-90s` is `-1min30s`; `0s` for none."""
    if ns < 0:
        return f"-{format_duration(-ns)}"
    text = ""
    days_count = ns >= _DAYS_FROM
    for unit, factor in _DURATION_UNITS.items():
        count, ns = divmod(ns, factor) if unit != "d" or days_count else (0, ns)
        if count:
            text += f"{count}{unit}"
    return text or "0s"
