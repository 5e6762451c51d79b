"""Every power cut that a scenario's storage operations have room for, each in a branch of one live run.

The scenario is run twice: once to learn its operations, and once more with a pause before each of them, from which the
cuts branch off. Branches are forks of this process, so none pays for what came before it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Self

from sim.explore.branch import CutFound, branch
from sim.explore.children import Answer, Children, Json, Tell, Work
from sim.explore.document import own_faults, scenario_with
from sim.explore.loss import LossWatch
from sim.explore.operations import Cut, Operation, learn
from sim.explore.run import Outcome, judged, stopped
from sim.explore.schedule import Space
from sim.explore.state import State
from sim.scenario.runner import Runner


@dataclass(frozen=True, slots=True)
class Base:
    """The run without any cut: its operations, and the verdict of the oracles."""

    operations: tuple[Operation, ...]
    outcome: Outcome

    @classmethod
    def of(cls, space: Space, seed: int, progress: Callable[[int], None] | None = None) -> Self:
        """Run it. ScenarioError for what can't be run."""
        runner = Runner(scenario_with(space.document, own_faults(space.document)), seed, progress)
        operations = learn(runner)
        try:
            result = runner.run()
        except Exception as problem:
            return cls(tuple(operations), stopped(runner, problem))
        return cls(tuple(operations), judged(result.oracles, result.faults, result.digest))


def explore_cuts(
    space: Space, seed: int, cuts: list[Cut], jobs: int, state: State | None, heard: Callable[[Cut, CutFound], None]
) -> list[tuple[Cut, CutFound]]:
    """Each of the cuts, in their order, which is that of their operations' starts; `heard` is told those run now."""
    known = {} if state is None else state.known
    found = {place: CutFound.of(known[cut.key]) for place, cut in enumerate(cuts) if cut.key in known}
    runner = Runner(scenario_with(space.document, own_faults(space.document)), seed)
    watch = LossWatch(runner.bench)

    def take(answers: Iterator[Answer]) -> None:
        for answer in answers:
            one = CutFound.died(answer.failure) if answer.fields is None else CutFound.of(answer.fields)
            found[answer.key] = one
            if state is not None and answer.fields is not None:
                state.add(cuts[answer.key].key, one.flat())
            heard(cuts[answer.key], one)

    left = [(place, cut) for place, cut in enumerate(cuts) if place not in found]
    with Children(jobs, collect=False) as children:
        for start_ns, group in groupby(left, lambda pair: pair[1].operation.start_ns):
            # All of a branch happens after the present instant: the cut at an operation's start too.
            runner.advance(start_ns - 1)
            for place, cut in group:
                take(children.start(place, _work(runner, watch, cut)))
        take(children.finish())
    return [(cut, found[place]) for place, cut in enumerate(cuts)]


def _work(runner: Runner, watch: LossWatch, cut: Cut) -> Work:
    def work(_tell: Tell) -> Json:
        return branch(runner, watch, cut).flat()

    return work
