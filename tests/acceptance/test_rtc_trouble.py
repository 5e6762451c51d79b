"""An RTC that runs and lies: it stops, leaps, forgets, shows garbage, while the meter runs and while it is off.

Whatever it does, intervals end in their time by the CPU's oscillator, and a time that can't be is never taken for one.
"""

from collections.abc import Callable

import pytest

from hal.probe import BillingClosed, ClockChanged, IntervalClosed
from hal.units import DAY, HOUR, MINUTE, S
from sim.devices.rtc import RealTimeClock
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import KINDS, Played, at, fault, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
MONTH_END = "2026-01-31T12:00:00+01:00"
FEBRUARY_UTC_S = 1_769_900_400
NOT_INCREMENTING, UNREADABLE, IMPLAUSIBLE, STOPPED = 1, 2, 3, 4
STATUS_DOUBTFUL, STATUS_NOT_INCREMENTING, STATUS_NOT_BELIEVED = 8, 128, 256

Deed = tuple[int, Callable[[RealTimeClock], object]]


def play(text: str, *deeds: Deed) -> Played:
    """Run a scenario, and do these things to its RTC."""
    runner = Runner(parse(text), 1)
    played = Played(runner)
    for kind in KINDS:
        runner.bench.probe.subscribe(kind, lambda at_ns, record: played.records.append((at_ns, record)))
    rtc = runner.bench.board.rtc
    for instant, deed in deeds:
        runner.bench.world.at(instant, Phase.WORLD, lambda deed=deed: deed(rtc))
    played.result = runner.run()
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def whole_half_hours(played: Played, hours: int) -> None:
    """Each half-hour ended once, in its time by true time, and held its energy (the first began at power-up)."""
    closed = played.of(IntervalClosed)
    assert [at_ns / (30 * MINUTE) for at_ns, _ in closed] == pytest.approx(list(range(1, 2 * hours)), abs=0.005)
    assert [record.utc_s - closed[0][1].utc_s for _, record in closed] == [1800 * n for n in range(2 * hours - 1)]
    assert [record.demand_mw for _, record in closed][1:] == pytest.approx([3_600_000] * (2 * hours - 2), rel=1e-3)


def detail(played: Played, event: str) -> list[int]:
    return [row.detail for row in played.result.events if row.event == event]


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_a_crystal_that_stops_unseen_stops_no_interval(board):
    hours = 4 if board == "afe" else 2
    body = reading("read", f"{hours - 1}h50min")
    played = play(
        text_of(START, f"{hours}h", body, board=board), (at(1, 10), lambda rtc: rtc.halt(flagged=False))
    )
    whole_half_hours(played, hours)
    assert detail(played, "rtc-failed") == [NOT_INCREMENTING]
    assert played.count("clock-doubtful") == 1
    assert abs(played.result.clock_error_ns) < 2 * S
    status = int(played.registers("read")["F.F"][0], 16)
    assert status & STATUS_DOUBTFUL
    assert status & STATUS_NOT_INCREMENTING


def test_a_crystal_that_goes_on_again_is_set_and_believed():
    body = reading("set", "3h40min", "set-clock") + reading("read", "5h50min")
    played = play(
        text_of(START, "6h", body),
        (at(1, 10), lambda rtc: rtc.halt(flagged=False)),
        (at(2, 10), lambda rtc: rtc.resume()),
    )
    whole_half_hours(played, 6)
    assert (detail(played, "rtc-failed"), played.count("rtc-restored")) == ([NOT_INCREMENTING], 1)
    assert int(played.registers("read")["F.F"][0], 16) == 0
    assert abs(played.runner.bench.board.rtc.shown_ns() - played.runner.bench.world.utc_ns) < 2 * S


@pytest.mark.parametrize("leap", [DAY, -DAY, 20 * S, -20 * S, 70 * 365 * DAY, -3 * HOUR])
def test_a_leap_is_not_taken_for_time(leap):
    played = play(text_of(MONTH_END, "16h"), (at(9, 7), lambda rtc: rtc.jump(leap)))
    whole_half_hours(played, 16)
    assert played.billing() == [("billing-date", FEBRUARY_UTC_S)]
    expected = NOT_INCREMENTING if -HOUR < leap < 0 else IMPLAUSIBLE
    assert (detail(played, "rtc-failed"), played.count("rtc-restored")) == ([expected], 1)
    assert not played.of(ClockChanged)
    assert abs(played.result.clock_error_ns) < 2 * S
    assert abs(played.runner.bench.board.rtc.shown_ns() - played.runner.bench.world.utc_ns) < 2 * S


