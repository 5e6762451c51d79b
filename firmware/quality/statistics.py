"""From readings every 10 s to 10-minute values, 10-second frequencies and the week: no clock, no kernel."""

from typing import Final

from firmware.metrology.nameplate import Nameplate
from firmware.quality.config import WeekLimits
from firmware.quality.interval import LENGTH_S, Aggregate, Reading, TenMinutes
from firmware.quality.week import FREQUENCY_S, Week, WeekState
from hal.units import S

_CYCLE_BITS: Final = 16
_UHZ_NS: Final = 10**15
_SLACK_NS: Final = S
"""A frequency is that of 10 s, give or take this: a task comes a little late, a clock may be slewed."""


class Statistics:
    """Aligned to the UTC clock. After a clock was set, or power came back, the first values are those of whole
    intervals only."""

    def __init__(self, limits: WeekLimits, nameplate: Nameplate, state: WeekState | None = None) -> None:
        """Goes on with a week, if one was kept."""
        self.week = Week(limits, nameplate.wiring, nameplate.nominal_voltage_uv, nameplate.frequency_uhz, state)
        self.last: TenMinutes | None = None
        """Of the last interval that has ended, whole or not."""
        self._interval: int | None = None
        self._sums: Aggregate | None = None
        self._cycles: tuple[int, int, int] | None = None
        """UTC second, monotonic ns and count of cycles at the last reading."""
        self._flagged = False

    def flag(self) -> None:
        """An excursion goes on, or has ended since the last reading."""
        self._flagged = True
        if self._sums is not None:
            self._sums.flagged = True

    def read(self, utc_s: int, now_ns: int, reading: Reading, cycles: int) -> None:
        """Take a reading at a whole multiple of 10 s of the clock, or a little later."""
        self._frequency(utc_s, now_ns, cycles)
        interval = utc_s // LENGTH_S
        sums = self._sums
        if sums is not None:
            sums.add(reading)
        if sums is None or interval != self._interval:
            if sums is not None and self._interval is not None:
                self.last = sums.end((self._interval + 1) * LENGTH_S, reading.sums)
                self.week.interval(self.last)
            self._interval = interval
            self._sums = Aggregate(reading.sums)
        self._flagged = False

    def _frequency(self, utc_s: int, now_ns: int, cycles: int) -> None:
        last, self._cycles = self._cycles, (utc_s, now_ns, cycles)
        if last is None:
            return
        elapsed_ns, counted = now_ns - last[1], cycles - last[2]
        if abs(elapsed_ns - FREQUENCY_S * S) > _SLACK_NS or utc_s // FREQUENCY_S != last[0] // FREQUENCY_S + 1:
            return
        if counted <= 0 and not self._flagged:
            return
        frequency_uhz = counted * _UHZ_NS // elapsed_ns >> _CYCLE_BITS
        self.week.frequency(utc_s // FREQUENCY_S * FREQUENCY_S, frequency_uhz, self._flagged)
