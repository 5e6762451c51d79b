"""Civil time and the tariff calendar as a clerk reads them, who has a wall calendar, a clock and time.

The oracles need a second opinion of what the meter computes, so nothing here uses the firmware's code: only its
configuration, which says what was agreed.
"""

import calendar as wall_calendar
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from firmware.clock.civil import Zone
from firmware.clock.dst import ChangeRule
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.calendar import Calendar, DayProfile, Season, Switch

EPOCH: Final = datetime(1970, 1, 1)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LAST: Final = 5


@lru_cache(maxsize=64)
def change_wall(rule: ChangeRule, year: int) -> datetime:
    """What the wall shows just before a change of the clock, read off the leaf of its month."""
    column = [week[rule.weekday] for week in wall_calendar.monthcalendar(year, rule.month) if week[rule.weekday]]
    day = column[-1] if rule.week == _LAST else column[rule.week - 1]
    return datetime(year, rule.month, day) + timedelta(minutes=rule.minute)


def wall_time(zone: Zone, utc_s: int) -> datetime:
    """What the wall shows at an instant of UTC."""
    standard = EPOCH + timedelta(seconds=utc_s + zone.standard_offset_s)
    rule = zone.dst
    if rule is None:
        return standard
    shift = timedelta(seconds=rule.shift_s)
    # The latest change before now decides; both are given as the wall shows them, the end in summer time.
    changes = [(change_wall(rule.start, year), True) for year in (standard.year - 1, standard.year)]
    changes += [(change_wall(rule.end, year) - shift, False) for year in (standard.year - 1, standard.year)]
    summer = max(((at, begins) for at, begins in changes if at <= standard), default=(standard, False))[1]
    return standard + shift if summer else standard


class Clerk:
    """Reads a calendar page by page, and keeps a note of the days looked up."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days: dict[date, DayProfile] = {}

    def rate(self, wall: datetime) -> int:
        """The rate of energy that holds when the wall shows this."""
        return _held(self._day(wall.date()).switches, wall)

    def demand_rate(self, wall: datetime) -> int:
        """The rate of demand that holds when the wall shows this: that of energy unless the day says otherwise."""
        day = self._day(wall.date())
        return _held(day.demand_switches or day.switches, wall)

    def _day(self, day: date) -> DayProfile:
        if day not in self._days:
            name = day_profile_name(self._calendar, day)
            self._days[day] = next(profile for profile in self._calendar.day_profiles if profile.name == name)
        return self._days[day]


def _held(switches: tuple[Switch, ...], wall: datetime) -> int:
    held = 0
    for switch in switches:
        if switch.minute <= 60 * wall.hour + wall.minute:
            held = switch.rate
    return held


def day_profile_name(calendar: Calendar, day: date) -> str:
    """The day profile of a date: a special day's, or that of the weekday in the season that began last."""
    for special in calendar.special_days:
        if (special.year, special.month, special.day) == (day.year, day.month, day.day):
            return special.day_profile
    for special in calendar.special_days:
        if (special.year, special.month, special.day) == (None, day.month, day.day):
            return special.day_profile
    season = _season(calendar, day)
    week = next(week for week in calendar.weeks if week.name == season.week)
    return str(getattr(week, _WEEKDAYS[day.weekday()]))


def season_name(calendar: Calendar, day: date) -> str:
    """The season of a date: the one that began last."""
    return _season(calendar, day).name


def _season(calendar: Calendar, day: date) -> Season:
    page = day
    while True:
        # A start on 29 February is found on 1 March where the page before is 28 February.
        tomorrow_of_28 = page.month == 3 and page.day == 1 and (page - timedelta(days=1)).day == 28
        starts = [(page.month, page.day), *([(2, 29)] if tomorrow_of_28 else [])]
        for start in starts:
            for season in calendar.seasons:
                if (season.month, season.day) == start:
                    return season
        page -= timedelta(days=1)


def latest_season(calendar: Calendar, zone: Zone, utc_s: int) -> int:
    """When the season that holds at an instant began, both UTC in s; 0 where there is but one."""
    if len(calendar.seasons) == 1:
        return 0
    day = wall_time(zone, utc_s).date()
    season = _season(calendar, day)
    while _season(calendar, day - timedelta(days=1)) is season:
        day -= timedelta(days=1)
    return utc_of(zone, datetime(day.year, day.month, day.day))


def utc_of(zone: Zone, wall: datetime) -> int:
    """The first instant, UTC in s, at which the wall shows this time, or a later one if it never shows this."""
    standard_s = round((wall - EPOCH).total_seconds()) - zone.standard_offset_s
    if zone.dst is None:
        return standard_s
    summer_s = standard_s - zone.dst.shift_s
    if wall_time(zone, summer_s) >= wall:
        return summer_s
    if wall_time(zone, standard_s) == wall:
        return standard_s
    # It falls into the hour that is missing: the first instant after that.
    start = change_wall(zone.dst.start, wall.year)
    return round((start - EPOCH).total_seconds()) - zone.standard_offset_s


@lru_cache(maxsize=16)
def _month_end(dates: BillingDates, zone: Zone, year: int, month: int) -> int:
    last = wall_calendar.monthrange(year, month)[1]
    at = datetime(year, month, min(dates.day, last)) + timedelta(minutes=dates.minute)
    return utc_of(zone, at)


def latest_billing_date(dates: BillingDates, zone: Zone, utc_s: int) -> int:
    """The last scheduled end of billing up to an instant, both UTC in s."""
    wall = wall_time(zone, utc_s)
    year, month = wall.year, wall.month
    while (scheduled_s := _month_end(dates, zone, year, month)) > utc_s:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return scheduled_s
