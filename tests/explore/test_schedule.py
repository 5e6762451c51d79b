"""Schedules: the same for the same seed, laid over the scenario's own faults, and without contradictions."""

from hypothesis import given, settings

from sim.explore.document import Schedule, scenario_with
from sim.explore.generators import GENERATORS
from sim.explore.run import run_case
from sim.explore.schedule import FAULTS_MOST, chance_of, draw_schedule
from sim.explore.strategies import schedules
from sim.scenario.quantities import parse_duration
from sim.scenario.result import Verdict
from tests.explore.scene import END_NS, ids, of_kinds, space

SPACE = space()
TAME = ("supply-fail", "power-cut", "terminal-cover-open", "magnet-held")


def test_a_seed_always_draws_the_same() -> None:
    for seed in range(20):
        first, second = chance_of(seed), chance_of(seed)
        assert [draw_schedule(SPACE, first) for _ in range(3)] == [draw_schedule(SPACE, second) for _ in range(3)]


def test_seeds_draw_different_schedules() -> None:
    drawn = [draw_schedule(SPACE, chance_of(seed)) for seed in range(150)]
    assert len({repr(schedule) for schedule in drawn}) > 140
    seen = {kind for schedule in drawn for kind in of_kinds(schedule)}
    assert len(seen) > len(GENERATORS) // 2


def test_a_run_has_some_kinds_only() -> None:
    """Swarm testing stands on what is left out."""
    tame = [set(of_kinds(draw_schedule(SPACE, chance_of(seed), TAME))[1:]) for seed in range(100)]
    assert sum("power-cut" not in kinds for kinds in tame) > 25
    assert sum("power-cut" in kinds for kinds in tame) > 25


@settings(max_examples=40)
@given(schedules(SPACE))
def test_drawn_faults_lie_over_the_scenarios_own_and_agree(schedule: Schedule) -> None:
    assert ids(schedule)[0] == "outage"
    assert 1 < len(schedule) <= 1 + FAULTS_MOST
    assert all(0 <= parse_duration(entry["at"]) < END_NS for entry in schedule)
    assert len(scenario_with(SPACE.document, schedule).faults) == len(schedule)


@settings(max_examples=25)
@given(schedules(SPACE, ("supply-fail", "power-cut")))
def test_whatever_fails_of_the_supply_no_oracle_breaks(schedule: Schedule) -> None:
    outcome = run_case(scenario_with(SPACE.document, schedule), seed=1)
    assert outcome.verdict is not Verdict.BROKEN, outcome
