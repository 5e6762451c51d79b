"""Watching an RTC that may lie."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.rtc_watch import LOOK_LEAST_NS, RtcTrouble, RtcWatch, read_twice
from hal.rtc import RTC_BEGIN_S, RTC_END_S, RTC_TICKS, RtcReading
from hal.units import MINUTE, S
from tests.clock.rtc_bench import NOON_S, TestRtc

TOLERANCE_PPB = 1_000_000

readings = st.builds(RtcReading, st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.booleans())


@given(st.lists(readings, min_size=12, max_size=12))
def test_no_reading_is_taken_that_another_does_not_bear_out(shown: list[RtcReading]) -> None:
    found = read_twice(TestRtc(queued=list(shown)))
    if found is None:
        return
    assert RTC_BEGIN_S <= found.utc_s < RTC_END_S
    assert found.ticks < RTC_TICKS
    place = shown.index(found)
    assert place > 0
    assert any(0 <= found.utc_s - before.utc_s <= 1 and before.stopped == found.stopped for before in shown[:place])


def test_a_single_slip_is_read_over() -> None:
    good = RtcReading(NOON_S, 5, False)
    assert read_twice(TestRtc(queued=[RtcReading(0, 0, False), good, good])) == good
    assert read_twice(TestRtc(queued=[good, RtcReading(NOON_S + 1, 0, False)])) == RtcReading(NOON_S + 1, 0, False)
    assert read_twice(TestRtc(queued=[RtcReading(2**32 - 1, 2**16 - 1, True)] * 20)) is None


@given(st.integers(LOOK_LEAST_NS, 60 * MINUTE), st.integers(-(10**13), 10**13))
def test_an_advance_is_believed_within_two_seconds_and_the_tolerance(elapsed_ns: int, off_ns: int) -> None:
    rtc = TestRtc()
    watch = RtcWatch(rtc, TOLERANCE_PPB)
    watch.first(0)
    rtc.base_ns = max(rtc.base_ns + elapsed_ns + off_ns, RTC_BEGIN_S * S)
    off_ns = rtc.base_ns - NOON_S * S - elapsed_ns
    seen = watch.look(elapsed_ns)
    allowed_ns = 2 * S + elapsed_ns // 1_000
    if abs(off_ns) <= allowed_ns - 100_000:
        assert seen.trouble is None
        assert seen.settled
    elif abs(off_ns) > allowed_ns + 100_000:
        behind = off_ns < 0 <= elapsed_ns + off_ns - 100_000
        if behind:
            assert seen.trouble is RtcTrouble.NOT_INCREMENTING
        else:
            assert seen.trouble in (RtcTrouble.IMPLAUSIBLE, RtcTrouble.NOT_INCREMENTING)


@given(st.lists(st.integers(1, 20 * S), min_size=20, max_size=60))
def test_small_lies_often_told_are_found(steps_ns: list[int]) -> None:
    """A crystal that stands still, looked at every few seconds: it is found before it has cost more than the limit."""
    rtc = TestRtc()
    watch = RtcWatch(rtc, TOLERANCE_PPB)
    watch.first(0)
    now = 0
    for step_ns in steps_ns:
        now += step_ns
        seen = watch.look(now)
        if seen.trouble is not None:
            assert seen.trouble is RtcTrouble.NOT_INCREMENTING
            return
        assert not seen.settled or now <= 2 * S + now // 1_000
        assert now <= 2 * S + now // 1_000 + 20 * S
    assert now <= 2 * S + now // 1_000


def test_an_rtc_that_leapt_proves_itself_by_counting_on() -> None:
    rtc = TestRtc()
    watch = RtcWatch(rtc, TOLERANCE_PPB)
    watch.first(0)
    rtc.base_ns += 24 * 3_600 * S
    assert watch.look(MINUTE).trouble is RtcTrouble.IMPLAUSIBLE
    rtc.base_ns += MINUTE
    assert watch.look(2 * MINUTE).trouble is None


def test_an_rtc_that_was_unreadable_is_not_believed_at_its_first_good_reading() -> None:
    rtc = TestRtc(queued=[RtcReading(0, 0, False)] * 5)
    watch = RtcWatch(rtc, TOLERANCE_PPB)
    assert watch.first(0).trouble is RtcTrouble.UNREADABLE
    assert watch.look(MINUTE).trouble is RtcTrouble.UNREADABLE
    rtc.base_ns += MINUTE
    seen = watch.look(2 * MINUTE)
    assert (seen.trouble, seen.settled) == (None, True)


@given(st.integers(LOOK_LEAST_NS, 60 * MINUTE), st.integers(0, 90))
def test_mains_that_were_not_counted_all_the_time_bear_out_no_rtc(elapsed_ns: int, percent: int) -> None:
    """The front end froze, and the RTC stopped, at about the same time."""
    rtc = TestRtc()
    watch = RtcWatch(rtc, TOLERANCE_PPB)
    watch.mains_ns = lambda _now_ns: 0
    watch.first(0)
    stood_ns = elapsed_ns * percent // 100
    rtc.base_ns += stood_ns
    watch.mains_ns = lambda _now_ns: stood_ns
    assert watch.look(elapsed_ns).trouble is RtcTrouble.NOT_INCREMENTING


@given(st.integers(-9_000_000, 9_000_000), st.integers(-5_000_000, 5_000_000), st.integers(-20 * S, 20 * S))
def test_the_mains_decide_between_two_oscillators(cpu_ppb: int, mains_ppb: int, leap_ns: int) -> None:
    """A quarter of an hour by the CPU; the RTC is right, or has leapt; the mains are near their nominal frequency."""
    true_ns = 15 * MINUTE
    rtc = TestRtc()
    watch = RtcWatch(rtc, TOLERANCE_PPB)
    watch.first(0)
    rtc.base_ns += MINUTE
    watch.mains_ns = lambda _now_ns: 7
    assert watch.look(MINUTE).trouble is None
    rtc.base_ns += true_ns + leap_ns
    cpu_ns = MINUTE + true_ns + true_ns * cpu_ppb // 10**9
    watch.mains_ns = lambda _now_ns: 7 + true_ns + true_ns * mains_ppb // 10**9
    seen = watch.look(cpu_ns)
    if leap_ns == 0 and abs(cpu_ppb) > 2 * abs(mains_ppb) + 1_000:
        assert seen.trouble is None
    if abs(leap_ns) > 12 * S and abs(cpu_ppb) < 1_000_000:
        assert seen.trouble is not None
