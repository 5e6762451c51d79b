"""The logs in flash, read: each newest first, all of them merged, and what is newer than a save."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from firmware.events.codes import LogName
from firmware.events.entry import Entry, parse_entry
from firmware.save import LayoutError
from firmware.storage.ring import Ring

LOGS: Final = tuple(LogName)

RINGS_OF_LOGS: Final = tuple(log.ring for log in LOGS)

REPLAYED_MOST: Final = 240
"""Entries of a log after a save that a boot looks at, 16 a minute until the next save."""

Placed = tuple[LogName, int, Entry]
"""A log, the place in its ring, and the entry there."""


def newest_first(ring: Ring, before: int | None = None) -> Iterator[tuple[int, Entry]]:
    """The entries of a log with their places, newest first, from the one before the place `before` on."""
    for record in ring.newest_first(before):
        with suppress(LayoutError):
            yield record.sequence, parse_entry(record.payload)


def merged(rings: Mapping[str, Ring]) -> Iterator[Placed]:
    """The entries of all logs, newest first."""

    def of(log: LogName) -> Iterator[Placed]:
        for place, entry in newest_first(rings[log.ring]):
            yield log, place, entry

    return heapq.merge(*map(of, LOGS), key=lambda placed: -placed[2].number)


def newer(rings: Mapping[str, Ring], places: Sequence[int]) -> list[Placed]:
    """The entries behind these places of the logs, oldest first, as many as a boot looks at."""
    found: list[Placed] = []
    for log, place in zip(LOGS, places, strict=True):
        for (at, entry), _ in zip(newest_first(rings[log.ring]), range(REPLAYED_MOST), strict=False):
            if at <= place:
                break
            found.append((log, at, entry))
    return sorted(found, key=lambda placed: placed[2].number)
