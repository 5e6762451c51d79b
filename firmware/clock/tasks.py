"""The tasks of the clock: what the RTC's alarm or its stand-in begins, and what is looked after every quarter of an
hour."""

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from hal.processor import Line
from hal.units import MINUTE, MS, S

_BOUNDARY = Cost(30_000, 80_000)
"""Cycles to end an interval, a rate or a billing period and to lay a save out; an estimate of ours."""

_RUNG = 1
_POKED = 2

_HOUSEKEEPING = Cost(2_000, 6_000)

HOUSEKEEPING_PERIOD_NS = 15 * MINUTE
"""The cell is tested at least hourly (as meters of this class do); four times that here. The RTC is looked at too."""


def add_clock(kernel: Kernel, priority: int, core: Core) -> None:
    flags = kernel.flags()
    service = core.timekeeping
    rung: tuple[int, int] | None = None

    def ring(at_ns: int) -> None:
        # The second that was reached: by the time the task runs, a command may have set the alarm for another.
        nonlocal rung
        rung = at_ns, service.alarm_s
        flags.set(_RUNG, at_ns)

    async def keep(task: Task) -> None:
        nonlocal rung
        while True:
            # The alarm of an RTC that fails does not ring.
            what = await task.release_on(flags.any_of(_RUNG | _POKED), service.due_ns(task.now))
            await task.work(_BOUNDARY)
            alarm, rung = rung, None
            if what is None or what & _RUNG:
                service.step(task.now, alarm)
            core.metering.catch_up(core.accounting, task.now)

    service.poke = lambda now_ns: flags.set(_POKED, now_ns)
    kernel.add(TaskSpec("clock", priority, Sporadic(100 * MS), S, (Segment(_BOUNDARY),)), keep)
    kernel.attach(InterruptSpec(Line.RTC_ALARM, exactly(100), 900 * MS), ring)


def add_housekeeping(kernel: Kernel, priority: int, core: Core) -> None:
    async def keep_house(task: Task) -> None:
        while True:
            await task.release()
            await task.work(_HOUSEKEEPING)
            core.timekeeping.look(task.now)
            core.test_battery()

    trigger = Periodic(HOUSEKEEPING_PERIOD_NS, offset_ns=S)
    kernel.add(TaskSpec("housekeeping", priority, trigger, S, (Segment(_HOUSEKEEPING),)), keep_house)
