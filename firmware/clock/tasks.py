"""The tasks of the clock: what the RTC's alarm begins, and what is looked after every quarter of an hour."""

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.processor import Line
from hal.units import MINUTE, MS, S

_BOUNDARY = Cost(30_000, 80_000)
"""Cycles to end an interval, a rate or a billing period and to lay a save out; an estimate of ours."""

_RUNG = 1
_DUE = 2

_HOUSEKEEPING = Cost(2_000, 6_000)

_LATE_S = 2

HOUSEKEEPING_PERIOD_NS = 15 * MINUTE
"""The cell is tested at least hourly (as meters of this class do); four times that here."""


def add_clock(kernel: Kernel, priority: int, core: Core) -> None:
    flags = kernel.flags()
    rung_ns = reached_s = 0
    due = False

    def ring(at_ns: int) -> None:
        # The second that was reached: by the time the task runs, a command may have set the alarm for another.
        nonlocal rung_ns, reached_s
        rung_ns, reached_s = at_ns, core.alarm_s
        flags.set(_RUNG, at_ns)

    def rtc_due(now_ns: int) -> None:
        nonlocal due
        due = True
        flags.set(_DUE, now_ns)

    async def keep(task: Task) -> None:
        nonlocal due
        while True:
            timeout = core.clock.whole_second_ns(task.now) if due else None
            what = await task.release_on(flags.any_of(_RUNG | _DUE), timeout)
            await task.work(_BOUNDARY)
            if what is None:
                due = False
                core.write_rtc()
            elif what & _RUNG:
                core.boundary(rung_ns, reached_s)
            core.metering.catch_up(core.accounting, task.now)

    core.rtc_due = rtc_due
    kernel.add(TaskSpec("clock", priority, Sporadic(100 * MS), S, (Segment(_BOUNDARY),)), keep)
    kernel.attach(InterruptSpec(Line.RTC_ALARM, exactly(100), 900 * MS), ring)


def add_housekeeping(kernel: Kernel, priority: int, core: Core) -> None:
    async def keep_house(task: Task) -> None:
        while True:
            await task.release()
            await task.work(_HOUSEKEEPING)
            if core.clock.utc_s(task.now) > core.alarm_s + _LATE_S:
                # The alarm never rang, or was set for a second that had just passed.
                core.arm()
            core.test_battery()

    trigger = Periodic(HOUSEKEEPING_PERIOD_NS, offset_ns=S)
    kernel.add(TaskSpec("housekeeping", priority, trigger, S, (Segment(_HOUSEKEEPING),)), keep_house)
