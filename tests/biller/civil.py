"""Civil time for the biller: what the wall shows at an instant of UTC, and when it first shows a time.

Daylight saving begins and ends at what the wall shows just before the change, on the nth (or last) weekday of a month
(docs/scenarios.md, `dst`). The rest is counted on a
calendar leaf. Instants are UTC in whole seconds since 1970.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

EPOCH = datetime(1970, 1, 1)
DAY_S = 86_400
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}


def seconds(wall: datetime) -> int:
    """Since 1970, as if the wall showed UTC."""
    return round((wall - EPOCH).total_seconds())


@dataclass(frozen=True)
class Change:
    """A change of the clocks, as the wall shows it just before: `last Sunday March 02:00`."""

    week: int
    weekday: int
    month: int
    minute: int

    @classmethod
    def read(cls, text: str) -> "Change":
        week, weekday, month, time = text.lower().split()
        hours, minutes = time.split(":")
        return cls(_WEEKS[week], WEEKDAYS.index(weekday), _MONTHS.index(month) + 1, 60 * int(hours) + int(minutes))

    def wall(self, year: int) -> datetime:
        days = [date(year, self.month, day) for day in range(1, monthrange(year, self.month)[1] + 1)]
        found = [day for day in days if day.weekday() == self.weekday][self.week]
        return datetime(found.year, found.month, found.day) + timedelta(minutes=self.minute)


@dataclass
class Place:
    """Where the meter hangs: standard time's offset in s, and the changes to summer time and back, if there are any."""

    standard_s: int
    begin: Change | None = None
    end: Change | None = None
    shift_s: int = 3_600
    _years: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def changes(self, year: int) -> list[tuple[int, int]]:
        """Instants of a year's changes, in order, and the offset from UTC in s that holds from there on."""
        if year not in self._years:
            found = []
            if self.begin is not None and self.end is not None:
                summer_s = self.standard_s + self.shift_s
                found = [
                    (seconds(self.begin.wall(year)) - self.standard_s, summer_s),
                    (seconds(self.end.wall(year)) - summer_s, self.standard_s),
                ]
            self._years[year] = sorted(found)
        return self._years[year]

    def offset(self, utc_s: int) -> int:
        """Local time less UTC, in s."""
        year = (EPOCH + timedelta(seconds=utc_s)).year
        held = self.standard_s
        for one in (year - 2, year - 1, year, year + 1):
            for at_s, offset_s in self.changes(one):
                if at_s <= utc_s:
                    held = offset_s
        return held

    def summer(self, utc_s: int) -> bool:
        return self.offset(utc_s) != self.standard_s

    def wall(self, utc_s: int) -> datetime:
        return EPOCH + timedelta(seconds=utc_s + self.offset(utc_s))

    def instants(self, wall: datetime) -> list[int]:
        """All instants at which the wall shows this: none in the missing hour, two in the repeated one."""
        offsets = {self.standard_s, self.standard_s + self.shift_s} if self.begin is not None else {self.standard_s}
        candidates = sorted(seconds(wall) - offset_s for offset_s in offsets)
        return [at_s for at_s in candidates if self.wall(at_s) == wall]

    def first(self, wall: datetime) -> int:
        """The first instant at which the wall shows this; where it never does, the first at which it shows more."""
        found = self.instants(wall)
        if found:
            return found[0]
        return next(
            at_s
            for at_s, offset_s in self.changes(wall.year)
            if EPOCH + timedelta(seconds=at_s + offset_s) > wall
            and EPOCH + timedelta(seconds=at_s - 1 + self.offset(at_s - 1)) < wall
        )
