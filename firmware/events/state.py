"""What a save keeps of events, in a layout of fixed size: what the logs say up to it, so that a boot need only look at
what is newer."""

from dataclasses import dataclass
from typing import Final

from construct import Array, Int8ul, Int16ul, Int32ul, Int64ul, Struct

from firmware.events.codes import LogName
from firmware.storage.fixed_layout import FixedLayout

LOGS_KEPT: Final = len(LogName)
COUNTS_KEPT: Final = 16
"""Room for that many tallies."""
LASTING_KEPT: Final = 12
LEFT_OUT_KEPT: Final = 8

NO_SUBJECT: Final = 0xFF


@dataclass(frozen=True, slots=True)
class EventsState:
    """`number`: of the newest event; `places`: of the newest whole entry in the ring of each log. `inputs`: a bit each
    in the order of `hal.inputs.Input`; `conditions`: a bit for each that the logs say lasts. `counts`: of tallies.
    `lasting`: subjects with the s that they have lasted; `left_out`: subjects with the changes of the running hour that
    left no entry. `alarms`: the register. All but `alarms` and `left_out` is as the whole entries say."""

    number: int = 0
    places: tuple[int, ...] = (0,) * LOGS_KEPT
    inputs: int = 0
    conditions: int = 0
    counts: tuple[int, ...] = (0,) * COUNTS_KEPT
    lasting: tuple[tuple[int, int], ...] = ()
    left_out: tuple[tuple[int, int], ...] = ()
    alarms: int = 0


NO_EVENTS: Final = EventsState()

_LAYOUT: Final = FixedLayout(
    Struct(
        "number" / Int32ul,
        "places" / Array(LOGS_KEPT, Int32ul),
        "inputs" / Int8ul,
        "conditions" / Int64ul,
        "counts" / Array(COUNTS_KEPT, Int16ul),
        "lasting" / Array(LASTING_KEPT, Int8ul),
        "lasted_s" / Array(LASTING_KEPT, Int32ul),
        "left_out" / Array(LEFT_OUT_KEPT, Int8ul),
        "left_out_counts" / Array(LEFT_OUT_KEPT, Int32ul),
        "alarms" / Int32ul,
    )
)

EVENTS_BYTES: Final[int] = _LAYOUT.sizeof()


def build_events(state: EventsState) -> bytes:
    """Its bytes. Of more than fit, the first are kept."""
    lasting = [*state.lasting, *[(NO_SUBJECT, 0)] * LASTING_KEPT][:LASTING_KEPT]
    left_out = [*state.left_out, *[(NO_SUBJECT, 0)] * LEFT_OUT_KEPT][:LEFT_OUT_KEPT]
    return _LAYOUT.build(
        {
            "number": state.number,
            "places": state.places,
            "inputs": state.inputs,
            "conditions": state.conditions,
            "counts": state.counts,
            "lasting": [subject for subject, _ in lasting],
            "lasted_s": [lasted for _, lasted in lasting],
            "left_out": [subject for subject, _ in left_out],
            "left_out_counts": [count for _, count in left_out],
            "alarms": state.alarms,
        }
    )


def parse_events(data: bytes) -> EventsState:
    """What `build_events` gave."""
    found = _LAYOUT.parse(data)
    return EventsState(
        number=found.number,
        places=tuple(found.places),
        inputs=found.inputs,
        conditions=found.conditions,
        counts=tuple(found.counts),
        lasting=_told(found.lasting, found.lasted_s),
        left_out=_told(found.left_out, found.left_out_counts),
        alarms=found.alarms,
    )


def _told(subjects: list[int], numbers: list[int]) -> tuple[tuple[int, int], ...]:
    pairs = zip(subjects, numbers, strict=True)
    return tuple((subject, number) for subject, number in pairs if subject != NO_SUBJECT)
