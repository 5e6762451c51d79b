"""Scheduled ends of billing against a scan of the clock, across daylight saving and outages."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.tariff.billing_dates import BillingDates
from tests.clock.reference import BERLIN, EPOCH, instants, shown, zones

DAY_S = 86_400

schedules = st.builds(
    BillingDates,
    day=st.integers(1, 31),
    minute=st.one_of(st.integers(0, 1439), st.sampled_from((0, 60, 120, 150, 179, 180, 1439))),
)


def scan(schedule: BillingDates, zone: Zone, year: int, month: int) -> int:
    """The first minute at which the wall clock shows the month's billing time, or, if it skips that, a later one."""
    last = (datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    due = datetime(year, month, min(schedule.day, last)) + timedelta(minutes=schedule.minute)
    early_s = int((due - EPOCH).total_seconds()) - zone.standard_offset_s - 3 * 3_600
    return next(at_s for at_s in range(early_s, early_s + 7 * 3_600, 60) if shown(zone.local(at_s)) >= due)


@settings(max_examples=60)
@given(schedules, zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))))
def test_the_next_dates_are_those_of_the_scan(schedule: BillingDates, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    local = zone.local(utc_s)
    months = [divmod(12 * local.year + local.month - 1 + ahead, 12) for ahead in range(-1, 14)]
    expected = [at_s for at_s in (scan(schedule, zone, year, month + 1) for year, month in months) if at_s > utc_s]
    for at_s in expected:
        assert schedule.next(utc_s, zone) == at_s
        assert schedule.next(at_s - 1, zone) == at_s
        utc_s = at_s


@given(schedules, zones(), st.lists(st.integers(1_700_000_000, 1_900_000_000), min_size=2, max_size=8).map(sorted))
def test_stretches_that_join_count_every_date_once(schedule: BillingDates, zone: Zone, cuts: list[int]) -> None:
    whole = schedule.missed(cuts[0], cuts[-1], zone)
    parts = [schedule.missed(after_s, until_s, zone) for after_s, until_s in pairwise(cuts)]
    assert [at_s for part in parts for at_s in part] == whole
    dates, at_s = [], cuts[0]
    while (at_s := schedule.next(at_s, zone)) <= cuts[-1]:
        dates.append(at_s)
    assert whole == dates


@given(schedules, zones(), st.integers(1_700_000_000, 1_900_000_000), st.data())
def test_cut_at_the_very_instant(schedule: BillingDates, zone: Zone, utc_s: int, data: st.DataObject) -> None:
    """A date at the begin of an outage was due before it, one at the end of it is due now."""
    due_s = schedule.next(utc_s, zone)
    length_s = data.draw(st.integers(1, 27 * DAY_S))
    assert schedule.missed(due_s, due_s + length_s, zone) == []
    assert schedule.missed(due_s - 1, due_s, zone) == [due_s]
    assert schedule.missed(due_s - length_s, due_s, zone) == [due_s]
    assert schedule.missed(due_s, due_s - length_s, zone) == []


def test_default_is_the_first_at_midnight() -> None:
    at_s = BERLIN.utc(2026, 11, 22, 12)
    assert BERLIN.iso(BillingDates().next(at_s, BERLIN)) == "2026-12-01T00:00:00+01:00"
    missed = BillingDates().missed(at_s, BERLIN.utc(2027, 3, 15), BERLIN)
    assert missed == [BERLIN.utc(*month, 1) for month in ((2026, 12), (2027, 1), (2027, 2), (2027, 3))]


def test_repeated_hour_has_it_once_in_the_first_pass() -> None:
    schedule = BillingDates(day=25, minute=150)
    due_s = schedule.next(BERLIN.utc(2026, 10, 25), BERLIN)
    assert BERLIN.iso(due_s) == "2026-10-25T02:30:00+02:00"
    for at_s in (due_s, due_s + 1_800, due_s + 3_599, due_s + 3_600):
        assert BERLIN.iso(schedule.next(at_s, BERLIN)) == "2026-11-25T02:30:00+01:00"
    # An outage that ends in the second pass, and one that begins there.
    assert schedule.missed(due_s - 60, due_s + 3_600, BERLIN) == [due_s]
    assert schedule.missed(due_s + 1_800, due_s + DAY_S, BERLIN) == []


def test_missing_hour_has_it_at_the_first_instant_after() -> None:
    schedule = BillingDates(day=29, minute=150)
    assert BERLIN.iso(schedule.next(BERLIN.utc(2026, 3, 1), BERLIN)) == "2026-03-29T03:00:00+02:00"


@pytest.mark.parametrize(("year", "last"), [(2027, 28), (2028, 29)])
def test_short_months_have_it_on_their_last_day(year: int, last: int) -> None:
    dates, at_s = [], BERLIN.utc(year, 1, 1)
    for _ in range(4):
        at_s = BillingDates(day=31).next(at_s, BERLIN)
        dates.append(BERLIN.iso(at_s)[:10])
    assert dates == [f"{year}-01-31", f"{year}-02-{last}", f"{year}-03-31", f"{year}-04-30"]


@pytest.mark.parametrize(("day", "minute"), [(0, 0), (32, 0), (1, -1), (1, 1440)])
def test_bad_dates_are_refused(day: int, minute: int) -> None:
    with pytest.raises(ValueError, match="is not within"):
        BillingDates(day, minute)
