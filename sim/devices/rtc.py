"""The real-time clock: a watch crystal, a counter, one alarm; kept by the board's rail, or by its backup.

What goes wrong with it: the crystal stops (`halt`) or runs off (`detune`), the counter leaps (`jump`), loses its own
supply (`reset_to_epoch`), or the bus to it is disturbed (`garble`). Counter and alarm live on one side of the bus, the
firmware on the other: a disturbed bus changes what a read brings, and nothing else. Writes reach the part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hal.rtc import RTC_BEGIN_S, RTC_END_S, RTC_TICKS, RtcReading
from hal.units import S
from sim.devices.oscillator import Oscillator
from sim.world import Phase, World

EPOCH_S: Final = RTC_BEGIN_S
"""Where the counter of an RTC begins that has lost its supply."""

_EPOCH_NS: Final = EPOCH_S * S
_SPAN_NS: Final = (RTC_END_S - RTC_BEGIN_S) * S
_ALL_ONES: Final = (1 << 32) - 1


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
        self._temperature_mc = temperature_mc
        self._detuned_ppb = 0
        self._oscillator = Oscillator(crystal.error_ppb(temperature_mc))
        self._base_ns = _EPOCH_NS
        """What the counter shows, in ns since 1970, when the oscillator's count is 0."""
        self._stopped = True
        self._supplied = True
        self._halted = False
        self._detected = False
        """The part has a detector that sees the crystal stand still."""
        self._frozen_ns = self._base_ns
        """What the counter shows while nothing moves it."""
        self._garbage = world.stream("rtc.garbage")
        self._garbled = False
        self._alarm_s: int | None = None
        self._change = 0
        self.garbled_reads = 0
        """How many reads have brought garbage."""

    # hal.rtc.Rtc

    def read(self) -> RtcReading:
        if self._garbled:
            return self._nonsense()
        shown = self.shown_ns()
        return RtcReading(shown // S, shown % S * RTC_TICKS // S, self._stopped)

    def set(self, utc_s: int) -> None:
        """The stop flag can't be cleared while its detector sees the crystal stand still."""
        if not RTC_BEGIN_S <= utc_s < RTC_END_S:
            raise ValueError(f"an RTC counts the years 2000 to 2099, and was set to {utc_s} s since 1970")
        self._count_from(utc_s * S)
        self._stopped = not self._supplied or self._detected
        self._plan()

    def set_alarm(self, utc_s: int | None) -> None:
        self._alarm_s = utc_s
        self._plan()

    # The world

    def keep(self, supplied: bool) -> None:
        """Rail and backup together do, or don't, supply it. Without supply the counter is lost, and restarts at the
        epoch."""
        if supplied == self._supplied:
            return
        self._supplied = supplied
        self.reset_to_epoch(flagged=True)

    def temperature(self, millidegrees: int) -> None:
        """The crystal's frequency follows the temperature."""
        self._temperature_mc = millidegrees
        self._retune()

    def preset(self, utc_ns: int) -> None:
        """How the meter left the works: set, running, trusted."""
        self._count_from(utc_ns)
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """The stop flag, whatever a read brings."""
        return self._stopped

    @property
    def running(self) -> bool:
        """Whether the counter moves."""
        return self._supplied and not self._halted

    def halt(self, flagged: bool) -> None:
        """The crystal stops: the counter stands still, the alarm does not ring. `flagged`: the part sees it, and sets
        its stop flag, which stays until the clock is set with the crystal running; else nothing tells."""
        self._frozen_ns = self.shown_ns()
        self._halted = True
        self._detected = flagged
        self._stopped |= flagged
        self._plan()

    def resume(self) -> None:
        """The crystal starts again: the counter goes on from where it stood."""
        if not self._halted:
            return
        self._halted = self._detected = False
        self._count_from(self._frozen_ns)
        self._plan()

    def detune(self, ppb: int) -> None:
        """Add to the crystal's error, positive is fast. ValueError if all of it is more than `LIMIT_PPB` of
        `sim.devices.oscillator`."""
        self._detuned_ppb += ppb
        self._retune()

    def jump(self, delta_ns: int) -> None:
        """The counter leaps, as by a disturbed divider; beyond its last year it wraps. An alarm that is leapt over does
        not ring."""
        self._count_from(_EPOCH_NS + (self.shown_ns() - _EPOCH_NS + delta_ns) % _SPAN_NS)
        self._plan()

    def garble(self, on: bool) -> None:
        """Reads bring nonsense: counts outside the years of an RTC, random ones within, ticks beyond a second, a random
        stop flag. The counter goes on, writes arrive, and the alarm, which has a line of its own, rings in time."""
        self._garbled = on

    def reset_to_epoch(self, flagged: bool) -> None:
        """Counter and alarm are lost, as in a brown-out of the RTC's own; the stop flag is set, or left as it was."""
        self._stopped |= flagged
        self._alarm_s = None
        self._count_from(_EPOCH_NS)
        self._plan()

    def shown_ns(self) -> int:
        """What the counter shows, in ns since 1970, whatever a read brings."""
        if not self.running:
            return self._frozen_ns
        return self._base_ns + self._oscillator.mono_at(self._world.now)

    def _count_from(self, utc_ns: int) -> None:
        self._oscillator.restart(self._world.now)
        self._base_ns = self._frozen_ns = utc_ns

    def _retune(self) -> None:
        self._oscillator.change(self._world.now, self._crystal.error_ppb(self._temperature_mc) + self._detuned_ppb)
        self._plan()

    def _nonsense(self) -> RtcReading:
        """All ones and all zeros are what a bus that hangs reads as; they are as likely as random counts are."""
        self.garbled_reads += 1
        draw = self._garbage
        utc_s = (0, _ALL_ONES, draw.bits(32), draw.between(RTC_BEGIN_S, RTC_END_S - 1))[draw.below(4)]
        return RtcReading(utc_s, draw.bits(16), bool(draw.bits(1)))

    def _plan(self) -> None:
        """The alarm's instant, in closed form; what was planned before is stale."""
        self._change += 1
        if self._alarm_s is None or not self.running:
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
