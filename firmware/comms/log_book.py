"""The logs on the optical port: `R5` or `R6` with `P.98` and a range, in programming mode, without a password.

    R5 <STX> P.98.1(from;to) <ETX>          the entries between, oldest first
    R5 <STX> P.98.1(from;to;n) <ETX>        the last n entries between, newest first
    P.98.1(ZSTs13)(00)()(6)(C.11.0)()...(C.11.5)()(code)(detail)(phase)(duration)(number)(clock)

`P.98` is the operating log of the VDEW-Lastenheft 2.1 for load-profile meters; times are its ZSTs11 (s, YYMMDDhhmm) or
ZSTs13 (with ss), where s is 0 in standard time, 1 in summer time, 2 for UTC; an empty one leaves that end open. Which
log: `P.98` alone is the standard one, and the last figure is that of COSEM's logs, 0-0:99.98.e: 0 standard, 1 fraud, 4
quality, 5 communication; 6 power and 7 configuration are ours. So are the six elements, C.11.x: code, detail, phase,
duration in s (empty for none), number among all events, clock status. What is not there answers `P.98(ERROR)`, as does
an R5 with more than a message holds: R6 gives any number, in blocks.

A log is looked through in steps, since a look at all of it would keep other tasks waiting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from firmware.clock.civil import Zone, local_at_offset
from firmware.events.codes import LogName
from firmware.events.entry import Entry
from firmware.events.logs import newest_first
from firmware.storage.ring import Ring
from protocols.iec62056_21 import DataSet
from protocols.iec62056_21.data import Value

ADDRESS: Final = "P.98"

LOGS: Final[Mapping[str, LogName]] = {
    ADDRESS: LogName.STANDARD,
    "P.98.0": LogName.STANDARD,
    "P.98.1": LogName.FRAUD,
    "P.98.4": LogName.QUALITY,
    "P.98.5": LogName.COMMUNICATION,
    "P.98.6": LogName.POWER,
    "P.98.7": LogName.CONFIGURATION,
}
"""By address."""

BLOCK_ENTRIES: Final = 8
"""Entries of a message; some 120 characters each."""

STEP_ENTRIES: Final = 32
"""Entries that are looked at in a step."""

_ELEMENTS: Final = ("C.11.0", "C.11.1", "C.11.2", "C.11.3", "C.11.4", "C.11.5")
_COUNT_DIGITS: Final = 4
_STAMP_DIGITS: Final = (11, 13)
_SUMMER: Final = 1
_UTC: Final = 2
_NEVER_S: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for: times from `first_s` to `last_s`, UTC in s; the newest `most`, or all if None."""

    address: str
    log: LogName
    first_s: int
    last_s: int
    most: int | None


def selection(data_set: DataSet, zone: Zone) -> Selection | None:
    """What a read command asks for; None if it is not to be understood."""
    log = LOGS.get(data_set.address)
    begin, end, most, *rest = (*data_set.text.split(";"), "", "")
    if log is None or len(data_set.values) > 1 or any(rest) or (begin and ";" not in data_set.text):
        return None
    first_s = _instant(begin, zone, 0) if begin else 0
    last_s = _instant(end, zone, 59) if end else _NEVER_S
    if first_s is None or last_s is None or (most and not _is_number(most, _COUNT_DIGITS)):
        return None
    return Selection(data_set.address, log, first_s, last_s, int(most) if most else None)


class LogReading:
    """One reading of a log. First its places are found, in `step`s; then `block` gives the lines."""

    def __init__(self, asked: Selection, ring: Ring, zone: Zone) -> None:
        self.address = asked.address
        self._zone = zone
        self._asked = asked
        self._ring = ring
        self._entries: Iterator[tuple[int, Entry]] = newest_first(ring)
        self._places: list[int] = []
        self._done = False

    @property
    def done(self) -> bool:
        """Whether all places are found."""
        return self._done

    @property
    def left(self) -> int:
        """Entries that no block has had."""
        return len(self._places)

    def step(self) -> None:
        """Look at some entries more."""
        asked = self._asked
        for _ in range(STEP_ENTRIES):
            place, entry = next(self._entries, (0, None))
            if entry is None or len(self._places) == asked.most:
                self._done = True
                if asked.most is None:
                    self._places.reverse()
                return
            if asked.first_s <= entry.utc_s <= asked.last_s:
                self._places.append(place)

    def block(self) -> list[DataSet]:
        """The next lines. An entry that the ring has given up meanwhile is left out."""
        taken, self._places = self._places[:BLOCK_ENTRIES], self._places[BLOCK_ENTRIES:]
        found = (next(newest_first(self._ring, place + 1), None) for place in taken)
        return [
            line(self.address, one[1], self._zone)
            for place, one in zip(taken, found, strict=True)
            if one and one[0] == place
        ]


def line(address: str, entry: Entry, zone: Zone) -> DataSet:
    """An entry as it is sent."""
    texts = (
        str(entry.event.value),
        str(entry.detail),
        str(entry.phase),
        "" if entry.duration_s is None else str(entry.duration_s),
        str(entry.number),
        entry.clock.value,
    )
    heads = (text for element in _ELEMENTS for text in (element, ""))
    values = (stamp(entry, zone), "00", "", str(len(_ELEMENTS)), *heads, *texts)
    return DataSet(address, tuple(map(Value, values)))


def error(address: str) -> list[DataSet]:
    """The answer to what can't be read."""
    return [DataSet.of(address if address in LOGS else ADDRESS, "ERROR")]


def stamp(entry: Entry, zone: Zone) -> str:
    """ZSTs13 of an entry, as the wall showed it then."""
    at = local_at_offset(entry.utc_s, entry.offset_s)
    season = int(entry.offset_s != zone.standard_offset_s)
    return f"{season}{at.year % 100:02}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}{at.second:02}"


def _instant(text: str, zone: Zone, second: int) -> int | None:
    """UTC of a ZSTs13, or of this second of a ZSTs11; None if it is neither."""
    if not _is_number(text, _STAMP_DIGITS[-1]) or len(text) not in _STAMP_DIGITS:
        return None
    year, month, day, hour, minute, *rest = (int(text[at : at + 2]) for at in range(1, len(text), 2))
    shift_s = 0 if zone.dst is None else zone.dst.shift_s
    ahead_s = {0: zone.standard_offset_s, _SUMMER: zone.standard_offset_s + shift_s, _UTC: 0}.get(int(text[0]))
    try:
        wall_s = Zone(0).utc(2000 + year, month, day, hour, minute, *(rest or [second]))
    except ValueError:
        return None
    return None if ahead_s is None else wall_s - ahead_s


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits
