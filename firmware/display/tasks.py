"""The task of the display. It draws when the display asks, and when the button was pressed; nothing wakes it else."""

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.processor import Line
from hal.units import MS

_COST = Cost(5_000, 40_000)
"""Cycles to look at the button, to make a page and the symbols, and to send them; an estimate of ours."""

_SPACING_NS = 100 * MS


def add_display(kernel: Kernel, priority: int, core: Core) -> None:
    screen = core.screen
    wanted = kernel.signal()

    def moved(at_ns: int) -> None:
        if screen.button_moved:
            wanted.raise_at(at_ns)

    core.input_changed.append(moved)

    async def show(task: Task) -> None:
        while True:
            due_ns = screen.due_ns
            await task.release_on(wanted, None if due_ns is None else max(due_ns - task.now, 0))
            await task.work(_COST)
            screen.look_at_button(task.now)
            screen.draw(task.now)

    kernel.add(TaskSpec("display", priority, Sporadic(_SPACING_NS), 500 * MS, (Segment(_COST),)), show)
    kernel.attach(InterruptSpec(Line.DISPLAY, exactly(100), _SPACING_NS), wanted.raise_at)
