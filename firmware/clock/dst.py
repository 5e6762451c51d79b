"""Daylight-saving rules: on which day of each year the clock changes, and at what time of day.

A rule is a week of the month (first to fourth, or last), a weekday, a month and a time of day, as the A1700 and most
meters have it. The time is what the clock on the wall shows just before the change: those of central Europe are
`last Sunday March 02:00` and `last Sunday October 03:00`.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Self

HOUR_S: Final = 3_600
DAY_S: Final = 86_400
DAY_MINUTES: Final = 1_440
EPOCH: Final = date(1970, 1, 1).toordinal()

LAST_WEEK: Final = 5
"""The `week` of a rule that means the last one of the month."""

_EVERY_CALENDAR: Final = range(2001, 2030)
"""Each weekday of 1 January with and without a leap day, and what follows it: the cycle of 28 years, and one more."""

_WEEKS: Final = ("first", "second", "third", "fourth", "last")
_SHORT_WEEKS: Final = ("1st", "2nd", "3rd", "4th", "last")
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """Place of a word among names, upper or lower case; None if it is none of them."""
    lower = word.lower()
    return next((place for place, name in enumerate(names) if name.lower() == lower), None)


def minute_of_day(text: str) -> int | None:
    """Minutes after midnight of `HH:MM`, 00:00 to 24:00; None if the text is no such time."""
    if len(text) != 5 or not text.isascii() or text[2] != ":" or not (text[:2] + text[3:]).isdigit():
        return None
    hours, minutes = int(text[:2]), int(text[3:])
    total = 60 * hours + minutes
    return total if minutes < 60 and total <= DAY_MINUTES else None


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """One change of the clock in each year.

    `week` is 1 to 4, or 5 for the last; `weekday` counts from Monday, 0; `minute` is the time of day shown just before
    the change, 0 to 1440 minutes (1440, 24:00, is the end of that day). ValueError for anything else.
    """

    week: int
    weekday: int
    month: int
    minute: int

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("week", self.week, 1, LAST_WEEK),
            ("weekday", self.weekday, 0, 6),
            ("month", self.month, 1, 12),
            ("minute", self.minute, 0, DAY_MINUTES),
        ):
            if not low <= value <= high:
                raise ValueError(f"DST change rule: {name} {value} is not within {low} to {high}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `last Sunday March 02:00`, `2nd Sunday March 02:00`, `first ...`; ValueError names the wrong word."""
        words = text.split()
        if len(words) != 4:
            raise ValueError(f'DST change rule "{text}": four words, as in "last Sunday March 02:00", not {len(words)}')

        def known(value: int | None, word: str, what: str) -> int:
            if value is None:
                raise ValueError(f'DST change rule "{text}": "{word}" is not {what}')
            return value

        week = _named(words[0], _WEEKS)
        if week is None:
            week = _named(words[0], _SHORT_WEEKS)
        return cls(
            week=1 + known(week, words[0], "a week of the month: first to fourth, 1st to 4th, or last"),
            weekday=known(_named(words[1], _WEEKDAYS), words[1], "a weekday: Monday to Sunday"),
            month=1 + known(_named(words[2], _MONTHS), words[2], "a month: January to December"),
            minute=known(minute_of_day(words[3]), words[3], "a time: 00:00 to 24:00"),
        )

    def __str__(self) -> str:
        """The text form that `parse` reads."""
        hours, minutes = divmod(self.minute, 60)
        week, weekday, month = _WEEKS[self.week - 1], _WEEKDAYS[self.weekday], _MONTHS[self.month - 1]
        return f"{week} {weekday} {month} {hours:02}:{minutes:02}"

    def wall_s(self, year: int) -> int:
        """What the wall shows just before the change, as seconds since 1970-01-01 00:00 of the wall clock."""
        last = calendar.monthrange(year, self.month)[1]
        earliest = date(year, self.month, last - 6 if self.week == LAST_WEEK else 7 * self.week - 6)
        ordinal = earliest.toordinal() + (self.weekday - earliest.weekday()) % 7
        return (ordinal - EPOCH) * DAY_S + 60 * self.minute


@dataclass(frozen=True, slots=True)
class DstRule:
    """When the clock goes forward (`start`) and back (`end`), and by how much: `shift_s` is 3600 or 7200.

    South of the equator the end comes before the start within the year. ValueError for another shift, and for two
    changes that come in another order, or less than two days apart, in some year.
    """

    start: ChangeRule
    end: ChangeRule
    shift_s: int = HOUR_S

    def __post_init__(self) -> None:
        if self.shift_s not in (HOUR_S, 2 * HOUR_S):
            raise ValueError(f"DST rule: shift_s {self.shift_s} is neither 3600 nor 7200")
        starts = [(self.start.wall_s(year), "start") for year in _EVERY_CALENDAR]
        ends = [(self.end.wall_s(year), "end") for year in _EVERY_CALENDAR]
        for (earlier_s, before), (later_s, after) in pairwise(sorted(starts + ends)):
            if before == after or later_s - earlier_s < 2 * DAY_S:
                year = (date(1970, 1, 1) + timedelta(seconds=later_s)).year
                raise ValueError(f'DST rule: "{self.start}" and "{self.end}" are too close or out of order in {year}')

    def changes(self, year: int, standard_offset_s: int) -> tuple[int, int]:
        """UTC seconds of this year's start and of its end, in that order, whichever comes first."""
        start = self.start.wall_s(year) - standard_offset_s
        return start, self.end.wall_s(year) - standard_offset_s - self.shift_s
