"""A profile interval, and its layout in flash. A record tells its own channels, unit and nominal length, so that no
configuration to come reads an old one wrongly.
"""

from dataclasses import dataclass
from typing import Final

from construct import Bytes, Int8ul, Int16sl, Int16ul, Int32ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.profile.channel import READING_MODULUS, VALUE_BYTES, Method, channel_of
from firmware.profile.status import IntervalStatus, word, worded
from firmware.storage.fixed_layout import FixedLayout

CHANNELS_MOST: Final = 16
UNIT_MOST: Final = (1 << 56) - 1
"""nWh that a unit can be."""

SHORT_MOST: Final = (1 << 24) - 1
"""What a length in s, or a count of missed periods, can be."""

_VERSION: Final = 2
_CLOCKS: Final = tuple(ClockStatus)
_MINUTE_S: Final = 60
_THREE: Final = 3
_SEVEN: Final = 7

_HEAD: Final = FixedLayout(
    Struct(
        "version_clock" / Int8ul,
        "count" / Int8ul,
        "status" / Int16ul,
        "number" / Int32ul,
        "end_s" / Int32ul,
        "turn" / Int32ul,
        "offset_min" / Int16sl,
        "period_min" / Int8ul,
        "length_s" / Bytes(_THREE),
        "missed" / Bytes(_THREE),
        "unit_nwh" / Bytes(_SEVEN),
    )
)
_HEAD_BYTES: Final[int] = _HEAD.sizeof()


@dataclass(frozen=True, slots=True)
class Layout:
    """What the channels of an interval are: codes of `firmware.profile.channel`, and the unit of energies in nWh
    (nvarh, nVAh). `period_s` is the nominal length, whole minutes."""

    period_s: int
    channels: tuple[int, ...]
    unit_nwh: int


@dataclass(frozen=True, slots=True)
class ProfileInterval:
    """A closed interval, stamped at its end: UTC in s, the local offset in its last second, and how far the clock was
    trusted.

    `number` counts from 1 without a gap. `length_s` is the time that the meter worked in it, by its own clock, and 0
    only in a filled one. `missed` counts the periods before it, since the interval before, that have none. `turn` is
    the number of the interval with which the row began in which stamps have risen up to this one: when the clock goes
    back, a new row begins. `values` are as their channels say.
    """

    number: int
    end_s: int
    offset_s: int
    clock: ClockStatus
    status: IntervalStatus
    length_s: int
    missed: int
    turn: int
    layout: Layout
    values: tuple[int, ...]


def interval_bytes(channels: int) -> int:
    """The length of a record with so many channels."""
    return _HEAD_BYTES + (1 + VALUE_BYTES) * channels


def build_values(layout: Layout, values: tuple[int, ...]) -> bytes:
    """The values as they stand in flash."""
    return b"".join([(value % READING_MODULUS).to_bytes(VALUE_BYTES, "little") for value in values])


def parse_values(layout: Layout, data: bytes) -> tuple[int, ...]:
    """What `build_values` has built."""
    return tuple(
        int.from_bytes(data[VALUE_BYTES * place : VALUE_BYTES * (place + 1)], "little", signed=not _is_reading(code))
        for place, code in enumerate(layout.channels)
    )


def _is_reading(code: int) -> bool:
    return channel_of(code).method is Method.READING


def build_interval(interval: ProfileInterval) -> bytes:
    layout = interval.layout
    head = _HEAD.build(
        {
            "version_clock": _VERSION << 4 | _CLOCKS.index(interval.clock),
            "count": len(layout.channels),
            "status": word(interval.status),
            "number": interval.number,
            "end_s": interval.end_s,
            "turn": interval.turn,
            "offset_min": interval.offset_s // _MINUTE_S,
            "period_min": layout.period_s // _MINUTE_S,
            "length_s": interval.length_s.to_bytes(_THREE, "little"),
            "missed": interval.missed.to_bytes(_THREE, "little"),
            "unit_nwh": layout.unit_nwh.to_bytes(_SEVEN, "little"),
        }
    )
    return head + bytes(layout.channels) + build_values(layout, interval.values)


def parse_interval(data: bytes) -> ProfileInterval:
    """ValueError if it is not of this version, or its length does not fit its channels. What follows is left alone."""
    if len(data) < _HEAD_BYTES or data[0] >> 4 != _VERSION:
        raise ValueError(f"a profile record of {len(data)} bytes that does not begin with version {_VERSION}")
    head = _HEAD.parse(data[:_HEAD_BYTES])
    clock = head.version_clock & 0xF
    if len(data) < interval_bytes(head.count) or clock >= len(_CLOCKS):
        raise ValueError(f"a profile record of {len(data)} bytes with {head.count} channels")
    values_at = _HEAD_BYTES + head.count
    period_s = head.period_min * _MINUTE_S
    layout = Layout(period_s, tuple(data[_HEAD_BYTES:values_at]), int.from_bytes(head.unit_nwh, "little"))
    length_s, missed = int.from_bytes(head.length_s, "little"), int.from_bytes(head.missed, "little")
    try:
        values = parse_values(layout, data[values_at:])
    except ValueError as error:
        raise ValueError(f"a profile record: {error}") from None
    return ProfileInterval(
        number=head.number,
        end_s=head.end_s,
        offset_s=_MINUTE_S * head.offset_min,
        clock=_CLOCKS[clock],
        status=worded(head.status, period_s, length_s, missed),
        length_s=length_s,
        missed=missed,
        turn=head.turn,
        layout=layout,
        values=values,
    )
