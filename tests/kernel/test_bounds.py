"""Simulated responses against the bounds of the analysis: never beyond, and met where the theory says how."""

from dataclasses import replace

from hypothesis import given, settings

from firmware.kernel.analysis import nanoseconds
from firmware.kernel.kernel import Kernel
from firmware.kernel.policy import FixedPriority
from firmware.kernel.spec import Periodic
from hal.probe import BudgetOverrun, ContractBroken
from tests.kernel.bench import Bench, worker
from tests.kernel.random_sets import Simulation, TaskSet, task_sets

EXAMPLES = max(settings().max_examples, 400)


def responses(simulation: Simulation) -> dict[str, tuple[int, int]]:
    """Worst responses by task, with their number of jobs."""
    return {task.name: (task.account.worst_response_ns, task.account.jobs) for task in simulation.bench.kernel.tasks}


def beyond(drawn: TaskSet, kernel: type[Kernel] = Kernel, bounds: dict[str, int | None] | None = None) -> list[str]:
    """Tasks whose simulated worst response passes their bound."""
    simulation = Simulation(drawn, FixedPriority(), kernel)
    simulation.run()
    bounds = drawn.bounds() if bounds is None else bounds
    if None not in bounds.values():
        assert simulation.bench.probe.of(ContractBroken) == []
    elif simulation.bench.probe.of(ContractBroken):
        return []  # a task without a bound has broken its contract, and with it those of others
    assert simulation.bench.probe.of(BudgetOverrun) == []
    return [
        f"{name}: {worst} > {bounds[name]}"
        for name, (worst, _) in responses(simulation).items()
        if (bound := bounds[name]) is not None and worst > bound
    ]


@settings(max_examples=EXAMPLES)
@given(task_sets())
def test_no_response_passes_its_bound(drawn: TaskSet) -> None:
    assert beyond(drawn) == []


# The critical instant of a task: it and all that goes before it are released together, one tick after the longest
# segment of the others has started.

TOGETHER = 5_000
"""From the kernel's start to the critical instant, in ns."""


def blocker(drawn: TaskSet, index: int) -> tuple[int, int] | None:
    """The less urgent task with the longest segment: its index, and the time from its release to that segment."""
    found, longest = None, 0
    for other in range(index + 1, len(drawn.tasks)):
        lead = 0
        for part in drawn.tasks[other].spec.segments:
            length = nanoseconds(part.cost.worst + drawn.costs.dispatch.worst, drawn.hz)
            if length > longest:
                found, longest = (other, lead), length
            lead += length
    return found


def at_its_critical_instant(drawn: TaskSet, index: int, enough: int) -> int:
    """The worst response of a task when all falls on it that can; looked for until it is `enough`."""
    bench = Bench(FixedPriority(), drawn.costs, drawn.hz)
    start = len(drawn.tasks) * nanoseconds(drawn.costs.dispatch.worst, drawn.hz)
    blocking = blocker(drawn, index)
    for spec in drawn.interrupts():
        bench.kernel.attach(spec, lambda at: None)
        bench.interrupt_each(spec.spacing_ns, start + TOGETHER, spec.line)
    for order, task in enumerate(drawn.tasks):
        if blocking is not None and order == blocking[0]:
            offset = TOGETHER - 1 - blocking[1]
        else:
            offset = TOGETHER if order <= index else TOGETHER + 1
        trigger = Periodic(task.spec.trigger.spacing_ns, offset)
        bench.kernel.add(replace(task.spec, trigger=trigger), worker(tuple(part[0] for part in task.calls)))
    # The worst job need not be the first; a CPU that is all but full takes long to come to rest.
    account = bench.kernel.tasks[index].account
    for periods in (10, 100, 2_000):
        bench.run(start + TOGETHER + periods * max(task.spec.trigger.spacing_ns for task in drawn.tasks))
        if account.worst_response_ns >= enough:
            break
    assert bench.kernel.started_ns == start
    return account.worst_response_ns


@settings(max_examples=EXAMPLES)
@given(task_sets(plain=True))
def test_without_jitter_and_waits_the_bound_is_met(drawn: TaskSet) -> None:
    for index, (name, bound) in enumerate(drawn.bounds().items()):
        if bound is not None:
            assert (name, at_its_critical_instant(drawn, index, bound)) == (name, bound)
