"""Covers, magnet and button: a change of an input becomes an event, or an end of billing, within the limit of
`firmware.events.chatter`."""

from typing import Final

from firmware.core import Core
from firmware.events.chatter import detail
from firmware.events.codes import Event
from firmware.events.limited import Limited
from firmware.events.told import INPUT_SUBJECTS
from firmware.events.watched import WATCHED
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.storage.store import EVENTS
from firmware.tariff.billing import BillingSource
from hal.inputs import Input
from hal.processor import Line
from hal.units import MS

_COST = Cost(1_000, 3_000)

_PLACES_LEFT: Final = 8
"""Half of the log's queue: inputs take none of these from others, and are looked at again later instead."""

_LATER_NS: Final = 200 * MS


class _Watch:
    """What one input shows, and what the log says of it."""

    def __init__(self, core: Core, which: Input, number: int) -> None:
        self._core = core
        self._which = which
        self._number = number
        told = bool(core.told.inputs >> tuple(Input).index(which) & 1)
        # A button that is down at power-up was not pressed now; what else changed while the meter was off is told.
        self._seen = told if which in WATCHED else core.board.inputs.state(which)
        self._limited = Limited(INPUT_SUBJECTS + number - 1, self._seen, core.told.left_out)
        self._later_ns: int | None = None

    @property
    def due_ns(self) -> int | None:
        """When it must be looked at although nothing changes."""
        return self._limited.due_ns if self._later_ns is None else self._later_ns

    def look(self, now_ns: int) -> None:
        state = self._core.board.inputs.state(self._which)
        due_ns = self._limited.due_ns
        if state == self._seen and (due_ns is None or now_ns < due_ns):
            self._later_ns = None
            return
        if self._core.store.room(EVENTS) <= _PLACES_LEFT:
            self._later_ns = now_ns + _LATER_NS
            return
        self._later_ns = None
        if state != self._seen:
            self._seen = state
            self._changed(state, now_ns)
        report = self._limited.report(now_ns)
        if report is not None:
            self._core.log(Event.INPUT_CHATTER, detail(self._number, report.count))
            if self._which in WATCHED and report.state is not None:
                self._core.log(WATCHED[self._which][not report.state])

    def _changed(self, state: bool, now_ns: int) -> None:
        limited = self._limited
        if self._which in WATCHED:
            event = WATCHED[self._which][not state]
            if limited.changed(now_ns, state):
                self._core.log(event)
            else:
                self._core.unlogged(event)
        elif state and not limited.may(now_ns):
            limited.leave_out(now_ns, limited.told)
        elif state and self._core.end_billing(BillingSource.BUTTON):
            limited.left(now_ns, limited.told)


def add_inputs(kernel: Kernel, priority: int, core: Core) -> None:
    changed = kernel.signal()
    watches = [_Watch(core, which, number) for number, which in enumerate((*WATCHED, Input.RESET_BUTTON), 1)]

    async def watch(task: Task) -> None:
        changed.raise_at(task.now)
        while True:
            due_ns = min((due for each in watches if (due := each.due_ns) is not None), default=None)
            await task.release_on(changed, None if due_ns is None else max(due_ns - task.now, 0))
            await task.work(_COST)
            for each in watches:
                each.look(task.now)
            for heed in core.input_changed:
                heed(task.now)

    kernel.add(TaskSpec("inputs", priority, Sporadic(50 * MS), 500 * MS, (Segment(_COST),)), watch)
    kernel.attach(InterruptSpec(Line.INPUTS, exactly(100), MS), changed.raise_at)
