"""Random task sets with all that the analysis knows: segments, jitter, interrupts, waits for devices, costs,
blocking."""

import enum
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from firmware.kernel.analysis import response_bounds
from firmware.kernel.kernel import Kernel
from firmware.kernel.policy import Policy
from firmware.kernel.sources import Signal
from firmware.kernel.spec import (
    NOTHING,
    Cost,
    InterruptSpec,
    KernelCosts,
    Periodic,
    Segment,
    Sporadic,
    TaskSpec,
    exactly,
)
from firmware.kernel.task import Task
from sim.world import Phase
from tests.kernel.bench import GHZ, Bench

Line = enum.Enum("Line", [f"L{index}" for index in range(24)])
LINES = list(Line)

DRIFTS = (0, 0, 0, 1, -1, 1_000, -20_000, 777_777, 9_999_999, -9_999_999)
CLOCKS = (GHZ, GHZ, GHZ, 500_000_000, 700_000_000, 3_000_000_000)


class How(enum.Enum):
    """What releases a task."""

    TIMER = "timer"
    INTERRUPT = "interrupt"
    TASK = "task"


class Waits(enum.Enum):
    """What ends its waits."""

    NONE = "none"
    SLEEP = "sleep"
    DEVICE = "device"


@dataclass(frozen=True)
class Drawn:
    """A task as drawn: costs in cycles of each segment, split over calls of `work`."""

    spec: TaskSpec
    how: How
    waits: Waits
    calls: tuple[tuple[Cost, ...], ...]
    entry: Cost
    """What the interrupt costs that releases it."""


@dataclass(frozen=True)
class TaskSet:
    tasks: tuple[Drawn, ...]
    ticks: tuple[tuple[int, int, int], ...]
    """Interrupts that release nobody: cost in cycles, spacing in ns, how many may come together."""
    costs: KernelCosts
    hz: int
    drift_ppb: int
    seed: int
    random_execution: bool

    @property
    def slack(self) -> int:
        """An oscillator that is off moves an interrupt by up to two counts against true time."""
        return 2 if self.drift_ppb else 0

    def specs(self) -> list[TaskSpec]:
        return [drawn.spec for drawn in self.tasks]

    def interrupts(self) -> list[InterruptSpec]:
        """In the order of `LINES`: the ticks, the releases, the devices."""
        specs: list[InterruptSpec] = []
        for cost, spacing, burst in self.ticks:
            specs.append(InterruptSpec(LINES[len(specs)], exactly(cost), spacing, burst))
        for drawn in self.tasks:
            if drawn.how is How.INTERRUPT:
                trigger = drawn.spec.trigger
                spacing = max(trigger.spacing_ns - trigger.jitter_ns, 1)
                specs.append(InterruptSpec(LINES[len(specs)], drawn.entry, spacing))
        for drawn in self.tasks:
            if drawn.waits is Waits.DEVICE:
                done = 0
                for part, wait in zip(drawn.spec.segments, drawn.spec.waits_ns, strict=False):
                    done += part.cost.best * 1_000_000_000 // self.hz + wait
                    spacing = max(done - self.slack, 1)
                    specs.append(InterruptSpec(LINES[len(specs)], NOTHING, spacing))
        return specs

    def bounds(self) -> dict[str, int | None]:
        return response_bounds(self.specs(), self.interrupts(), self.costs, self.hz)


def with_jitter_of_producers(drawn: TaskSet) -> TaskSet:
    """A task that another one triggers is released with that one's response as its jitter; it follows it in urgency, so
    the other's bound does not depend on it."""
    tasks = list(drawn.tasks)
    for index, task in enumerate(tasks):
        if task.how is not How.TASK:
            continue
        bound = replace(drawn, tasks=tuple(tasks)).bounds()[tasks[index - 1].spec.name]
        producer = tasks[index - 1].spec.trigger
        if bound is None:
            tasks[index] = replace(task, how=How.TIMER, spec=replace(task.spec, trigger=Periodic(producer.spacing_ns)))
        else:
            trigger = Sporadic(producer.spacing_ns, bound)
            tasks[index] = replace(task, spec=replace(task.spec, trigger=trigger))
    return replace(drawn, tasks=tuple(tasks))


