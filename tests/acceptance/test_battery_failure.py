"""The three responses to a battery failure, as they show in registers, history, clock, events and rates.

The cell dies at 21:00 on 31 January; the supply fails from 23:30 to 01:00. The clock goes on from 23:30, so that by it
the month, and the billing period, end half an hour after power is back.
"""

import functools

import pytest

from hal.probe import BillingClosed, ClockChanged, IntervalClosed, RateSelected
from hal.units import DAY, HOUR, MINUTE, S
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles, wh

RESPONSES = ("continue", "reset", "reset-and-freeze")
MIDNIGHT_UTC_S = 1_769_900_400
"""2026-02-01 00:00 at UTC+1."""

DOWN = at(3, 30)
UP = at(5)
LATE = 90 * MINUTE
STATUS_BATTERY_FAILED, STATUS_CLOCK_DOUBTFUL, STATUS_FROZEN = 4, 8, 16


@functools.cache
def month_end(response: str, more: str = "") -> Played:
    body = f'[clock]\nbattery_failure = "{response}"\n'
    body += fault("battery-fail", "1h") + fault("supply-fail", "3h30min", "90min")
    body += reading("before", "3h20min") + reading("back", "5h1min") + reading("end", "63h")
    return play(text_of("2026-01-31T20:00:00+01:00", "64h", body + more))


def status(played: Played, identity: str) -> int:
    return int(played.registers(identity)["F.F"][0], 16)


@pytest.mark.parametrize("response", RESPONSES)
def test_each_response_is_late_by_the_outage_and_says_so(response):
    played = month_end(response)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert abs(played.result.clock_error_ns + LATE) <= 2 * S
    assert played.events("end-of-billing", "tariff-frozen") == [
        "power-up",
        "battery-failed",
        "power-down",
        "power-up",
        "clock-restored",
    ]
    failed = next(row for row in played.result.events if row.event == "battery-failed")
    assert failed.local_time[:13] == "2026-01-31T21"
    assert failed.clock == "valid"
    assert failed.detail == 0
    restored = next(row for row in played.result.events if row.event == "clock-restored")
    assert restored.clock == "doubtful"
    assert abs(restored.detail - (MIDNIGHT_UTC_S - 1800)) <= 2
    assert [record.reason for _, record in played.of(ClockChanged)] == ["lost"]
    assert status(played, "before") == STATUS_BATTERY_FAILED
    assert status(played, "back") & ~STATUS_FROZEN == STATUS_BATTERY_FAILED | STATUS_CLOCK_DOUBTFUL
    assert played.registers("back")["0.9.2"] == ("26-01-31",)
    assert played.registers("back")["0.9.1"][0].startswith("23:31")


def test_continue_makes_no_set_and_follows_the_late_clock():
    played = month_end("continue")
    assert played.billing() == [("billing-date", MIDNIGHT_UTC_S)]
    (closed_at, closed) = played.of(BillingClosed)[0]
    assert abs(closed_at - (at(4) + LATE)) <= 2 * S
    # 3.6 kW: 4 h of energy up to midnight by the late clock, of which 2 h in rate 1.
    assert wh(closed.totals[0]) == pytest.approx(4 * 3600, abs=3)
    assert status(played, "back") & STATUS_FROZEN == 0
    switches = [(at_ns, record.rate) for at_ns, record in played.of(RateSelected) if at_ns > UP + MINUTE]
    assert [rate for _, rate in switches] == [1, 2, 1, 2, 1]
    for day, (at_ns, rate) in zip((1, 1, 2, 2, 3), switches, strict=True):
        nominal = (day - 1) * DAY + at(10 if rate == 1 else 26) + LATE
        assert abs(at_ns - nominal) <= 2 * S


@pytest.mark.parametrize("response", RESPONSES)
def test_the_maximum_is_cleared_by_a_reset_only(response):
    played = month_end(response)
    before, back = played.registers("before")["1.6.0"], played.registers("back")["1.6.0"]
    assert before[0] == "003.600*kW"
    if response == "continue":
        assert back == before
    else:
        assert back == ("000.000*kW", "")
        assert played.registers("back")["1.6.0*01"] == before
    assert played.registers("end")["1.6.0"][0] == "003.600*kW"
    assert played.registers("end")["1.6.0"] != before


