"""Earliest deadline first: what the test accepts meets its deadlines, and sets that it refuses do miss theirs."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.kernel.analysis import edf_feasible
from firmware.kernel.policy import EarliestDeadlineFirst
from firmware.kernel.spec import KernelCosts, Periodic, Segment, TaskSpec, exactly
from hal.probe import BudgetOverrun, ContractBroken
from tests.kernel.bench import GHZ, Bench, Wire, worker
from tests.kernel.random_sets import Drawn, How, Simulation, TaskSet, Waits, task_sets

EXAMPLES = max(settings().max_examples, 400)


def feasible(drawn: TaskSet) -> bool:
    return edf_feasible(drawn.specs(), drawn.interrupts(), drawn.costs, drawn.hz)


@st.composite
def edf_sets(draw: st.DrawFn) -> TaskSet:
    """Task sets with deadlines of their own, put off step by step until the test accepts them, or for ever."""
    drawn = draw(task_sets())
    tasks: list[Drawn] = []
    for task in drawn.tasks:
        spacing = task.spec.trigger.spacing_ns
        how = How.TIMER if task.how is How.TASK else task.how
        trigger = Periodic(spacing) if task.how is How.TASK else task.spec.trigger
        deadline = draw(st.integers(spacing // 4, spacing))
        spec = replace(task.spec, trigger=trigger, deadline_ns=deadline, ceiling=None)
        tasks.append(replace(task, how=how, spec=spec))
    drawn = replace(drawn, tasks=tuple(tasks))
    step = draw(st.sampled_from((1, 4, 9)))
    for _ in range(40):
        if feasible(drawn):
            break
        drawn = replace(drawn, tasks=tuple(later(task, step) for task in drawn.tasks))
    return drawn


def later(task: Drawn, step: int) -> Drawn:
    """With a later deadline; the line of a task's device leans on a response within the spacing."""
    deadline = task.spec.deadline_ns + step
    if task.waits is Waits.DEVICE:
        deadline = min(deadline, task.spec.trigger.spacing_ns)
    return replace(task, spec=replace(task.spec, deadline_ns=deadline))


@settings(max_examples=EXAMPLES)
@given(edf_sets())
def test_what_is_feasible_misses_nothing(drawn: TaskSet) -> None:
    if not feasible(drawn):
        return
    simulation = Simulation(drawn, EarliestDeadlineFirst())
    simulation.run()
    assert simulation.bench.probe.of(ContractBroken) == []
    assert simulation.bench.probe.of(BudgetOverrun) == []
    assert {task.name: task.account.missed for task in simulation.bench.kernel.tasks if task.account.missed} == {}


def spec(name: str, period: int, deadline: int, *costs: int, offset: int = 0) -> TaskSpec:
    parts = tuple(Segment(exactly(cost)) for cost in costs)
    return TaskSpec(name, 0, Periodic(period, offset), deadline, parts, (0,) * (len(parts) - 1))


def missed(specs: list[TaskSpec], dispatch: int = 0, tick: tuple[int, int] | None = None) -> int:
    """Deadlines missed in a simulation of a task set, with an interrupt of a cost each so often."""
    bench = Bench(EarliestDeadlineFirst(), KernelCosts(dispatch=exactly(dispatch)))
    for each in specs:
        bench.kernel.add(each, worker(tuple(part.cost for part in each.segments)))
    start = dispatch * len(specs)
    if tick is not None:
        bench.attach(Wire.A, lambda at: None, *tick)
        for at in range(start + 100, 2_000, tick[1]):
            bench.interrupt_at(at, Wire.A)
    bench.run(2_000)
    return sum(task.account.missed for task in bench.kernel.tasks)


# Each pair differs by one tick, or one cycle, and the second set of each misses: the test is as sharp as can be here.
LONG = spec("long", 200, 200, 60, offset=99)


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        pytest.param(
            [spec("short", 100, 69, 10, offset=100), LONG],
            [spec("short", 100, 68, 10, offset=100), LONG],
            id="blocked by a job with a later deadline",
        ),
        pytest.param(
            [spec("a", 50, 50, 24), spec("b", 100, 100, 26, 25)],
            [spec("a", 50, 50, 25), spec("b", 100, 100, 26, 25)],
            id="more work than time",
        ),
        pytest.param(
            [spec("a", 100, 39, 20), spec("b", 100, 40, 20)],
            [spec("a", 100, 39, 20), spec("b", 100, 39, 20)],
            id="two deadlines too close",
        ),
    ],
)
def test_what_is_refused_misses(accepted: list[TaskSpec], refused: list[TaskSpec]) -> None:
    assert edf_feasible(accepted, [], KernelCosts(), GHZ)
    assert missed(accepted) == 0
    assert not edf_feasible(refused, [], KernelCosts(), GHZ)
    assert missed(refused) > 0


def test_dispatches_and_interrupts_count() -> None:
    bench = Bench()
    bench.attach(Wire.A, lambda at: None, 5, 50)
    interrupts = list(bench.kernel.interrupts.values())
    tight = [spec("short", 100, 77, 10, offset=100), LONG]
    costs = KernelCosts(dispatch=exactly(1))
    assert edf_feasible(tight, [], costs, GHZ)
    assert not edf_feasible(tight, interrupts, costs, GHZ)
    assert missed(tight, 1) == 0
    assert missed(tight, 1, (5, 50)) > 0
    roomy = [replace(tight[0], deadline_ns=81), LONG]
    assert edf_feasible(roomy, interrupts, costs, GHZ)
    assert missed(roomy, 1, (5, 50)) == 0


def test_segments_shorten_the_blocking() -> None:
    short = spec("short", 100, 45, 10, offset=100)
    whole, split = spec("long", 200, 200, 60, offset=99), spec("long", 200, 200, 30, 30, offset=99)
    assert not edf_feasible([short, whole], [], KernelCosts(), GHZ)
    assert missed([short, whole]) > 0
    assert edf_feasible([short, split], [], KernelCosts(), GHZ)
    assert missed([short, split]) == 0


def test_the_full_cpu_and_the_empty_set() -> None:
    assert edf_feasible([], [], KernelCosts(), GHZ)
    assert not edf_feasible([spec("a", 10, 10, 10)], [], KernelCosts(), GHZ)
    assert edf_feasible([spec("a", 10, 10, 9)], [], KernelCosts(), GHZ)
