"""The clerk, whom the oracles ask, and the firmware agree on civil time and billing dates, and share no code."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.tariff.billing_dates import BillingDates
from sim.oracles.clerk import EPOCH, latest_billing_date, utc_of, wall_time
from tests.clock.reference import BERLIN, NEW_YORK, SYDNEY, instants, shown, wall_clock, zones

zones_and_instants = st.one_of(zones(), st.sampled_from((BERLIN, NEW_YORK, SYDNEY))).flatmap(
    lambda zone: st.tuples(st.just(zone), instants(zone))
)


@settings(max_examples=300)
@given(zones_and_instants)
def test_the_wall_shows_what_the_firmware_says(drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    assert wall_time(zone, utc_s) == shown(zone.local(utc_s))


@settings(max_examples=20)
@given(st.sampled_from((BERLIN, NEW_YORK, SYDNEY, Zone(0))), st.integers(2000, 2090))
def test_the_wall_shows_what_a_clock_set_by_hand_shows(zone: Zone, year: int) -> None:
    for utc_s, wall, _ in wall_clock(zone, year, 1_800, 2 * 8_784):
        assert wall_time(zone, utc_s) == wall


@settings(max_examples=200)
@given(zones_and_instants, st.integers(0, 200_000))
def test_a_wall_time_is_first_shown_when_the_clerk_says(drawn: tuple[Zone, int], minutes: int) -> None:
    zone, utc_s = drawn
    wall = (EPOCH + timedelta(seconds=utc_s)).replace(second=0) + timedelta(minutes=minutes)
    found = utc_of(zone, wall)
    assert wall_time(zone, found) >= wall
    # Daylight saving moves the wall by two hours at most: none of the minutes before showed it.
    assert all(wall_time(zone, found - back) < wall for back in range(60, 3 * 3_600, 60))


@settings(max_examples=200)
@given(zones_and_instants, st.integers(1, 31), st.integers(0, 1_439))
def test_the_last_billing_date_is_the_one_before_the_firmware_s_next(
    drawn: tuple[Zone, int], day: int, minute: int
) -> None:
    zone, utc_s = drawn
    dates = BillingDates(day, minute)
    last_s = latest_billing_date(dates, zone, utc_s)
    assert last_s <= utc_s < dates.next(utc_s, zone)
    assert dates.next(last_s - 1, zone) == last_s
    assert dates.next(last_s, zone) == dates.next(utc_s, zone)
