"""The swarm: for each seed a schedule of its own, run and judged in a process of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self, cast

from firmware.kernel.errors import KernelError, TaskFailed
from hal.units import MINUTE
from sim.explore.children import Answer, Children, Json, Tell, Work
from sim.explore.document import FaultEntry, Schedule, scenario_with
from sim.explore.run import Outcome, run_case
from sim.explore.schedule import Space, chance_of, draw_schedule
from sim.explore.shrink import TRIES, Shrunk, shrink
from sim.explore.state import State
from sim.scenario.errors import ScenarioError
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from sim.world import TimeStandsStill

DRAWS_MOST: Final = 50
"""Schedules drawn for a seed until one is valid."""

FIRST_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a seed: the schedule that was judged, and how many before it were invalid."""

    seed: int
    schedule: Schedule
    outcome: Outcome
    redrawn: int

    def flat(self) -> Json:
        """As JSON carries it."""
        schedule = [dict(entry) for entry in self.schedule]
        return {"seed": self.seed, "schedule": schedule, "redrawn": self.redrawn, **self.outcome.flat()}

    @classmethod
    def of(cls, flat: Json) -> Self:
        """What `flat` gave; KeyError, TypeError or ValueError for anything else."""
        schedule = tuple(cast("list[FaultEntry]", flat["schedule"]))
        return cls(cast(int, flat["seed"]), schedule, Outcome.of(flat), cast(int, flat["redrawn"]))


def explore_swarm(
    space: Space, seeds: int, jobs: int, state: State | None, heard: Callable[[Found], None]
) -> list[Found]:
    """Each of the seeds 1 to `seeds`, in their order; `heard` is told each that was run now."""
    known = {} if state is None else {int(key): Found.of(flat) for key, flat in state.known.items()}
    found = {seed: known[seed] for seed in range(FIRST_SEED, FIRST_SEED + seeds) if seed in known}

    def take(answers: Iterator[Answer]) -> None:
        for answer in answers:
            one = _found(space, answer)
            found[one.seed] = one
            # What killed a process may have been the machine: another time it is tried again.
            if state is not None and answer.fields is not None:
                state.add(str(one.seed), one.flat())
            heard(one)

    warm(space)
    with Children(jobs) as children:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            if seed not in found:
                take(children.start(seed, _work(space, seed)))
        take(children.finish())
    return [found[seed] for seed in sorted(found)]


def warm(space: Space) -> None:
    """Import and compile what every run needs once, before the forks. ScenarioError for what can't be run."""
    runner = Runner(scenario_with(space.document, space.own), FIRST_SEED)
    # What the firmware does wrong is found by the runs themselves.
    with suppress(TaskFailed, KernelError, TimeStandsStill):
        runner.advance(min(MINUTE, space.end_ns))


def _found(space: Space, answer: Answer) -> Found:
    if answer.fields is not None:
        return Found.of(answer.fields)
    told = answer.told or {"schedule": [], "redrawn": 0}
    schedule = tuple(cast("list[FaultEntry]", told["schedule"]))
    return Found(answer.key, schedule, Outcome.died(answer.failure), cast(int, told["redrawn"]))


def _work(space: Space, seed: int) -> Work:
    def work(tell: Tell) -> Json:
        return explore_seed(space, seed, tell).flat()

    return work


def explore_seed(space: Space, seed: int, tell: Tell) -> Found:
    """Draw schedules until one is valid, and judge its run."""
    chance = chance_of(seed)
    for redrawn in range(DRAWS_MOST):
        schedule = draw_schedule(space, chance)
        tell({"schedule": [dict(entry) for entry in schedule], "redrawn": redrawn})
        outcome = run_case(scenario_with(space.document, schedule), seed)
        if outcome.verdict is not Verdict.INVALID:
            return Found(seed, schedule, outcome, redrawn)
    return Found(seed, schedule, outcome, DRAWS_MOST)


def shrink_found(space: Space, found: Found, jobs: int, tries: int = TRIES) -> tuple[Shrunk, Outcome]:
    """A smallest schedule that breaks, under the same seed, what `found` broke first; and what comes of it."""
    target = found.outcome.breaches[0].name
    outcomes: dict[str, Outcome] = {repr(found.schedule): found.outcome}

    def first_failing(schedules: Sequence[Schedule]) -> int | None:
        place, outcome = _first_failing(space, found.seed, target, schedules, jobs)
        if place is not None and outcome is not None:
            outcomes[repr(schedules[place])] = outcome
        return place

    shrunk = shrink(found.schedule, first_failing, tries)
    return shrunk, outcomes[repr(shrunk.schedule)]


def _first_failing(
    space: Space, seed: int, target: str, schedules: Sequence[Schedule], jobs: int
) -> tuple[int | None, Outcome | None]:
    """Runs several at once; what comes after the first that fails is for nothing, and is dropped."""
    outcomes: dict[int, Outcome] = {}

    def decided() -> int | None:
        for place in range(len(schedules)):
            if place not in outcomes:
                return None
            if outcomes[place].breaks(target):
                return place
        return None

    with Children(jobs) as children:
        for place, schedule in enumerate(schedules):
            for answer in children.start(place, _trial(space, schedule, seed)):
                outcomes[answer.key] = _outcome(answer)
            if decided() is not None:
                break
        else:
            for answer in children.finish():
                outcomes[answer.key] = _outcome(answer)
                if decided() is not None:
                    break
    first = decided()
    return first, None if first is None else outcomes[first]


def _outcome(answer: Answer) -> Outcome:
    return Outcome.died(answer.failure) if answer.fields is None else Outcome.of(answer.fields)


def _trial(space: Space, schedule: Schedule, seed: int) -> Work:
    def work(tell: Tell) -> Json:
        try:
            return run_case(scenario_with(space.document, schedule), seed).flat()
        except ScenarioError:
            return Outcome(Verdict.INVALID, "").flat()

    return work
