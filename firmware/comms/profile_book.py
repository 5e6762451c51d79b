"""The load profiles on the optical port: `R5` or `R6` with `P.01` (or `P.02`, the second one) and a range.

    R6 <STX> P.01(from;to) <ETX>            the intervals stamped from .. to, both included, oldest first
    R6 <STX> P.01(from;to;n) <ETX>          the last n of these, newest first
    R6 <STX> P.01(#first;#last) <ETX>       the intervals with these numbers
    P.01(ZSTs13)(status)(period)(channels)(code)(unit)...(code)(unit)
    (value)...(value)

As the VDEW-Lastenheft 2.1 has it for load-profile meters: a header, then a line for each interval, and a header again
where the row of stamps breaks, or the status or the channels are others. Times are its ZSTs11 or ZSTs13 (see
`season_stamp`); an empty one leaves that end open. A header's time is the end of the interval that follows it; its
status 16 bits in hexadecimal digits, the period in minutes. Codes are reduced IDs: an energy's advance has 29 in value
group D (time integral 5 of IEC 62056-6-1). Values are secondary, and empty if nothing was measured. Numbers are ours.

An R5 with more than a message holds answers `P.01(ERROR)`: R6 gives any number, in blocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.clock.civil import Zone
from firmware.comms import season_stamp
from firmware.profile.channel import NO_VALUE, Channel, Method, channel_of
from firmware.profile.interval import Layout, ProfileInterval
from firmware.profile.load_profile import LoadProfile
from firmware.profile.status import word
from firmware.registers import reduced_id
from firmware.registers.energy import POWER_UNITS, CustomerSum, units
from firmware.registers.identity import Quantity
from firmware.registers.value import Unit
from protocols.iec62056_21 import DataSet
from protocols.iec62056_21.data import Value

ADDRESSES: Final[Mapping[str, int]] = {"P.01": 0, "P.02": 1}
"""By address, the place of the profile."""

BLOCK_INTERVALS: Final = 16
"""Intervals of a message; of 16 channels, some 3 kB."""

_STEP_ROWS: Final = 4
"""Rows of stamps that are looked at in a step."""

_COUNT_DIGITS: Final = 5
_NUMBER_MARK: Final = "#"
_NUMBER_DIGITS: Final = 10
_NEVER_S: Final = (1 << 32) - 1
_KWH_NWH: Final = 10**12
_KW_DECIMALS: Final = 6

_MEASURED_UNITS: Final = {
    Quantity.ACTIVE: Unit.WATT,
    Quantity.REACTIVE: Unit.VAR,
    Quantity.APPARENT: Unit.VOLT_AMPERE,
    Quantity.VOLTAGE: Unit.VOLT,
    Quantity.CURRENT: Unit.AMPERE,
    Quantity.FREQUENCY: Unit.HERTZ,
}
_ANGLES: Final = (Quantity.VOLTAGE_ANGLE, Quantity.CURRENT_ANGLE)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for: times from `first` to `last`, UTC in s, or numbers; the newest `most`, or all if None."""

    address: str
    first: int
    last: int
    numbers: bool
    most: int | None


def selection(data_set: DataSet, zone: Zone) -> Selection | None:
    """What a read command asks for; None if it is not to be understood."""
    begin, end, most, *rest = (*data_set.text.split(";"), "", "")
    if data_set.address not in ADDRESSES or len(data_set.values) > 1 or any(rest) or data_set.text.count(";") < 1:
        return None
    if most and not _is_number(most, _COUNT_DIGITS):
        return None
    numbers = _NUMBER_MARK in (begin[:1], end[:1])
    first = _end(begin, zone, 0, numbers) if begin else 0
    last = _end(end, zone, 59, numbers) if end else _NEVER_S
    if first is None or last is None:
        return None
    return Selection(data_set.address, first, last, numbers, int(most) if most else None)