def test_garbage_is_not_taken_for_time_and_ends():
    played = play(
        text_of(START, "6h"), (at(1, 10), lambda rtc: rtc.garble(True)), (at(3, 10), lambda rtc: rtc.garble(False))
    )
    whole_half_hours(played, 6)
    assert (detail(played, "rtc-failed"), played.count("rtc-restored")) == ([UNREADABLE], 1)
    assert not played.of(ClockChanged)


def test_a_counter_that_begins_anew_while_the_meter_runs():
    for flagged in (False, True):
        played = play(text_of(START, "4h"), (at(1, 10), lambda rtc, flagged=flagged: rtc.reset_to_epoch(flagged)))
        whole_half_hours(played, 4)
        assert detail(played, "rtc-failed") == [IMPLAUSIBLE]
        assert played.count("rtc-restored") == 1


def test_a_stop_flag_alone_is_heeded():
    """The crystal stood still for a second: less than any comparison shows."""
    played = play(
        text_of(START, "4h"), (at(1, 10), lambda rtc: rtc.halt(flagged=True)), (at(1, 10, 1), lambda rtc: rtc.resume())
    )
    whole_half_hours(played, 4)
    assert detail(played, "rtc-failed") == [STOPPED]
    assert played.count("rtc-restored") == 1


DEEDS: dict[str, Callable[[RealTimeClock], object]] = {
    "epoch": lambda rtc: rtc.reset_to_epoch(flagged=False),
    "flagged": lambda rtc: rtc.reset_to_epoch(flagged=True),
    "garbage": lambda rtc: rtc.garble(True),
    "back": lambda rtc: rtc.jump(-2 * HOUR),
    "far ahead": lambda rtc: rtc.jump(30 * 365 * DAY),
}


@pytest.mark.parametrize("response", ["continue", "reset", "reset-and-freeze"])
@pytest.mark.parametrize("deed", DEEDS)
def test_what_empties_the_clock_in_an_outage_is_answered_as_configured(deed, response):
    body = f'[clock]\nbattery_failure = "{response}"\n' + fault("supply-fail", "2h", "1h") + reading("read", "3h40min")
    played = play(text_of(START, "4h", body), (at(2, 30), DEEDS[deed]))
    assert [record.reason for _, record in played.of(ClockChanged)] == ["lost"]
    assert played.count("clock-restored") == 1
    assert played.count("battery-failed") == 0
    assert [closed.source for _, closed in played.of(BillingClosed)] == ([] if response == "continue" else ["power-up"])
    assert played.count("tariff-frozen") == (response == "reset-and-freeze")
    assert abs(played.result.clock_error_ns + HOUR) < 3 * S
    assert int(played.registers("read")["F.F"][0], 16) & STATUS_DOUBTFUL
    assert bool(detail(played, "rtc-failed")) == (deed == "garbage")


def test_an_rtc_that_was_not_believed_is_not_believed_at_power_up():
    """It shows garbage, the supply fails before it can be set: what it shows afterwards is as likely as any outage."""
    body = fault("supply-fail", "2h2min", "1h")
    begins, ends = (at(1, 59), lambda rtc: rtc.garble(True)), (at(2, 30), lambda rtc: rtc.garble(False))
    played = play(text_of(START, "4h", body), begins, ends)
    assert detail(played, "rtc-failed") == [UNREADABLE]
    assert played.count("clock-restored") == 1


def test_a_virgin_meter_without_a_time_is_invalid_until_it_is_set():
    body = reading("unset", "30min") + reading("refused", "40min", "adjust-clock", by="5s")
    body += reading("set", "1h", "set-clock") + reading("right", "1h20min")
    played = play(text_of(START, "2h", body), (0, lambda rtc: rtc.reset_to_epoch(flagged=True)))
    assert played.count("clock-invalid") == 1
    assert int(played.registers("unset")["F.F"][0], 16) & 32
    assert played.registers("unset")["0.9.2"] == ("00-01-01",)
    assert next(row for row in played.result.readings if row.id == "refused").problem == "the meter answers ERR1"
    assert int(played.registers("right")["F.F"][0], 16) == 0
    assert abs(played.result.clock_error_ns) < 2 * S


@pytest.mark.parametrize("offset", ["5000 ppm", "-5000 ppm"])
@pytest.mark.parametrize("board", ["afe", "soc"])
def test_the_mains_tell_that_it_is_the_processor_whose_crystal_is_off(board, offset):
    hours = 4 if board == "afe" else 1
    body = f'[world]\ncpu_offset = "{offset}"\n'
    played = play(text_of(START, f"{hours}h", body, board=board))
    closed = played.of(IntervalClosed)
    assert [at_ns / (30 * MINUTE) for at_ns, _ in closed] == pytest.approx(list(range(1, 2 * hours)), abs=0.005)
    assert played.count("rtc-failed") == 0
    assert abs(played.runner.bench.board.rtc.shown_ns() - played.runner.bench.world.utc_ns) < S
