"""Logs, durations, alarms and limits of a whole meter: over the optical port, and over outages."""

import re

from firmware.comms.commands import ACKNOWLEDGE_ALARMS
from firmware.events.alarms import Alarm
from hal.inputs import Input
from hal.outputs import Output
from hal.probe import EventLogged
from hal.units import MINUTE, S
from sim.devices.optical_head import Errand, Outcome, Session
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import fault, play, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
COVERS = "".join(fault("terminal-cover-open", f"{10 + 40 * n}min", "2min") for n in range(6))
LINE = re.compile(r"(P\.98\.\d)\((\d{13})\)\(00\)\(\)\(6\)(?:\(C\.11\.\d\)\(\)){6}" + r"\((\w*)\)" * 6)


def asked(*questions: tuple[str, str], duration: str = "6h", body: str = COVERS) -> list[Outcome]:
    """What a reader gets that asks at the end of a day of covers."""
    runner = Runner(parse(text_of(START, duration, body), "test"), 1)
    outcomes: list[Outcome] = []
    for number, (address, text) in enumerate(questions):
        session = Session(Errand.READ, address, lambda text=text: text)
        runner.bench.world.at(
            (250 + 5 * number) * MINUTE,
            Phase.DEVICES,
            lambda session=session: runner.bench.head.begin(session, outcomes.append),
        )
    assert troubles(runner.run()) == []
    return outcomes


def rows(outcome: Outcome) -> list[tuple[str, ...]]:
    """Stamp, code, detail, phase, duration, number and clock of each line."""
    assert outcome.problem is None
    lines = [LINE.fullmatch(data_set.encode()) for data_set in outcome.data_sets]
    assert all(lines)
    return [line.groups()[1:] for line in lines if line is not None]


def test_a_log_is_read_without_a_password_by_range_and_newest_first() -> None:
    whole, last, part, power, open_end = asked(
        ("P.98.1", ";"),
        ("P.98.1", ";;3"),
        ("P.98.1", "12606150840;1260615093100"),
        ("P.98.6", ""),
        ("P.98.1", "22606150927;"),
    )
    told = rows(whole)
    assert [row[1] for row in told] == ["40", "41"] * 6
    assert [row[4] for row in told] == ["", "120"] * 6
    assert rows(last) == told[:-4:-1]
    assert rows(part) == [row for row in told if "1260615084000" <= row[0] <= "1260615093100"] != []
    assert [row[1] for row in rows(power)] == ["2"]
    # 09:27 UTC is 11:27 in summer.
    assert rows(open_end) == [row for row in told if row[0] >= "1260615112700"] != []


def test_what_is_no_log_and_what_is_empty_is_an_error() -> None:
    unknown, empty, wrong, alone = asked(
        ("P.98.9", ""), ("P.98.4", ""), ("P.98.1", "1260615"), ("P.98.1", "12606150840")
    )
    assert [outcome.data_sets[0].encode() for outcome in (unknown, empty, wrong, alone)] == [
        "P.98(ERROR)",
        "P.98.4(ERROR)",
        "P.98.1(ERROR)",
        "P.98.1(ERROR)",
    ]


def test_the_end_of_what_lasts_over_an_outage_counts_the_outage() -> None:
    body = fault("terminal-cover-open", "20min", "100min") + fault("supply-fail", "1h", "30min")
    played = play(text_of(START, "3h", body))
    assert troubles(played.result) == []
    (closed,) = [record for _, record in played.of(EventLogged) if record.event == "terminal-cover-closed"]
    up = [record for _, record in played.of(EventLogged) if record.event == "power-up"][-1]
    assert abs((closed.duration_s or 0) - 6_000) <= 1
    assert up.duration_s == 1_800


def flap(runner: Runner, begin_ns: int, times: int) -> None:
    """A phase that comes and goes every 4 s."""
    mains = runner.bench.mains
    for number in range(times):
        at_ns = begin_ns + number * 8 * S
        runner.bench.world.at(at_ns, Phase.WORLD, lambda: mains.fail([1]))
        runner.bench.world.at(at_ns + 4 * S, Phase.WORLD, lambda: mains.restore([1]))


def test_a_flapping_phase_leaves_ten_entries_and_a_sum_an_hour() -> None:
    runner = Runner(parse(text_of(START, "4h"), "test"), 1)
    flap(runner, 10 * MINUTE, 900)
    result = runner.run()
    assert [str(check) for check in result.oracles if not check.held] == []
    names = [row.event for row in result.events]
    assert names.count("phase-failed") + names.count("phase-restored") <= 10 + 3
    sums = [row.detail for row in result.events if row.event == "quality-chatter"]
    assert {told // 1_000_000 for told in sums} == {2}
    assert sum(told % 1_000_000 for told in sums) == 1_800 - 10


def test_the_count_of_a_running_hour_outlives_an_outage() -> None:
    """100 changes, 1 s apart, then an outage in the hour: its count is told at the next power-up."""
    runner = Runner(parse(text_of(START, "3h", fault("supply-fail", "30min", "10min")), "test"), 1)
    for number in range(100):
        runner.bench.world.at(
            10 * MINUTE + number * S,
            Phase.WORLD,
            lambda state=number % 2 == 0: runner.bench.board.inputs.put(Input.MAGNET, state),
        )
    result = runner.run()
    assert [str(check) for check in result.oracles if not check.held] == []
    told = [(row.at_ns // MINUTE, row.detail) for row in result.events if row.event == "input-chatter"]
    assert told == [(40, 3_000_000 + 90)]


def test_alarms_stand_over_an_outage_until_they_are_acknowledged() -> None:
    body = fault("terminal-cover-open", "20min", "10min") + fault("supply-fail", "40min", "10min")
    runner = Runner(parse(text_of(START, "90min", body), "test"), 1)
    bench, seen = runner.bench, {}
    for minute in (15, 25, 35, 45, 55, 65):
        bench.world.at(
            minute * MINUTE,
            Phase.OBSERVERS,
            lambda minute=minute: seen.update({minute: bench.board.outputs.state(Output.ALARM)}),
        )
    password = runner.bench.setting.config.optical.password
    done: list[Outcome] = []
    mask = f"{Alarm.TERMINAL_COVER.mask:X}"
    session = Session(Errand.EXECUTE, ACKNOWLEDGE_ALARMS, lambda: mask, password)
    bench.world.at(60 * MINUTE, Phase.DEVICES, lambda: bench.head.begin(session, done.append))
    result = runner.run()
    assert troubles(result) == []
    assert [outcome.problem for outcome in done] == [None]
    assert seen == {15: False, 25: True, 35: True, 45: False, 55: True, 65: False}
    assert [row.detail for row in result.events if row.event == "alarms-acknowledged"] == [Alarm.TERMINAL_COVER.mask]
