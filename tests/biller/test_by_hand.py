"""The biller's own sums, worked out by hand: it must not be wrong in the same way as what it is held against."""

from datetime import date, datetime

import pytest

from tests.biller.agreement import Agreement
from tests.biller.bill import Bill, bill
from tests.biller.civil import Change, Place
from tests.biller.maxima import ranked
from tests.biller.truth import NOTHING, NWH, Truth

BERLIN = Place(3_600, Change.read("last Sunday March 02:00"), Change.read("last Sunday October 03:00"))
START_S = 1_781_503_200
"""2026-06-15 08:00 at UTC+2."""
MINUTE = 60 * 10**9
KW_FW = 10**18

HEAD = 'schema = 1\ntitle = "by hand"\nstart = 2026-06-15T08:00:00+02:00\nduration = "4h"\nboard = "afe"\n'


def told(body: str, powers_kw: list[tuple[int, int]], lives_min: list[tuple[int, int]]) -> Bill:
    """Minutes at which the load changes, and kW; minutes from which to which the mains are there."""
    truth = Truth()
    for at_min, kw in powers_kw:
        truth.change(at_min * MINUTE, (kw * KW_FW, 0, 0, 0, 0, 0, kw * KW_FW, 0))
    truth.lives = [[begin * MINUTE, end * MINUTE] for begin, end in lives_min]
    return bill(Agreement.read(HEAD + body), truth, [])


def test_walls() -> None:
    assert BERLIN.first(datetime(2026, 3, 29, 2, 30)) == 1_774_746_000  # 01:00 UTC, at which 02:00 becomes 03:00
    assert BERLIN.wall(1_774_746_000) == datetime(2026, 3, 29, 3)
    assert BERLIN.instants(datetime(2026, 10, 25, 2, 30)) == [1_792_888_200, 1_792_891_800]
    assert BERLIN.instants(datetime(2026, 3, 29, 2, 30)) == []


def test_seasons_and_special_days() -> None:
    body = """
[tariff.day_profiles]
a = { "00:00" = 1 }
b = { "00:00" = 2 }
[tariff.weeks]
w = { every_day = "a", sunday = "b" }
v = { workdays = "b", weekend = "a" }
[tariff.seasons]
s = { from = "02-29", week = "w" }
t = { from = "10-01", week = "v" }
[tariff.special_days]
"05-01" = "b"
"2026-05-01" = "a"
"""
    calendar = Agreement.read(HEAD + body).calendar
    days = {"2026-02-28": "b", "2026-03-01": "b", "2026-03-02": "a", "2026-05-01": "a", "2027-05-01": "b"}
    assert {day: calendar.day_profile(date.fromisoformat(day)) for day in days} == {**days, "2026-02-28": "a"}


def test_an_outage_in_an_interval_and_over_three() -> None:
    """3 kW; away from 08:40 to 10:10: the second half-hour has 10 minutes, two are missing, the next has 20."""
    due = told("", [(0, 3), (40, 0), (130, 3)], [(0, 40), (130, 240)])
    first, second, third, *_ = due.profile
    assert (first.end_s, first.length_s, first.energy[0] // NWH) == (START_S + 1_800, 1_800, 1_500 * 10**9)
    assert (second.end_s, second.length_s, second.energy[0] // NWH) == (START_S + 3_600, 600, 500 * 10**9)
    assert second.flags == {"dst", "power-down", "short"}
    assert (third.end_s, third.length_s, third.missed) == (START_S + 9_000, 1_200, 2)
    shown = [one.milliwatts(0) for one in due.demands[:4]]
    assert shown == pytest.approx([3_000_000, 1_000_000, 2_000_000, 3_000_000], abs=2)
    assert [one.short for one in due.demands[1:4]] == [True, True, False]


@pytest.mark.parametrize(
    ("rule", "stamps"),
    [("resume", [15, 30, 45, 60]), ("restart", [15, 20, 30, 45, 60]), ("synchronise", [15, 20, 45, 60])],
)
def test_what_an_outage_does_to_demand(rule: str, stamps: list[int]) -> None:
    body = f'[demand]\nperiod = "15min"\nafter_outage = "{rule}"\n'
    due = told(body, [(0, 3), (20, 0), (22, 3)], [(0, 20), (22, 240)])
    assert [(one.end_s - START_S) // 60 for one in due.demands[: len(stamps)]] == stamps


def test_a_sliding_demand_fills_and_keeps_its_highest() -> None:
    """15 min = 3 x 5: 3 kW for 10 min, then 6 kW for 15, then none."""
    body = '[demand]\nperiod = "15min"\nmethod = "sliding"\nsubintervals = 3\n'
    due = told(body, [(0, 3), (10, 6), (25, 0)], [(0, 240)])
    assert [one.milliwatts(0) // 1_000 for one in due.demands[:8]] == [
        1_000,
        2_000,
        4_000,
        5_000,
        6_000,
        4_000,
        2_000,
        0,
    ]
    assert [one.short for one in due.demands[:4]] == [True, True, False, False]
    assert [one.milliwatts(0) // 1_000 for one in ranked(due.demands, 0, 0)][:5] == [6_000, 5_000, 4_000, 4_000, 2_000]
    assert ranked(due.demands, 0, 0)[2].end_s == START_S + 900


def test_a_thermal_demand_shows_ninety_per_cent_of_a_step_after_a_period() -> None:
    due = told('[demand]\nperiod = "10min"\nmethod = "thermal"\n', [(0, 10), (20, 0)], [(0, 240)])
    shown = [due.demands[minute - 1].milliwatts(0) for minute in (10, 20, 30)]
    assert shown == pytest.approx([9_000_000, 9_900_000, 990_000], abs=2)
    assert [one.short for one in due.demands[8:11]] == [True, False, False]


def test_rates_are_switched_to_the_minute_and_sum_to_the_total() -> None:
    body = '[tariff.day_profiles]\nday = { "00:00" = 1, "08:17" = 2, "09:00" = 3 }\n'
    due = told(body, [(0, 6)], [(0, 240)])
    (level,) = due.registers.levels([240 * MINUTE])
    assert [level.rates[rate][0] // NWH // 10**9 for rate in (1, 2, 3)] == [1_700, 4_300, 18_000]
    assert sum(level.rates[rate][0] for rate in level.rates) == level.totals[0]
    assert level.totals[1:6] == NOTHING[1:6]


def test_the_last_date_in_an_outage_is_billed_when_power_is_back() -> None:
    due = told('[billing]\nday = 15\ntime = "09:00"\n', [(0, 3), (40, 0), (90, 3)], [(0, 40), (90, 240)])
    (made,) = due.sets
    assert (made.end.source, made.end.scheduled_s) == ("power-up", START_S + 3_600)
    assert abs(made.end.stamp_s - START_S - 5_400) <= made.end.unsure_s
    assert [one.end_s for one in made.demands] == [START_S + 1_800, START_S + 3_600]
