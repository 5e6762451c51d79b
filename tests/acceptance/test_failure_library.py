"""The shipped failure scenarios: each holds, none holds once its faults do nothing, and none of its expectations is
empty. And docs/failures.md, which says what each row of the list of failures must bring."""

import re
from functools import cache

import pytest

from hal.units import DAY
from sim.scenario import library
from sim.scenario.loader import load
from sim.scenario.result import Check, RunResult, Verdict
from sim.scenario.runner import Runner
from sim.scenario.schema import Scenario
from sim.scenario.truncation import truncated
from tests.acceptance.command import ROOT, meterbench
from tests.acceptance.inversion import inverses
from tests.acceptance.playing import troubles

TAG = "failure"
NAMES = [entry.name for entry in library.entries() if TAG in entry.tags]
WITH_FAULTS = [name for name in NAMES if library.find(name).content.get("fault")]

LONG = 7 * DAY
"""Without its outage a run of weeks takes a minute; its first days show as much."""

ROWS = [*map(str, range(1, 21)), "and"]
DOCUMENT = ROOT / "docs" / "failures.md"


def run(scenario: Scenario) -> RunResult:
    return Runner(scenario, seed=1).run()


@cache
def scenario_of(name: str) -> Scenario:
    return load(name)


def held(checks: tuple[Check, ...]) -> list[str]:
    return [str(check) for check in checks if check.held]


@pytest.mark.parametrize("name", NAMES)
def test_it_holds(name: str) -> None:
    scenario = scenario_of(name)
    assert scenario.tags[0] == TAG
    assert scenario.expectations
    result = run(scenario)
    assert result.verdict is Verdict.HELD, troubles(result)


@pytest.mark.parametrize("name", WITH_FAULTS)
def test_without_its_faults_it_is_invalid_and_does_not_come_to_the_same(name: str) -> None:
    scenario = scenario_of(name)
    inert = scenario.model_copy(
        update={"faults": tuple(fault.model_copy(update={"inert": True}) for fault in scenario.faults)}
    )
    whole = inert.end_ns <= LONG
    result = run(inert if whole else truncated(inert, LONG)[0])
    assert result.verdict is Verdict.INVALID
    assert held(result.faults) == []
    assert not (whole and all(check.held for check in result.expectations))


@pytest.mark.parametrize("name", NAMES)
def test_each_expectation_turned_round_breaks(name: str) -> None:
    scenario = scenario_of(name)
    turned = tuple(inverse for expectation in scenario.expectations for inverse in inverses(expectation))
    result = run(scenario.model_copy(update={"expectations": turned}))
    assert result.verdict is Verdict.BROKEN
    assert held(result.expectations) == []


def test_the_command_tells_a_held_from_an_invalid_and_a_broken_run() -> None:
    """As `meterbench run` ends, on one of them; it prints the hold-up that a save takes, and what there is."""
    good = meterbench("run", "power-fail")
    assert good.returncode == 0
    line = next(line for line in good.stdout.splitlines() if line.startswith("hold-up: "))
    needed_ms, given_ms = map(int, re.findall(r"(\d+)(?:\.\d+)? ms", line))
    assert given_ms >= 2 * needed_ms
    inert = meterbench("run", "power-fail", "--set", "fault.outage.inert=true")
    assert (inert.returncode, "verdict: invalid" in inert.stdout) == (1, True)
    turned = meterbench("run", "power-fail", "--set", "expect.month-ends-once.billing=2")
    assert (turned.returncode, "verdict: broken" in turned.stdout) == (1, True)


def documented() -> dict[str, list[str]]:
    """The scenarios that each row of the table in docs/failures.md names."""
    cells = [line.split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    return {row[1].strip(): re.findall(r"`([\w-]+)`", row[2]) for row in cells if row[1].strip() in ROWS}


def test_the_document_has_every_row_and_names_scenarios_that_there_are() -> None:
    rows = documented()
    assert list(rows) == ROWS
    assert [row for row, names in rows.items() if not names] == []
    assert {name for names in rows.values() for name in names} - set(NAMES) == set()


def test_the_document_names_every_failure_scenario() -> None:
    assert set(NAMES) - {name for names in documented().values() for name in names} == set()
