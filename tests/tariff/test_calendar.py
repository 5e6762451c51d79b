"""The rate at a local time, the next switch, and calendars that are refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.tariff.calendar import Calendar, CalendarError, DayProfile, Season, SpecialDay, Switch, Week
from tests.clock.reference import BERLIN, NEW_YORK, SYDNEY, instants, zones
from tests.tariff import reference

DAY_S = 86_400
HOUR_S = 3_600

real_zones = st.sampled_from((BERLIN, NEW_YORK, SYDNEY))
zones_and_instants = st.one_of(zones(), real_zones).flatmap(lambda zone: st.tuples(st.just(zone), instants(zone)))


@settings(max_examples=200)
@given(reference.calendars(), zones_and_instants)
def test_rate_is_the_one_that_a_clerk_reads(calendar: Calendar, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    for at_s in range(utc_s, utc_s + 400 * DAY_S, 17 * DAY_S + 12_345):
        local = zone.local(at_s)
        assert (calendar.rate(local), calendar.demand_rate(local)) == reference.Clerk(calendar).rates(local)


@settings(max_examples=80)
@given(reference.calendars(), zones_and_instants)
def test_next_switch_is_the_first_minute_with_another_rate(calendar: Calendar, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    clerk = reference.Clerk(calendar)
    rates = clerk.rates(zone.local(utc_s))
    horizon_s = utc_s + DAY_S + 5 * HOUR_S
    # Offsets and switches are of whole minutes: nothing can change within one.
    minutes = range(utc_s - utc_s % 60 + 60, horizon_s, 60)
    first = next((at_s for at_s in minutes if clerk.rates(zone.local(at_s)) != rates), None)
    found = calendar.next_switch(utc_s, zone)
    if first is None:
        assert found is None or found >= horizon_s - 60
    else:
        assert found == first


@settings(max_examples=60)
@given(reference.calendars(rates=2), zones_and_instants)
def test_rate_holds_until_a_far_switch_and_not_after(calendar: Calendar, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    clerk = reference.Clerk(calendar)
    rates = calendar.rate(zone.local(utc_s)), calendar.demand_rate(zone.local(utc_s))
    found = calendar.next_switch(utc_s, zone)
    end_s = utc_s + 20 * 365 * DAY_S if found is None else found
    step_s = max(61, (end_s - utc_s) // 300)
    assert {clerk.rates(zone.local(at_s)) for at_s in range(utc_s, end_s, step_s)} == {rates}
    if found is not None:
        assert clerk.rates(zone.local(found)) != rates
        assert clerk.rates(zone.local(found - 1)) == rates


@given(reference.calendars(), zones_and_instants)
def test_the_next_season_begins_where_a_clerk_turns_to_another(calendar: Calendar, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    clerk = reference.Clerk(calendar)
    found = calendar.next_season(utc_s, zone)
    if found is None:
        assert len(calendar.seasons) == 1 or utc_s > zone.utc(2098, 12, 1)
        return
    assert utc_s < found <= utc_s + 367 * DAY_S
    running = clerk.season(zone.local(utc_s))
    assert {clerk.season(zone.local(at_s)) for at_s in range(utc_s, found, 6 * HOUR_S)} == {running}
    assert clerk.season(zone.local(found - 1)) == running != clerk.season(zone.local(found))


@given(st.lists(st.integers(1, 47), unique=True, max_size=6).map(sorted), st.data())
def test_seconds_in_each_rate_sum_to_the_day(halves: list[int], data: st.DataObject) -> None:
    """Walking from switch to switch over a day of 23 or 25 hours leaves no second out and counts none twice."""
    calendar = reference.simple_calendar(tuple((30 * half, data.draw(st.integers(1, 4))) for half in [0, *halves]))
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2028, 2, 29), 24)):
        at_s = start_s = BERLIN.utc(day.year, day.month, day.day)
        end_s = BERLIN.utc(day.year, day.month, day.day + 1) if day.day < 29 else start_s + hours * 3_600
        seconds = [0] * 5
        while at_s < end_s:
            next_s = min(calendar.next_switch(at_s, BERLIN) or end_s, end_s)
            seconds[calendar.rate(BERLIN.local(at_s))] += next_s - at_s
            at_s = next_s
        expected, clerk = [0] * 5, reference.Clerk(calendar)
        for half_s in range(start_s, end_s, 1_800):
            expected[clerk.rate(BERLIN.local(half_s))] += 1_800
        assert seconds == expected
        assert sum(seconds) == hours * 3_600


def test_switch_inside_the_missing_hour_acts_at_the_first_instant_after_it() -> None:
    calendar = reference.simple_calendar(((0, 1), (150, 2)))
    assert calendar.next_switch(BERLIN.utc(2026, 3, 29), BERLIN) == BERLIN.utc(2026, 3, 29, 3)
    assert calendar.rate(BERLIN.local(BERLIN.utc(2026, 3, 29, 3))) == 2


def test_two_switches_inside_the_missing_hour_leave_the_last() -> None:
    calendar = reference.simple_calendar(((0, 1), (130, 2), (150, 1)))
    midnight_s = BERLIN.utc(2026, 3, 29)
    assert calendar.next_switch(midnight_s, BERLIN) == BERLIN.utc(2026, 3, 30, 2, 10)


def test_both_passes_of_the_repeated_hour_have_the_same_rates() -> None:
    calendar = reference.simple_calendar(((0, 1), (150, 2), (180, 3)))
    first_s = BERLIN.utc(2026, 10, 25, 2)
    switches = [first_s]
    for _ in range(4):
        found = calendar.next_switch(switches[-1], BERLIN)
        assert found is not None
        switches.append(found)
    assert [at_s - first_s for at_s in switches] == [0, 1_800, 3_600, 5_400, 7_200]
    assert [calendar.rate(BERLIN.local(at_s)) for at_s in switches] == [1, 2, 1, 2, 3]


def test_seasons_wrap_round_the_year_and_leap_days_belong() -> None:
    days = (DayProfile("low", (Switch(0, 1),)), DayProfile("high", (Switch(0, 2),)))
    weeks = (Week("summer", *(["low"] * 7)), Week("winter", *(["high"] * 7)))
    seasons = (Season("winter", 10, 1, "winter"), Season("summer", 2, 29, "summer"))
    calendar = Calendar(2, days, weeks, seasons, (SpecialDay(2, 29, "high"),))
    january_s = SYDNEY.utc(2027, 1, 1)
    assert calendar.rate(SYDNEY.local(january_s)) == 2
    assert calendar.next_switch(january_s, SYDNEY) == SYDNEY.utc(2027, 3, 1)
    # In a leap year the yearly special day holds the high rate one day longer.
    assert calendar.next_switch(SYDNEY.utc(2028, 1, 1), SYDNEY) == SYDNEY.utc(2028, 3, 1)
    assert calendar.next_switch(SYDNEY.utc(2028, 3, 1), SYDNEY) == SYDNEY.utc(2028, 10, 1)


def test_a_dated_special_day_goes_before_a_yearly_one() -> None:
    days = tuple(DayProfile(str(rate), (Switch(0, rate),)) for rate in (1, 2, 3))
    specials = (SpecialDay(12, 25, "2"), SpecialDay(12, 25, "3", 2027))
    calendar = Calendar(3, days, (Week("all", *(["1"] * 7)),), (Season("year", 1, 1, "all"),), specials)
    at_noon = [calendar.rate(BERLIN.local(BERLIN.utc(year, 12, 25, 12))) for year in (2026, 2027, 2028)]
    assert at_noon == [2, 3, 2]


def test_a_far_switch_is_found_and_none_is_none() -> None:
    days = (DayProfile("1", (Switch(0, 1), Switch(600, 1))), DayProfile("2", (Switch(0, 2),)))
    calendar = Calendar(2, days, (Week("all", *(["1"] * 7)),), (Season("year", 1, 1, "all"),))
    assert calendar.next_switch(BERLIN.utc(2000, 1, 1), BERLIN) is None
    only_first = replace(calendar, day_profiles=calendar.day_profiles[:1])
    assert only_first.next_switch(BERLIN.utc(2000, 1, 1), BERLIN) is None
    once = replace(calendar, special_days=(SpecialDay(12, 31, "2", 2099),))
    assert once.next_switch(BERLIN.utc(2000, 1, 1), BERLIN) == BERLIN.utc(2099, 12, 31)
    # Midnight in Berlin comes an hour before UTC's 2100, the end of all calendars.
    assert once.next_switch(BERLIN.utc(2099, 12, 31), BERLIN) == BERLIN.utc(2099, 12, 31) + DAY_S
    assert once.next_switch(BERLIN.utc(2100, 1, 2), BERLIN) is None


GOOD = Calendar(
    2,
    (DayProfile("work", (Switch(0, 1), Switch(360, 2), Switch(1320, 1))), DayProfile("rest", (Switch(0, 1),))),
    (Week("all", "work", "work", "work", "work", "work", "rest", "rest"),),
    (Season("winter", 10, 1, "all"), Season("summer", 4, 1, "all")),
    (SpecialDay(12, 25, "rest"), SpecialDay(4, 3, "rest", 2026)),
)


def with_switches(*switches: tuple[int, int]) -> Calendar:
    work = DayProfile("work", tuple(Switch(*switch) for switch in switches))
    return replace(GOOD, day_profiles=(work, GOOD.day_profiles[1]))


def for_demand(*switches: tuple[int, int]) -> Calendar:
    work = replace(GOOD.day_profiles[0], demand_switches=tuple(Switch(*switch) for switch in switches))
    return replace(GOOD, day_profiles=(work, GOOD.day_profiles[1]))


def with_specials(*specials: SpecialDay) -> Calendar:
    return replace(GOOD, special_days=specials)


def with_second_season(season: Season) -> Calendar:
    return replace(GOOD, seasons=(GOOD.seasons[0], season))


BAD: list[tuple[Callable[[], Calendar], str, str]] = [
    (lambda: replace(GOOD, rates=0), "rates", "0 is not within 1 to 48"),
    (lambda: replace(GOOD, rates=49), "rates", "49 is not within 1 to 48"),
    (lambda: replace(GOOD, demand_rates=49), "demand_rates", "49 is not within 0 to 48"),
    (lambda: replace(GOOD, demand_rates=1), "day_profiles[0].demand_switches[1].rate", "2 is not within 1 to 1"),
    (lambda: for_demand((0, 1)), "day_profiles[0].demand_switches", "no demand_rates"),
    (lambda: replace(GOOD, rates=1), "day_profiles[0].switches[1].rate", "2 is not within 1 to 1"),
    (lambda: with_switches((0, 0)), "day_profiles[0].switches[0].rate", "0 is not within 1 to 2"),
    (lambda: with_switches(), "day_profiles[0].switches", "0 is not within 1 to 32"),
    (lambda: with_switches(*((i, 1) for i in range(33))), "day_profiles[0].switches", "33 is not within 1 to 32"),
    (lambda: with_switches((1, 1)), "day_profiles[0].switches[0].minute", "the first switch must be at 00:00"),
    (lambda: with_switches((0, 1), (60, 2), (60, 1)), "day_profiles[0].switches[2].minute", "60 is not within 61"),
    (lambda: with_switches((0, 1), (1440, 2)), "day_profiles[0].switches[1].minute", "1440 is not within 1 to 1439"),
    (lambda: replace(GOOD, day_profiles=()), "day_profiles", "0 is not within 1 to 48"),
    (lambda: replace(GOOD, day_profiles=GOOD.day_profiles * 25), "day_profiles", "50 is not within 1 to 48"),
    (lambda: replace(GOOD, day_profiles=GOOD.day_profiles * 2), "day_profiles[2].name", '"work" is taken by'),
    (lambda: replace(GOOD, day_profiles=GOOD.day_profiles[:1]), "weeks[0].saturday", 'no day profile is named "rest"'),
    (lambda: replace(GOOD, weeks=()), "weeks", "0 is not within 1 to 24"),
    (lambda: replace(GOOD, weeks=GOOD.weeks * 2), "weeks[1].name", '"all" is taken by weeks[0]'),
    (lambda: replace(GOOD, seasons=()), "seasons", "0 is not within 1 to 24"),
    (lambda: with_second_season(Season("s", 4, 1, "al")), "seasons[1].week", 'no week is named "al"'),
    (lambda: with_second_season(Season("s", 10, 1, "all")), "seasons[1]", "starts on the same date as seasons[0]"),
    (lambda: with_second_season(Season("s", 4, 31, "all")), "seasons[1].day", "month 4 has no day 31"),
    (lambda: with_second_season(Season("s", 13, 1, "all")), "seasons[1].month", "13 is not within 1 to 12"),
    (lambda: with_second_season(Season("", 4, 1, "all")), "seasons[1].name", "must not be empty"),
    (lambda: with_specials(SpecialDay(2, 29, "rest", 2027)), "special_days[0].day", "month 2 has no day 29"),
    (lambda: with_specials(SpecialDay(1, 1, "rest", 1999)), "special_days[0].year", "1999 is not within 2000"),
    (lambda: with_specials(SpecialDay(1, 1, "x")), "special_days[0].day_profile", 'no day profile is named "x"'),
    (lambda: with_specials(*[SpecialDay(1, 1, "rest")] * 2), "special_days[1]", "is the same date as special_days[0]"),
    (
        lambda: with_specials(*(SpecialDay(1, 1, "rest", 2000 + i % 99) for i in range(129))),
        "special_days",
        "129 is not within 0 to 128",
    ),
]


@pytest.mark.parametrize(("make", "path", "rule"), BAD, ids=[f"{path}: {rule}" for _, path, rule in BAD])
def test_a_bad_calendar_is_refused_with_path_and_rule(make: Callable[[], Calendar], path: str, rule: str) -> None:
    with pytest.raises(CalendarError) as refused:
        make()
    assert refused.value.path == path
    assert rule in refused.value.rule
    assert str(refused.value) == f"{refused.value.path}: {refused.value.rule}"


def test_the_largest_calendar_is_taken() -> None:
    days = tuple(
        DayProfile(f"d{i}", tuple(Switch(minute, 1 + (i + minute) % 48) for minute in range(32))) for i in range(48)
    )
    weeks = tuple(Week(f"w{i}", *(f"d{(i + at) % 48}" for at in range(7))) for i in range(24))
    seasons = tuple(Season(f"s{i}", 1 + i // 2, 1 + 14 * (i % 2), f"w{i}") for i in range(24))
    specials = tuple(SpecialDay(1 + i % 12, 1 + i // 12, "d0") for i in range(128))
    calendar = Calendar(48, days, weeks, seasons, specials)
    local = BERLIN.local(BERLIN.utc(2026, 7, 20, 0, 31))
    assert calendar.rate(local) == reference.rate(calendar, local)
