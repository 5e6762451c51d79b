"""The load profile of a whole meter, through outages, cuts, clock sets and changes of the clocks: rows 9 to 14 of the
failures that a laboratory tries.
"""

import pytest

from hal.probe import IntervalClosed, ProfileRecorded
from hal.units import MINUTE, MS
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
START_S = 1_781_503_200


def held(played: Played) -> Played:
    assert not troubles(played.result), troubles(played.result)
    return played


def intervals(played: Played) -> list[ProfileRecorded]:
    return [record for _, record in played.of(ProfileRecorded)]


def stamped(played: Played) -> list[int]:
    """Minutes from the start to each stamp."""
    return [(record.utc_s - START_S) // 60 for record in intervals(played)]


def flags(record: ProfileRecorded) -> set[str]:
    return set(record.status) - {"dst"}


@pytest.mark.parametrize("after_ms", [*range(-30, 200, 10), *range(1, 60, 6)])
def test_a_cut_about_an_interval_end_leaves_each_interval_once(after_ms: int) -> None:
    """No warning, no hold-up: wherever the cut falls between the end, the save and the record."""
    instant = at(0, 30) + after_ms * MS
    body = '[demand]\nperiod = "15min"\n' + fault("power-cut", f"{instant}ns", "2min")
    played = held(play(text_of(START, "61min", body)))
    found = intervals(played)
    ends = [one.utc_s for one in found]
    assert sorted({START_S + 900 * n for n in (1, 2, 3, 4)} - set(ends)) in ([], [START_S + 1_800])
    assert len(found) >= 3
    assert [one.number for one in found] == sorted({one.number for one in found})


@pytest.mark.parametrize("hold_up", [True, False])
@pytest.mark.parametrize("back", ["300ms", "20min"])
def test_a_hold_up_that_runs_past_an_interval_end_tells_of_it_once(back: str, hold_up: bool) -> None:
    """Mains that fail just before the end: the save at power fail has not seen it end, and the meter lives on a
    moment. Demand and profile each tell of it exactly once, whether the mains come back or not."""
    kind = "supply-fail" if hold_up else "power-cut"
    for before_ms in (40, 120, 250):
        body = fault(kind, f"{at(0, 30) - before_ms * MS}ns", back)
        played = held(play(text_of(START, "91min", body)))
        assert stamped(played) == [30, 60, 90]
        demands = [record.utc_s for _, record in played.of(IntervalClosed)]
        assert demands == [START_S + 60 * minute for minute in (30, 60, 90)]


@pytest.mark.parametrize(("missed", "count"), [("gap", 2), ("fill", 7)])
def test_a_long_outage_invents_nothing(missed: str, count: int) -> None:
    """Row 14: from 08:10 to 11:10. Five whole half-hours are missing."""
    body = f'[profile]\nmissed = "{missed}"\n' + fault("supply-fail", "10min", "3h")
    found = intervals(held(play(text_of(START, "3h31min", body))))
    assert len(found) == count
    first, *between, last = found
    assert (first.utc_s, first.length_s, flags(first)) == (START_S + 1_800, 600, {"power-up", "power-down", "short"})
    assert first.values[0] in (599, 600)
    for number, one in enumerate(between, 2):
        assert (one.utc_s, one.length_s, set(one.values)) == (START_S + number * 1_800, 0, {0})
        assert flags(one) == {"missed", "power-down", "short"}
    assert (last.utc_s, last.missed) == (START_S + 7 * 1_800, 5 if missed == "gap" else 0)
    assert flags(last) - {"missed"} == {"power-up", "short"}
    assert last.values[0] == pytest.approx(1_200, abs=2)


def clock_set(at_: str, offset: str, body: str = "") -> Played:
    """A reader sets the clock to true time; before that the meter's own was off by an outage with a dead cell."""
    dead = fault("battery-fail", "5min") + fault("supply-fail", "10min", offset)
    return held(play(text_of(START, "6h1min", body + dead + reading("set", at_, "set-clock"))))


def test_a_clock_set_forward_skips_and_invents_nothing() -> None:
    """Row 10: the clock is 100 min late, and set at 10:05: its own 08:25 becomes 10:05."""
    played = clock_set("125min", "100min")
    found = intervals(played)
    assert sum(one.missed for one in found) == 3
    cut = [one for one in found if "clock-adjusted" in one.status]
    assert len(cut) == 2
    assert all("short" in one.status for one in cut)
    assert all("clock-invalid" in one.status for one in found if one.utc_s <= cut[0].utc_s)
    assert not any("clock-invalid" in one.status for one in found if one.utc_s > cut[1].utc_s)
    hours = sum(one.values[0] for one in found) / 3_600
    assert hours == pytest.approx(6 - 100 / 60, abs=0.02)


@pytest.mark.parametrize(
    ("after_outage", "stamps", "most"),
    [
        ("resume", [30, 60, 90], 3_121_000),
        ("restart", [8, 30, 60, 90], 2_161_000),
        ("synchronise", [8, 60, 90], 961_000),
    ],
)
def test_demand_after_an_outage(after_outage: str, stamps: list[int], most: int) -> None:
    """Row 13: four minutes without power from 08:08. No maximum holds more than flowed in one period."""
    body = f'[demand]\nafter_outage = "{after_outage}"\n' + fault("supply-fail", "8min", "4min")
    played = held(play(text_of(START, "91min", body)))
    told = [record for _, record in played.of(IntervalClosed)]
    assert [(record.utc_s - START_S) // 60 for record in told] == stamps
    assert max(record.demand_mw for record in told) <= 3_601_000
    assert max(record.demand_mw for record in told if record.short) <= most
    assert sum("short" in record.status for record in intervals(played)) == 1


def test_a_rate_that_changes_inside_a_period_ends_it_or_waits() -> None:
    tariff = '[tariff.day_profiles]\nday = { "00:00" = 1, "08:40" = 2 }\n'
    for rule, stamps in (("wait", [30, 60, 90]), ("end", [30, 40, 60, 90])):
        body = f'[demand]\non_rate_change = "{rule}"\n{tariff}'
        played = held(play(text_of(START, "91min", body)))
        told = [record for _, record in played.of(IntervalClosed)]
        assert [(record.utc_s - START_S) // 60 for record in told] == stamps
        assert len(intervals(played)) == 3


@pytest.mark.parametrize(("start", "count"), [("2026-03-28T23:00:00+01:00", 46), ("2026-10-24T23:00:00+02:00", 50)])
def test_days_of_23_and_25_hours(start: str, count: int) -> None:
    """Row 9, and with the change in an outage: the outage's own half-hours are missing, no others."""
    for outage in (None, ("2h10min", "2h")):
        body = "" if outage is None else fault("supply-fail", *outage)
        played = held(play(text_of(start, "27h1min", body)))
        found = intervals(played)
        day = {(one.utc_s - 1 + one.offset_s) // 86_400 for one in found}
        middle = sorted(day)[1]
        inside = [one for one in found if (one.utc_s - 1 + one.offset_s) // 86_400 == middle]
        assert len(inside) + sum(one.missed for one in inside) == count
        assert sum(one.missed for one in inside) == (0 if outage is None else 3)


def test_its_own_period_channels_and_unit() -> None:
    body = '[profile]\nperiod = "5min"\nchannels = ["S+", "A+"]\nunit = "0.01 kWh"\n'
    found = intervals(held(play(text_of(START, "31min", body))))
    assert [one.length_s for one in found] == [300] * 6
    assert {one.kinds for one in found} == {(6, 0)}
    assert sum(one.values[0] for one in found) == 1_800 // 10 - 1


def test_ends_of_billing_and_readings_show_in_the_status() -> None:
    body = '[billing]\nday = 15\ntime = "09:00"\n' + reading("reset", "80min", "billing-reset")
    found = intervals(held(play(text_of(START, "121min", body))))
    assert [one.number for one in found if "billing-reset" in one.status] == [2, 3]


def test_expectations_on_the_profile_hold_and_can_fail() -> None:
    body = fault("supply-fail", "10min", "3h")
    good = """
[[expect]]
id = "broken"
interval_at = "30min"
status = ["power-down", "short"]
without = ["clock-invalid"]
min = "0.59 kWh"
max = "0.6 kWh"
[[expect]]
id = "back"
interval_at = "210min"
missed = 5
[[expect]]
id = "count"
profile_count = 1
within = ["0s", "31min"]
status = ["short"]
"""
    held(play(text_of(START, "3h31min", body + good)))
    for right, wrong in (
        ('"power-down"', '"reverse"'),
        ('["clock-invalid"]', '["short"]'),
        ("missed = 5", "missed = 4"),
        ("profile_count = 1", "profile_count = 2"),
        ('"0.59 kWh"', '"0.6 kWh"\nchannel = "A-"'),
        ('"210min"', '"209min"'),
    ):
        played = play(text_of(START, "3h31min", body + good.replace(right, wrong)))
        assert [check.held for check in played.result.expectations].count(False) == 1, (right, wrong)


def test_months_of_one_minute_intervals_stay_in_order() -> None:
    """A quarter of a day of the shortest intervals, with an outage each half hour."""
    body = '[demand]\nperiod = "1min"\n' + "".join(
        fault("supply-fail", f"{10 + 30 * n}min", f"{1 + 97 * n}s") for n in range(8)
    )
    played = held(play(text_of(START, "6h1min", body)))
    minutes = 6 * 60
    found = intervals(played)
    assert len(found) + sum(one.missed for one in found) == minutes
    assert played.result.simulated_ns == minutes * MINUTE + MINUTE
