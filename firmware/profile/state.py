"""What a save keeps of the load profile: the running interval, and those closed whose record is not known to be whole.

The save is the profile's write-ahead log. An interval is closed when a save that carries it is whole; only then does
its record go to the journal, and a boot writes those that are missing there.
"""

from dataclasses import dataclass
from typing import Final

from construct import Array, Int8ul, Int16ul, Int32ul, Int64ul, Struct

from firmware.profile.interval import (
    Layout,
    ProfileInterval,
    build_interval,
    interval_bytes,
    layout_of,
    parse_interval,
)
from firmware.profile.status import LASTING, IntervalStatus
from firmware.storage.fixed_layout import FixedLayout

PENDING_MOST: Final = 4
"""Closed intervals (or runs of filled ones) that may wait for their records. When they are so many, the running
interval is not ended: it grows long, and says so."""

_COUNT_BYTES: Final = 2
RUN_MOST: Final = 0xFFFF

_STATE: Final = FixedLayout(
    Struct(
        "number" / Int32ul,
        "end_s" / Int32ul,
        "length_s" / Int32ul,
        "status" / Int16ul,
        "last_s" / Int32ul,
        "latest_s" / Int32ul,
        "period_s" / Int16ul,
        "channels" / Int16ul,
        "unit_nwh" / Int64ul,
        "lasting" / Array(len(LASTING), Int8ul),
        "pending" / Int8ul,
    )
)
_STATE_BYTES: Final[int] = _STATE.sizeof()
_UNREPORTED_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Run:
    """A closed interval; or `count` of them that fill missed periods, one after another, of which it is the first."""

    first: ProfileInterval
    count: int = 1

    @property
    def last(self) -> int:
        """The number of the last one."""
        return self.first.number + self.count - 1


@dataclass(frozen=True, slots=True)
class ProfileState:
    """The running interval has the number `number`, ends at `end_s`, has covered `length_s` so far, and has gathered
    `status` so far. `last_s` is the stamp of the last closed one, `latest_s` the highest given; 0 for none.

    `unreported` is what each channel has counted in nWh that no closed interval holds: the carry, and the running
    interval. `lasting` has a byte for each of `LASTING`, a bit for each detail.
    """

    number: int
    end_s: int
    length_s: int
    status: IntervalStatus
    last_s: int
    latest_s: int
    layout: Layout
    lasting: tuple[int, ...]
    unreported: tuple[int, ...]
    pending: tuple[Run, ...]

    @property
    def closed(self) -> int:
        """The number of the newest closed interval; 0 for none."""
        return self.number - 1


NO_PROFILE: Final = ProfileState(1, 0, 0, IntervalStatus(0), 0, 0, Layout(0, (), 1), (0,) * len(LASTING), (), ())
"""A meter that has no profile yet."""


def profile_bytes(channels: int) -> int:
    """The longest state with so many channels."""
    run = _COUNT_BYTES + interval_bytes(channels)
    return _STATE_BYTES + _UNREPORTED_BYTES * channels + PENDING_MOST * run


def build_profile(state: ProfileState) -> bytes:
    layout = state.layout
    head = _STATE.build(
        {
            "number": state.number,
            "end_s": state.end_s,
            "length_s": state.length_s,
            "status": int(state.status),
            "last_s": state.last_s,
            "latest_s": state.latest_s,
            "period_s": layout.period_s,
            "channels": layout.mask,
            "unit_nwh": layout.unit_nwh,
            "lasting": state.lasting,
            "pending": len(state.pending),
        }
    )
    parts = [head, *(value.to_bytes(_UNREPORTED_BYTES, "little") for value in state.unreported)]
    for run in state.pending:
        parts += (run.count.to_bytes(_COUNT_BYTES, "little"), build_interval(run.first))
    return b"".join(parts)


def parse_profile(data: bytes) -> ProfileState:
    """ValueError if the length does not fit what it says."""
    if len(data) < _STATE_BYTES:
        raise ValueError(f"a profile state of {len(data)} bytes")
    head = _STATE.parse(data[:_STATE_BYTES])
    layout = layout_of(head.period_s, head.channels, head.unit_nwh)
    at = _STATE_BYTES + _UNREPORTED_BYTES * len(layout.kinds)
    unreported = [
        int.from_bytes(data[place : place + _UNREPORTED_BYTES], "little")
        for place in range(_STATE_BYTES, at, _UNREPORTED_BYTES)
    ]
    pending = []
    for _ in range(head.pending):
        first = parse_interval(data[at + _COUNT_BYTES :])
        pending.append(Run(first, int.from_bytes(data[at : at + _COUNT_BYTES], "little")))
        at += _COUNT_BYTES + interval_bytes(len(first.values))
    if at != len(data):
        raise ValueError(f"a profile state of {len(data)} bytes where {at} are told of")
    return ProfileState(
        number=head.number,
        end_s=head.end_s,
        length_s=head.length_s,
        status=IntervalStatus(head.status),
        last_s=head.last_s,
        latest_s=head.latest_s,
        layout=layout,
        lasting=tuple(head.lasting),
        unreported=tuple(unreported),
        pending=tuple(pending),
    )
