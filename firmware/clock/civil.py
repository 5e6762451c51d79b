"""Civil time: what the clock on the wall shows at an instant of UTC, and back.

The firmware keeps UTC; local time is a view of it. When daylight saving starts, an hour (or two) of wall time is
missing; when it ends, one is passed twice: the first pass has the summer offset, the second the standard one.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from firmware.clock.dst import DAY_S, EPOCH, HOUR_S, DstRule, minute_of_day

UTC_LIMIT_S: Final = 1 << 32
"""Instants are 0 to 2**32 - 1: stamps are stored in 32 bits, and last until 2106. RTCs count from 2000 to 2099."""

_FIRST_YEAR: Final = 1969
_LAST_YEAR: Final = 2107


@dataclass(frozen=True, slots=True)
class LocalTime:
    """What the clock on the wall shows. `weekday` counts from Monday, 0; `offset_s` is local time less UTC."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int
    offset_s: int
    dst: bool

    @property
    def minute_of_day(self) -> int:
        return 60 * self.hour + self.minute

    def iso(self) -> str:
        """ISO 8601, extended format with offset: `2026-03-29T03:00:00+02:00`."""
        return (
            f"{self.year:04}-{self.month:02}-{self.day:02}T{self.hour:02}:{self.minute:02}:{self.second:02}"
            f"{offset_text(self.offset_s)}"
        )


def offset_text(offset_s: int) -> str:
    """ISO 8601 text of an offset of whole minutes: `+01:00`, `-03:30`; `+00:00` for none."""
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return f"{'-' if offset_s < 0 else '+'}{hours:02}:{minutes:02}"


def parse_offset(text: str) -> int:
    """Seconds of an offset written as `+01:00` or `-03:30`; ValueError names the text."""
    minutes = minute_of_day(text[1:])
    if text[:1] not in ("+", "-") or minutes is None:
        raise ValueError(f'"{text}" is not an offset from UTC: a sign and HH:MM, as in "+01:00"')
    return (60 if text[0] == "+" else -60) * minutes


def local_at_offset(utc_s: int, offset_s: int, dst: bool = False) -> LocalTime:
    """Local time of a stored stamp: its own offset holds, whatever the rules say today."""
    days, rest = divmod(utc_s + offset_s, DAY_S)
    hour, rest = divmod(rest, HOUR_S)
    minute, second = divmod(rest, 60)
    day = date.fromordinal(days + EPOCH)
    return LocalTime(day.year, day.month, day.day, hour, minute, second, day.weekday(), offset_s, dst)


@lru_cache(maxsize=64)
def _all_changes(standard_offset_s: int, rule: DstRule | None) -> tuple[int, ...]:
    """Every change in order. The first is a start, so daylight saving holds after an odd number of them."""
    if rule is None:
        return ()
    years = range(_FIRST_YEAR, _LAST_YEAR + 1)
    starts, ends = zip(*(rule.changes(year, standard_offset_s) for year in years), strict=True)
    return tuple(sorted((*starts, *(end for end in ends if end > starts[0]))))


@dataclass(frozen=True, slots=True)
class Zone:
    """Standard time and its daylight-saving rule, if any.

    `standard_offset_s` is local time less UTC in whole minutes, -12 h to +14 h; ValueError for another. Methods take
    UTC in s since 1970, 0 to 2**32 - 1, and raise ValueError outside it.
    """

    standard_offset_s: int
    dst: DstRule | None = None
    _changes: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.standard_offset_s % 60 or not -12 * HOUR_S <= self.standard_offset_s <= 14 * HOUR_S:
            raise ValueError(f"zone: offset {self.standard_offset_s} s is not of whole minutes from -12 h to +14 h")
        object.__setattr__(self, "_changes", _all_changes(self.standard_offset_s, self.dst))

    def _in_dst(self, utc_s: int) -> bool:
        return bisect_right(self._changes, utc_s) % 2 == 1

    def _offset(self, utc_s: int) -> int:
        shift_s = self.dst.shift_s if self.dst is not None and self._in_dst(utc_s) else 0
        return self.standard_offset_s + shift_s

    def offset(self, utc_s: int) -> int:
        """Local time less UTC, in s, at this instant."""
        _check(utc_s)
        return self._offset(utc_s)

    def local(self, utc_s: int) -> LocalTime:
        """What the clock shows at this instant."""
        return local_at_offset(utc_s, self.offset(utc_s), self._in_dst(utc_s))

    def iso(self, utc_s: int) -> str:
        """The instant as ISO 8601 local time with its offset."""
        return self.local(utc_s).iso()

    def next_change(self, utc_s: int) -> int | None:
        """The first instant after this one with another offset than the second before it; None if there is none."""
        _check(utc_s)
        place = bisect_right(self._changes, utc_s)
        return self._changes[place] if place < len(self._changes) else None

    def utc(self, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
        """The instant at which the clock shows this time.

        A time that comes twice means its first pass; one that is missing means the first instant after the missing
        hour. ValueError if there is no such date or time of day, or if the year is not within 1970 to 2105.
        """
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
            raise ValueError(f"no time of day: {hour:02}:{minute:02}:{second:02}")
        if not 1970 <= year <= 2105:
            raise ValueError(f"year {year} is not within 1970 to 2105")
        wall_s = (date(year, month, day).toordinal() - EPOCH) * DAY_S + hour * HOUR_S + minute * 60 + second
        shift_s = self.dst.shift_s if self.dst is not None else 0
        first_pass = wall_s - self.standard_offset_s - shift_s
        second_pass = wall_s - self.standard_offset_s
        if shift_s == 0 or self._in_dst(first_pass):
            return first_pass
        if not self._in_dst(second_pass):
            return second_pass
        return self._changes[bisect_right(self._changes, first_pass)]


def _check(utc_s: int) -> None:
    if not 0 <= utc_s < UTC_LIMIT_S:
        raise ValueError(f"instant {utc_s} s is not within 0 to 2**32 - 1 s after 1970")
