"""The watchdog bites while the mains are away: the comparator has told the life before, and will not tell again."""

import pytest

from hal.probe import Booted, RegistersSaved
from hal.processor import ResetCause
from hal.units import MINUTE, MS, S
from sim.scenario.loader import parse
from sim.scenario.runner import Runner


def run(faults: str, board: str, minutes: int) -> tuple[list[tuple[int, str]], list[tuple[int, object]], Runner]:
    text = f"""
schema = 1
title = "Watchdog"
start = 2026-06-01T12:00:00+02:00
duration = "{minutes}min"
board = "{board}"
[load]
power = "6 kW"
{faults}"""
    runner = Runner(parse(text, "watchdog"), seed=1)
    notes: list[tuple[int, str]] = []
    seen: list[tuple[int, object]] = []
    runner.bench.on_note(lambda at_ns, who, what: notes.append((at_ns, f"{who} {what}")))
    for kind in (Booted, RegistersSaved):
        runner.bench.probe.subscribe(kind, lambda at_ns, record: seen.append((at_ns, record)))
    result = runner.run()
    assert [check for check in result.oracles if not check.held] == []
    return notes, seen, runner


@pytest.mark.parametrize(("board", "hang_ns"), [("afe", 20 * MINUTE), ("soc", 10 * S)])
@pytest.mark.parametrize("before_ns", [40 * MS, 150 * MS, 400 * MS])
def test_a_reset_in_the_hold_up_saves_at_once(board: str, hang_ns: int, before_ns: int) -> None:
    minutes = (hang_ns + 20 * MINUTE) // MINUTE if board == "afe" else 1
    hang = f'[[fault]]\nid = "hang"\nkind = "task-hang"\nat = "{hang_ns}ns"\n'
    notes, _, _ = run(hang, board, minutes)
    bitten_ns = next(at_ns for at_ns, note in notes if note.startswith("watchdog"))
    fails = bitten_ns - before_ns
    outage = f'[[fault]]\nid = "outage"\nkind = "supply-fail"\nat = "{fails}ns"\nduration = "20s"\n'
    notes, seen, _ = run(hang + outage, board, minutes)
    down_ns = next(at_ns for at_ns, note in notes if note == "power down" and at_ns > bitten_ns)
    boots = [(at_ns, booted) for at_ns, booted in seen if isinstance(booted, Booted)]
    assert [booted.cause for _, booted in boots[1:2]] == [ResetCause.WATCHDOG]
    held = [record for at_ns, record in seen if isinstance(record, RegistersSaved) and bitten_ns < at_ns < down_ns]
    assert held[-1].reason == "power_fail"
    after = boots[2][1]
    assert isinstance(after, Booted)
    assert after.clean
    assert after.save == held[-1].sequence
