"""What was agreed for a meter, read from the text of a scenario by the biller's own eyes.

Only tables that have a meaning for billing are read; defaults are those of docs/scenarios.md.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.biller.civil import DAY_S, WEEKDAYS, Change, Place, seconds

ENERGIES = ("A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-", "C1", "C2", "C3")
MEASURED = 8
_UNITS_NS = {"d": DAY_S * 10**9, "h": 3_600 * 10**9, "min": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_UNITS_NWH = {"nWh": 1, "uWh": 10**3, "mWh": 10**6, "Wh": 10**9, "kWh": 10**12, "MWh": 10**15, "kvarh": 10**12}
Table = dict[str, Any]


def duration_ns(text: str) -> int:
    """`90min`, `1h30min`, `-9s`."""
    sign = -1 if text.startswith("-") else 1
    parts = re.findall(r"([\d.]+)\s*([a-z]+)", text)
    return sign * sum(int(Fraction(number) * _UNITS_NS[unit]) for number, unit in parts)


def duration_s(text: str) -> int:
    return duration_ns(text) // 10**9


def minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def energy_nwh(text: str) -> int:
    number, unit = re.fullmatch(r"([\d.]+)\s*(\w+)", text).groups()  # type: ignore[union-attr]
    return int(Fraction(number) * _UNITS_NWH[unit])


@dataclass(frozen=True)
class Season:
    name: str
    month: int
    day: int
    week: str


@dataclass
class Calendar:
    """Day profiles (minute of the day, rate), weeks of seven of their names, seasons, and special days by date: a year
    goes before every year."""

    profiles: dict[str, list[tuple[int, int]]]
    demand_profiles: dict[str, list[tuple[int, int]]]
    weeks: dict[str, list[str]]
    seasons: list[Season]
    special: dict[str, str]

    @classmethod
    def read(cls, table: Table) -> "Calendar":
        days = table.get("day_profiles", {"every-day": {"00:00": 2, "06:00": 1, "22:00": 2}})
        weeks = table.get("weeks", {"every-week": {"every_day": next(iter(days))}})
        seasons = table.get("seasons", {"all-year": {"from": "01-01", "week": next(iter(weeks))}})
        return cls(
            {name: _switches(switches) for name, switches in days.items()},
            {name: _switches(switches) for name, switches in table.get("demand_switches", {}).items()},
            {name: [_of_weekday(week, day) for day in range(7)] for name, week in weeks.items()},
            [Season(name, *map(int, one["from"].split("-")), one["week"]) for name, one in seasons.items()],
            dict(table.get("special_days", {})),
        )

    @property
    def rates(self) -> int:
        return max(rate for switches in self.profiles.values() for _, rate in switches)

    def season(self, day: date) -> Season:
        """The one whose date came last."""

        def begun(season: Season) -> date:
            for year in (day.year, day.year - 1):
                # The 29th of February is the 1st of March in a year without one.
                start = date(year, season.month, 1) + timedelta(days=season.day - 1)
                if start <= day:
                    return start
            raise ValueError("no season begins in a year")

        return max(self.seasons, key=begun)

    def day_profile(self, day: date) -> str:
        for key in (f"{day:%Y-%m-%d}", f"{day:%m-%d}"):
            if key in self.special:
                return self.special[key]
        return self.weeks[self.season(day).week][day.weekday()]

    def rate(self, wall: datetime) -> int:
        return self._held(self.profiles[self.day_profile(wall.date())], wall)

    def demand_rate(self, wall: datetime) -> int:
        name = self.day_profile(wall.date())
        return self._held(self.demand_profiles.get(name, self.profiles[name]), wall)

    def _held(self, switches: list[tuple[int, int]], wall: datetime) -> int:
        return [rate for at, rate in switches if at <= 60 * wall.hour + wall.minute][-1]

    def minutes(self, day: date) -> set[int]:
        """Minutes of a day at which some rate may change."""
        name = self.day_profile(day)
        return {at for at, _ in (*self.profiles[name], *self.demand_profiles.get(name, []))}


def _switches(table: dict[str, int]) -> list[tuple[int, int]]:
    return sorted((minute(time), rate) for time, rate in table.items())


def _of_weekday(week: dict[str, str], day: int) -> str:
    group = "weekend" if day >= 5 else "workdays"
    return next(week[key] for key in (WEEKDAYS[day], group, "every_day") if key in week)


@dataclass
class Agreement:
    """All of it. Periods and durations in s, the unit of the profile in nWh."""

    place: Place
    calendar: Calendar
    start_s: int
    end_ns: int
    demand_s: int
    after_outage: str
    on_rate_change: str
    profile_s: int
    channels: list[int]
    unit_nwh: int
    fill: bool
    billing_day: int
    billing_minute: int
    lockout_s: int
    slew_limit_s: int
    battery: str
    sums: list[list[tuple[int, int]]]
    method: str
    subintervals: int
    maxima: list[tuple[int, int]] | None
    coincidents: list[tuple[int, int]]
    sessions: list[Table]
    faults: list[Table]

    @classmethod
    def read(cls, text: str) -> "Agreement":
        table = tomllib.loads(text)
        clock, demand = table.get("clock", {}), table.get("demand", {})
        profile, billing = table.get("profile", {}), table.get("billing", {})
        demand_s = duration_s(demand.get("period", "30min"))
        names = profile.get("channels", ENERGIES[:MEASURED])
        maxima = demand.get("maxima")
        sums = table.get("meter", {}).get("sums", {})
        return cls(
            place=_place(clock.get("timezone")),
            calendar=Calendar.read(table.get("tariff", {})),
            start_s=round(table["start"].timestamp()),
            end_ns=duration_ns(table["duration"]),
            demand_s=demand_s,
            after_outage=demand.get("after_outage", "resume"),
            on_rate_change=demand.get("on_rate_change", "wait"),
            profile_s=duration_s(profile["period"]) if "period" in profile else demand_s,
            channels=[place for place, name in enumerate(ENERGIES) if name in names],
            unit_nwh=energy_nwh(profile.get("unit", "0.001 kWh")),
            fill=profile.get("missed", "gap") == "fill",
            billing_day=billing.get("day", 1),
            billing_minute=minute(billing.get("time", "00:00")),
            lockout_s=duration_s(billing.get("lockout", "15min")),
            slew_limit_s=duration_s(clock.get("slew_limit", "9s")),
            battery=clock.get("battery_failure", "continue"),
            sums=[_sum(sums[name]) for name in sorted(sums)],
            method=demand.get("method", "block"),
            subintervals=demand.get("subintervals", 1),
            maxima=None if maxima is None else [(ENERGIES.index(one["energy"]), one.get("rate", 0)) for one in maxima],
            coincidents=[(one["maximum"] - 1, ENERGIES.index(one["energy"])) for one in demand.get("coincident", [])],
            sessions=table.get("reading", []),
            faults=table.get("fault", []),
        )

    def billing_dates(self, from_s: int, to_s: int) -> list[int]:
        """Scheduled ends of billing above an instant, up to another."""
        first, last = self.place.wall(from_s).date() - timedelta(days=40), self.place.wall(to_s).date()
        found = []
        month = first.replace(day=1)
        while month <= last:
            following = (month + timedelta(days=31)).replace(day=1)
            day = min(month + timedelta(days=self.billing_day - 1), following - timedelta(days=1))
            at = datetime(day.year, day.month, day.day) + timedelta(minutes=self.billing_minute)
            found.append(self.place.first(at))
            month = following
        return sorted(at_s for at_s in found if from_s < at_s <= to_s)

    @property
    def interval_s(self) -> int:
        """How often a demand is known: each period, subinterval, or minute."""
        return 60 if self.method == "thermal" else self.demand_s // self.subintervals

    def midnights(self, from_s: int, to_s: int) -> list[int]:
        """Local midnights above an instant, up to another: where the clocks change then, the first instant after it."""
        day, last = self.place.wall(from_s).date(), self.place.wall(to_s).date()
        found = []
        while day <= last:
            found.append(self.place.first(datetime(day.year, day.month, day.day)))
            day += timedelta(days=1)
        return [at_s for at_s in found if from_s < at_s <= to_s]

    def switches(self, from_s: int, to_s: int) -> list[int]:
        """Instants above one, up to another, at which a rate may change: all switches, midnights, changes of the
        clocks."""
        day, found = self.place.wall(from_s).date() - timedelta(days=1), set()
        last = self.place.wall(to_s).date() + timedelta(days=1)
        for year in range(day.year, last.year + 1):
            found |= {at_s for at_s, _ in self.place.changes(year)}
        while day <= last:
            midnight = datetime(day.year, day.month, day.day)
            for at in self.calendar.minutes(day) | {0}:
                found |= set(self.place.instants(midnight + timedelta(minutes=at)))
            day += timedelta(days=1)
        return sorted(at_s for at_s in found if from_s < at_s <= to_s)

    def rates_at(self, utc_s: int) -> tuple[int, int]:
        """The rates of energy and of demand."""
        wall = self.place.wall(utc_s)
        return self.calendar.rate(wall), self.calendar.demand_rate(wall)


def _sum(text: str) -> list[tuple[int, int]]:
    """`A+ - A-`."""
    words = text.split()
    signs = ["+", *words[1::2]]
    return [(1 if sign == "+" else -1, ENERGIES.index(name)) for sign, name in zip(signs, words[::2], strict=True)]


def _place(table: Table | None) -> Place:
    given = table or {
        "standard": "+01:00",
        "dst": {"start": "last Sunday March 02:00", "end": "last Sunday October 03:00"},
    }
    sign = -1 if given["standard"].startswith("-") else 1
    standard_s = sign * 60 * minute(given["standard"][1:])
    dst = given.get("dst")
    if dst is None:
        return Place(standard_s)
    shift_s = duration_s(dst.get("shift", "1h"))
    return Place(standard_s, Change.read(dst["start"]), Change.read(dst["end"]), shift_s)


__all__ = ["ENERGIES", "Agreement", "Calendar", "Season", "duration_ns", "seconds"]
