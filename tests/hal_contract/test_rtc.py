"""Contract of `hal.rtc.Rtc`."""

import pytest

from hal.processor import Line
from hal.rtc import RTC_TICKS, Rtc
from hal.units import MS, S
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.RTC)

T0 = 1_700_000_000
FIRST = 946_684_800
LAST = 4_102_444_799


def shown_ns(rtc: Rtc) -> int:
    """The start of the tick that the clock shows, in ns since 1970, rounded up."""
    reading = rtc.read()
    assert 0 <= reading.ticks < RTC_TICKS
    return reading.utc_s * S - (-reading.ticks * S // RTC_TICKS)


def assert_counts(board: Harness, rtc: Rtc, since: int, earliest: int, latest: int) -> None:
    """The clock has shown `since` at some instant between two monotonic ones; both oscillators may be 100 ppm off."""
    now = board.processor().now
    before = now()
    passed = shown_ns(rtc) - since
    after = now()
    tick = S // RTC_TICKS + 1
    slack = tick + (after - earliest) // 5_000
    assert before - latest - slack <= passed <= after - earliest + slack


def test_it_counts_from_where_it_was_set(board: Harness) -> None:
    rtc, now = board.rtc(), board.processor().now
    earliest = now()
    rtc.set(T0)
    latest = now()
    for _ in range(5):
        assert_counts(board, rtc, T0 * S, earliest, latest)
        board.advance(300 * MS)
    assert rtc.read().utc_s >= T0 + 1


def test_setting_it_starts_the_second_anew(board: Harness) -> None:
    rtc, now = board.rtc(), board.processor().now
    rtc.set(T0)
    board.advance(700 * MS)
    earliest = now()
    rtc.set(T0)
    assert_counts(board, rtc, T0 * S, earliest, now())


def test_readings_never_go_back(board: Harness) -> None:
    rtc = board.rtc()
    rtc.set(T0)
    readings = []
    for _ in range(50):
        reading = rtc.read()
        readings.append((reading.utc_s, reading.ticks))
        board.advance(7 * MS)
    assert readings == sorted(readings)
    assert readings[0] < readings[-1]


@pytest.mark.parametrize("utc_s", [FIRST, LAST - 10])
def test_it_covers_a_century(board: Harness, utc_s: int) -> None:
    board.rtc().set(T0)
    board.rtc().set(utc_s)
    assert 0 <= board.rtc().read().utc_s - utc_s < 10


@pytest.mark.parametrize("utc_s", [FIRST - 1, LAST + 1, 0, -1])
def test_other_times_are_refused_and_change_nothing(board: Harness, utc_s: int) -> None:
    rtc, now = board.rtc(), board.processor().now
    earliest = now()
    rtc.set(T0)
    latest = now()
    with pytest.raises(ValueError, match=str(utc_s)):
        rtc.set(utc_s)
    assert_counts(board, rtc, T0 * S, earliest, latest)


class TestAlarm:
    def test_it_comes_once_when_the_second_is_reached(self, board: Harness) -> None:
        rtc = board.rtc()
        rtc.set(T0)
        rtc.set_alarm(T0 + 1)
        assert not board.pending(Line.RTC_ALARM)
        board.expect(Line.RTC_ALARM)
        assert rtc.read().utc_s >= T0 + 1
        rtc.set(T0)
        board.advance(1_100 * MS)
        assert rtc.read().utc_s >= T0 + 1
        assert not board.pending(Line.RTC_ALARM)

    def test_only_the_last_one_counts(self, board: Harness) -> None:
        rtc = board.rtc()
        rtc.set(T0)
        rtc.set_alarm(T0 + 1)
        rtc.set_alarm(T0 + 2)
        board.expect(Line.RTC_ALARM)
        assert rtc.read().utc_s >= T0 + 2

    def test_a_cancelled_one_never_comes(self, board: Harness) -> None:
        rtc = board.rtc()
        rtc.set(T0)
        rtc.set_alarm(T0 + 1)
        rtc.set_alarm(None)
        board.advance(1_200 * MS)
        assert not board.pending(Line.RTC_ALARM)

    @pytest.mark.parametrize("ago_s", [0, 1, 3600])
    def test_a_time_that_has_passed_never_matches(self, board: Harness, ago_s: int) -> None:
        rtc = board.rtc()
        rtc.set(T0)
        board.advance(50 * MS)
        rtc.set_alarm(T0 - ago_s)
        board.advance(1_100 * MS)
        assert not board.pending(Line.RTC_ALARM)

    def test_setting_the_clock_over_it_skips_it(self, board: Harness) -> None:
        rtc = board.rtc()
        rtc.set(T0)
        rtc.set_alarm(T0 + 5)
        rtc.set(T0 + 6)
        board.advance(1_100 * MS)
        assert not board.pending(Line.RTC_ALARM)

    def test_it_follows_a_clock_that_is_set(self, board: Harness) -> None:
        rtc = board.rtc()
        rtc.set(T0)
        rtc.set_alarm(T0 + 3600)
        rtc.set(T0 + 3599)
        board.expect(Line.RTC_ALARM, 20 * S)
        assert rtc.read().utc_s >= T0 + 3600
        rtc.set_alarm(T0 + 3700)
        rtc.set(T0)
        board.advance(200 * MS)
        assert not board.pending(Line.RTC_ALARM)


@pytest.mark.needs(Feature.POWER_CYCLE)
def test_it_goes_on_without_power(board: Harness) -> None:
    rtc = board.rtc()
    rtc.set(T0)
    board.power_cycle(S + 100 * MS)
    reading = board.rtc().read()
    assert reading.utc_s >= T0 + 1
    assert not reading.stopped


class TestStopFlag:
    def test_setting_clears_it(self, board: Harness) -> None:
        board.rtc().set(T0)
        assert not board.rtc().read().stopped

    @pytest.mark.needs(Feature.BACKUP_LOSS)
    def test_losing_its_supply_sets_it_until_it_is_set(self, board: Harness) -> None:
        board.rtc().set(T0)
        board.lose_backup(S // 10)
        rtc = board.rtc()
        assert rtc.read().stopped
        board.advance(S // 10)
        assert rtc.read().stopped
        rtc.set(T0)
        assert not rtc.read().stopped
        assert rtc.read().utc_s - T0 in (0, 1)
