"""Closed intervals, read from a ring by number or by time, without a search through all of it.

Intervals stand in the ring in the order of their numbers, so a number is found by halving, from a guess: a slot for
each number. Stamps do not rise for ever: a clock set back begins another row of them. Each record names the number with
which its row began, so the rows are found from the newest one back, and within a row stamps rise: a time is found as a
number is. The first guess is exact where no interval is missing; then nothing is read but what was asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from firmware.profile.interval import ProfileInterval, parse_interval
from firmware.storage.record import Record
from firmware.storage.region import Region

_GUESSES: Final = 8
"""After so many guesses that did not meet, halving goes on."""


Key = Callable[[ProfileInterval], int]


class Source(Protocol):
    """What is needed of a ring."""

    @property
    def region(self) -> Region: ...

    @property
    def newest_sequence(self) -> int: ...

    @property
    def sectors_held(self) -> tuple[int, ...]:
        """The first sequence number of each sector that may be read and begins no later than the newest record, oldest
        first."""

    def read(self, sequence: int) -> object: ...


@dataclass(frozen=True, slots=True)
class _Row:
    """Places from `begin` up to `end`, in which stamps rise."""

    begin: int
    end: int


class Entries:
    """One look at a ring, to be used before anything is written to it. A place is a slot, counted from the oldest."""

    def __init__(self, ring: Source, known: tuple[int, ProfileInterval] | None = None) -> None:
        """`known` is the newest interval and its sequence number, where that is not to be read."""
        self._ring = ring
        self._sectors = ring.sectors_held
        self._slots = ring.region.slots_per_sector
        self._known: dict[int, ProfileInterval | None] = {}
        self._end = 0
        newest = ring.newest_sequence
        if newest:
            self._end = (len(self._sectors) - 1) * self._slots + newest - self._sectors[-1] + 1
        if known is not None and known[0] == newest:
            self._known[self._end - 1] = known[1]

    @property
    def newest(self) -> ProfileInterval | None:
        """None if there is no interval at all."""
        place = self._whole_down(self._end - 1, 0)
        return None if place is None else self._at(place)

    @property
    def oldest(self) -> ProfileInterval | None:
        place = self._whole_up(0, self._end)
        return None if place is None else self._at(place)

    def by_number(self, first: int, last: int, *, newest_first: bool = False) -> Iterator[ProfileInterval]:
        """The intervals with numbers from `first` to `last`, as many as there are."""
        newest = self._newest_place()
        if newest is None or first > last:
            return
        if newest_first:
            yield from self._down(self._place_of(last + 1, newest), 0, first, _number)
        else:
            yield from self._up(self._place_of(first, newest), self._end, last, _number)

    def by_time(self, from_s: int, to_s: int, *, newest_first: bool = False) -> Iterator[ProfileInterval]:
        """The intervals stamped from `from_s` to `to_s`, both included, in the order in which they were recorded."""
        newest = self._newest_place()
        if newest is None or from_s > to_s:
            return
        rows = self._rows(newest)
        for row in rows if newest_first else reversed(list(rows)):
            last = self._whole_down(row.end - 1, row.begin)
            if last is None or self._get(last).end_s < from_s:
                continue
            if newest_first:
                end = self._first(to_s + 1, row, last, _stamp, self._get(last).layout.period_s)
                yield from self._down(end, row.begin, from_s, _stamp)
            else:
                begin = self._first(from_s, row, last, _stamp, self._get(last).layout.period_s)
                yield from self._up(begin, row.end, to_s, _stamp)

    def spans(self, from_s: int, to_s: int) -> Iterator[tuple[int, int] | None]:
        """Where the intervals stamped from `from_s` to `to_s` stand: of each row in which stamps rise the first number
        and the last, the newest row first; None for a row without any."""
        newest = self._newest_place()
        if newest is None or from_s > to_s:
            return
        for row in self._rows(newest):
            last = self._whole_down(row.end - 1, row.begin)
            if last is None or self._get(last).end_s < from_s:
                yield None
                continue
            apart = self._get(last).layout.period_s
            begin = self._whole_up(self._first(from_s, row, last, _stamp, apart), row.end)
            behind = self._first(to_s + 1, row, last, _stamp, apart) if self._get(last).end_s > to_s else row.end
            end = self._whole_down(behind - 1, row.begin)
            if begin is None or end is None or begin > end:
                yield None
            else:
                yield self._get(begin).number, self._get(end).number

    # Inside

    def _newest_place(self) -> int | None:
        return self._whole_down(self._end - 1, 0)

    def _rows(self, newest: int) -> Iterator[_Row]:
        """The rows in which stamps rise, the newest one first."""
        end = newest + 1
        while end > 0:
            last = self._whole_down(end - 1, 0)
            if last is None:
                return
            one = self._get(last)
            # A number takes a slot at least.
            oldest = one.number - (self._sequence(last) - self._sectors[0])
            begin = 0 if one.turn <= oldest else self._place_of(one.turn, last)
            yield _Row(begin, end)
            end = begin

    def _place_of(self, number: int, known: int) -> int:
        """The first place from which on all numbers are at least this one; `known` is that of an interval."""
        row = _Row(0, known + 1)
        return self._first(number, row, known, _number, 1)

    def _first(self, wanted: int, row: _Row, known: int, key: Key, apart: int) -> int:
        """The first place in a row whose interval's key is at least `wanted`; its end if there is none. Keys rise by
        `apart` from place to place, or faster. `known` is the place of an interval in the row."""
        low, high = row.begin - 1, row.end
        seen, steps = known, 0
        while True:
            found = key(self._get(seen))
            if found == wanted:
                return seen
            if found > wanted:
                high = seen
            else:
                low = seen
            if high - low <= 1:
                return high
            steps += 1
            guess = seen - -(-(found - wanted) // apart) if steps <= _GUESSES else (low + high) // 2
            guess = max(low + 1, min(high - 1, guess))
            place = self._whole_up(guess, high)
            if place is None:
                high = guess
                place = self._whole_down(high - 1, low + 1)
                if place is None:
                    return high
            seen = place

    def _up(self, begin: int, end: int, most: int, key: Key) -> Iterator[ProfileInterval]:
        """Intervals whose keys are no more than `most`. Keys rise, so nothing is read behind one that is as much."""
        for place in range(begin, end):
            one = self._at(place)
            if one is None:
                continue
            if key(one) <= most:
                yield one
            if key(one) >= most:
                return

    def _down(self, end: int, begin: int, least: int, key: Key) -> Iterator[ProfileInterval]:
        """The same the other way round."""
        for place in range(end - 1, begin - 1, -1):
            one = self._at(place)
            if one is None:
                continue
            if key(one) >= least:
                yield one
            if key(one) <= least:
                return

    def _whole_up(self, begin: int, end: int) -> int | None:
        """The first place from `begin` on, before `end`, that holds an interval."""
        return next((place for place in range(begin, end) if self._at(place) is not None), None)

    def _whole_down(self, begin: int, least: int) -> int | None:
        """The last place from `begin` down, not below `least`, that holds an interval."""
        return next((place for place in range(begin, least - 1, -1) if self._at(place) is not None), None)

    def _get(self, place: int) -> ProfileInterval:
        found = self._at(place)
        assert found is not None
        return found

    def _at(self, place: int) -> ProfileInterval | None:
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    def _sequence(self, place: int) -> int:
        sector, slot = divmod(place, self._slots)
        return self._sectors[sector] + slot

    def _read(self, place: int) -> ProfileInterval | None:
        found = self._ring.read(self._sequence(place))
        if not isinstance(found, Record):
            return None
        try:
            return parse_interval(found.payload)
        except ValueError:
            return None


def _number(one: ProfileInterval) -> int:
    return one.number


def _stamp(one: ProfileInterval) -> int:
    return one.end_s