class ProfileReading:
    """One reading of a profile. First it is found where its intervals stand, in `step`s; then `block` gives the lines.
    Each of both may be done while the flash can be read, and the profile may go on in between."""

    def __init__(self, asked: Selection, profile: LoadProfile, zone: Zone, sums: Sequence[CustomerSum] = ()) -> None:
        self.address = asked.address
        self._asked = asked
        self._profile = profile
        self._zone = zone
        self._units = units(sums)
        self._spans: list[tuple[int, int]] = []
        self._rows: Iterator[tuple[int, int] | None] | None = None
        self._done = False

    @property
    def done(self) -> bool:
        """Whether it is known where all intervals stand."""
        return self._done

    @property
    def left(self) -> int:
        """Intervals that no block has had, as far as they are whole."""
        return sum(last - first + 1 for first, last in self._spans)

    def step(self) -> None:
        """Look at some rows of stamps more."""
        asked = self._asked
        if self._rows is None:
            self._rows = self._found()
        for _ in range(_STEP_ROWS):
            span = next(self._rows, (0, 0))
            if span == (0, 0) or (asked.most is not None and self.left >= asked.most):
                self._done = True
                if asked.most is None:
                    self._spans.reverse()
                return
            if span is not None:
                first, last = span
                room = last - first + 1 if asked.most is None else asked.most - self.left
                self._spans.append((max(first, last - room + 1), last))

    def block(self) -> list[DataSet]:
        """The next lines. Intervals that the ring has given up meanwhile are left out."""
        entries, newest_first = self._profile.entries, self._asked.most is not None
        first, last = self._spans.pop(0)
        if newest_first:
            begin, end = max(first, last - BLOCK_INTERVALS + 1), last
            rest = first, begin - 1
        else:
            begin, end = first, min(last, first + BLOCK_INTERVALS - 1)
            rest = end + 1, last
        if rest[0] <= rest[1]:
            self._spans.insert(0, rest)
        return list(self._lines(entries.by_number(begin, end, newest_first=newest_first)))

    def _found(self) -> Iterator[tuple[int, int] | None]:
        asked, entries = self._asked, self._profile.entries
        if not asked.numbers:
            yield from entries.spans(asked.first, asked.last)
            return
        oldest, newest = entries.oldest, entries.newest
        if oldest is not None and newest is not None:
            first, last = max(asked.first, oldest.number), min(asked.last, newest.number)
            yield (first, last) if first <= last else None

    def _lines(self, intervals: Iterator[ProfileInterval]) -> Iterator[DataSet]:
        before: ProfileInterval | None = None
        for one in intervals:
            if before is None or not _goes_on(before, one):
                yield self._header(one)
            before = one
            yield DataSet("", tuple(self._value(one.layout, *pair) for pair in _pairs(one)))

    def _header(self, one: ProfileInterval) -> DataSet:
        layout = one.layout
        texts = [
            season_stamp.text(one.end_s, one.offset_s, self._zone),
            f"{word(one.status):04X}",
            f"{layout.period_s // 60:02}",
            str(len(layout.channels)),
        ]
        for code in layout.channels:
            channel = channel_of(code)
            texts += [code_of(channel), self._unit(channel)]
        return DataSet(self.address, tuple(map(Value, texts)))

    def _unit(self, channel: Channel) -> str:
        if channel.measured is not None:
            quantity = channel.measured.quantity
            return "deg" if quantity in _ANGLES else _MEASURED_UNITS.get(quantity, Unit.COUNT).symbol
        assert channel.energy is not None
        unit = self._units[channel.energy.terms[0][1]] or Unit.WATT_HOUR
        return f"k{(POWER_UNITS[unit] if channel.method is Method.DEMAND else unit).symbol}"

    def _value(self, layout: Layout, code: int, value: int) -> Value:
        channel = channel_of(code)
        if channel.measured is not None:
            return Value("" if value == NO_VALUE else _decimal(value, channel.measured.decimals))
        if channel.method is Method.DEMAND:
            return Value(_decimal(value, _KW_DECIMALS))
        decimals = next(places for places in range(13) if layout.unit_nwh * 10**places % _KWH_NWH == 0)
        return Value(_decimal(value * layout.unit_nwh * 10**decimals // _KWH_NWH, decimals))


def code_of(channel: Channel) -> str:
    """The reduced ID code of a channel."""
    code = reduced_id.code(channel.identity, 0)
    if code is None:
        return channel.text
    return code.replace(".8.", ".29.", 1) if channel.method is Method.ADVANCE else code


def error(address: str) -> list[DataSet]:
    """The answer to what can't be read."""
    return [DataSet.of(address, "ERROR")]


def _pairs(one: ProfileInterval) -> Iterator[tuple[int, int]]:
    return zip(one.layout.channels, one.values, strict=True)


def _goes_on(before: ProfileInterval, one: ProfileInterval) -> bool:
    """Whether a line needs no header of its own: a reader knows its time from the line before."""
    apart_s = abs(one.end_s - before.end_s)
    alike = one.layout == before.layout and one.status == before.status and one.offset_s == before.offset_s
    return alike and apart_s == one.layout.period_s


def _decimal(value: int, decimals: int) -> str:
    whole, rest = divmod(abs(value), 10**decimals)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:0{decimals}}" if decimals else f"{sign}{whole}"


def _end(text: str, zone: Zone, second: int, numbers: bool) -> int | None:
    if not numbers:
        return season_stamp.instant(text, zone, second)
    digits = text.removeprefix(_NUMBER_MARK)
    return int(digits) if digits != text and _is_number(digits, _NUMBER_DIGITS) else None


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits
