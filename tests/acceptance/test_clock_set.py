"""A clock that is set by the reader: forward and back, over intervals, rates and billing dates.

The clock is wrong because its crystal is off by 9 in a thousand, 32.4 s an hour, and the meter is told to believe it.
"""

import pytest

from hal.probe import BillingClosed, ClockChanged, IntervalClosed
from hal.units import MINUTE, S
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles, wh

TRUSTING = '[clock]\nrtc_tolerance = "1 %"\n'
FAST, SLOW = TRUSTING + '[world]\nrtc_offset = "9000 ppm"\n', TRUSTING + '[world]\nrtc_offset = "-9000 ppm"\n'
FEBRUARY_UTC_S = 1_769_900_400


def held(played: Played) -> Played:
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def sums_to_what_flowed(played: Played, end_ns: int) -> None:
    """Energy of closed intervals is what the registers held when the last one closed."""
    closed = [(at_ns, record) for at_ns, record in played.of(IntervalClosed) if at_ns <= end_ns]
    total = sum(record.demand_mw for _, record in closed) / 2e3
    assert total == pytest.approx(closed[-1][0] / S, abs=5)


def test_a_clock_set_cuts_the_interval_short():
    """12 h and 10 min, 9 in a thousand fast, are 394 s: set back from 20:16:34 to 20:10."""
    body = FAST + reading("set", "12h10min", "set-clock")
    played = held(play(text_of("2026-06-15T08:00:00+02:00", "14h", body)))
    assert played.result.readings[0].problem is None
    assert played.count("clock-set") == 1
    (row,) = [row for row in played.result.events if row.event == "clock-set"]
    ((set_at, changed),) = played.of(ClockChanged)
    assert (changed.reason, changed.clock) == ("set", "valid")
    assert row.detail == changed.before_s
    assert row.local_time[:16] == "2026-06-15T20:10"
    assert changed.before_s - changed.after_s == pytest.approx(394, abs=2)
    about = [record for at_ns, record in played.of(IntervalClosed) if at(12) < at_ns < at(13, 10)]
    assert [record.short for record in about[:3]] == [True, True, False]
    # By the old clock, then, from the set on, up to the half-hour by the new one.
    assert about[0].utc_s == changed.before_s
    assert about[1].utc_s % 1800 == 0
    assert about[1].demand_mw == pytest.approx(2_000 * (about[1].utc_s - changed.after_s) / 1.009, abs=4_000)
    sums_to_what_flowed(played, at(14))
    assert abs(set_at - at(12, 10)) < 10 * S


def test_small_steps_by_the_reader_keep_the_clock_right():
    body = FAST + "".join(reading(f"set-{hour}", f"{hour}h5min", "set-clock") for hour in range(1, 23))
    played = held(play(text_of("2026-06-15T08:00:00+02:00", "24h", body)))
    assert played.count("clock-set") == 22
    assert abs(played.result.clock_error_ns) <= 71 * S
    sums_to_what_flowed(played, at(24))


def test_set_back_over_a_billing_date_makes_no_second_set():
    """By the fast clock the month is over at 23:53:35; at 23:56 it is set back, and reaches midnight once more."""
    body = FAST + reading("set", "11h56min", "set-clock") + reading("end", "14h")
    played = held(play(text_of("2026-01-31T12:00:00+01:00", "15h", body)))
    assert played.billing() == [("billing-date", FEBRUARY_UTC_S)]
    ((closed_at, closed),) = played.of(BillingClosed)
    assert closed_at < at(11, 54)
    assert wh(closed.totals[0]) == pytest.approx(closed_at / S, abs=3)
    ((_, changed),) = played.of(ClockChanged)
    assert changed.after_s < FEBRUARY_UTC_S < changed.before_s
    assert played.registers("end")["0.1.0"] == ("01",)
    sums_to_what_flowed(played, at(15))


def test_set_forward_over_a_billing_date_makes_exactly_one_set():
    body = SLOW + reading("set", "12h3min", "set-clock") + reading("end", "14h")
    played = held(play(text_of("2026-01-31T12:00:00+01:00", "15h", body)))
    ((_, changed),) = played.of(ClockChanged)
    assert changed.before_s < FEBRUARY_UTC_S < changed.after_s
    ((source, stamp),) = played.billing()
    assert source == "billing-date"
    assert stamp == changed.after_s
    assert wh(played.of(BillingClosed)[0][1].totals[0]) == pytest.approx(12 * 3600 + 180, abs=5)
    assert played.registers("end")["0.1.0"] == ("01",)


def test_set_forward_over_two_billing_dates_makes_exactly_one_set():
    """The clock was lost for 40 days, from 30 January to 11 March."""
    body = fault("battery-fail", "1h") + fault("supply-fail", "2h", "40d") + reading("set", "40d 4h", "set-clock")
    played = held(play(text_of("2026-01-30T12:00:00+01:00", "40d 12h", body)))
    assert [source for source, _ in played.billing()] == ["billing-date"]
    assert abs(played.result.clock_error_ns) <= 2 * S


def test_set_forward_and_back_over_a_billing_date_and_past_it_again():
    """Whatever the clock is made to do about midnight, the month ends once. Then February ends in its turn."""
    lost = fault("battery-fail", "1h") + fault("supply-fail", "2h", "3h")
    sets = "".join(reading(f"set-{n}", f"{12 * 60 + n}min", "set-clock") for n in range(-20, 30, 5))
    played = held(play(text_of("2026-01-31T12:00:00+01:00", "29d", FAST + lost + sets)))
    stamps = [stamp for _, stamp in played.billing()]
    assert len(stamps) == 2
    assert 0 <= stamps[0] - FEBRUARY_UTC_S <= 20 * 60
    assert stamps[1] == FEBRUARY_UTC_S + 28 * 86_400


@pytest.mark.parametrize(("rtc", "rate"), [(FAST, 1), (SLOW, 2)], ids=["fast", "slow"])
def test_a_clock_set_over_a_rate_switch_selects_the_rate(rtc, rate):
    """At 22:00 rate 2 begins: at 21:56 the fast clock is past it and is set back, at 22:04 the slow one set forward."""
    instant = 14 * 60 - 4 if rate == 1 else 14 * 60 + 4
    body = rtc + reading("set", f"{instant}min", "set-clock")
    played = held(play(text_of("2026-06-15T08:00:00+02:00", "15h", body)))
    changes = played.changes(at(13))
    assert [record for _, record in changes] == ([2, 1, 2] if rate == 1 else [2])
    # Set back at 21:56, the clock is fast by 2 s at 22:00.
    assert changes[-1][0] == (14 * 60 - 1 if rate == 1 else instant)


def test_a_set_clock_is_trusted_again():
    body = fault("battery-fail", "1h") + fault("supply-fail", "2h", "10min") + fault("battery-replace", "3h")
    body += reading("doubtful", "3h30min") + reading("set", "4h", "set-clock") + reading("trusted", "5h")
    body += fault("supply-fail", "6h", "1h") + reading("still", "8h")
    played = held(play(text_of("2026-06-15T08:00:00+02:00", "9h", body)))
    assert [int(played.registers(name)["F.F"][0], 16) & 8 for name in ("doubtful", "trusted", "still")] == [8, 0, 0]
    assert played.registers("still")["0.9.1"][0][:5] == "16:00"
    assert abs(played.result.clock_error_ns) < 2 * S
    assert [row.clock for row in played.result.events if row.event == "power-up"] == ["valid", "doubtful", "valid"]
    assert played.result.clock_error_ns < MINUTE
