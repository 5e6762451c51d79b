"""The civil clock at power-up and between two sights of its RTC."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware.clock.civil_clock import CivilClock, ClockStatus, RtcUse, SavedTime
from firmware.clock.rtc_watch import RtcTrouble
from hal.rtc import RTC_BEGIN_S, RTC_END_S
from hal.units import DAY, HOUR, MINUTE, MS, S
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


@given(st.integers(-30 * DAY, 30 * DAY), st.integers(0, 60 * DAY), st.booleans())
@example(HOUR, 2 * HOUR, False)
@example(-HOUR, 2 * HOUR, False)
@example(HOUR, 30 * MINUTE, False)
@example(-HOUR, 30 * MINUTE, True)
def test_a_clock_that_was_being_set_tells_a_wrong_time_in_doubt_only(by_ns: int, outage_ns: int, written: bool) -> None:
    """The save with the new time is whole; the RTC was set after it, or not any more."""
    new_ns = NOON_NS + by_ns
    rtc = TestRtc((new_ns if written else NOON_NS) + outage_ns)
    clock, trouble = started(rtc, saved_at(new_ns, lag_ns=by_ns, due=True))
    shown_ns, right_ns = clock.utc_ns(0), new_ns + outage_ns
    # A step of a slew may be lost, or made twice.
    right = abs(shown_ns - right_ns) <= 6 * S + MS
    assert trouble is None
    assert shown_ns >= new_ns
    assert clock.status in (ClockStatus.VALID, ClockStatus.DOUBTFUL)
    assert right or clock.status is ClockStatus.DOUBTFUL
    assert right or not written
    # One of the two times would be before the save: then there is no doubt.
    other_outage_ns = outage_ns + (by_ns if written else -by_ns)
    if abs(by_ns) > 6 * S and other_outage_ns < -BEFORE_NS:
        assert (clock.status, right) == (ClockStatus.VALID, True)
        assert clock.due is not written
    elif abs(by_ns) > 6 * S and 0 <= other_outage_ns <= LONGEST_NS:
        assert clock.status is ClockStatus.DOUBTFUL


def test_without_time_and_save_there_is_none() -> None:
    clock, trouble = started(TestRtc(stopped=True), None)
    assert (trouble, clock.status) == (RtcTrouble.STOPPED, ClockStatus.INVALID)
    assert clock.utc_s(0) == RTC_BEGIN_S
    clock, trouble = started(TestRtc(), None)
    assert (trouble, clock.status) == (None, ClockStatus.VALID)


@given(st.integers(RTC_BEGIN_S, RTC_END_S - 1), st.integers(RTC_BEGIN_S, RTC_END_S - 1), st.sampled_from((0, NOON_S)))
def test_without_a_save_no_time_before_the_firmware_or_the_newest_record_is_right(
    shown_s: int, built_s: int, recorded_s: int
) -> None:
    clock = CivilClock(TestRtc(shown_s * S), 0, TOLERANCE_PPB)
    trouble = clock.start(0, None, LONGEST_NS, built_s, recorded_s)
    if shown_s >= max(built_s, recorded_s):
        assert (trouble, clock.status, clock.utc_s(0)) == (None, ClockStatus.VALID, shown_s)
    elif shown_s < built_s or (shown_s + 3) * S < recorded_s * S:
        assert trouble is RtcTrouble.IMPLAUSIBLE
        known = recorded_s > built_s
        assert clock.status is (ClockStatus.DOUBTFUL if known else ClockStatus.INVALID)
        assert clock.utc_s(0) == (recorded_s if known else RTC_BEGIN_S)
        assert (clock.use, clock.due) == (RtcUse.TO_BE_SET, True)


def test_an_rtc_that_fails_again_and_again_is_believed_later_each_time() -> None:
    rtc = TestRtc()
    clock, _ = started(rtc, saved_at(NOON_NS))
    now, believed_ns, holds = 0, 0, []
    while len(holds) < 6:
        now += 15 * MINUTE
        rtc.base_ns += 15 * MINUTE
        if clock.use is RtcUse.BELIEVED:
            rtc.base_ns += HOUR
            assert clock.look(now) is RtcTrouble.IMPLAUSIBLE
            believed_ns = now
            continue
        assert clock.look(now) is None
        if clock.use is RtcUse.TO_BE_SET:
            holds.append(now - believed_ns)
            clock.write_rtc(now)
    assert holds == [15 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR]


@pytest.mark.parametrize("forgiven", [True, False])
def test_a_wrong_look_begins_the_time_anew_and_a_clock_set_ends_it(forgiven: bool) -> None:
    rtc = TestRtc()
    clock, _ = started(rtc, saved_at(NOON_NS))
    now = 0

    def look(leaps: bool = False) -> None:
        nonlocal now
        now += 15 * MINUTE
        rtc.base_ns += 15 * MINUTE + leaps * HOUR
        clock.look(now)

    for leaps in (True, False):
        look(leaps)
    clock.write_rtc(now)
    for leaps in (True, False, False, False, True):
        look(leaps)
    if forgiven:
        clock.distrust.forgive()
    for _ in range(3):
        look()
    assert clock.use is (RtcUse.TO_BE_SET if forgiven else RtcUse.FAILED)
    look()
    assert clock.use is RtcUse.TO_BE_SET


def test_an_rtc_that_was_right_for_a_month_fails_for_the_first_time_again() -> None:
    rtc = TestRtc()
    clock, _ = started(rtc, saved_at(NOON_NS))
    now, fails_ns = 0, (DAY, 32 * DAY)
    for _ in range(32 * 96 + 1):
        now += 15 * MINUTE
        rtc.base_ns += 15 * MINUTE + (now in fails_ns) * HOUR
        clock.look(now)
        if clock.use is RtcUse.TO_BE_SET:
            clock.write_rtc(now)
    assert (now - fails_ns[1], clock.use) == (15 * MINUTE, RtcUse.BELIEVED)


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
