"""The tasks of the clock: what the RTC's alarm begins, and what is looked after every quarter of an hour."""


from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.processor import Line
from hal.units import MINUTE, MS, S

_BOUNDARY = Cost(30_000, 80_000)
"""Cycles to end an interval, a rate or a billing period and to lay a save out; an estimate of ours."""

_HOUSEKEEPING = Cost(2_000, 6_000)

HOUSEKEEPING_PERIOD_NS = 15 * MINUTE
"""The cell is tested at least hourly (facts of the reference core); four times that here."""


def add_clock(kernel: Kernel, priority: int, core: Core) -> None:
    alarm = kernel.signal()
    reached_s = 0

    def ring(at_ns: int) -> None:
        # The second that was reached: by the time the task runs, a command may have set the alarm for another.
        nonlocal reached_s
        reached_s = core.alarm_s
        alarm.raise_at(at_ns)

    async def keep(task: Task) -> None:
        while True:
            at_ns = await task.release_on(alarm)
            await task.work(_BOUNDARY)
            if at_ns is not None:
                core.boundary(at_ns, reached_s)
                core.metering.catch_up(core.accounting, task.now)

    kernel.add(TaskSpec("clock", priority, Sporadic(S), S, (Segment(_BOUNDARY),)), keep)
    kernel.attach(InterruptSpec(Line.RTC_ALARM, exactly(100), 900 * MS), ring)


def add_housekeeping(kernel: Kernel, priority: int, core: Core) -> None:
    async def keep_house(task: Task) -> None:
        while True:
            await task.release()
            await task.work(_HOUSEKEEPING)
            core.test_battery()

    trigger = Periodic(HOUSEKEEPING_PERIOD_NS, offset_ns=S)
    kernel.add(TaskSpec("housekeeping", priority, trigger, S, (Segment(_HOUSEKEEPING),)), keep_house)
