"""The civil clock at power-up and between two sights of its RTC."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.civil_clock import CivilClock, ClockStatus, RtcUse, SavedTime
from firmware.clock.rtc_watch import RtcTrouble
from hal.rtc import RTC_BEGIN_S
from hal.units import DAY, MINUTE, MS, S
from tests.clock.rtc_bench import NOON_S, TestRtc

TOLERANCE_PPB = 1_000_000
NOON_NS = NOON_S * S
LONGEST_NS = 100 * DAY
BEFORE_NS = 2 * S + 15 * MINUTE // 1_000
"""So much may the clock of a save have been ahead of the RTC."""


def started(rtc: TestRtc, saved: SavedTime | None) -> tuple[CivilClock, RtcTrouble | None]:
    clock = CivilClock(rtc, 0, TOLERANCE_PPB)
    return clock, clock.start(0, saved, LONGEST_NS)


def saved_at(utc_ns: int, believed: bool = True, lag_ns: int = 0, due: bool = False) -> SavedTime:
    return SavedTime(utc_ns, believed, lag_ns, due)


@given(st.integers(-200 * DAY, 200 * DAY))
def test_what_an_rtc_shows_is_the_time_if_it_can_be(outage_ns: int) -> None:
    rtc = TestRtc(NOON_NS + outage_ns)
    clock, trouble = started(rtc, saved_at(NOON_NS))
    possible = -BEFORE_NS <= outage_ns <= LONGEST_NS
    assert (trouble is None) == possible
    # It never goes back behind the save, and what is lost is late by the outage.
    expected_ns = max(NOON_NS + outage_ns, NOON_NS) if possible else NOON_NS
    assert abs(clock.utc_ns(0) - expected_ns) <= S // 32_768 + 1
    assert clock.utc_ns(0) >= NOON_NS
    assert clock.status is (ClockStatus.VALID if possible else ClockStatus.DOUBTFUL)
    assert trouble in (None, RtcTrouble.IMPLAUSIBLE)


@given(st.integers(-30 * DAY, 30 * DAY), st.integers(0, DAY), st.booleans())
def test_a_clock_that_was_being_set_is_as_before_or_as_set(by_ns: int, outage_ns: int, written: bool) -> None:
    """The save with the new time is whole; the RTC was set after it, or not any more."""
    new_ns = NOON_NS + by_ns
    rtc = TestRtc((new_ns if written else NOON_NS) + outage_ns)
    clock, trouble = started(rtc, saved_at(new_ns, lag_ns=by_ns, due=True))
    # Set back by a little less than nothing can't be told from the clock's own error: it does not go back then.
    shown_ns = clock.utc_ns(0)
    if written:
        assert trouble is None
        assert abs(shown_ns - (new_ns + outage_ns)) < MS
    elif by_ns > outage_ns + BEFORE_NS:
        assert trouble is None
        assert abs(shown_ns - (new_ns + outage_ns)) < MS
        assert clock.due
    else:
        assert trouble is None
        assert abs(shown_ns - max(NOON_NS + outage_ns, new_ns)) < MS


def test_without_time_and_save_there_is_none() -> None:
    clock, trouble = started(TestRtc(stopped=True), None)
    assert (trouble, clock.status) == (RtcTrouble.STOPPED, ClockStatus.INVALID)
    assert clock.utc_s(0) == RTC_BEGIN_S
    clock, trouble = started(TestRtc(), None)
    assert (trouble, clock.status) == (None, ClockStatus.VALID)


def test_an_rtc_that_was_not_believed_is_not_believed_after_an_outage() -> None:
    clock, trouble = started(TestRtc(NOON_NS + DAY), saved_at(NOON_NS, believed=False))
    assert (trouble, clock.utc_ns(0)) == (RtcTrouble.DISTRUSTED, NOON_NS)


@given(st.integers(0, 999_999_999), st.integers(0, 10**12))
def test_the_lag_of_an_rtc_that_is_set_between_seconds_is_kept(fraction_ns: int, later_ns: int) -> None:
    rtc = TestRtc()
    clock, _ = started(rtc, saved_at(NOON_NS))
    clock.move(0, NOON_NS + fraction_ns)
    clock.write_rtc(0)
    assert rtc.sets == [NOON_S]
    assert clock.lag_ns == fraction_ns
    rtc.base_ns += later_ns
    assert clock.look(later_ns) is None
    assert abs(clock.utc_ns(later_ns) - (NOON_NS + fraction_ns + later_ns)) <= S // 32_768 + 1
    again, trouble = started(TestRtc(rtc.base_ns + DAY), clock.saved(later_ns))
    assert trouble is None
    # What is left of a second is dropped with an RTC that is to be set.
    assert abs(again.utc_ns(0) - (NOON_NS + fraction_ns + later_ns + DAY)) <= S // 32_768 + 2


def test_an_alarm_that_rang_before_the_rtc_was_set_says_nothing() -> None:
    rtc = TestRtc()
    clock, _ = started(rtc, saved_at(NOON_NS))
    rtc.base_ns += MINUTE
    clock.move(MINUTE - 20 * MS, NOON_NS + MINUTE - 20 * MS - 30 * S)
    clock.write_rtc(MINUTE)
    assert clock.look(MINUTE, rung=(MINUTE - 10 * MS, NOON_S + 60)) is None
    assert clock.utc_s(MINUTE) == NOON_S + 30


def test_a_clock_whose_rtc_fails_goes_on_without_it() -> None:
    rtc = TestRtc()
    clock, _ = started(rtc, saved_at(NOON_NS))
    rtc.base_ns += DAY
    assert clock.look(10 * MINUTE) is RtcTrouble.IMPLAUSIBLE
    assert clock.use is RtcUse.FAILED
    assert clock.utc_ns(10 * MINUTE) == NOON_NS + 10 * MINUTE
    rtc.base_ns += 10 * MINUTE
    assert clock.look(20 * MINUTE) is None
    assert clock.use is RtcUse.TO_BE_SET
    assert clock.utc_ns(20 * MINUTE) == NOON_NS + 20 * MINUTE
    clock.write_rtc(20 * MINUTE)
    assert (clock.use, rtc.sets) == (RtcUse.BELIEVED, [NOON_S + 1_200])


@given(st.integers(-50_000_000, 50_000_000), st.integers(0, 4_000))
def test_the_instant_of_a_second_is_the_first_at_which_it_shows(rate_ppb: int, ahead_s: int) -> None:
    clock, _ = started(TestRtc(), saved_at(NOON_NS))
    clock.follow(7, NOON_NS + 123, rate_ppb)
    instant = clock.instant_ns(NOON_S + ahead_s)
    assert clock.utc_ns(instant) >= (NOON_S + ahead_s) * S
    assert clock.utc_ns(instant - 3) < (NOON_S + ahead_s) * S
