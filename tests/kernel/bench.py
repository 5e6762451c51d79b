"""A kernel on a simulated CPU, with a record of all that it tells."""

import enum
from collections.abc import Callable, Coroutine
from typing import Any

from firmware.kernel.kernel import Kernel
from firmware.kernel.policy import Policy
from firmware.kernel.spec import Cost, InterruptSpec, KernelCosts, Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.probe import JobDone, Record
from hal.processor import ResetCause
from sim.devices.cpu import Cpu
from sim.devices.oscillator import Oscillator
from sim.world import Phase, World

GHZ = 1_000_000_000
"""A cycle is a nanosecond."""


class Wire(enum.Enum):
    """Interrupt lines of a CPU that no meter has."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


class Recorder:
    """Keeps what a kernel publishes, with the true instant."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.all: list[tuple[int, Record]] = []

    def publish(self, record: Record) -> None:
        self.all.append((self._world.now, record))

    def of(self, kind: type[Record]) -> list[Record]:
        return [record for _, record in self.all if isinstance(record, kind)]

    @property
    def jobs(self) -> list[tuple[str, int, int]]:
        """Of each job its task, release and end."""
        return [(record.task, record.release_ns, record.end_ns) for _, record in self.all if isinstance(record,
        JobDone)]


class Bench:
    """One CPU and its kernel; `log` is for the tasks of a test to write to."""

    def __init__(
        self,
        policy: Policy | None = None,
        costs: KernelCosts | None = None,
        hz: int = GHZ,
        offset_ppb: int = 0,
        seed: int | None = None,
        kernel: type[Kernel] = Kernel,
    ) -> None:
        """With a `seed`, execution times are drawn; without one, they are the worst."""
        self.world = World(seed or 0)
        self.probe = Recorder(self.world)
        self.kernel = kernel(self.probe, policy, costs)
        self.oscillator = Oscillator(offset_ppb)
        execution = None if seed is None else self.world.stream("execution")
        self.cpu = Cpu(self.world, self.oscillator, hz, execution)
        self.log: list[object] = []

    def power_up(self) -> None:
        self.cpu.power_up(self.kernel, ResetCause.POWER_ON)

    def interrupt_at(self, instant_ns: int, line: enum.Enum) -> None:
        """Raise a line at a true instant."""
        self.world.at(instant_ns, Phase.INTERRUPTS, lambda: self.cpu.interrupt(line))

    def interrupt_each(self, period_ns: int, first_ns: int, line: enum.Enum) -> None:
        """Raise a line at a true instant, and each so often from then on."""

        def raised() -> None:
            self.cpu.interrupt(line)
            self.world.at(self.world.now + period_ns, Phase.INTERRUPTS, raised)

        self.world.at(first_ns, Phase.INTERRUPTS, raised)

    def run(self, until_ns: int) -> None:
        if not self.cpu.powered:
            self.power_up()
        self.world.run_until(until_ns)

    def periodic(
        self,
        name: str,
        priority: int,
        period_ns: int,
        cost: int = 0,
        body: Callable[[Task], Coroutine[Any, Any, None]] | None = None,
        offset_ns: int = 0,
        segments: int = 1,
    ) -> Task:
        """A periodic task; without a body, one that works for `cost` cycles in each of its segments."""
        spec = TaskSpec(
            name,
            priority,
            Periodic(period_ns, offset_ns),
            period_ns,
            (Segment(exactly(cost)),) * segments,
            (0,) * (segments - 1),
        )
        return self.kernel.add(spec, body or worker((exactly(cost),) * segments))

    def sporadic(
        self,
        name: str,
        priority: int,
        body: Callable[[Task], Coroutine[Any, Any, None]],
        spacing_ns: int = 1,
        jitter_ns: int = 0,
        deadline_ns: int = 1_000_000,
        segments: tuple[Segment, ...] = (Segment(exactly(1_000), calls=100),) * 20,
        waits_ns: tuple[int, ...] = (1_000_000,) * 19,
    ) -> Task:
        """A sporadic task with a contract that is easily kept."""
        trigger = Sporadic(spacing_ns, jitter_ns)
        return self.kernel.add(TaskSpec(name, priority, trigger, deadline_ns, segments, waits_ns), body)

    def attach(self, line: enum.Enum, handler: Callable[[int], None], cost: int = 0, spacing_ns: int = 1) -> None:
        self.kernel.attach(InterruptSpec(line, exactly(cost), spacing_ns), handler)


def worker(costs: tuple[Cost, ...]) -> Callable[[Task], Coroutine[Any, Any, None]]:
    """The body of a periodic task that works in segments, with a plain yield between two."""

    async def body(task: Task) -> None:
        while True:
            await task.release()
            for index, cost in enumerate(costs):
                if index:
                    await task.sleep_until(task.now)
                await task.work(cost)

    return body
