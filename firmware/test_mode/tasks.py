"""The task that ends test mode when its time is over. It sleeps while there is none."""

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from hal.units import MS

_COST = Cost(500, 2_000)
"""Cycles to look at the time, and to ask for the end; an estimate of ours."""


def add_test_mode(kernel: Kernel, priority: int, core: Core) -> None:
    mode = core.test_mode
    changed = kernel.signal()
    mode.poke = changed.raise_at

    async def watch(task: Task) -> None:
        while True:
            end_ns = mode.end_ns
            await task.release_on(changed, None if end_ns is None else max(end_ns - task.now, 0))
            await task.work(_COST)
            if mode.end_ns is not None and task.now >= mode.end_ns:
                # Asked for once: its end waits until the energy before it is counted.
                mode.end_ns = None
                mode.end()

    kernel.add(TaskSpec("test-mode", priority, Sporadic(100 * MS), 500 * MS, (Segment(_COST),)), watch)
