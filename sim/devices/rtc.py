"""The real-time clock: a watch crystal, a counter, one alarm; kept by the board's rail, or by the cell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hal.rtc import RTC_BEGIN_S, RTC_END_S, RTC_TICKS, RtcReading
from hal.units import S
from sim.devices.oscillator import Oscillator
from sim.world import Phase, World

EPOCH_S: Final = RTC_BEGIN_S
"""Where the counter of an RTC begins that has lost its supply."""


@dataclass(frozen=True, slots=True)
class Crystal:
    """A tuning-fork crystal: its offset at the turnover temperature, and the parabola around it.

    -0.034 ppm/K^2 around 25 C is what data sheets of 32.768 kHz tuning-fork crystals give as typical (from memory).
    """

    offset_ppb: int = 0
    curvature_ppb_per_k2: int = -34
    turnover_mc: int = 25_000

    def error_ppb(self, millidegrees: int) -> int:
        away = millidegrees - self.turnover_mc
        return self.offset_ppb + self.curvature_ppb_per_k2 * away * away // 1_000_000


class RealTimeClock:
    """Model of `hal.rtc.Rtc`."""

    def __init__(self, world: World, crystal: Crystal, temperature_mc: int, interrupt: Callable[[], None]) -> None:
        self._world = world
        self._crystal = crystal
        self._interrupt = interrupt
        self._oscillator = Oscillator(crystal.error_ppb(temperature_mc))
        self._base_ns = EPOCH_S * S
        """What the counter shows, in ns since 1970, when the oscillator's count is 0."""
        self._stopped = True
        self._running = True
        self._frozen_ns = self._base_ns
        self._alarm_s: int | None = None
        self._change = 0

    # hal.rtc.Rtc

    def read(self) -> RtcReading:
        shown = self.shown_ns()
        return RtcReading(shown // S, shown % S * RTC_TICKS // S, self._stopped)

    def set(self, utc_s: int) -> None:
        if not RTC_BEGIN_S <= utc_s < RTC_END_S:
            raise ValueError(f"an RTC counts the years 2000 to 2099, and was set to {utc_s} s since 1970")
        self._oscillator.restart(self._world.now)
        self._base_ns = self._frozen_ns = utc_s * S
        self._stopped = not self._running
        self._plan()

    def set_alarm(self, utc_s: int | None) -> None:
        self._alarm_s = utc_s
        self._plan()

    # The world

    def keep(self, supplied: bool) -> None:
        """Rail and cell together do, or don't, supply it. Without supply the counter is lost, and restarts at the
        epoch."""
        if supplied == self._running:
            return
        self._running = supplied
        self._stopped = True
        self._alarm_s = None
        self._oscillator.restart(self._world.now)
        self._base_ns = self._frozen_ns = EPOCH_S * S
        self._plan()

    def temperature(self, millidegrees: int) -> None:
        """The crystal's frequency follows the temperature."""
        self._oscillator.change(self._world.now, self._crystal.error_ppb(millidegrees))
        self._plan()

    def preset(self, utc_ns: int) -> None:
        """How the meter left the works: set, running, trusted."""
        self._oscillator.restart(self._world.now)
        self._base_ns = self._frozen_ns = utc_ns
        self._stopped = False

    def shown_ns(self) -> int:
        """What the counter shows, in ns since 1970."""
        if not self._running:
            return self._frozen_ns
        return self._base_ns + self._oscillator.mono_at(self._world.now)

    def _plan(self) -> None:
        """The alarm's instant, in closed form; what was planned before is stale."""
        self._change += 1
        if self._alarm_s is None or not self._running:
            return
        change = self._change
        count = self._alarm_s * S - self._base_ns
        instant = self._oscillator.true_of(count)
        if self._alarm_s * S <= self.shown_ns():
            return
        self._world.at(instant, Phase.DEVICES, lambda: self._ring(change))

    def _ring(self, change: int) -> None:
        if change == self._change:
            self._alarm_s = None
            self._interrupt()
