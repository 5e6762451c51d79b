"""The table `[tariff]`: names for everything, times of day as they stand on the wall.

    [tariff.day_profiles]
    workday = { "00:00" = 2, "06:00" = 1, "22:00" = 2 }
    holiday = { "00:00" = 2 }

    [tariff.weeks]
    normal = { every_day = "workday", sunday = "holiday" }

    [tariff.seasons]
    all-year = { from = "01-01", week = "normal" }

    [tariff.special_days]
    "12-25" = "holiday"
    "2026-04-03" = "holiday"

    [tariff.demand_switches]
    workday = { "00:00" = 1, "08:00" = 2, "12:00" = 1 }

Demand has the rates of energy, unless day profiles have switches for it; those without keep those of energy. Weeks
may be left out with one day profile, seasons with one week.
"""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, StrictInt, WithJsonSchema, model_validator

from firmware.registers.energy import MEASURED
from firmware.tariff.calendar import Calendar, CalendarError, DayProfile, Season, SpecialDay, Switch, Week
from sim.scenario.demand_table import AnyEnergyName, place_of
from sim.scenario.fields import Table, minute
from sim.scenario.problem import Path, problem

_WORKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
_WEEKEND: Final = ("saturday", "sunday")

Switches = tuple[tuple[int, int], ...]


def _default_profiles() -> dict[str, Switches]:
    return {"every-day": ((0, 2), (360, 1), (1320, 2))}


def _switches(given: object) -> Switches:
    if not isinstance(given, dict) or not given:
        raise ValueError('expected times of day and rates, such as { "00:00" = 2, "06:00" = 1 }')
    switches = []
    for time, rate in given.items():
        if isinstance(rate, bool) or not isinstance(rate, int):
            raise ValueError(f'"{time}": expected the number of a rate, not {rate}')
        switches.append((minute(time), rate))
    return tuple(sorted(switches))


def _date(given: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d\d)-(\d\d)", given, re.ASCII) if isinstance(given, str) else None
    if match is None:
        raise ValueError(f'expected a month and a day, such as "10-01", not "{given}"')
    return int(match[1]), int(match[2])


DaySwitches = Annotated[
    Switches,
    BeforeValidator(_switches),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"^([01]\d|2[0-3]):[0-5]\d$"},
            "additionalProperties": {"type": "integer", "minimum": 1},
        }
    ),
]
"""Minute after midnight, and the rate that holds from then on; in order."""

YearlyDate = Annotated[
    tuple[int, int], BeforeValidator(_date), WithJsonSchema({"type": "string", "pattern": r"^\d\d-\d\d$"})
]
"""Month and day."""


class WeekTable(Table):
    """A day profile for each weekday: a named day goes before `workdays` and `weekend`, these before `every_day`."""

    every_day: str | None = None
    workdays: str | None = None
    weekend: str | None = None
    monday: str | None = None
    tuesday: str | None = None
    wednesday: str | None = None
    thursday: str | None = None
    friday: str | None = None
    saturday: str | None = None
    sunday: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for day in (*_WORKDAYS, *_WEEKEND):
            if self.profile(day) is None:
                raise problem((day,), "is missing, and neither every_day, workdays nor weekend covers it")
        return self

    def profile(self, day: str) -> str | None:
        """Name of the day profile of `monday` to `sunday`."""
        named: dict[str, str | None] = self.model_dump()
        return named[day] or named["weekend" if day in _WEEKEND else "workdays"] or self.every_day


class SeasonTable(Table):
    """From this date of each year on, this week holds."""

    starts: YearlyDate = Field(alias="from")
    week: str


