"""What a meter meets in the field, and in the wrong hands: storms of events, a hasty button, a stuck converter."""

import pytest

from hal.inputs import Input
from hal.probe import BillingClosed, Booted, EventLogged, IntervalClosed, RegistersSaved
from hal.units import MINUTE, MS, S
from sim.devices.optical_head import Errand, Session
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import NWH, fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
LOAD_MW = 3_600_000


def prepared(duration: str, body: str = "", board: str = "afe", start: str = START) -> tuple[Runner, list]:
    """A runner, and the records that it will see."""
    runner, records = Runner(parse(text_of(start, duration, body, board)), 1), []
    for kind in (RegistersSaved, Booted, EventLogged, IntervalClosed, BillingClosed):
        runner.bench.probe.subscribe(kind, lambda at_ns, record: records.append((at_ns, record)))
    return runner, records


def of(records: list, kind: type) -> list:
    return [record for _, record in records if isinstance(record, kind)]


@pytest.mark.parametrize("response", ["continue", "reset", "reset-and-freeze"])
@pytest.mark.parametrize("before_ms", [50, 100, 400, 700, 1_000, 1_400])
def test_a_lost_clock_restarted_before_a_boundary_misses_none(response, before_ms):
    """The clock goes on from the power-down, and reaches the interval's end while the RTC is yet to be set."""
    body = f'[clock]\nbattery_failure = "{response}"\n[demand]\nperiod = "15min"\n' + fault("battery-fail", "1min")
    played = play(text_of(START, "3h", body + fault("supply-fail", f"{3_600_000 - before_ms}ms", "40min")))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    demands = [record.demand_mw for _, record in played.of(IntervalClosed)]
    assert max(demands) <= LOAD_MW * 1_001 // 1_000
    assert len(demands) >= 8


def test_a_storm_of_events_does_not_keep_the_power_fail_save_from_its_slot():
    runner, records = prepared("12min", fault("supply-fail", "10min", "1min"))
    inputs, world = runner.bench.board.inputs, runner.bench.world
    for step in range(290):
        at_ns = 9 * MINUTE + 31 * S + step * 100 * MS
        world.at(at_ns, Phase.WORLD, lambda step=step: inputs.put(Input.TERMINAL_COVER, step % 2 == 0))
    runner.run()
    assert [booted.clean for booted in of(records, Booted)] == [True, True]
    last = [saved for at_ns, saved in records if isinstance(saved, RegistersSaved) and at_ns < 11 * MINUTE][-1]
    assert last.reason == "power_fail"
    assert last.totals[0] >= 599 * NWH


def test_an_end_of_billing_locks_button_and_port_out_for_a_while_but_no_date():
    """Reset at 23:50, tried again at 23:51 and by the button; midnight still ends the month; 00:20 is free again."""
    sessions = [reading(f"at-{n}", f"{n}min", "billing-reset") for n in (10, 11, 30, 50)]
    body = '[billing]\nlockout = "20min"\n' + "".join(sessions)
    runner, records = prepared("1h", body, start="2026-06-30T23:40:00+02:00")
    inputs, world = runner.bench.board.inputs, runner.bench.world
    for minute in (12, 25):
        world.at(minute * MINUTE, Phase.WORLD, lambda: inputs.put(Input.RESET_BUTTON, True))
        world.at(minute * MINUTE + S, Phase.WORLD, lambda: inputs.put(Input.RESET_BUTTON, False))
    result = runner.run()
    assert result.verdict is Verdict.HELD, troubles(result)
    assert [closed.source for closed in of(records, BillingClosed)] == ["optical", "billing-date", "optical"]
    assert [read.problem is None for read in result.readings] == [True, False, False, True]


@pytest.mark.parametrize("text", ["000101000000", "991232000000", "260230120000", "2606151200", "26061512000x"])
def test_a_time_that_no_clock_can_show_is_refused(text):
    runner, records = prepared("5min")
    outcomes = []
    session = Session(Errand.WRITE, "0.9.4", lambda: text, "00000000")
    runner.bench.world.at(MINUTE, Phase.WORLD, lambda: runner.bench.head.begin(session, outcomes.append))
    assert runner.run().verdict is Verdict.HELD
    assert [outcome.problem for outcome in outcomes] == ["the meter answers ERR1"]
    assert "clock-set" not in [logged.event for logged in of(records, EventLogged)]


@pytest.mark.parametrize("dead", ["_interrupt", "_full"])
def test_without_samples_intervals_and_saves_go_on(dead):
    """The converter's interrupt is lost, or it converts no more."""
    runner, records = prepared("50min", board="soc")
    converter = runner.bench.board.front_end
    runner.bench.world.at(MINUTE, Phase.WORLD, lambda: setattr(converter, dead, lambda *_: None))
    runner.run()
    assert [saved.reason for saved in of(records, RegistersSaved)].count("period") >= 3


def test_a_cover_opened_in_the_dark_is_seen_at_power_up():
    body = fault("supply-fail", "5min", "10min") + fault("supply-fail", "30min", "10min")
    runner, records = prepared("50min", body)
    inputs, world = runner.bench.board.inputs, runner.bench.world
    world.at(10 * MINUTE, Phase.WORLD, lambda: inputs.put(Input.TERMINAL_COVER, True))
    world.at(35 * MINUTE, Phase.WORLD, lambda: inputs.put(Input.TERMINAL_COVER, False))
    assert runner.run().verdict is Verdict.HELD
    covers = [(at_ns // MINUTE, logged.event) for at_ns, logged in records if isinstance(logged, EventLogged)]
    assert [seen for seen in covers if "cover" in seen[1]] == [
        (15, "terminal-cover-opened"),
        (40, "terminal-cover-closed"),
    ]


def test_tries_while_programming_is_locked_leave_no_events():
    sessions = [reading(f"try-{n}", f"{n}min", "set-clock", "wrong") for n in range(1, 12)]
    runner, records = prepared("12min", '[optical]\nlockout = "1h"\n' + "".join(sessions))
    assert runner.run().verdict is Verdict.HELD
    events = [logged.event for logged in of(records, EventLogged)]
    assert (events.count("password-wrong"), events.count("programming-locked")) == (3, 1)


@pytest.mark.parametrize("rates", [2, 5, 8])
@pytest.mark.parametrize("board", ["soc", "afe"])
def test_every_task_has_a_bound_whatever_the_number_of_rates(board, rates):
    runner, _ = prepared("2min", f"[tariff]\nrates = {rates}\n", board)
    result = runner.run()
    assert result.verdict is Verdict.HELD, troubles(result)
    assert all(row.bound_ns is not None for row in result.timing)
