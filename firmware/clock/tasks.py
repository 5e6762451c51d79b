"""The tasks of the clock: what the RTC's alarm begins, and what is looked after every quarter of an hour."""

from typing import TYPE_CHECKING

from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.processor import Line
from hal.units import MINUTE, MS, S

if TYPE_CHECKING:
    from firmware.meter import Meter

_BOUNDARY = Cost(30_000, 80_000)
"""Cycles to end an interval, a rate or a billing period and to lay a save out; an estimate of ours."""

_HOUSEKEEPING = Cost(2_000, 6_000)

HOUSEKEEPING_PERIOD_NS = 15 * MINUTE
"""The cell is tested at least hourly (facts of the reference meter); four times that here."""


def add_clock(kernel: Kernel, priority: int, meter: "Meter") -> None:
    alarm = kernel.signal()

    async def keep(task: Task) -> None:
        while True:
            at_ns = await task.release_on(alarm)
            await task.work(_BOUNDARY)
            if at_ns is not None:
                meter.boundary(at_ns, meter.alarm_s)
                meter.metering.catch_up(meter, task.now)

    kernel.add(TaskSpec("clock", priority, Sporadic(S), S, (Segment(_BOUNDARY),)), keep)
    kernel.attach(InterruptSpec(Line.RTC_ALARM, exactly(100), 900 * MS), alarm.raise_at)


def add_housekeeping(kernel: Kernel, priority: int, meter: "Meter") -> None:
    async def keep_house(task: Task) -> None:
        while True:
            await task.release()
            await task.work(_HOUSEKEEPING)
            meter.test_battery()

    trigger = Periodic(HOUSEKEEPING_PERIOD_NS, offset_ns=S)
    kernel.add(TaskSpec("housekeeping", priority, trigger, S, (Segment(_HOUSEKEEPING),)), keep_house)
