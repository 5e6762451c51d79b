"""Data sets, the one form in which values travel: `1.8.0*05(000123.456*kWh)`, `P.01(2211221500)(00)`, `(00000000)`.

    lines = line (CR LF line)* [CR LF]      line = data set+      data set = [address] value+
    value = "(" text ["*" unit] ")"

Characters (IEC 62056-21, data set): printable; a text has none of `( ) * / !`, a unit and an address none of `( ) / !`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .characters import CRLF, check_field, first_unfit
from .errors import ParseError
from .limits import DATA_ADDRESS_CHARS, UNIT_CHARS, VALUE_CHARS, VALUE_CHARS_MODE_C

_NOT_IN_TEXT = "()*/!"
_NOT_IN_NAME = "()/!"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands between one pair of brackets: at most 128 characters, and a unit of 1 to 16 or None.

    ValueError if a character or a length is not allowed.
    """

    text: str
    unit: str | None = None

    def __post_init__(self) -> None:
        check_field("value", self.text, _NOT_IN_TEXT, VALUE_CHARS_MODE_C)
        if self.unit is not None:
            check_field("unit", self.unit, _NOT_IN_NAME, UNIT_CHARS)
            if not self.unit:
                raise ValueError("a unit has at least one character; None stands for no unit")

    def encode(self) -> str:
        """The value as sent, brackets included."""
        return f"({self.text})" if self.unit is None else f"({self.text}*{self.unit})"


@dataclass(frozen=True, slots=True)
class DataSet:
    """An address (at most 16 characters, possibly none) and its values (at least one). ValueError if not so."""

    address: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        check_field("address", self.address, _NOT_IN_NAME, DATA_ADDRESS_CHARS)
        if not self.values:
            raise ValueError(f"data set {self.address!r} has no value")

    @classmethod
    def of(cls, address: str, text: str, unit: str | None = None) -> "DataSet":
        """A data set of one value."""
        return cls(address, (Value(text, unit),))

    @property
    def text(self) -> str:
        """Text of the first value."""
        return self.values[0].text

    def encode(self) -> str:
        """The data set as sent."""
        return self.address + "".join(value.encode() for value in self.values)


def check_value_limit(data_sets: Iterable[DataSet], limit: int = VALUE_CHARS) -> None:
    """ValueError, naming the data set, if a value's text is longer than `limit` characters (32, in mode C 128)."""
    for data_set in data_sets:
        for value in data_set.values:
            if len(value.text) > limit:
                raise ValueError(f"data set {data_set.address!r}: {len(value.text)} characters, at most {limit}")


def encode_line(data_sets: Iterable[DataSet]) -> str:
    """Data sets one after the other. ValueError if any but the first has no address: it would join its neighbour."""
    sets = tuple(data_sets)
    for index, data_set in enumerate(sets[1:], start=1):
        if not data_set.address:
            raise ValueError(f"data set {index} of the line has no address")
    return "".join(data_set.encode() for data_set in sets)


def parse_line(text: str, limit: int = VALUE_CHARS_MODE_C) -> tuple[DataSet, ...]:
    """Data sets of one line; values of at most `limit` characters. ParseError if it has none or breaks the grammar."""
    return tuple(_data_sets(text, 0, len(text), limit))


def parse_lines(text: str, limit: int = VALUE_CHARS_MODE_C) -> tuple[DataSet, ...]:
    """Data sets of all lines, in order. Nothing at all is no data set; an empty line is a ParseError."""
    found: list[DataSet] = []
    start = 0
    while start < len(text):
        end = text.find(CRLF, start)
        end = len(text) if end < 0 else end
        found.extend(_data_sets(text, start, end, limit))
        start = end + len(CRLF)
    return tuple(found)


def _data_sets(text: str, start: int, end: int, limit: int) -> Iterator[DataSet]:
    if start == end:
        raise ParseError(start, "an empty line where a data set should be")
    position = start
    while position < end:
        bracket = text.find("(", position, end)
        if bracket < 0:
            raise ParseError(end, "'(' expected after the address")
        address = _field(text, position, bracket, "address", _NOT_IN_NAME, DATA_ADDRESS_CHARS)
        values: list[Value] = []
        position = bracket
        while position < end and text[position] == "(":
            value, position = _value(text, position, end, limit)
            values.append(value)
        yield DataSet(address, tuple(values))


def _value(text: str, bracket: int, end: int, limit: int) -> tuple[Value, int]:
    close = text.find(")", bracket, end)
    if close < 0:
        raise ParseError(end, f"')' expected: the value at {bracket} does not end")
    star = text.find("*", bracket, close)
    if star < 0:
        return Value(_field(text, bracket + 1, close, "value", _NOT_IN_TEXT, limit)), close + 1
    unit = _field(text, star + 1, close, "unit", _NOT_IN_NAME, UNIT_CHARS)
    if not unit:
        raise ParseError(star + 1, "a unit expected after '*'")
    return Value(_field(text, bracket + 1, star, "value", _NOT_IN_TEXT, limit), unit), close + 1


def _field(text: str, start: int, end: int, what: str, forbidden: str, limit: int) -> str:
    field = text[start:end]
    index = first_unfit(field, forbidden)
    if index is not None:
        raise ParseError(start + index, f"{field[index]!r} in a{'n' * (what[0] == 'a')} {what}")
    if len(field) > limit:
        raise ParseError(start + limit, f"{what} longer than {limit} characters")
    return field
