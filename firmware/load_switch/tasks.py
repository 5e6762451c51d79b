"""The task of the load switch. It runs when a level is passed, the rate or the button changes, a command has come, and
when a duration is over; in between nothing wakes it. A meter without a load switch has no such task."""

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from hal.units import MS

_COST = Cost(2_000, 10_000)
"""Cycles to read what is measured, to hold it against the limits, and to log what came; an estimate of ours."""


def add_load_switch(kernel: Kernel, priority: int, core: Core) -> None:
    if not core.config.load_switch.fitted:
        return
    switch = core.load_switch
    changed = kernel.signal()
    switch.poke = changed.raise_at
    core.input_changed.append(changed.raise_at)

    async def control(task: Task) -> None:
        switch.start(task.now)
        changed.raise_at(task.now)
        while True:
            due_ns = switch.due_ns(task.now)
            await task.release_on(changed, None if due_ns is None else max(due_ns - task.now, 0))
            live = core.metering.live
            await task.work(_COST)
            switch.look(live, task.now)

    kernel.add(TaskSpec("load-switch", priority, Sporadic(100 * MS), 500 * MS, (Segment(_COST),)), control)