def test_reset_makes_one_set_and_the_tariff_goes_on():
    played = month_end("reset")
    assert played.billing() == [("power-up", MIDNIGHT_UTC_S - 1800), ("billing-date", MIDNIGHT_UTC_S)]
    sets = [closed for _, closed in played.of(BillingClosed)]
    assert [wh(closed.totals[0]) for closed in sets] == pytest.approx([3.5 * 3600, 4 * 3600], abs=3)
    assert played.count("end-of-billing") == 2
    assert played.count("tariff-frozen") == 0
    assert status(played, "end") & STATUS_FROZEN == 0
    end = played.registers("end")
    assert end["0.1.0"] == ("02",)
    assert {"1.8.0*01", "1.8.0*02"} <= set(end)
    assert float(end["1.8.0*01"][0].partition("*")[0]) == pytest.approx(12.6, abs=0.003)
    # 63 h less the outage; by the late clock 22:00 to 06:00 are rate 2.
    assert float(end["1.8.0"][0].partition("*")[0]) == pytest.approx(61.5 * 3.6, abs=0.05)
    rate_1 = 2 + 2 * 16 + 3.5
    assert float(end["1.8.1"][0].partition("*")[0]) == pytest.approx(rate_1 * 3.6, abs=0.05)


def test_reset_and_freeze_keeps_the_rate_and_nothing_is_scheduled():
    played = month_end("reset-and-freeze")
    assert played.billing() == [("power-up", MIDNIGHT_UTC_S - 1800)]
    assert played.count("tariff-frozen") == 1
    assert {record.rate for at_ns, record in played.of(RateSelected) if at_ns > UP} == {2}
    assert status(played, "back") & STATUS_FROZEN
    assert status(played, "end") & STATUS_FROZEN
    end = played.registers("end")
    assert end["C.14.0"] == ("02",)
    assert float(end["1.8.1"][0].partition("*")[0]) == pytest.approx(2 * 3.6, abs=0.003)
    assert float(end["1.8.2"][0].partition("*")[0]) == pytest.approx(59.5 * 3.6, abs=0.05)
    # Demand goes on, in that rate.
    assert end["1.6.1"] == ("000.000*kW", "")
    assert end["1.6.2"][0] == "003.600*kW"
    intervals = [record for at_ns, record in played.of(IntervalClosed) if at_ns > UP + HOUR]
    assert len(intervals) >= 2 * 57
    assert all(abs(record.demand_mw - 3_600_000) < 4_000 and not record.short for record in intervals[1:])


