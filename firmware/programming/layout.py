"""The bytes of a programme, and of a change to it, as the configuration ring and the port carry them.

Little-endian; names are counted ASCII strings, references are places in the lists before them.
"""

from fractions import Fraction
from typing import Any, Final, TypeVar

from construct import (
    Array,
    Const,
    ConstructError,
    Int8ul,
    Int16ul,
    Int32ul,
    PascalString,
    PrefixedArray,
    Struct,
    Terminated,
)

from firmware.programming.programme import Change, PassiveTariff, Programme
from firmware.save import LayoutError
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week

Part = TypeVar("Part")

_VERSION: Final = 1
_NAME: Final = PascalString(Int8ul, "ascii")
_WEEKDAYS: Final = 7

_SWITCHES: Final = PrefixedArray(Int8ul, Struct("minute" / Int16ul, "rate" / Int8ul))

_CALENDAR: Final = Struct(
    "rates" / Int8ul,
    "demand_rates" / Int8ul,
    "day_profiles"
    / PrefixedArray(Int8ul, Struct("name" / _NAME, "switches" / _SWITCHES, "demand_switches" / _SWITCHES)),
    "weeks" / PrefixedArray(Int8ul, Struct("name" / _NAME, "days" / Array(_WEEKDAYS, Int8ul))),
    "seasons" / PrefixedArray(Int8ul, Struct("name" / _NAME, "month" / Int8ul, "day" / Int8ul, "week" / Int8ul)),
    "special_days"
    / PrefixedArray(
        Int8ul, Struct("year" / Int16ul, "month" / Int8ul, "day" / Int8ul, "day_profile" / Int8ul)
    ),
)
"""A year of 0 is every year."""

_RATIO: Final = Struct("numerator" / Int32ul, "denominator" / Int32ul)
_PASSIVE: Final = Struct("activate_s" / Int32ul, "calendar" / _CALENDAR)
_PROGRAMME: Final = Struct(
    "version" / Const(_VERSION, Int8ul),
    "number" / Int32ul,
    "utc_s" / Int32ul,
    "author" / Int8ul,
    "ct" / _RATIO,
    "vt" / _RATIO,
    "calendar" / _CALENDAR,
    "passive" / PrefixedArray(Int8ul, _PASSIVE),
    Terminated,
)
_CHANGE: Final = Struct(
    "version" / Const(_VERSION, Int8ul),
    "ct" / PrefixedArray(Int8ul, _RATIO),
    "vt" / PrefixedArray(Int8ul, _RATIO),
    "calendar" / PrefixedArray(Int8ul, _CALENDAR),
    "passive" / PrefixedArray(Int8ul, _PASSIVE),
    Terminated,
)


def build_programme(programme: Programme) -> bytes:
    built: bytes = _PROGRAMME.build(
        {
            "number": programme.number,
            "utc_s": programme.utc_s,
            "author": programme.author,
            "ct": _ratio(programme.ct_ratio),
            "vt": _ratio(programme.vt_ratio),
            "calendar": _calendar(programme.calendar),
            "passive": [] if programme.passive is None else [_passive(programme.passive)],
        }
    )
    return built


def parse_programme(data: bytes) -> Programme:
    """LayoutError for bytes that hold no programme of this version, or one that breaks its own rules."""
    try:
        found = _PROGRAMME.parse(data)
        return Programme(
            number=found.number,
            utc_s=found.utc_s,
            author=found.author,
            ct_ratio=_parsed_ratio(found.ct),
            vt_ratio=_parsed_ratio(found.vt),
            calendar=_parsed_calendar(found.calendar),
            passive=_one([_parsed_passive(passive) for passive in found.passive]),
        )
    except (ConstructError, ValueError, IndexError, ZeroDivisionError) as error:
        raise LayoutError(f"programme: {error}") from None


def build_change(change: Change) -> bytes:
    built: bytes = _CHANGE.build(
        {
            "ct": [] if change.ct_ratio is None else [_ratio(change.ct_ratio)],
            "vt": [] if change.vt_ratio is None else [_ratio(change.vt_ratio)],
            "calendar": [] if change.calendar is None else [_calendar(change.calendar)],
            "passive": [] if change.passive is None else [_passive(change.passive)],
        }
    )
    return built


def parse_change(data: bytes) -> Change:
    """LayoutError as for `parse_programme`."""
    try:
        found = _CHANGE.parse(data)
        return Change(
            ct_ratio=_one([_parsed_ratio(ratio) for ratio in found.ct]),
            vt_ratio=_one([_parsed_ratio(ratio) for ratio in found.vt]),
            calendar=_one([_parsed_calendar(calendar) for calendar in found.calendar]),
            passive=_one([_parsed_passive(passive) for passive in found.passive]),
        )
    except (ConstructError, ValueError, IndexError, ZeroDivisionError) as error:
        raise LayoutError(f"change: {error}") from None


def _one(parts: list[Part]) -> Part | None:
    if len(parts) > 1:
        raise ValueError(f"{len(parts)} of what there is one of at most")
    return parts[0] if parts else None


def _ratio(ratio: Fraction) -> dict[str, int]:
    return {"numerator": ratio.numerator, "denominator": ratio.denominator}


def _parsed_ratio(found: Any) -> Fraction:
    return Fraction(found.numerator, found.denominator)


def _passive(passive: PassiveTariff) -> dict[str, object]:
    return {"activate_s": passive.activate_s, "calendar": _calendar(passive.calendar)}


def _parsed_passive(found: Any) -> PassiveTariff:
    return PassiveTariff(_parsed_calendar(found.calendar), found.activate_s)


def _calendar(calendar: Calendar) -> dict[str, object]:
    profiles = [profile.name for profile in calendar.day_profiles]
    weeks = [week.name for week in calendar.weeks]
    return {
        "rates": calendar.rates,
        "demand_rates": calendar.demand_rates,
        "day_profiles": [
            {
                "name": profile.name,
                "switches": [switch._asdict() for switch in profile.switches],
                "demand_switches": [switch._asdict() for switch in profile.demand_switches],
            }
            for profile in calendar.day_profiles
        ],
        "weeks": [
            {"name": week.name, "days": [profiles.index(day) for _, day in week.days]} for week in calendar.weeks
        ],
        "seasons": [
            {"name": season.name, "month": season.month, "day": season.day, "week": weeks.index(season.week)}
            for season in calendar.seasons
        ],
        "special_days": [
            {
                "year": special.year or 0,
                "month": special.month,
                "day": special.day,
                "day_profile": profiles.index(special.day_profile),
            }
            for special in calendar.special_days
        ],
    }


def _parsed_calendar(found: Any) -> Calendar:
    profiles = tuple(
        DayProfile(profile.name, _parsed_switches(profile.switches), _parsed_switches(profile.demand_switches))
        for profile in found.day_profiles
    )
    weeks = tuple(Week(week.name, *(profiles[place].name for place in week.days)) for week in found.weeks)
    return Calendar(
        rates=found.rates,
        day_profiles=profiles,
        weeks=weeks,
        seasons=tuple(
            Season(season.name, season.month, season.day, weeks[season.week].name) for season in found.seasons
        ),
        special_days=tuple(
            SpecialDay(special.month, special.day, profiles[special.day_profile].name, special.year or None)
            for special in found.special_days
        ),
        demand_rates=found.demand_rates,
    )


def _parsed_switches(found: Any) -> tuple[Switch, ...]:
    return tuple(Switch(switch.minute, switch.rate) for switch in found)
