"""A profile interval, and its layout in flash. A record tells its own channels, unit and nominal length, so that no
configuration to come reads an old one wrongly.
"""

from dataclasses import dataclass
from typing import Final

from construct import Int8ul, Int16sl, Int16ul, Int32ul, Int64ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.profile.status import IntervalStatus
from firmware.storage.fixed_layout import FixedLayout
from hal.energy import ENERGY_KINDS

VALUE_MOST: Final = 0xFFFF_FFFF
"""Units that a channel can hold; what is above stays in the carry, and comes with the next interval."""

CHANNELS_MOST: Final = 16
_VALUE_BYTES: Final = 4
_VERSION: Final = 1
_CLOCKS: Final = tuple(ClockStatus)

_HEAD: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "clock" / Int8ul,
        "status" / Int16ul,
        "number" / Int32ul,
        "end_s" / Int32ul,
        "offset_min" / Int16sl,
        "period_s" / Int16ul,
        "length_s" / Int32ul,
        "missed" / Int32ul,
        "channels" / Int16ul,
        "unit_nwh" / Int64ul,
    )
)
_HEAD_BYTES: Final[int] = _HEAD.sizeof()


@dataclass(frozen=True, slots=True)
class Layout:
    """What the channels of an interval are: places in `hal.energy.ENERGY_KINDS` in rising order, and their unit in
    nWh (nvarh, nVAh). `period_s` is the nominal length."""

    period_s: int
    kinds: tuple[int, ...]
    unit_nwh: int

    @property
    def mask(self) -> int:
        return sum(1 << kind for kind in self.kinds)


def layout_of(period_s: int, mask: int, unit_nwh: int) -> Layout:
    """The layout whose channels are the bits of a mask."""
    return Layout(period_s, tuple(kind for kind in range(len(ENERGY_KINDS)) if mask >> kind & 1), unit_nwh)


@dataclass(frozen=True, slots=True)
class ProfileInterval:
    """A closed interval, stamped at its end: UTC in s, the local offset in its last second, and how far the clock was
    trusted.

    `number` counts from 1 without a gap. `length_s` is the time that the meter worked in it, by its own clock. `missed`
    counts the periods before it, since the interval before, that have none. `values` are whole units.
    """

    number: int
    end_s: int
    offset_s: int
    clock: ClockStatus
    status: IntervalStatus
    length_s: int
    missed: int
    layout: Layout
    values: tuple[int, ...]


def interval_bytes(channels: int) -> int:
    """The length of a record with so many channels."""
    return _HEAD_BYTES + _VALUE_BYTES * channels


def build_interval(interval: ProfileInterval) -> bytes:
    layout = interval.layout
    head = _HEAD.build(
        {
            "version": _VERSION,
            "clock": _CLOCKS.index(interval.clock),
            "status": int(interval.status),
            "number": interval.number,
            "end_s": interval.end_s,
            "offset_min": interval.offset_s // 60,
            "period_s": layout.period_s,
            "length_s": interval.length_s,
            "missed": interval.missed,
            "channels": layout.mask,
            "unit_nwh": layout.unit_nwh,
        }
    )
    return head + b"".join([value.to_bytes(_VALUE_BYTES, "little") for value in interval.values])


def parse_interval(data: bytes) -> ProfileInterval:
    """ValueError if it is not of this version, or its length does not fit its channels. What follows is left alone."""
    if len(data) < _HEAD_BYTES or data[0] != _VERSION:
        raise ValueError(f"a profile record of {len(data)} bytes that does not begin with version {_VERSION}")
    head = _HEAD.parse(data[:_HEAD_BYTES])
    layout = layout_of(head.period_s, head.channels, head.unit_nwh)
    if len(data) < interval_bytes(len(layout.kinds)) or head.clock >= len(_CLOCKS):
        raise ValueError(f"a profile record of {len(data)} bytes with {len(layout.kinds)} channels")
    values = [
        int.from_bytes(data[at : at + _VALUE_BYTES], "little")
        for at in range(_HEAD_BYTES, interval_bytes(len(layout.kinds)), _VALUE_BYTES)
    ]
    return ProfileInterval(
        number=head.number,
        end_s=head.end_s,
        offset_s=60 * head.offset_min,
        clock=_CLOCKS[head.clock],
        status=IntervalStatus(head.status),
        length_s=head.length_s,
        missed=head.missed,
        layout=layout,
        values=tuple(values),
    )