def test_a_frozen_tariff_is_released_by_the_reader():
    played = month_end("reset-and-freeze", reading("release", "40h", "release-tariff"))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert played.count("tariff-released") == 1
    assert status(played, "end") & STATUS_FROZEN == 0
    # 40 h in it is 12:00, 10:30 by the late clock: rate 1 at once; the missed billing date is not made up for.
    changes = [(at_ns // MINUTE, record.rate) for at_ns, record in played.of(RateSelected) if at_ns > at(6)]
    assert changes[0] == (40 * 60, 1)
    assert [rate for _, rate in changes] == [1, 2, 1]
    assert [source for source, _ in played.billing()] == ["power-up"]


def test_a_release_is_logged_once_and_only_of_a_frozen_tariff():
    twice = reading("release", "40h", "release-tariff") + reading("again", "41h", "release-tariff")
    played = month_end("reset-and-freeze", reading("early", "10min", "release-tariff") + twice)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert all(row.problem is None for row in played.result.readings)
    released = [row.at_ns // HOUR for row in played.result.events if row.event == "tariff-released"]
    assert released == [40]


def test_a_released_tariff_ends_the_next_billing_period():
    body = '[clock]\nbattery_failure = "reset-and-freeze"\n[billing]\nday = 2\n'
    body += fault("battery-fail", "1h") + fault("supply-fail", "3h30min", "90min")
    body += reading("release", "10h", "release-tariff")
    played = play(text_of("2026-01-31T20:00:00+01:00", "32h", body))
    assert played.billing() == [("power-up", MIDNIGHT_UTC_S - 1800), ("billing-date", MIDNIGHT_UTC_S + 86_400)]


@pytest.mark.parametrize("response", RESPONSES)
def test_a_frozen_or_running_tariff_outlives_further_outages(response):
    """The cell stays dead: one response, whatever number of outages; the clock falls back further each time."""
    more = fault("supply-fail", "20h", "30min") + fault("supply-fail", "30h", "1h")
    played = month_end(response, more)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert [source for source, _ in played.billing()].count("power-up") == (response != "continue")
    assert abs(played.result.clock_error_ns + LATE + 90 * MINUTE) <= 3 * S
    assert played.count("clock-restored") == 3
    assert played.count("battery-failed") == 1
    if response == "reset-and-freeze":
        assert {record.rate for at_ns, record in played.of(RateSelected) if at_ns > UP} == {2}


def _second_failure(replaced: bool, clock_set: bool) -> Played:
    """Two battery failures with an outage each; between them the cell may be replaced and the clock set."""
    body = '[clock]\nbattery_failure = "reset"\n'
    body += fault("battery-fail", "1h") + fault("supply-fail", "2h", "10min")
    if replaced:
        body += fault("battery-replace", "4h") + fault("battery-fail", "8h")
    if clock_set:
        body += reading("set", "6h", "set-clock")
    body += fault("supply-fail", "10h", "10min")
    return play(text_of("2026-06-15T08:00:00+02:00", "12h", body))


@pytest.mark.parametrize(
    ("replaced", "clock_set", "sets"), [(True, True, 2), (True, False, 1), (False, True, 1), (False, False, 1)]
)
def test_a_fresh_cell_and_a_set_clock_arm_the_response_again(replaced, clock_set, sets):
    played = _second_failure(replaced, clock_set)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert [source for source, _ in played.billing()] == ["power-up"] * sets
    assert played.count("clock-restored") == 2
    assert played.count("battery-restored") == replaced
    assert played.count("battery-failed") == 1 + replaced
    late = 10 if clock_set else 20
    assert abs(played.result.clock_error_ns + late * MINUTE) <= 2 * S


def test_a_cell_that_dies_unsupplied_died_not_before_the_power_down():
    body = fault("battery-fail", "3h") + fault("supply-fail", "2h", "2h")
    played = play(text_of("2026-06-15T08:00:00+02:00", "5h", body))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    failed = next(row for row in played.result.events if row.event == "battery-failed")
    assert failed.local_time[:19] == "2026-06-15T10:00:00"
    assert failed.detail == 1


@pytest.mark.parametrize("ending", ["supply-fail", "power-cut"])
def test_twenty_outages_that_lose_the_clock_add_one_set(ending):
    body = '[clock]\nbattery_failure = "reset"\n' + fault("battery-fail", "1h")
    for outage in range(20):
        body += fault(ending, f"{2 + outage}h", "5min")
    played = play(text_of("2026-06-15T00:30:00+02:00", "23h", body + reading("end", "22h30min")))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert [source for source, _ in played.billing()] == ["power-up"]
    assert played.result.billing_sets == 1
    assert played.count("clock-restored") == 20
    end = played.registers("end")
    assert end["0.1.0"] == ("01",)
    assert "1.8.0*01" in end
    assert "1.8.0*02" not in end
    # With a warning nothing is lost; without one, less than the quarter of an hour since the last save each time.
    flowed = (22.5 - 20 / 12) * 3600
    lost = flowed - float(end["1.8.0"][0].partition("*")[0]) * 1000
    assert -30 <= lost <= (30 if ending == "supply-fail" else 20 * 900)


@pytest.mark.parametrize("response", RESPONSES)
@pytest.mark.parametrize("board", ["soc", "afe"])
def test_each_response_on_both_boards(board, response):
    """The switch at 22:00 falls, by the late clock, three minutes after power is back."""
    body = f'[clock]\nbattery_failure = "{response}"\n'
    body += fault("battery-fail", "1min") + fault("supply-fail", "5min", "4min") + reading("end", "13min")
    played = play(text_of("2026-06-15T21:52:00+02:00", "14min", body, board))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert abs(played.result.clock_error_ns + 4 * MINUTE) <= 2 * S
    assert [source for source, _ in played.billing()] == ["power-up"] * (response != "continue")
    frozen = response == "reset-and-freeze"
    assert played.rate_at(at(0, 13, 30)) == (1 if frozen else 2)
    assert played.count("tariff-frozen") == frozen
    end = played.registers("end")
    assert end["0.1.0"] == (f"0{int(response != 'continue')}",)
    assert ("1.6.1*01" in end) == (response != "continue")
    night = float(end["1.8.2"][0].partition("*")[0])
    assert night == pytest.approx(0 if frozen else 0.06, abs=0.005)
    assert night + float(end["1.8.1"][0].partition("*")[0]) == pytest.approx(9 * 0.06, abs=0.005)


@pytest.mark.parametrize("response", RESPONSES)
def test_a_clock_lost_in_the_second_of_a_billing_date_ends_the_month_once(response):
    """The save at power fail is laid out in the month's first second, before the clock's task has seen to it."""
    body = f'[clock]\nbattery_failure = "{response}"\n'
    body += fault("battery-fail", "1h") + fault("supply-fail", "7199980500000ns", "30min")
    played = play(text_of("2026-01-31T22:00:00+01:00", "4h", body))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert played.saved_at(at(2, 20)).utc_s == MIDNIGHT_UTC_S
    assert played.saved_at(at(2, 20)).billing == 0
    assert played.billing() == [("power-up", MIDNIGHT_UTC_S)]
    ((_, closed),) = played.of(BillingClosed)
    assert closed.scheduled_s == (0 if response == "reset-and-freeze" else MIDNIGHT_UTC_S)
