"""What a save keeps of a load profile: the running interval, and those closed whose record is not known to be whole.

The save is the profile's write-ahead log. An interval is closed when a save that carries it is whole; only then does
its record go to the journal, and a boot writes those that are missing there.
"""

from dataclasses import dataclass
from typing import Final

from construct import Array, Bytes, Int8ul, Int16sl, Int16ul, Int32ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.profile.channel import VALUE_BYTES, Method, channel_of
from firmware.profile.gathering import Kept
from firmware.profile.interval import Layout, ProfileInterval, build_values, parse_values
from firmware.profile.status import LASTING, IntervalStatus, word, worded
from firmware.storage.fixed_layout import FixedLayout

PENDING_MOST: Final = 3
"""Closed intervals (or runs of filled ones) that may wait for their records. When they are so many, the running
interval is not ended: it grows long, and says so."""

RUN_MOST: Final = 0xFFFF

_MINUTE_S: Final = 60
_THREE: Final = 3
_SEVEN: Final = 7
_CLOCKS: Final = tuple(ClockStatus)
_OWN_LAYOUT: Final = 0x80
"""Of a run's clock byte: its layout is not the running interval's, and follows its head."""

_STATE: Final = FixedLayout(
    Struct(
        "number" / Int32ul,
        "end_s" / Int32ul,
        "length_s" / Int32ul,
        "status" / Int16ul,
        "last_s" / Int32ul,
        "latest_s" / Int32ul,
        "stamp_s" / Int32ul,
        "turn" / Int32ul,
        "lasting" / Array(len(LASTING), Int8ul),
        "pending" / Int8ul,
    )
)
_RUN: Final = FixedLayout(
    Struct(
        "number" / Int32ul,
        "count" / Int16ul,
        "clock" / Int8ul,
        "status" / Int16ul,
        "end_s" / Int32ul,
        "turn" / Int32ul,
        "offset_min" / Int16sl,
        "length_s" / Bytes(_THREE),
        "missed" / Bytes(_THREE),
    )
)
_LAYOUT: Final = FixedLayout(Struct("period_min" / Int8ul, "count" / Int8ul, "unit_nwh" / Bytes(_SEVEN)))
_STATE_BYTES: Final[int] = _STATE.sizeof()
_RUN_BYTES: Final[int] = _RUN.sizeof()
_LAYOUT_BYTES: Final[int] = _LAYOUT.sizeof()
_AMOUNT_BYTES: Final = 8
_COUNT_BYTES: Final = 2


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
    `status` so far. `last_s` is the stamp from which missed periods are counted, `latest_s` the highest that was given,
    `stamp_s` that of the last closed one; 0 for none. `turn` is that of the last closed one.

    `kept` is what the channels have gathered. `lasting` has a byte for each of `LASTING`, a bit for each detail.
    """

    number: int
    end_s: int
    length_s: int
    status: IntervalStatus
    last_s: int
    latest_s: int
    stamp_s: int
    turn: int
    layout: Layout
    lasting: tuple[int, ...]
    kept: Kept
    pending: tuple[Run, ...]

    @property
    def closed(self) -> int:
        """The number of the newest closed interval; 0 for none."""
        return self.number - 1

    @property
    def unreported(self) -> tuple[int, ...]:
        """What each channel of an energy's advance has counted in nWh that no closed interval holds: the carry, and the
        running interval; 0 for others."""
        amounts = zip(self.layout.channels, self.kept[0], strict=True)
        return tuple([amount if channel_of(code).method is Method.ADVANCE else 0 for code, amount in amounts])


NO_PROFILE: Final = ProfileState(
    1, 0, 0, IntervalStatus(0), 0, 0, 0, 1, Layout(0, (), 1), (0,) * len(LASTING), ((), ()), ()
)
"""A meter that has no profile yet."""


def profile_bytes(channels: int) -> int:
    """The longest state with so many channels, before as now."""
    run = _RUN_BYTES + _LAYOUT_BYTES + (1 + VALUE_BYTES) * channels
    one = _STATE_BYTES + _LAYOUT_BYTES + (1 + _AMOUNT_BYTES + _COUNT_BYTES) * channels
    return one + PENDING_MOST * run


def build_profile(state: ProfileState) -> bytes:
    head = _STATE.build(
        {
            "number": state.number,
            "end_s": state.end_s,
            "length_s": state.length_s,
            "status": word(state.status),
            "last_s": state.last_s,
            "latest_s": state.latest_s,
            "stamp_s": state.stamp_s,
            "turn": state.turn,
            "lasting": state.lasting,
            "pending": len(state.pending),
        }
    )
    parts = [head, _build_layout(state.layout)]
    amounts, counts = state.kept
    parts += [amount.to_bytes(_AMOUNT_BYTES, "little", signed=True) for amount in amounts]
    parts += [count.to_bytes(_COUNT_BYTES, "little") for count in counts]
    for run in state.pending:
        parts += _build_run(run, state.layout)
    return b"".join(parts)


def _build_layout(layout: Layout) -> bytes:
    head = _LAYOUT.build(
        {
            "period_min": layout.period_s // _MINUTE_S,
            "count": len(layout.channels),
            "unit_nwh": layout.unit_nwh.to_bytes(_SEVEN, "little"),
        }
    )
    return head + bytes(layout.channels)


def _build_run(run: Run, usual: Layout) -> list[bytes]:
    first = run.first
    own = first.layout != usual
    head = _RUN.build(
        {
            "number": first.number,
            "count": run.count,
            "clock": _CLOCKS.index(first.clock) | own * _OWN_LAYOUT,
            "status": word(first.status),
            "end_s": first.end_s,
            "turn": first.turn,
            "offset_min": first.offset_s // _MINUTE_S,
            "length_s": first.length_s.to_bytes(_THREE, "little"),
            "missed": first.missed.to_bytes(_THREE, "little"),
        }
    )
    return [head, *([_build_layout(first.layout)] if own else ()), build_values(first.layout, first.values)]


class _Reader:
    """Takes a state's bytes one after another. ValueError where they end too soon."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self.at : self.at + count]
        if len(part) < count:
            raise ValueError(f"a profile state of {len(self._data)} bytes, which ends in its midst")
        self.at += count
        return part

    def layout(self) -> Layout:
        head = _LAYOUT.parse(self.take(_LAYOUT_BYTES))
        unit_nwh = int.from_bytes(head.unit_nwh, "little")
        return Layout(head.period_min * _MINUTE_S, tuple(self.take(head.count)), unit_nwh)

    def integers(self, count: int, size: int, *, signed: bool) -> tuple[int, ...]:
        return tuple([int.from_bytes(self.take(size), "little", signed=signed) for _ in range(count)])

    def run(self, usual: Layout) -> Run:
        head = _RUN.parse(self.take(_RUN_BYTES))
        clock = head.clock & ~_OWN_LAYOUT
        if clock >= len(_CLOCKS):
            raise ValueError(f"a profile state with a clock status {clock}")
        layout = self.layout() if head.clock & _OWN_LAYOUT else usual
        length_s, missed = int.from_bytes(head.length_s, "little"), int.from_bytes(head.missed, "little")
        first = ProfileInterval(
            number=head.number,
            end_s=head.end_s,
            offset_s=_MINUTE_S * head.offset_min,
            clock=_CLOCKS[clock],
            status=worded(head.status, layout.period_s, length_s, missed),
            length_s=length_s,
            missed=missed,
            turn=head.turn,
            layout=layout,
            values=parse_values(layout, self.take(VALUE_BYTES * len(layout.channels))),
        )
        return Run(first, head.count)


def parse_profile(data: bytes) -> tuple[ProfileState, bytes]:
    """The state that `data` begins with, and what follows. ValueError if it ends too soon, or is none."""
    reader = _Reader(data)
    head = _STATE.parse(reader.take(_STATE_BYTES))
    layout = reader.layout()
    amounts = reader.integers(len(layout.channels), _AMOUNT_BYTES, signed=True)
    counts = reader.integers(len(layout.channels), _COUNT_BYTES, signed=False)
    state = ProfileState(
        number=head.number,
        end_s=head.end_s,
        length_s=head.length_s,
        status=worded(head.status, 1, 1, 0),
        last_s=head.last_s,
        latest_s=head.latest_s,
        stamp_s=head.stamp_s,
        turn=head.turn,
        layout=layout,
        lasting=tuple(head.lasting),
        kept=(amounts, counts),
        pending=tuple([reader.run(layout) for _ in range(head.pending)]),
    )
    return state, data[reader.at :]
