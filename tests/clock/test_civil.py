"""Local time against a hand-set clock, against the time-zone database, and back to UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import LocalTime, Zone, local_at_offset, parse_offset
from tests.clock.reference import BERLIN, NEW_YORK, SYDNEY, instants, shown, wall_clock, zones

HALF_HOUR = 1_800


@settings(max_examples=30)
@given(zones(minute_step=30), st.integers(2000, 2098))
def test_a_year_agrees_with_a_clock_set_by_hand(zone: Zone, year: int) -> None:
    before = None
    for utc_s, wall, dst in wall_clock(zone, year, HALF_HOUR, 366 * 48):
        local = zone.local(utc_s)
        assert (shown(local), local.dst, local.weekday) == (wall, dst, wall.weekday())
        assert local.offset_s == zone.offset(utc_s)
        if before is not None and local.offset_s != before.offset_s:
            assert zone.next_change(utc_s - 1) == utc_s
            assert zone.local(utc_s - 1).offset_s == before.offset_s
        before = local


# The rules hold from the first whole year in the list on; earlier, some of these places had others.
DATABASE = [("Europe/Berlin", BERLIN, 2000), ("America/New_York", NEW_YORK, 2008), ("Australia/Sydney", SYDNEY, 2009)]


def database(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        pytest.skip(f"no time-zone database with {name} on this machine")


def second_of(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(("name", "zone", "first_year"), DATABASE)
def test_every_change_to_2099_is_that_of_the_database(name: str, zone: Zone, first_year: int) -> None:
    tz = database(name)
    utc_s, changes = second_of(first_year), 0
    while (change_s := zone.next_change(utc_s)) is not None and change_s < second_of(2100):
        near = [change_s + at + d for at in (-7_200, -3_600, 0, 3_600, 7_200) for d in (-2, -1, 0, 1, 2)]
        # Every five hours in between: no other change hides there.
        for at_s in [*range(utc_s, change_s, 18_000), *near]:
            expected = datetime.fromtimestamp(at_s, tz)
            local = zone.local(at_s)
            assert shown(local) == expected.replace(tzinfo=None, fold=0)
            assert timedelta(seconds=local.offset_s) == expected.utcoffset()
            assert local.dst == bool(expected.dst())
        utc_s, changes = change_s, changes + 1
    assert changes == 2 * (2100 - first_year)


@pytest.mark.parametrize(("name", "zone", "first_year"), DATABASE)
@pytest.mark.parametrize("change", [0, 1])
def test_each_second_around_a_change(name: str, zone: Zone, first_year: int, change: int) -> None:
    tz = database(name)
    change_s = zone.next_change(second_of(2026))
    assert change_s is not None
    if change:
        change_s = zone.next_change(change_s)
        assert change_s is not None
    for utc_s in range(change_s - 7_300, change_s + 7_300):
        expected = datetime.fromtimestamp(utc_s, tz)
        local = zone.local(utc_s)
        assert (shown(local), local.iso()) == (expected.replace(tzinfo=None, fold=0), expected.isoformat())
        first_pass = expected.replace(fold=0)
        assert zone.utc(local.year, local.month, local.day, local.hour, local.minute, local.second) == int(
            first_pass.timestamp()
        )


@given(zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))))
def test_local_time_leads_back_to_its_first_pass(drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    local = zone.local(utc_s)
    back_s = zone.utc(local.year, local.month, local.day, local.hour, local.minute, local.second)
    assert shown(zone.local(back_s)) == shown(local)
    if back_s != utc_s:
        assert zone.dst is not None
        assert utc_s - back_s == zone.dst.shift_s
        assert zone.local(back_s).dst
        assert not local.dst


@given(zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))), st.integers(0, 7_199))
def test_a_missing_time_means_the_first_instant_after_it(drawn: tuple[Zone, int], into_s: int) -> None:
    zone, utc_s = drawn
    change_s = zone.next_change(utc_s)
    while change_s is not None and not zone.local(change_s).dst:
        change_s = zone.next_change(change_s)
    if change_s is None or zone.dst is None:
        assert zone.dst is None
        return
    last = shown(zone.local(change_s - 1))
    missing = last + timedelta(seconds=1 + into_s % zone.dst.shift_s)
    assert zone.utc(missing.year, missing.month, missing.day, missing.hour, missing.minute, missing.second) == change_s


@given(zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))))
def test_iso_text_names_the_instant(drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    text = zone.iso(utc_s)
    assert datetime.fromisoformat(text).timestamp() == utc_s
    assert len(text) == len("2026-03-29T03:00:00+02:00")
    assert parse_offset(text[-6:]) == zone.offset(utc_s)
    stamp = zone.local(utc_s)
    assert local_at_offset(utc_s, stamp.offset_s, stamp.dst) == stamp


@given(zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))))
def test_next_change_is_the_first(drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    change_s = zone.next_change(utc_s)
    if change_s is None:
        assert zone.dst is None
        return
    assert zone.offset(change_s - 1) != zone.offset(change_s)
    # Changes lie at least two days apart, so hourly steps see every one of them.
    assert {zone.offset(at_s) for at_s in range(utc_s, change_s, 36_000)} == {zone.offset(utc_s)}
    assert change_s > utc_s


def test_local_time_as_written() -> None:
    assert BERLIN.local(1_774_746_000) == LocalTime(2026, 3, 29, 3, 0, 0, 6, 7_200, True)
    assert BERLIN.iso(1_774_745_999) == "2026-03-29T01:59:59+01:00"
    assert Zone(-12_600).iso(0) == "1969-12-31T20:30:00-03:30"
    assert BERLIN.local(1_774_746_000).minute_of_day == 180


def test_leap_day_is_a_day() -> None:
    leap_s = BERLIN.utc(2028, 2, 29, 12)
    assert BERLIN.iso(leap_s) == "2028-02-29T12:00:00+01:00"
    with pytest.raises(ValueError, match="day"):
        BERLIN.utc(2027, 2, 29)
    with pytest.raises(ValueError, match="day"):
        BERLIN.utc(2100, 2, 29)


@pytest.mark.parametrize("text", ["", "+1:00", "01:00", "+0100", "+24:01", "x01:00", "+01:00 "])
def test_bad_offsets_are_named(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" is not an offset'.replace("+", r"\+")):
        parse_offset(text)


@pytest.mark.parametrize("offset_s", [30, 14 * 3_600 + 60, -12 * 3_600 - 60])
def test_offsets_out_of_range_are_refused(offset_s: int) -> None:
    with pytest.raises(ValueError, match="offset"):
        Zone(offset_s)


@pytest.mark.parametrize("utc_s", [-1, 1 << 32])
def test_instants_out_of_range_are_refused(utc_s: int) -> None:
    for method in (BERLIN.local, BERLIN.offset, BERLIN.next_change, BERLIN.iso):
        with pytest.raises(ValueError, match="instant"):
            method(utc_s)


@pytest.mark.parametrize("time", [(24, 0, 0), (0, 60, 0), (0, 0, 60), (-1, 0, 0)])
def test_times_that_are_none_are_refused(time: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        BERLIN.utc(2026, 1, 1, *time)


@pytest.mark.parametrize("year", [1969, 2106])
def test_years_out_of_range_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match="year"):
        BERLIN.utc(year, 1, 1)
