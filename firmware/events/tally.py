"""How often each kind of failure and of tampering has begun. When the last times were is in the logs.

What left no entry of its own, since it was too often, counts no more often here.
"""

import enum
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from firmware.events.book import log_of
from firmware.events.codes import Event
from firmware.events.entry import Entry
from firmware.events.logs import newest_first
from firmware.storage.ring import Ring


class Tally(enum.Enum):
    """What is counted. The order is that of the counts in a save, for ever; new ones go to the end."""

    PHASE_FAIL = "phase-fail"
    POWER_FAIL = "power-fail"
    REVERSE_RUN = "reverse-run"
    OVER_CURRENT = "over-current"
    TERMINAL_COVER = "terminal-cover"
    MAIN_COVER = "main-cover"
    MAGNET = "magnet"
    CURRENT_WITHOUT_VOLTAGE = "current-without-voltage"
    NEUTRAL_LOST = "neutral-lost"
    CURRENTS_CROSSED = "currents-crossed"
    SEQUENCE_REVERSED = "sequence-reversed"
    UNEXPECTED_CONSUMPTION = "unexpected-consumption"


COUNTED: Final[Mapping[Tally, Event]] = {
    Tally.PHASE_FAIL: Event.PHASE_FAILED,
    Tally.POWER_FAIL: Event.POWER_DOWN,
    Tally.REVERSE_RUN: Event.REVERSE_RUN,
    Tally.OVER_CURRENT: Event.OVER_CURRENT,
    Tally.TERMINAL_COVER: Event.TERMINAL_COVER_OPENED,
    Tally.MAIN_COVER: Event.MAIN_COVER_OPENED,
    Tally.MAGNET: Event.MAGNET_DETECTED,
    Tally.CURRENT_WITHOUT_VOLTAGE: Event.CURRENT_WITHOUT_VOLTAGE,
    Tally.NEUTRAL_LOST: Event.NEUTRAL_LOST,
    Tally.CURRENTS_CROSSED: Event.CURRENTS_CROSSED,
    Tally.SEQUENCE_REVERSED: Event.SEQUENCE_REVERSED,
    Tally.UNEXPECTED_CONSUMPTION: Event.UNEXPECTED_CONSUMPTION,
}
"""The event whose entries each counts."""

TALLIES: Final = tuple(Tally)

LAST_TIMES: Final = 5

_MOST: Final = 0xFFFF
"""A count stays there."""

_PLACES: Final[Mapping[Event, int]] = {COUNTED[tally]: place for place, tally in enumerate(TALLIES)}


def counted(counts: tuple[int, ...], event: Event) -> tuple[int, ...]:
    """The counts with another entry in the log."""
    place = _PLACES.get(event)
    if place is None:
        return counts
    return (*counts[:place], min(counts[place] + 1, _MOST), *counts[place + 1 :])


def last_entries(rings: Mapping[str, Ring], tally: Tally) -> Iterator[Entry]:
    """The last entries of a kind, newest first, as far as its log reaches: five at most. It reads that log down to the
    fifth, the whole log at worst; whoever asks shares that out."""
    event = COUNTED[tally]
    of_kind = (entry for _, entry in newest_first(rings[log_of(event).ring]) if entry.event is event)
    return islice(of_kind, LAST_TIMES)
