"""Re-reads what must be kept: the newest saves each time, and in turn a billing set or a part of the configuration.

Charge leaks from cells over the years. What is found rotten while the meter runs is still in RAM, and is written again.
In a worn sector it leaks sooner. So that a worn ring does not wear itself away, what is found is answered to once an
hour a ring at most.
"""

from dataclasses import dataclass, replace
from typing import Final

from firmware.storage.record import Defect, Record
from firmware.storage.ring import Ring
from hal.units import DAY, HOUR

SOON_NS: Final = DAY
"""A record that was whole so short a time ago and is not any more tells of a worn sector. An estimate of ours."""

ANSWER_NS: Final = HOUR


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was whole: where it is, and what it held."""

    ring: str
    sequence: int
    payload: bytes
    whole_ns: int
    """When it was read back, or found at boot."""


class Scrub:
    """What is to be re-read. A record has a place in its ring, which it keeps when it is written again: the number of a
    billing set."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Kept] = {}
        self._turn = 0
        self._told: set[tuple[str, int]] = set()
        self._answered: dict[str, int] = {}

    def keep(self, place: int, kept: Kept, most: int) -> None:
        """It is whole; no more than `most` places of its ring are looked after, the highest."""
        self._kept[kept.ring, place] = kept
        places = sorted(other for ring, other in self._kept if ring == kept.ring)
        for gone in places[:-most]:
            del self._kept[kept.ring, gone]
        self._told &= {(other.ring, other.sequence) for other in self._kept.values()}

    def replace(self, ring: str, records: list[Kept]) -> None:
        """These records of a ring are looked after, and no others of it; their places are those in the list."""
        self._kept = {place: kept for place, kept in self._kept.items() if kept.ring != ring}
        self._kept |= {(ring, number): kept for number, kept in enumerate(records)}

    def moved(self, kept: Kept, sequence: int, now_ns: int) -> bool:
        """A record was written again, and has another sequence number now. Whether it was still looked after."""
        places = [place for place, other in self._kept.items() if other is kept]
        for place in places:
            self._kept[place] = replace(kept, sequence=sequence, whole_ns=now_ns)
        return bool(places)

    def kept(self, ring: str) -> frozenset[int]:
        """The sequence numbers of what is looked after in a ring."""
        return frozenset(kept.sequence for kept in self._kept.values() if kept.ring == ring)

    def answers(self, ring: str, rotten: list[Kept], now_ns: int) -> int | None:
        """Whether what is rotten in a ring is to be written again now, and of how many records that was not told yet;
        None if the last answer was less than an hour ago."""
        if now_ns - self._answered.get(ring, now_ns - ANSWER_NS) < ANSWER_NS:
            return None
        self._answered[ring] = now_ns
        untold = {(kept.ring, kept.sequence) for kept in rotten} - self._told
        self._told |= untold
        return len(untold)

    def look(self, rings: dict[str, Ring], always: str) -> tuple[list[Kept], list[Kept]]:
        """Look at all of the ring `always`, and at the next one of the others in turn: what was looked at, and what of
        it is not as it was. What its ring has erased meanwhile is not looked after any more. The flash must not be
        busy."""
        looked = [kept for (ring, _), kept in sorted(self._kept.items()) if ring == always]
        others = [kept for (ring, _), kept in sorted(self._kept.items()) if ring != always]
        if others:
            self._turn = (self._turn + 1) % len(others)
            looked.append(others[self._turn])
        rotten = []
        for kept in looked:
            found = rings[kept.ring].read(kept.sequence)
            if found is Defect.GONE:
                self._kept = {place: other for place, other in self._kept.items() if other is not kept}
            elif not isinstance(found, Record) or found.payload != kept.payload:
                rotten.append(kept)
        return looked, rotten
