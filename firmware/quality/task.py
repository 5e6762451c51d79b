"""The task of power quality: it logs dips, swells and interruptions that have ended, and reads for the statistics.

It runs when an excursion begins or ends, and every 10 s of the clock for the statistics; without a configuration there
is no such task, and nothing is watched.
"""

from typing import Final

from firmware.core import Core
from firmware.events.codes import Event
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from firmware.metrology.instrumentation import Instrumentation
from firmware.quality.allowance import Allowance
from firmware.quality.config import QualityConfig
from firmware.quality.disturbance import detail_of, event_of
from firmware.quality.interval import Reading
from firmware.quality.statistics import Statistics
from firmware.quality.week import FREQUENCY_S
from hal.frontend import Excursion, SquareSums
from hal.units import MINUTE, MS, S

_SPACING_NS: Final = 400 * MS
_MOST: Final = 2
"""So many events a job: the queue of the log does not fill, whatever comes at once."""

_MINUTELY: Final = 10
"""And so many in any minute; what comes too many is counted, and told as one event."""

_COST: Final = Cost(4_000, 20_000)
"""Cycles to read what is measured, to find unbalance and sums, and to log what came; an estimate of ours."""


class Quality:
    """What the meter knows of the quality of its supply since power-up."""

    def __init__(self, core: Core, config: QualityConfig) -> None:
        self._core = core
        self._config = config
        self._nominal_uv = core.config.nameplate.nominal_voltage_uv
        self._waiting: list[Excursion] = []
        self._allowance = Allowance(_MINUTELY, MINUTE)
        self.statistics = Statistics(config.week, core.config.nameplate) if config.statistics else None
        self.counts = {Event.VOLTAGE_DIP: 0, Event.VOLTAGE_SWELL: 0, Event.VOLTAGE_INTERRUPTION: 0}
        """Logged or not."""

    def take(self, excursions: tuple[Excursion, ...]) -> None:
        """What the front end has noted: those that have ended are to be logged."""
        if excursions and self.statistics is not None:
            self.statistics.flag()
        for excursion in excursions:
            if excursion.end_ns is None:
                continue
            self.counts[self._event(excursion)] += 1
            if self._allowance.take(excursion.end_ns):
                self._waiting.append(excursion)

    def tell(self, now_ns: int) -> None:
        """Log some of what waits, each with the time of its end; then how many were too many."""
        clock = self._core.clock
        told, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        for excursion in told:
            assert excursion.end_ns is not None
            detail = detail_of(excursion, self._nominal_uv)
            lasted_s = (excursion.end_ns - excursion.begin_ns + S // 2) // S
            utc_s, phase = clock.utc_s(excursion.end_ns), excursion.element + 1
            self._core.log_at(self._event(excursion), utc_s, clock.status, detail, phase, lasted_s)
        if self._allowance.refused and len(told) < _MOST and self._allowance.free(now_ns):
            self._core.log(Event.VOLTAGE_EVENTS_UNTOLD, self._allowance.refused)
            self._allowance.refused = 0

    def read(self, now_ns: int, instrumentation: Instrumentation, sums: SquareSums, cycles: int) -> None:
        """A reading for the statistics."""
        if self.statistics is None:
            return
        first, second, third = (element.voltage_thd_ppm for element in instrumentation.waves.elements)
        unbalance = instrumentation.voltage_unbalance
        reading = Reading(sums, (first, second, third), None if unbalance is None else unbalance.negative_ppm)
        self.statistics.read(self._core.clock.utc_s(now_ns), now_ns, reading, cycles)

    def reading_ns(self, now_ns: int) -> int | None:
        """When to read for the statistics next; None without any."""
        if self.statistics is None:
            return None
        clock = self._core.clock
        return clock.instant_ns((clock.utc_s(now_ns) // FREQUENCY_S + 1) * FREQUENCY_S)

    def next_ns(self, now_ns: int, reading_ns: int | None) -> int | None:
        """When there is something to do without a signal."""
        dues = [] if reading_ns is None else [reading_ns]
        if self._waiting:
            dues.append(now_ns + _SPACING_NS)
        elif self._allowance.refused:
            dues.append(now_ns + MINUTE)
        return min(dues, default=None)

    def _event(self, excursion: Excursion) -> Event:
        return event_of(excursion, self._nominal_uv, self._config.interruption_permille)


def add_quality(kernel: Kernel, priority: int, core: Core) -> Quality | None:
    """The task, if it is configured; to be added before the metering's, whose cost it raises."""
    config = core.config.quality
    if config is None:
        return None
    quality = Quality(core, config)
    told = kernel.signal()
    metering = core.metering
    metering.watch_excursions(kernel, config.excursion_limits(core.config.nameplate), told)

    async def watch(task: Task) -> None:
        reading_ns = quality.reading_ns(task.now)
        while True:
            due_ns = quality.next_ns(task.now, reading_ns)
            await task.release_on(told, None if due_ns is None else max(due_ns - task.now, 0))
            now_ns = task.now
            excursions = metering.excursions()
            values = None
            if reading_ns is not None and now_ns >= reading_ns:
                values = metering.instrumentation, metering.square_sums(), metering.mains_cycles(now_ns)
                reading_ns = quality.reading_ns(now_ns)
            await task.work(_COST)
            quality.take(excursions)
            quality.tell(task.now)
            if values is not None:
                quality.read(now_ns, *values)

    kernel.add(TaskSpec("quality", priority, Sporadic(_SPACING_NS), S, (Segment(_COST),)), watch)
    return quality
