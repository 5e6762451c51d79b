"""Covers, magnet and button: a change of an input becomes an event, or an end of billing."""

from firmware.core import Core
from firmware.events.watched import WATCHED
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.tariff.tariff import BillingSource
from hal.inputs import Input
from hal.processor import Line
from hal.units import MS

_COST = Cost(1_000, 3_000)


def add_inputs(kernel: Kernel, priority: int, core: Core) -> None:
    changed = kernel.signal()
    inputs = core.board.inputs

    async def watch(task: Task) -> None:
        # A button that is down at power-up was not pressed now; what else changed while the meter was off is told.
        for bit, which in enumerate(Input):
            if which not in WATCHED:
                core.inputs_seen = core.inputs_seen & ~(1 << bit) | inputs.state(which) << bit
        changed.raise_at(task.now)
        while True:
            await task.release_on(changed)
            await task.work(_COST)
            for bit, which in enumerate(Input):
                state = inputs.state(which)
                if state == bool(core.inputs_seen >> bit & 1):
                    continue
                core.inputs_seen ^= 1 << bit
                if which in WATCHED:
                    core.log(WATCHED[which][not state])
                elif which is Input.RESET_BUTTON and state:
                    core.end_billing(BillingSource.BUTTON)

    kernel.add(TaskSpec("inputs", priority, Sporadic(50 * MS), 500 * MS, (Segment(_COST),)), watch)
    kernel.attach(InterruptSpec(Line.INPUTS, exactly(100), MS), changed.raise_at)