class TariffTable(Table):
    """The tariff calendar; without any table, rate 1 from 06:00 to 22:00, and rate 2 at night."""

    rates: StrictInt | None = Field(
        default=None, ge=1, description="How many rates there are; the highest used, if not given."
    )
    day_profiles: dict[str, DaySwitches] = Field(default_factory=_default_profiles, min_length=1)
    demand_rates: StrictInt | None = Field(
        default=None, ge=1, description="How many rates demand has; the highest used, if it has switches of its own."
    )
    demand_switches: dict[str, DaySwitches] = Field(
        default_factory=dict, description="Of day profiles, for demand; without any it is switched as energy is."
    )
    weeks: dict[str, WeekTable] = Field(default_factory=dict)
    seasons: dict[str, SeasonTable] = Field(default_factory=dict)
    registers: tuple[AnyEnergyName, ...] | None = Field(
        default=None, description="Energies with a register for each rate, up to 64 in all; the eight measured ones."
    )
    source: Literal["calendar", "inputs"] = Field(
        default="calendar",
        description="What selects the rates: 'inputs' are control-1 (one rate more) and control-2 (two more).",
    )
    registration: Literal["primary", "secondary"] = Field(
        default="primary", description="Which side of the transformers the registers show."
    )
    special_days: dict[str, str] = Field(
        default_factory=dict, description='Day profiles of dates: "12-25" of each year, "2026-04-03" once.'
    )

    @model_validator(mode="after")
    def _is_a_calendar(self) -> Self:
        if not self.weeks and len(self.day_profiles) > 1:
            raise problem(("weeks",), "is missing, and there is more than one day profile")
        if not self.seasons and len(self.weeks) > 1:
            raise problem(("seasons",), "is missing, and there is more than one week")
        for name in self.demand_switches:
            if name not in self.day_profiles:
                raise problem(("demand_switches", name), "no day profile has this name")
        try:
            self.calendar()
        except CalendarError as error:
            raise problem(self._path(error.path), error.rule) from None
        return self

    def places(self) -> tuple[int, ...]:
        """The places of the energies that are registered by rate, in order."""
        if self.registers is None:
            return tuple(range(MEASURED))
        return tuple(sorted(place_of(name) for name in self.registers))

    def calendar(self) -> Calendar:
        """The firmware's calendar; CalendarError if it breaks a rule."""
        profiles = tuple(
            DayProfile(
                name,
                tuple(Switch(*switch) for switch in switches),
                tuple(Switch(*switch) for switch in self.demand_switches.get(name, ())),
            )
            for name, switches in self.day_profiles.items()
        )
        weeks = tuple(_week(name, table) for name, table in self._weeks().items())
        return Calendar(
            rates=self.rates or max(switch.rate for profile in profiles for switch in profile.switches),
            day_profiles=profiles,
            weeks=weeks,
            seasons=tuple(Season(name, *table.starts, table.week) for name, table in self._seasons().items()),
            special_days=tuple(_special_day(date, profile) for date, profile in self.special_days.items()),
            demand_rates=self._demand_rates(),
        )

    def _demand_rates(self) -> int:
        if self.demand_rates is not None or not self.demand_switches:
            return self.demand_rates or 0
        # A day profile without switches of its own has those of energy for demand, too.
        profiles = {**self.day_profiles, **self.demand_switches}
        return max(rate for switches in profiles.values() for _, rate in switches)

    def _weeks(self) -> dict[str, WeekTable]:
        return self.weeks or {"every-week": WeekTable(every_day=next(iter(self.day_profiles)))}

    def _seasons(self) -> dict[str, SeasonTable]:
        whole_year = {"from": "01-01", "week": next(iter(self._weeks()))}
        return self.seasons or {"all-year": SeasonTable.model_validate(whole_year)}

    def _path(self, path: str) -> Path:
        """The keys in the file of the firmware's own path, `seasons[2].week`."""
        match = re.match(r"(\w+)\[(\d+)\](?:\.(\w+))?", path)
        if match is None:
            return (path,)
        names = list(getattr(self, match[1]))
        name = names[int(match[2])] if int(match[2]) < len(names) else match[2]
        if ".demand_switches" in path and name in self.demand_switches:
            return ("demand_switches", name)
        return (match[1], name, *((match[3],) if match[1] == "seasons" and match[3] == "week" else ()))


def _week(name: str, table: WeekTable) -> Week:
    return Week(name, *(table.profile(day) or "" for day in (*_WORKDAYS, *_WEEKEND)))


def _special_day(date: str, profile: str) -> SpecialDay:
    match = re.fullmatch(r"(?:(\d{4})-)?(\d\d)-(\d\d)", date, re.ASCII)
    if match is None:
        raise problem(("special_days", date), 'expected a date, such as "12-25" or "2026-04-03"')
    year, month, day = match.groups()
    return SpecialDay(int(month), int(day), profile, None if year is None else int(year))
