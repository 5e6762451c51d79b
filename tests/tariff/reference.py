"""A calendar read as a clerk would, page by page, and calendars drawn at random."""

from datetime import date, timedelta

from hypothesis import strategies as st

from firmware.clock.civil import LocalTime
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def day_profile_name(calendar: Calendar, day: date) -> str:
    for special in calendar.special_days:
        if (special.year, special.month, special.day) == (day.year, day.month, day.day):
            return special.day_profile
    for special in calendar.special_days:
        if (special.year, special.month, special.day) == (None, day.month, day.day):
            return special.day_profile
    page = day
    while True:
        # A start on 29 February is found on 1 March where the page before is 28 February.
        tomorrow_of_28 = page.month == 3 and page.day == 1 and (page - timedelta(days=1)).day == 28
        starts = [(page.month, page.day), *([(2, 29)] if tomorrow_of_28 else [])]
        for start in starts:
            for season in calendar.seasons:
                if (season.month, season.day) == start:
                    week = next(week for week in calendar.weeks if week.name == season.week)
                    return str(getattr(week, WEEKDAYS[day.weekday()]))
        page -= timedelta(days=1)


class Clerk:
    """Reads a calendar, and keeps a note of the days looked up."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days: dict[date, tuple[Switch, ...]] = {}

    def rate(self, local: LocalTime) -> int:
        day = date(local.year, local.month, local.day)
        if day not in self._days:
            name = day_profile_name(self._calendar, day)
            self._days[day] = next(p.switches for p in self._calendar.day_profiles if p.name == name)
        held = 0
        for switch in self._days[day]:
            if switch.minute <= 60 * local.hour + local.minute:
                held = switch.rate
        return held


def rate(calendar: Calendar, local: LocalTime) -> int:
    return Clerk(calendar).rate(local)


@st.composite
def calendars(draw: st.DrawFn, rates: int = 4) -> Calendar:
    """Small calendars of all shapes; switches often fall on the hours in which the clock changes."""
    minutes = st.one_of(st.integers(1, 1439), st.sampled_from((1, 60, 119, 120, 121, 150, 180, 181, 1380, 1439)))
    profiles = []
    for name in range(draw(st.integers(1, 4))):
        times = [0, *sorted(draw(st.sets(minutes, max_size=4)))]
        switches = tuple(Switch(minute, draw(st.integers(1, rates))) for minute in times)
        profiles.append(DayProfile(f"day {name}", switches))
    named = st.sampled_from([profile.name for profile in profiles])
    weeks = [Week(f"week {name}", *(draw(named) for _ in range(7))) for name in range(draw(st.integers(1, 3)))]
    days = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: (day.month, day.day))
    special_at = st.tuples(days, st.one_of(st.none(), st.integers(2000, 2099)))
    starts = draw(st.lists(days, min_size=1, max_size=4, unique=True))
    seasons = [
        Season(f"season {place}", month, day, draw(st.sampled_from(weeks)).name)
        for place, (month, day) in enumerate(starts)
    ]
    specials = [
        SpecialDay(month, day, draw(named), year)
        for (month, day), year in draw(st.lists(special_at, max_size=6, unique=True))
        if (month, day) != (2, 29) or year is None or year % 4 == 0
    ]
    return Calendar(rates, tuple(profiles), tuple(weeks), tuple(seasons), tuple(specials))


def simple_calendar(switches: tuple[tuple[int, int], ...], rates: int = 4) -> Calendar:
    """One day profile for every day of the year."""
    week = Week("all", *(["day"] * 7))
    day = DayProfile("day", tuple(Switch(*switch) for switch in switches))
    return Calendar(rates, (day,), (week,), (Season("year", 1, 1, "all"),))
