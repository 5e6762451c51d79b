"""Kernel jobs per CPU second, beside a bare simpy process that only yields timeouts.

Five periodic tasks with one call of work each, on one CPU, with a probe that does nothing. Where nothing else is to
happen before its next instant, the CPU leaps there (`World.leap`); `scheduled` is the rate where something always is.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import simpy

from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Periodic, Segment, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.probe import Record
from hal.processor import ResetCause
from hal.units import MS, S
from sim.devices.cpu import Cpu
from sim.devices.oscillator import Oscillator
from sim.world import Phase, World

PERIODS_MS: Final = (10, 20, 50, 100, 200)
ROUNDS: Final = 5
_LENGTH: Final = 200 * S
_TIMEOUTS: Final = 300_000
_HZ: Final = 100_000_000


class NullProbe:
    """Hears nothing."""

    def publish(self, record: Record) -> None:
        """Nobody listens."""


def _body(cost: Cost) -> Callable[[Task], Coroutine[Any, Any, None]]:
    async def body(task: Task) -> None:
        while True:
            await task.release()
            await task.work(cost)

    return body


def _cpu_s(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return time.process_time() - before


class CrowdedWorld(World):
    """Something is always to happen before; what that costs is not counted here."""

    def leap(self, instant_ns: int, phase: Phase) -> bool:
        return False


def kernel_rate(world: World) -> float:
    """Jobs per CPU second."""
    kernel = Kernel(NullProbe())
    for order, period_ms in enumerate(PERIODS_MS):
        cost = exactly(10_000 * (order + 1))
        spec = TaskSpec(f"task {order}", order, Periodic(period_ms * MS), period_ms * MS, (Segment(cost),))
        kernel.add(spec, _body(cost))
    cpu = Cpu(world, Oscillator(), _HZ, None)
    cpu.power_up(kernel, ResetCause.POWER_ON)
    spent = _cpu_s(lambda: world.run_until(_LENGTH))
    return sum(task.account.jobs for task in kernel.tasks) / spent


def bare_rate() -> float:
    """Events per CPU second of a simpy process that yields timeouts."""
    environment = simpy.Environment()

    def process() -> Any:
        while True:
            yield environment.timeout(1_000)

    environment.process(process())
    return _TIMEOUTS / _cpu_s(lambda: environment.run(until=1_000 * _TIMEOUTS))


def measure() -> dict[str, float]:
    """Rates per CPU second, each the best of several, measured in turn: a slow moment of the machine hits all."""
    jobs, scheduled, events = [], [], []
    for _ in range(ROUNDS):
        jobs.append(kernel_rate(World(1)))
        scheduled.append(kernel_rate(CrowdedWorld(1)))
        events.append(bare_rate())
    return {
        "kernel.jobs_per_cpu_s": max(jobs),
        "kernel.scheduled_jobs_per_cpu_s": max(scheduled),
        "kernel.bare_simpy_events_per_cpu_s": max(events),
    }
