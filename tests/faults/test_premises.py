"""A fault takes an oracle's premise for a time, and no other's, and not for longer."""

from collections.abc import Callable

import pytest

from hal.probe import BudgetOverrun
from hal.units import MINUTE, S
from sim.devices.disturbance import Disturbance
from sim.oracles.premise import Premise
from sim.scenario.loader import parse
from sim.scenario.result import RunResult, Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.faults.cases import CASES, text

FROZEN = text("front-end-frozen", CASES["front-end-frozen"])
"""From 60 to 80 minutes."""

Deed = Callable[[Runner], None]


def with_deed(document: str, minute: int, deed: Deed) -> RunResult:
    """Something else goes wrong in that minute, of which no fault of the scenario tells."""
    runner = Runner(parse(document), 1)
    runner.bench.world.at(minute * MINUTE, Phase.WORLD, lambda: deed(runner))
    return runner.run()


def unmeasured(runner: Runner) -> None:
    """The front end misses half a minute."""
    world, front_end = runner.bench.world, runner.bench.board.front_end
    front_end.disturb(0, Disturbance.FROZEN)
    world.at(world.now + 30 * S, Phase.WORLD, lambda: front_end.settle(0, Disturbance.FROZEN))


def overrun(runner: Runner) -> None:
    runner.bench.probe.publish(BudgetOverrun("store", 1, 1, 2))


def broken(result: RunResult) -> set[str]:
    return {check.name for check in result.oracles if not check.held}


@pytest.mark.parametrize("minute", [20, 100, 140])
def test_energy_counts_before_and_after(minute: int) -> None:
    result = with_deed(FROZEN, minute, unmeasured)
    assert result.verdict is Verdict.BROKEN
    assert broken(result) >= {"energy"}


@pytest.mark.parametrize("minute", [61, 79])
def test_energy_has_nothing_to_hold_in_between(minute: int) -> None:
    assert "energy" not in broken(with_deed(FROZEN, minute, unmeasured))


def test_a_fault_between_two_saves_is_no_matter_of_the_save_after_it() -> None:
    brief = FROZEN.replace('duration = "20min"', 'duration = "2min"').replace('at = "1h"', 'at = "66min"')
    assert Runner(parse(brief), 1).run().verdict is Verdict.HELD
    assert "energy" in broken(with_deed(brief, 76, unmeasured))


@pytest.mark.parametrize("minute", [20, 61, 79, 100])
def test_the_others_go_on_watching(minute: int) -> None:
    assert broken(with_deed(FROZEN, minute, overrun)) == {"timing"}


def test_timing_is_suspended_by_its_own_faults_alone() -> None:
    document = text("task-overrun", CASES["task-overrun"])
    assert broken(with_deed(document, 70, overrun)) == set()
    assert broken(with_deed(document, 90, overrun)) == {"timing"}
    assert "energy" in broken(with_deed(document, 70, unmeasured))


def test_what_is_excused_is_told() -> None:
    result = with_deed(text("task-overrun", CASES["task-overrun"]), 70, overrun)
    timing = next(check for check in result.oracles if check.name == "timing")
    assert "1 breaches excused" in timing.message




def test_damage_takes_the_claim_that_it_hits() -> None:
    """Bits rot in the newest save, after which the meter must go on from the one before; and then count on."""
    rotten = text("flash-rot", CASES["flash-rot"])
    runner = Runner(parse(rotten), 1)
    assert runner.run().verdict is Verdict.HELD
    fault = next(fault for fault in runner.faults if fault.id == "it")
    premise, unreadable = fault.premises()
    assert (premise.oracle, premise.claim, premise.from_ns) == ("durability", "registers", 61 * MINUTE)
    assert unreadable == Premise("hold-up", premise.from_ns, premise.until_ns)
    # The save at the boot after the cut, at 67 min, ends it.
    assert premise.until_ns is not None
    assert 67 * MINUTE < premise.until_ns < 68 * MINUTE


def test_a_premise_is_gone_from_its_begin_to_its_end() -> None:
    premise = Premise("energy", 10, 20)
    assert [premise.gone(at, at) for at in (9, 10, 20, 21)] == [False, True, True, False]
    assert premise.gone(0, 30)
    assert Premise("energy", 10, None).gone(10**18, 10**18)
