"""An entry of a log, and its layout in flash.

`number` counts the events of all logs, so that they can be merged into one history; within a log it rises, with gaps
where events went to other logs, or were lost before they were whole.
"""

from dataclasses import dataclass
from typing import Final

from construct import Bytes, Int8ul, Int16ul, Int32sl, Int32ul, Int64ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.save import LayoutError
from firmware.storage.fixed_layout import FixedLayout

_VERSION: Final = 2
_UNTOLD: Final = 0xFFFF_FFFF
_LONGEST_S: Final = _UNTOLD - 1
_SPARE: Final = 19


@dataclass(frozen=True, slots=True)
class Entry:
    """`utc_s` is the event's time, `offset_s` local time less UTC then. `phase`: 0 total, 1 to 3, 4 the neutral.
    `duration_s` is how long lasted what has ended: None of what is no end, or of an unknown begin."""

    event: Event
    number: int
    utc_s: int
    offset_s: int
    clock: ClockStatus
    detail: int = 0
    phase: int = 0
    duration_s: int | None = None


_LAYOUT: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "clock" / Int8ul,
        "code" / Int16ul,
        "utc_s" / Int32ul,
        "offset_s" / Int32sl,
        "number" / Int32ul,
        "detail" / Int64ul,
        "duration_s" / Int32ul,
        "phase" / Int8ul,
        "spare" / Bytes(_SPARE),
    )
)

ENTRY_BYTES: Final[int] = _LAYOUT.sizeof()

_CLOCKS: Final = tuple(ClockStatus)


def build_entry(entry: Entry) -> bytes:
    """Its bytes, `ENTRY_BYTES` of them."""
    return _LAYOUT.build(
        {
            "version": _VERSION,
            "clock": _CLOCKS.index(entry.clock),
            "code": entry.event.value,
            "utc_s": entry.utc_s,
            "offset_s": entry.offset_s,
            "number": entry.number,
            "detail": entry.detail,
            "duration_s": _UNTOLD if entry.duration_s is None else min(entry.duration_s, _LONGEST_S),
            "phase": entry.phase,
            "spare": b"\xff" * _SPARE,
        }
    )


def parse_entry(data: bytes) -> Entry:
    """LayoutError for an entry of another version, or of an event that this firmware does not know."""
    if len(data) != ENTRY_BYTES or data[0] != _VERSION:
        raise LayoutError(f"an event of {len(data)} bytes, layout version {data[:1].hex()}")
    found = _LAYOUT.parse(data)
    try:
        event, clock = Event(found.code), _CLOCKS[found.clock]
    except (ValueError, IndexError):
        raise LayoutError(f"an event with code {found.code} and clock status {found.clock}") from None
    return Entry(
        event,
        found.number,
        found.utc_s,
        found.offset_s,
        clock,
        found.detail,
        found.phase,
        None if found.duration_s == _UNTOLD else found.duration_s,
    )
