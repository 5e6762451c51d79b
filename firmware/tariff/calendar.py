"""The time-of-use calendar: which rate holds at a local time, and when the rate changes next.

Day profiles say what switches at which minute; a week names a day profile for each weekday; a season names a week and
starts on the same date every year; special days name a day profile of their own. The rate is a pure function of local
time: both passes of the hour that comes twice have the same rates, and a switch inside the missing hour acts at the
first instant after it.

Energy and demand have rates of their own. They are switched together unless day profiles have switches for demand.
"""

from bisect import bisect_right
from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from firmware.clock.civil import LocalTime, Zone
from firmware.clock.dst import DAY_MINUTES, DAY_S, EPOCH

RATES: Final = 48
DAY_PROFILES: Final = 48
SWITCHES: Final = 32
"""Switches in one day profile, the one at 00:00 included; as many again for demand."""
WEEKS: Final = 24
SEASONS: Final = 24
SPECIAL_DAYS: Final = 128

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
_END_S: Final = (date(LAST_YEAR + 1, 1, 1).toordinal() - EPOCH) * DAY_S
_LEAP_YEAR: Final = 2000


class CalendarError(ValueError):
    """A calendar breaks a rule: `path` says where (`seasons[2].week`), `rule` what."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path}: {rule}")
        self.path = path
        self.rule = rule


class Switch(NamedTuple):
    """From this minute after local midnight on, this rate holds."""

    minute: int
    rate: int


@dataclass(frozen=True, slots=True)
class DayProfile:
    """The switches of a day in order, the first at minute 0. Without `demand_switches` its demand rates are those of
    energy."""

    name: str
    switches: tuple[Switch, ...]
    demand_switches: tuple[Switch, ...] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """The names of the day profiles of the seven weekdays."""

    name: str
    monday: str
    tuesday: str
    wednesday: str
    thursday: str
    friday: str
    saturday: str
    sunday: str

    @property
    def days(self) -> tuple[tuple[str, str], ...]:
        """Weekday and name of its day profile, from Monday."""
        return (
            ("monday", self.monday),
            ("tuesday", self.tuesday),
            ("wednesday", self.wednesday),
            ("thursday", self.thursday),
            ("friday", self.friday),
            ("saturday", self.saturday),
            ("sunday", self.sunday),
        )


@dataclass(frozen=True, slots=True)
class Season:
    """From this date of each year until the next season's start, this week holds.

    The last season of the year runs on into the next. One that starts on 29 February starts on 1 March in common years.
    """

    name: str
    month: int
    day: int
    week: str


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date with a day profile of its own: once, or every year if `year` is None.

    A date with a year goes before a yearly one. A yearly 29 February falls in leap years only.
    """

    month: int
    day: int
    day_profile: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Index:
    """Switches resolved for look-up: by date, and by season and weekday."""

    dated: dict[tuple[int, int, int], tuple[Switch, ...]]
    yearly: dict[tuple[int, int], tuple[Switch, ...]]
    starts: tuple[tuple[int, int], ...]
    weeks: tuple[tuple[tuple[Switch, ...], ...], ...]
    rates_used: frozenset[int]

    def switches(self, year: int, month: int, day: int, weekday: int) -> tuple[Switch, ...]:
        special = self.dated.get((year, month, day)) or self.yearly.get((month, day))
        if special is not None:
            return special
        # Before the first start of the year, place -1 is the last season of the year before.
        return self.weeks[bisect_right(self.starts, (month, day)) - 1][weekday]

    def rate(self, local: LocalTime) -> int:
        switches = self.switches(local.year, local.month, local.day, local.weekday)
        # (minute, RATES) sorts after every switch at that minute.
        return switches[bisect_right(switches, (local.minute_of_day, RATES)) - 1].rate

    def next_switch(self, utc_s: int, zone: Zone) -> int | None:
        """Between two changes of the clock local time runs like UTC, so only switches and those changes are looked
        at."""
        if len(self.rates_used) == 1:
            return None
        rate = self.rate(zone.local(utc_s))
        while utc_s < _END_S:
            change_s = zone.next_change(utc_s)
            end_s = _END_S if change_s is None else min(change_s, _END_S)
            offset_s = zone.offset(utc_s)
            wall_s = self._other_rate(rate, utc_s + offset_s, end_s + offset_s)
            if wall_s is not None:
                return wall_s - offset_s
            if end_s < _END_S and self.rate(zone.local(end_s)) != rate:
                return end_s
            utc_s = end_s
        return None

    def _other_rate(self, rate: int, after_s: int, before_s: int) -> int | None:
        """The first switch to another rate between two times of the wall clock, in s since 1970, both excluded."""
        for days in range(after_s // DAY_S, before_s // DAY_S + 1):
            day = date.fromordinal(days + EPOCH)
            for switch in self.switches(day.year, day.month, day.day, day.weekday()):
                wall_s = days * DAY_S + 60 * switch.minute
                if wall_s >= before_s:
                    return None
                if wall_s > after_s and switch.rate != rate:
                    return wall_s
        return None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A whole tariff calendar, checked as a whole: CalendarError names the first path and the rule that it breaks.

    `rates` is the number of rates; they are numbered from 1. `demand_rates` is that of demand, 0 for as many; without
    it no day profile may have switches for demand. The parts are plain values; only this class checks them.
    """

    rates: int
    day_profiles: tuple[DayProfile, ...]
    weeks: tuple[Week, ...]
    seasons: tuple[Season, ...]
    special_days: tuple[SpecialDay, ...] = ()
    demand_rates: int = 0
    _energy: _Index = field(init=False, repr=False, compare=False)
    _demand: _Index | None = field(init=False, repr=False, compare=False)
    """None while demand follows energy."""

    def __post_init__(self) -> None:
        _check_sizes(self)
        _check_day_profiles(self)
        _check_weeks(self)
        _check_seasons(self)
        _check_special_days(self)
        object.__setattr__(self, "_energy", _indexed(self, lambda profile: profile.switches))
        demand = _indexed(self, _demand_switches) if self.demand_rates else None
        object.__setattr__(self, "_demand", demand)

    @property
    def rates_of_demand(self) -> int:
        """How many rates demand has."""
        return self.demand_rates or self.rates

    def rate(self, local: LocalTime) -> int:
        """The rate of energy that holds at a local time; 1 is the first."""
        return self._energy.rate(local)

    def demand_rate(self, local: LocalTime) -> int:
        """The rate of demand that holds at a local time; 1 is the first."""
        return (self._demand or self._energy).rate(local)

    def next_switch(self, utc_s: int, zone: Zone) -> int | None:
        """The first UTC second after `utc_s` at which a rate is another than at `utc_s`; None if none is before
        2100."""
        switches = [index.next_switch(utc_s, zone) for index in (self._energy, self._demand) if index is not None]
        return min((switch_s for switch_s in switches if switch_s is not None), default=None)

    def next_season(self, utc_s: int, zone: Zone) -> int | None:
        """The first UTC second after `utc_s` at which a season begins: its first day's midnight. None if there is but
        one season, or none begins before 2100."""
        if len(self.seasons) == 1:
            return None
        local = zone.local(utc_s)
        years = range(local.year, min(local.year + 2, LAST_YEAR + 1))
        starts = [zone.utc(year, *_in_year(start, year)) for year in years for start in self._energy.starts]
        return min((start_s for start_s in starts if start_s > utc_s), default=None)


def _demand_switches(profile: DayProfile) -> tuple[Switch, ...]:
    return profile.demand_switches or profile.switches


def _in_year(start: tuple[int, int], year: int) -> tuple[int, int]:
    """The month and day in which a season starts in a year."""
    return (3, 1) if start == (2, 29) and not isleap(year) else start


def _indexed(calendar: Calendar, switches: Callable[[DayProfile], tuple[Switch, ...]]) -> _Index:
    profiles = {profile.name: switches(profile) for profile in calendar.day_profiles}
    weeks = {week.name: tuple(profiles[name] for _, name in week.days) for week in calendar.weeks}
    seasons = sorted(calendar.seasons, key=lambda season: (season.month, season.day))
    return _Index(
        dated={(s.year, s.month, s.day): profiles[s.day_profile] for s in calendar.special_days if s.year is not None},
        yearly={(s.month, s.day): profiles[s.day_profile] for s in calendar.special_days if s.year is None},
        starts=tuple((season.month, season.day) for season in seasons),
        weeks=tuple(weeks[season.week] for season in seasons),
        rates_used=frozenset(switch.rate for switches_of_day in profiles.values() for switch in switches_of_day),
    )


def _check_sizes(calendar: Calendar) -> None:
    for path, count, least, most in (
        ("rates", calendar.rates, 1, RATES),
        ("demand_rates", calendar.demand_rates, 0, RATES),
        ("day_profiles", len(calendar.day_profiles), 1, DAY_PROFILES),
        ("weeks", len(calendar.weeks), 1, WEEKS),
        ("seasons", len(calendar.seasons), 1, SEASONS),
        ("special_days", len(calendar.special_days), 0, SPECIAL_DAYS),
    ):
        if not least <= count <= most:
            raise CalendarError(path, f"{count} is not within {least} to {most}")


def _check_names(path: str, names: tuple[str, ...]) -> None:
    for place, name in enumerate(names):
        if not name:
            raise CalendarError(f"{path}[{place}].name", "must not be empty")
        if names.index(name) != place:
            raise CalendarError(f"{path}[{place}].name", f'"{name}" is taken by {path}[{names.index(name)}]')


def _check_day_profiles(calendar: Calendar) -> None:
    _check_names("day_profiles", tuple(profile.name for profile in calendar.day_profiles))
    for place, profile in enumerate(calendar.day_profiles):
        _check_switches(f"day_profiles[{place}].switches", profile.switches, calendar.rates)
        path = f"day_profiles[{place}].demand_switches"
        if profile.demand_switches and not calendar.demand_rates:
            raise CalendarError(path, "there are switches for demand, and no demand_rates")
        if calendar.demand_rates:
            _check_switches(path, _demand_switches(profile), calendar.demand_rates)


def _check_switches(path: str, switches: tuple[Switch, ...], rates: int) -> None:
    if not 1 <= len(switches) <= SWITCHES:
        raise CalendarError(path, f"{len(switches)} is not within 1 to {SWITCHES}")
    if switches[0].minute != 0:
        raise CalendarError(f"{path}[0].minute", "the first switch must be at 00:00, minute 0")
    before = -1
    for number, switch in enumerate(switches):
        if not before < switch.minute < DAY_MINUTES:
            rule = f"{switch.minute} is not within {before + 1} to {DAY_MINUTES - 1}, after the switch before it"
            raise CalendarError(f"{path}[{number}].minute", rule)
        if not 1 <= switch.rate <= rates:
            raise CalendarError(f"{path}[{number}].rate", f"{switch.rate} is not within 1 to {rates}")
        before = switch.minute


def _check_weeks(calendar: Calendar) -> None:
    _check_names("weeks", tuple(week.name for week in calendar.weeks))
    profiles = {profile.name for profile in calendar.day_profiles}
    for place, week in enumerate(calendar.weeks):
        for weekday, name in week.days:
            if name not in profiles:
                raise CalendarError(f"weeks[{place}].{weekday}", f'no day profile is named "{name}"')


def _check_seasons(calendar: Calendar) -> None:
    _check_names("seasons", tuple(season.name for season in calendar.seasons))
    weeks = {week.name for week in calendar.weeks}
    starts: dict[tuple[int, int], int] = {}
    for place, season in enumerate(calendar.seasons):
        path = f"seasons[{place}]"
        _check_date(path, _LEAP_YEAR, season.month, season.day)
        first = starts.setdefault((season.month, season.day), place)
        if first != place:
            raise CalendarError(path, f"starts on the same date as seasons[{first}]")
        if season.week not in weeks:
            raise CalendarError(f"{path}.week", f'no week is named "{season.week}"')


def _check_special_days(calendar: Calendar) -> None:
    profiles = {profile.name for profile in calendar.day_profiles}
    dates: dict[tuple[int | None, int, int], int] = {}
    for place, special in enumerate(calendar.special_days):
        path = f"special_days[{place}]"
        if special.year is not None and not FIRST_YEAR <= special.year <= LAST_YEAR:
            raise CalendarError(f"{path}.year", f"{special.year} is not within {FIRST_YEAR} to {LAST_YEAR}")
        _check_date(path, _LEAP_YEAR if special.year is None else special.year, special.month, special.day)
        first = dates.setdefault((special.year, special.month, special.day), place)
        if first != place:
            raise CalendarError(path, f"is the same date as special_days[{first}]")
        if special.day_profile not in profiles:
            raise CalendarError(f"{path}.day_profile", f'no day profile is named "{special.day_profile}"')


def _check_date(path: str, year: int, month: int, day: int) -> None:
    if not 1 <= month <= 12:
        raise CalendarError(f"{path}.month", f"{month} is not within 1 to 12")
    try:
        date(year, month, day)
    except ValueError:
        raise CalendarError(f"{path}.day", f"month {month} has no day {day}") from None
