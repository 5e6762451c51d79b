"""The task that looks at voltages, currents and the front end, and logs what has gone wrong with them.

It runs when a level is passed, and when a delay is over; in between nothing wakes it. An event bears the time at which
the condition had held for its delay.
"""

from firmware.core import Core
from firmware.events.conditions import Conditions
from firmware.events.limits import joined
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from hal.units import MS

_SPACING_NS = 400 * MS
"""A job leaves two entries at most: the queue of the logs does not fill, whatever comes at once."""

_COST = Cost(3_000, 12_000)
"""Cycles to read what is measured, to hold it against the limits, and to log what came; an estimate of ours."""


def add_supply_quality(kernel: Kernel, priority: int, core: Core) -> None:
    conditions = Conditions(core)
    passed = kernel.signal()
    core.metering.watch(kernel, joined(core.limits.levels(), core.load_switch.levels), passed)

    def programmed() -> None:
        conditions.programmed()
        core.metering.watch_levels(joined(core.limits.levels(), core.load_switch.levels))
        passed.raise_at(kernel.now)

    core.on_settings.append(programmed)

    async def watch(task: Task) -> None:
        # What held when the meter went down may have ended, or gone on: that is told after its delay, too.
        passed.raise_at(task.now)
        while True:
            due_ns = conditions.due_ns
            await task.release_on(passed, None if due_ns is None else max(due_ns - task.now, 0))
            live = core.metering.live
            await task.work(_COST)
            core.timekeeping.mains_changed(task.now)
            core.load_switch.poke(task.now)
            conditions.look(live, task.now)

    kernel.add(TaskSpec("supply-quality", priority, Sporadic(_SPACING_NS), 500 * MS, (Segment(_COST),)), watch)