@st.composite
def costs_of_calls(draw: st.DrawFn, random_execution: bool, most: int) -> tuple[Cost, ...]:
    worsts = draw(st.lists(st.integers(0, most), min_size=1, max_size=2))
    if not random_execution:
        return tuple(exactly(worst) for worst in worsts)
    return tuple(Cost(draw(st.integers(0, worst)), worst) for worst in worsts)


@st.composite
def task_sets(draw: st.DrawFn, plain: bool = False) -> TaskSet:
    """Sets of two to four tasks. `plain` ones have no jitter, no waits and no drift, and one call of work a segment."""
    random_execution = not plain and draw(st.booleans())
    count = draw(st.integers(2, 4))
    heavy = draw(st.sampled_from((6, 10, 14)))
    bursts = st.just(1) if plain else st.integers(1, 3)
    tasks: list[Drawn] = []
    for index in range(count):
        parts = draw(st.integers(1, 3))
        calls = tuple(draw(costs_of_calls(random_execution, heavy)) for _ in range(parts))
        if plain:
            calls = tuple(part[:1] for part in calls)
        segments = tuple(Segment(sum(part, NOTHING), len(part)) for part in calls)
        waits = Waits.NONE if plain or parts == 1 else draw(st.sampled_from(Waits))
        waits_ns = tuple(draw(st.integers(3, 30)) if waits is not Waits.NONE else 0 for _ in range(parts - 1))
        period = draw(st.integers(40, 90) | st.sampled_from((48, 60, 96, 120, 180, 240)))
        if waits is not Waits.NONE:
            period *= 2
        hows = [How.TIMER, How.TIMER, How.INTERRUPT]
        if not plain and index and tasks[index - 1].how is not How.TASK and tasks[index - 1].waits is Waits.NONE:
            hows.append(How.TASK)
        how = How.TIMER if plain else draw(st.sampled_from(hows))
        trigger: Periodic | Sporadic = Periodic(period, draw(st.integers(0, period - 1)) if not plain else 0)
        if how is How.INTERRUPT:
            trigger = Sporadic(period, draw(st.integers(0, 25)))
        entry = exactly(draw(st.integers(0, 3)))
        ceiling = None
        if waits is not Waits.NONE and draw(st.booleans()):
            ceiling = draw(st.integers(index, count - 1))
        spec = TaskSpec(f"t{index}", index, trigger, period, segments, waits_ns, ceiling=ceiling)
        tasks.append(Drawn(spec, how, waits, calls, entry))
    ticks = tuple(
        draw(st.tuples(st.integers(1, 4), st.integers(17, 80), bursts)) for _ in range(draw(st.integers(0, 2)))
    )
    dispatch, entry_cost = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    best = draw(st.integers(0, dispatch)) if random_execution else dispatch
    drawn = TaskSet(
        tuple(tasks),
        ticks,
        KernelCosts(Cost(best, dispatch), exactly(entry_cost)),
        draw(st.sampled_from(CLOCKS)),
        0 if plain else draw(st.sampled_from(DRIFTS)),
        draw(st.integers(0, 1 << 30)),
        random_execution,
    )
    return with_jitter_of_producers(drawn) if not plain else drawn


