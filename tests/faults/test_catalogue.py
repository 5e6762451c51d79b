"""Every kind of fault acts where it can, says so, and says nothing where it can't."""

import runpy
from pathlib import Path
from typing import get_args

import pytest

from sim.faults import CATALOGUE
from sim.scenario import fault_tables
from sim.scenario.loader import parse
from sim.scenario.result import RunResult, Verdict
from sim.scenario.runner import Runner
from tests.faults.cases import CASES, OWED, Case, idle, text

KINDS = [table.kind_of() for table in CATALOGUE]
DOCS = Path(__file__).resolve().parents[2] / "docs"


def played(document: str) -> tuple[Runner, RunResult, str]:
    """The run, its result, and the effect of the fault that is looked at."""
    runner = Runner(parse(document), 1)
    result = runner.run()
    return runner, result, next(fault.effect for fault in runner.faults if fault.id == "it")


def test_every_table_has_its_fault_and_its_case():
    union = get_args(get_args(fault_tables.FaultTable)[0])
    assert set(union) == set(CATALOGUE)
    assert set(KINDS) == set(CASES)
    assert len(set(KINDS)) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_it_acts_and_the_meter_bears_it(kind: str) -> None:
    case = CASES[kind]
    runner, result, effect = played(text(kind, case))
    assert case.effect in effect
    broken = [f"{check.name}: {check.message}" for check in result.oracles if not check.held]
    assert (result.verdict, broken) == (Verdict.HELD, [])
    fault = next(fault for fault in runner.faults if fault.id == "it")
    assert {owed.event for owed in fault.events()} <= set(fault.owes)
    assert {owed.event.text for owed in fault.events()} == OWED.get(kind, set())
    assert {premise.oracle for premise in fault.premises()} <= set(fault.suspends)


@pytest.mark.parametrize("kind", KINDS)
def test_where_it_cannot_act_the_run_is_invalid(kind: str) -> None:
    _, result, effect = played(idle(kind, CASES[kind]))
    assert (result.verdict, effect) == (Verdict.INVALID, "")


@pytest.mark.parametrize("kind", KINDS)
def test_an_inert_one_does_nothing(kind: str) -> None:
    runner, result, effect = played(text(kind, CASES[kind], "\ninert = true"))
    assert (result.verdict, effect) == (Verdict.INVALID, "")
    check = next(check for check in result.faults if check.name == "it")
    assert check.message == f"{kind} is inert"
    fault = next(fault for fault in runner.faults if fault.id == "it")
    assert (list(fault.events()), list(fault.premises())) == ([], [])


def test_an_inert_fault_leaves_the_world_as_it_is() -> None:
    case = Case("", fault='duration = "20min"')
    quiet = text("supply-fail", case, "\ninert = true")
    without = quiet[: quiet.index("[[fault]]")]
    assert Runner(parse(quiet), 1).run().digest == Runner(parse(without), 1).run().digest


def test_the_page_says_what_the_code_says() -> None:
    page = runpy.run_path(str(DOCS / "faults.py"))["page"]()
    assert (DOCS / "faults.md").read_text(encoding="utf-8") == page
