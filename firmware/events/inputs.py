"""Covers, magnet and button: a change of an input becomes an event, or an end of billing."""

from collections.abc import Mapping
from typing import Final

from firmware.core import Core
from firmware.events.codes import Event
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.tariff.tariff import BillingSource
from hal.inputs import Input
from hal.processor import Line
from hal.units import MS

_WATCHED: Final[Mapping[Input, tuple[Event, Event]]] = {
    Input.TERMINAL_COVER: (Event.TERMINAL_COVER_OPENED, Event.TERMINAL_COVER_CLOSED),
    Input.MAIN_COVER: (Event.MAIN_COVER_OPENED, Event.MAIN_COVER_CLOSED),
    Input.MAGNET: (Event.MAGNET_DETECTED, Event.MAGNET_GONE),
}
"""What is logged when an input becomes true, and when it becomes false."""

_COST = Cost(1_000, 3_000)


def add_inputs(kernel: Kernel, priority: int, core: Core) -> None:
    changed = kernel.signal()
    inputs = core.board.inputs

    async def watch(task: Task) -> None:
        seen = {which: inputs.state(which) for which in Input}
        while True:
            await task.release_on(changed)
            await task.work(_COST)
            for which, (came, went) in _WATCHED.items():
                state = inputs.state(which)
                if state != seen[which]:
                    seen[which] = state
                    core.log(came if state else went)
            pressed = inputs.state(Input.RESET_BUTTON)
            if pressed and not seen[Input.RESET_BUTTON]:
                core.end_billing(BillingSource.BUTTON)
            seen[Input.RESET_BUTTON] = pressed

    kernel.add(TaskSpec("inputs", priority, Sporadic(50 * MS), 500 * MS, (Segment(_COST),)), watch)
    kernel.attach(InterruptSpec(Line.INPUTS, exactly(100), MS), changed.raise_at)
