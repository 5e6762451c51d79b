"""A calendar read as a clerk would, page by page, and calendars drawn at random."""

from datetime import date

from hypothesis import strategies as st

from firmware.clock.civil import LocalTime
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week
from sim.oracles import clerk
from tests.clock.reference import shown


class Clerk:
    """Reads a calendar for a local time as the firmware has it."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._clerk = clerk.Clerk(calendar)

    def rate(self, local: LocalTime) -> int:
        return self._clerk.rate(shown(local))

    def rates(self, local: LocalTime) -> tuple[int, int]:
        """Of energy and of demand."""
        return self._clerk.rate(shown(local)), self._clerk.demand_rate(shown(local))

    def season(self, local: LocalTime) -> str:
        return clerk.season_name(self._calendar, shown(local).date())


def rate(calendar: Calendar, local: LocalTime) -> int:
    return Clerk(calendar).rate(local)


DEMAND_RATES = 3


@st.composite
def demand_switches(draw: st.DrawFn, minutes: st.SearchStrategy[int]) -> tuple[Switch, ...]:
    times = [0, *sorted(draw(st.sets(minutes, max_size=2)))]
    return tuple(Switch(minute, draw(st.integers(1, DEMAND_RATES))) for minute in times)


@st.composite
def calendars(draw: st.DrawFn, rates: int = 4) -> Calendar:
    """Small calendars of all shapes; switches often fall on the hours in which the clock changes."""
    minutes = st.one_of(st.integers(1, 1439), st.sampled_from((1, 60, 119, 120, 121, 150, 180, 181, 1380, 1439)))
    demand_rates = draw(st.sampled_from((0, DEMAND_RATES)))
    profiles = []
    for name in range(draw(st.integers(1, 4))):
        times = [0, *sorted(draw(st.sets(minutes, max_size=4)))]
        switches = tuple(Switch(minute, draw(st.integers(1, rates))) for minute in times)
        profiles.append(DayProfile(f"day {name}", switches, draw(demand_switches(minutes)) if demand_rates else ()))
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
    return Calendar(rates, tuple(profiles), tuple(weeks), tuple(seasons), tuple(specials), demand_rates)


def simple_calendar(switches: tuple[tuple[int, int], ...], rates: int = 4) -> Calendar:
    """One day profile for every day of the year."""
    week = Week("all", *(["day"] * 7))
    day = DayProfile("day", tuple(Switch(*switch) for switch in switches))
    return Calendar(rates, (day,), (week,), (Season("year", 1, 1, "all"),))
