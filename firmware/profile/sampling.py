"""Samples of what is measured, for the channels of a load profile that are made of them.

A front end that delivers samples gives one with each window of 10 or 12 cycles. A metering IC is read at a period of
the clock, a wake-up each time: at the clock's whole multiples of it, so that each interval has as many. Without such a
channel there is no task, and nothing is read.
"""

from typing import Final

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from hal.units import MS, S

COST: Final = Cost(1_500, 8_000)
"""Cycles to take a sample of up to 32 channels; an estimate of ours."""

_SPACING_NS: Final = 200 * MS
"""A clock that is set or slewed may bring the next sample nearer than its period; no nearer than this."""


def add_profile_sampling(kernel: Kernel, priority: int, core: Core) -> None:
    """The task, if it is needed; to be added before the metering's, whose cost it may raise."""
    if not core.profile.sampled:
        return

    def take() -> None:
        core.profile.sample(core.metering.instrumentation)

    if core.metering.each_window(take, COST):
        return
    period_s = min(profile.sample_s for profile in core.config.profiles)
    clock, never = core.clock, kernel.signal()

    async def sample(task: Task) -> None:
        while True:
            due_ns = clock.instant_ns((clock.utc_s(task.now) // period_s + 1) * period_s)
            await task.release_on(never, max(due_ns - task.now, _SPACING_NS))
            await task.work(COST)
            take()

    kernel.add(TaskSpec("profile", priority, Sporadic(_SPACING_NS), S, (Segment(COST),)), sample)