class Simulation:
    """A task set on a CPU. Arrivals, waits and execution times come from streams of the set's seed."""

    def __init__(self, drawn: TaskSet, policy: Policy | None = None, kernel: type[Kernel] = Kernel) -> None:
        self.set = drawn
        self.bench = Bench(policy, drawn.costs, drawn.hz, drawn.drift_ppb, drawn.seed, kernel)
        if not drawn.random_execution:
            # Best and worst are the same, and the stream is never asked.
            assert all(cost.best == cost.worst for task in drawn.tasks for part in task.calls for cost in part)
        self.lines = iter(drawn.interrupts())
        self.random = self.bench.world.stream("arrivals")
        self.horizon = 12 * max(drawn_task.spec.trigger.spacing_ns for drawn_task in drawn.tasks)
        self._schedule()

    def _schedule(self) -> None:
        drawn, kernel = self.set, self.bench.kernel
        for _ in drawn.ticks:
            spec = next(self.lines)
            kernel.attach(spec, lambda at: None)
            self._arrivals(spec.line, spec.spacing_ns, spec.burst)
        signals = {task.spec.name: kernel.signal() for task in drawn.tasks}
        for task in drawn.tasks:
            if task.how is How.INTERRUPT:
                self._release_by_interrupt(task, signals[task.spec.name])
        for index, task in enumerate(drawn.tasks):
            follower = drawn.tasks[index + 1] if index + 1 < len(drawn.tasks) else None
            triggers = signals[follower.spec.name] if follower is not None and follower.how is How.TASK else None
            kernel.add(task.spec, self._body(task, signals[task.spec.name], triggers))

    def _at_count(self, count: int, action: Callable[[], None]) -> None:
        """In the devices' phase of the true instant of a count."""
        self.bench.world.at(self.bench.oscillator.true_of(count), Phase.DEVICES, action)

    def _raise(self, line: enum.Enum) -> None:
        self.bench.interrupt_at(self.bench.world.now, line)

    def _arrivals(self, line: enum.Enum, spacing: int, burst: int) -> None:
        """Each in its turn, or the first ones of a burst put off to where its last one comes; two of a line at one
        instant would be served as one."""
        turn, before = self.random.below(spacing), -1
        while turn < self.horizon:
            together = self.random.below(burst)
            for late in range(together, -1, -1):
                before = max(turn + late * max(spacing - 1, 0), before + 1)
                self._at_count(before, lambda: self._raise(line))
                turn += spacing + self.set.slack
            turn += self._pause()

    def _pause(self) -> int:
        """Mostly none: dense arrivals are the hard ones."""
        return self.random.below(20) if self.random.below(4) == 0 else 0

    def _release_by_interrupt(self, task: Drawn, signal: Signal) -> None:
        spec = next(self.lines)
        trigger = task.spec.trigger
        late: list[int] = []
        slack = self.set.slack

        def handler(at: int) -> None:
            nominal = late.pop(0)
            signal.raise_at(min(nominal, at))

        self.bench.kernel.attach(spec, handler)
        nominal = self.random.below(trigger.spacing_ns)
        before = -(1 << 30)
        while nominal < self.horizon:
            jitter = trigger.jitter_ns
            delay = self.random.below(jitter + 1) if self.random.below(2) else (jitter if self.random.below(2) else 0)
            arrival = max(nominal + max(delay - slack, 0), before + spec.spacing_ns + slack)
            if jitter < slack:
                arrival = nominal
                late.append(1 << 60)  # the handler's own instant
            else:
                late.append(nominal)
            self._at_count(arrival, lambda: self._raise(spec.line))
            before = arrival
            nominal += trigger.spacing_ns + (2 * slack) + self._pause()

    def _body(
        self, task: Drawn, trigger: Signal, triggers: Signal | None
    ) -> Callable[[Task], Coroutine[Any, Any, None]]:
        device = self.bench.kernel.signal()
        lines: list[enum.Enum] = []
        if task.waits is Waits.DEVICE:
            for _ in task.spec.waits_ns:
                spec = next(self.lines)
                self.bench.kernel.attach(spec, device.raise_at)
                lines.append(spec.line)

        async def body(running: Task) -> None:
            while True:
                if isinstance(task.spec.trigger, Periodic):
                    await running.release()
                else:
                    await running.release_on(trigger)
                for index, calls in enumerate(task.calls):
                    if index:
                        await self._wait(running, task, index - 1, device, lines)
                    for cost in calls:
                        await running.work(cost)
                if triggers is not None:
                    triggers.raise_at(running.released_ns)

        return body

    async def _wait(self, running: Task, task: Drawn, index: int, device: Signal, lines: list[enum.Enum]) -> None:
        longest = task.spec.waits_ns[index]
        if task.waits is Waits.DEVICE:
            line = lines[index]
            self._at_count(running.now + max(longest - self.set.slack, 1), lambda: self._raise(line))
            await running.wait_for(device)
        elif task.waits is Waits.SLEEP:
            await running.sleep_until(
                running.now + (longest if self.random.below(2) else self.random.below(longest + 1))
            )
        else:
            await running.sleep_until(running.now)

    def run(self) -> None:
        self.bench.run(self.horizon)
