"""Cuts that branch off a live run: the same run as from zero, judged for what was lost."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from hal.units import HOUR, MINUTE, MS
from sim.devices.flash import EraseCut, Kind, ProgramCut
from sim.explore.branch import CutFound, document_of
from sim.explore.document import scenario_with
from sim.explore.failure import Where, cut_failures
from sim.explore.operations import POINTS, Cut, Operation, cuts_of, plan
from sim.explore.power_cut import Base, explore_cuts
from sim.explore.run import run_case
from sim.explore.state import State
from sim.scenario.loader import load, scenario_of
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from tests.explore.scene import EAGER, OURS, space

SEED = 3


@cache
def base(firmware: str = OURS) -> Base:
    return Base.of(space(firmware), SEED)


def explore(
    cuts: list[Cut], jobs: int = 2, firmware: str = OURS, state: State | None = None
) -> list[tuple[Cut, CutFound]]:
    return explore_cuts(space(firmware), SEED, cuts, jobs, state, lambda cut, found: None)


def test_the_base_run_is_the_scenario_and_all_its_operations_are_learnt() -> None:
    runner = Runner(scenario_with(space().document, space().own), SEED)
    result = runner.run()
    found = base()
    assert found.outcome.verdict is Verdict.HELD
    assert found.outcome.digest == result.digest
    assert len(found.operations) == result.flash_programs + result.flash_erases
    kinds = [operation.kind for operation in found.operations]
    assert kinds.count(Kind.ERASE) == result.flash_erases
    assert all(operation.start_ns < operation.end_ns for operation in found.operations)


def test_an_operation_is_cut_at_every_point_in_every_mode() -> None:
    for kind, modes in ((Kind.PROGRAM, ProgramCut), (Kind.ERASE, EraseCut)):
        operation = Operation(0, kind, 0, 1_000, 1_000 + 400 * MS)
        cuts = list(cuts_of(operation))
        assert len({cut.key for cut in cuts}) == len(cuts)
        assert [cut.at_ns for cut in cuts] == sorted(cut.at_ns for cut in cuts)
        assert {(cut.point, cut.mode) for cut in cuts} == {
            ("start", None),
            *((point, mode) for point in POINTS[1:] for mode in modes),
        }
        by_point = {cut.point: cut.at_ns - operation.start_ns for cut in cuts}
        assert by_point == {
            "start": 0,
            "just-after": 1,
            "quarter": 100 * MS,
            "half": 200 * MS,
            "three-quarters": 300 * MS,
            "just-before": 400 * MS - 1,
            "end": 400 * MS,
        }


def test_samples_are_evenly_spread() -> None:
    everything = plan(base().operations)
    sample = plan(base().operations, limit=50)
    assert len(sample) == 50
    places = [everything.index(cut) for cut in sample]
    gaps = {after - before for before, after in itertools.pairwise(places)}
    assert max(gaps) - min(gaps) <= 1
    assert plan(base().operations, every=7) == everything[::7]
    assert plan(base().operations, limit=10**9) == everything


def test_a_branch_is_the_run_from_zero_and_nothing_that_was_whole_is_lost() -> None:
    cuts = plan(base().operations, limit=36)
    found = explore(cuts)
    assert [cut for cut, _ in found] == cuts
    for number, (cut, one) in enumerate(found):
        assert one.outcome.verdict is Verdict.HELD, (cut, one)
        assert one.recovered
        assert one.lost_nwh <= one.since_save_nwh + 1_000_000_000
        if number % 4 == 0:
            again = run_case(scenario_of(document_of(space().document, cut, one.end_ns)), SEED)
            assert again.digest == one.outcome.digest, cut


def test_an_instant_that_the_scenario_shares_is_shared_in_the_same_order() -> None:
    """The scenario's own outage ends at the instant of the cut, which the run from zero has known since its start."""
    shared = replace(base().operations[40], start_ns=23 * MINUTE, end_ns=23 * MINUTE + MS)
    (cut, one), *_ = explore(list(cuts_of(shared))[:1])
    again = run_case(scenario_of(document_of(space().document, cut, one.end_ns)), SEED)
    assert again.digest == one.outcome.digest


def test_results_do_not_depend_on_the_processes_nor_on_interruptions(tmp_path: Path) -> None:
    cuts = plan(base().operations, limit=12)
    whole = explore(cuts, jobs=1)
    state = State.open(tmp_path, {"name": "x"})
    explore(cuts[::3], jobs=2, state=state)
    state.close()
    state = State.open(tmp_path, {"name": "x"})
    assert len(state.known) == 4
    assert explore(cuts, jobs=3, state=state) == whole
    state.close()


def test_a_broken_recovery_is_found_and_written(tmp_path: Path) -> None:
    cuts = plan(base(EAGER).operations, limit=6)
    found = explore(cuts, firmware=EAGER)
    failures = cut_failures(space(EAGER), SEED, found, Where(tmp_path, ""), 2)
    (failure,) = [failure for failure in failures if failure.name == "tariff-sums"]
    assert failure.faults == 1, "the scenario's own outage is not needed"
    again = run_case(load(failure.file), SEED)
    assert (again.digest, again.breaks("tariff-sums")) == (failure.digest, True)


@pytest.mark.parametrize("mode", [ProgramCut.NOTHING, ProgramCut.DONE])
def test_a_save_cut_in_its_last_page_is_lost_or_whole(mode: ProgramCut) -> None:
    """What flowed since the save before is lost with it; a whole save that nobody was told of loses nothing."""
    saves = [op for op in base().operations if op.kind is Kind.PROGRAM and op.start_ns > HOUR]
    found = explore([cut for op in saves[:8] for cut in cuts_of(op) if (cut.point, cut.mode) == ("end", mode)])
    assert len(found) == 8
    assert all(one.outcome.verdict is Verdict.HELD for _, one in found)
    losses = [one.lost_nwh for _, one in found]
    # 3.6 kW: 15 min are 900 Wh.
    assert max(losses) <= 901 * 10**9
    if mode is ProgramCut.NOTHING:
        assert max(losses) > 800 * 10**9
    else:
        assert min(losses) < 10**9
