"""An energy-metering IC that integrates in its own registers and sends the meter's pulses.

Its registers follow in closed form from the stationary mains, so nothing wakes between two changes of them. It is an
ideal one but for a gain: no settling after a change, no register width, no update rate but that of its interrupt.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hal.energy import EnergyCounters
from hal.frontend import (
    CHANNELS,
    ElementWaves,
    Excursion,
    ExcursionLimits,
    Levels,
    LiveValues,
    PhaseSequence,
    PhaseValues,
    SquareSums,
    Summation,
    Waves,
    Wiring,
)
from hal.outputs import Pulse
from sim.devices.cycle_count import CycleCount
from sim.devices.disturbance import Disturbance, Disturbed
from sim.devices.half_cycles import HalfCycleUnit
from sim.devices.ic_waves import element_waves
from sim.devices.level_watch import LevelWatch
from sim.devices.square_integral import SquareIntegral
from sim.physics.angle import sine
from sim.physics.energy import FW_NS_PER_NWH, NONE, Eight, EnergyIntegral, by_kind
from sim.physics.mains import Mains
from sim.physics.power import FW_PER_UW, ElementPower, powers
from sim.physics.waves import MILLION, SILENT, Segment, Voltages
from sim.world import World

FREQUENCY_FROM_UV: Final = 5_000_000
"""The zero-crossing detector sees a voltage from here on."""


class MeteringIc:
    """A `hal.frontend.MeteringFrontEnd`. It counts from its configuration on, until it loses its supply.

    A power whose magnitude lies below the start power, all elements together, is not counted and has no sign. Apparent
    power is the sum of the elements' own, so it counts where their active and reactive powers cancel, too. Pulses count
    energy of both directions, and of all four quadrants.

    `disturb` spoils a channel until it is settled. Its converters have a high-pass filter behind them: one that is
    stuck, or at its stop, measures nothing, which its stuck-signal flags tell (as those of the STPM34, from memory),
    and an offset changes nothing. A frozen IC counts nothing and sends no pulse; its registers can be read and written.
    """

    def __init__(
        self,
        world: World,
        mains: Mains,
        interrupt: Callable[[], None] = lambda: None,
        *,
        gain_ppm: int = 0,
        frequency_from_uv: int = FREQUENCY_FROM_UV,
        mono: Callable[[], int] | None = None,
    ) -> None:
        """`mono` is the clock that stamps dips and swells; true time, if not given."""
        if gain_ppm <= -MILLION:
            raise ValueError(f"a gain error of {gain_ppm} ppm leaves nothing to measure")
        self._world = world
        self._mains = mains
        self._gain_ppm = gain_ppm
        self._frequency_from_uv = frequency_from_uv
        self._sent = dict.fromkeys(Pulse, 0)
        self._wiring: Wiring | None = None
        self._summation = Summation.NET
        self.disturbed = Disturbed()
        self._segment = mains.segment
        self._last = replace(_NOTHING_YET, alive=False)
        """What the registers show while it is frozen."""
        self._shows: LiveValues | None = None
        """What they show else, once somebody has read them; until the channels see something new."""
        self._watch = LevelWatch(world, interrupt)
        self._half_cycles = HalfCycleUnit(world, mains, mono or (lambda: world.now), self._watch.owe)
        self._excursion_limits: ExcursionLimits | None = None
        self._squares: SquareIntegral | None = None
        """Once somebody has asked for it."""
        self._integral = EnergyIntegral(world.now)
        self._cycles = CycleCount(world.now)
        self._pulses_from = NONE
        self._start_fw = 0
        self._quanta = dict.fromkeys(Pulse, 0)
        mains.subscribe(self._mains_changed)
        self._count()

    def configure(
        self,
        wiring: Wiring,
        start_power_uw: int,
        pulse_energy_nwh: int,
        summation: Summation = Summation.NET,
        s0_energy_nwh: int = 0,
    ) -> None:
        """Set what to sum and how, the start power and the energy of a pulse; registers go on, a started pulse begins
        anew."""
        if s0_energy_nwh < 0:
            raise ValueError(f"an S0 pulse can't have {s0_energy_nwh} nWh")
        if start_power_uw < 0:
            raise ValueError(f"a start power can't be negative: {start_power_uw} uW")
        if pulse_energy_nwh < 1:
            raise ValueError(f"a pulse needs some energy, not {pulse_energy_nwh} nWh")
        self._keep_pulses()
        self._wiring = wiring
        self._summation = summation
        self._start_fw = start_power_uw * FW_PER_UW
        pulse_energy = pulse_energy_nwh * FW_NS_PER_NWH
        self._quanta = {
            Pulse.ACTIVE: pulse_energy,
            Pulse.REACTIVE: pulse_energy,
            Pulse.S0: s0_energy_nwh * FW_NS_PER_NWH,
        }
        self._shows = None
        self._count()

    def energy(self) -> EnergyCounters:
        """The energy registers now."""
        return EnergyCounters(*self._integral.at(self._world.now))

    def live(self) -> LiveValues:
        """The instantaneous registers; all zero until it is configured."""
        if self.disturbed.frozen:
            return self._last
        if self._shows is None:
            self._shows = self._instantaneous()
        return self._shows

    def _instantaneous(self) -> LiveValues:
        if self._wiring is None:
            return _NOTHING_YET
        measured = powers(self._segment, self._wiring, self._summation)
        first, second, third = (self._shown(element) for element in measured.elements)
        return LiveValues(
            (first, second, third),
            self._shown(measured.total),
            self._frequency_uhz(),
            self._sequence(),
            self._faulty(),
        )

    def watch(self, levels: Levels) -> None:
        """Raise the interrupt when one of the levels is passed, or sequence, faulty channels or life change."""
        elements = () if self._wiring is None else self._wiring.elements
        self._watch.begin(levels, elements, self.live())

    def mains_cycles(self) -> int:
        """Mains cycles since power-up, in 2**16ths; they stand while no voltage gives a frequency."""
        return self._cycles.at(self._world.now)

    def waves(self) -> Waves:
        """Fundamentals, angles, distortion."""
        elements = () if self._wiring is None or self.disturbed.frozen else self._wiring.elements
        segment = self._segment
        first, second, third = (
            element_waves(segment, number, elements[0], self._frequency_from_uv) if number in elements else _FLAT
            for number in range(3)
        )
        return Waves((first, second, third), segment.currents[3].total_rms if elements else 0)

    def square_sums(self) -> SquareSums:
        """The squares of the voltages since the first reading."""
        if self._squares is None:
            self._squares = SquareIntegral(self._world.now)
            self._sum_squares()
        return self._squares.at(self._world.now)

    def watch_excursions(self, limits: ExcursionLimits) -> None:
        """Note dips and swells from now on."""
        self._excursion_limits = limits
        self._half_cycles.end()
        self._watch_half_cycles()

    def excursions(self) -> tuple[Excursion, ...]:
        """Those that have ended, once, then those that go on."""
        return self._half_cycles.read()

    def disturb(self, channel: int, how: Disturbance, amount: int = 0) -> None:
        """From now on a channel fails, or for `FROZEN` all of them; `amount` is that of an offset, and without effect
        here."""
        if how is Disturbance.FROZEN and not self.disturbed.frozen:
            self._last = replace(self.live(), alive=False)
        self.disturbed.begin(channel, how, amount)
        self._look()

    def settle(self, channel: int, how: Disturbance | None = None) -> None:
        """End the last disturbance of a channel, or the last of a kind; ValueError if there is none."""
        self.disturbed.end(channel, how)
        self._look()

    def pulses(self, which: Pulse) -> int:
        """How many pulses the output has sent since the world began, whatever the supply did."""
        return self._sent[which] + self._begun(which)

    def power_up(self) -> None:
        """The supply is back: registers are zero, and nothing is counted until `configure`."""
        self._clear()
        self._count()

    def power_down(self) -> None:
        """The supply is gone; what the registers held, and the part of a pulse, with it."""
        self._keep_pulses()
        self._clear()

    def _clear(self) -> None:
        self._wiring = None
        self._shows = None
        self._last = replace(_NOTHING_YET, alive=False)
        self._watch.end()
        self._half_cycles.end()
        self._excursion_limits = None
        self._squares = None
        self._cycles = CycleCount(self._world.now)
        self._integral = EnergyIntegral(self._world.now)
        self._pulses_from = NONE
        self._start_fw = 0
        self._quanta = dict.fromkeys(Pulse, 0)

    def _keep_pulses(self) -> None:
        for which in Pulse:
            self._sent[which] += self._begun(which)
        self._pulses_from = self._integral.exact(self._world.now)

    def _begun(self, which: Pulse) -> int:
        """Pulses since the last configuration."""
        if not self._quanta[which]:
            return 0
        flowed = _flowed(self._integral.exact(self._world.now), which) - _flowed(self._pulses_from, which)
        return flowed // self._quanta[which]

    def _mains_changed(self, _before: Segment, _after: Segment) -> None:
        self._look()

    def _look(self) -> None:
        """Take up what the channels see now."""
        self._segment = self._seen()
        self._shows = None
        self._count()
        if self._watch.watching:
            self._watch.look(self.live())
        if self._excursion_limits is not None:
            self._watch_half_cycles()
        if self._squares is not None:
            self._sum_squares()

    def _watch_half_cycles(self) -> None:
        """A frozen unit forgets what went on, and begins anew when it is settled."""
        assert self._excursion_limits is not None
        if self.disturbed.frozen or self._wiring is None:
            self._half_cycles.end()
        elif self._half_cycles.watching:
            self._half_cycles.change(self._segment)
        else:
            self._half_cycles.begin(self._excursion_limits, self._wiring.elements, self._segment)

    def _sum_squares(self) -> None:
        assert self._squares is not None
        segment = None if self.disturbed.frozen or self._wiring is None else self._segment
        self._squares.change(self._world.now, segment, () if self._wiring is None else self._wiring.elements)

    def _seen(self) -> Segment:
        """What is left of the mains behind the converters."""
        segment = self._mains.segment
        if not self.disturbed.any:
            return segment
        u1, u2, u3, i1, i2, i3, i4 = (
            SILENT if self._deaf(channel) else wave
            for channel, wave in enumerate((*segment.voltages, *segment.currents))
        )
        return Segment(segment.frequency_uhz, (u1, u2, u3), (i1, i2, i3, i4))

    def _deaf(self, channel: int) -> bool:
        fault = self.disturbed.of(channel)
        return fault is not None and fault.how is not Disturbance.OFFSET

    def _faulty(self) -> int:
        if not self.disturbed.any:
            return 0
        faults = [self.disturbed.of(channel) for channel in range(len(CHANNELS))]
        return sum(1 << channel for channel, fault in enumerate(faults) if fault is not None and fault.how in _FLAGGED)

    def _frequency_uhz(self) -> int:
        elements = range(3) if self._wiring is None else self._wiring.elements
        seen = any(self._segment.voltages[element].rms >= self._frequency_from_uv for element in elements)
        return self._segment.frequency_uhz if seen else 0

    def _sequence(self) -> PhaseSequence:
        assert self._wiring is not None
        voltages = self._segment.voltages
        if any(voltages[element].rms < self._frequency_from_uv for element in self._wiring.elements):
            return PhaseSequence.UNKNOWN
        return _sequence(voltages, self._wiring)

    def _count(self) -> None:
        frozen = self.disturbed.frozen
        self._cycles.change(self._world.now, 0 if frozen else self._frequency_uhz())
        if self._wiring is None or frozen:
            self._integral.change(self._world.now, NONE)
            return
        total = powers(self._segment, self._wiring, self._summation).total
        active, reactive, apparent = (
            self._measured(power) for power in (total.active_fw, total.reactive_fvar, total.apparent_fva)
        )
        # What is too little to be counted has no sign.
        active, reactive, apparent = (
            power if abs(power) >= self._start_fw else 0 for power in (active, reactive, apparent)
        )
        self._integral.change(self._world.now, by_kind(active, reactive, apparent))

    def _measured(self, power: int) -> int:
        return power if not self._gain_ppm else power * (MILLION + self._gain_ppm) // MILLION

    def _shown(self, element: ElementPower) -> PhaseValues:
        return PhaseValues(
            element.voltage_uv,
            element.current_na,
            _nearest(self._measured(element.active_fw)),
            _nearest(self._measured(element.reactive_fvar)),
            _nearest(self._measured(element.apparent_fva)),
        )


_DARK: Final = PhaseValues(0, 0, 0, 0, 0)
_FLAT: Final = ElementWaves(0, 0)
_NOTHING_YET: Final = LiveValues((_DARK, _DARK, _DARK), _DARK, 0)
_FLAGGED: Final = (Disturbance.STUCK, Disturbance.SATURATED)


def _sequence(voltages: Voltages, wiring: Wiring) -> PhaseSequence:
    first, second, third = (wave.angle for wave in voltages)
    if wiring is Wiring.SINGLE_PHASE:
        return PhaseSequence.UNKNOWN
    if wiring is Wiring.THREE_PHASE_THREE_WIRE:
        # U12 leads its phase by 30 degrees, U32 lags by as much: L3 is 60 degrees ahead, or behind.
        ahead = sine(third - first)
    else:
        ahead = sine(first - second) + sine(second - third) + sine(third - first)
    return PhaseSequence.FORWARD if ahead > 0 else PhaseSequence.REVERSED


def _nearest(power_fw: int) -> int:
    return (power_fw + FW_PER_UW // 2) // FW_PER_UW


def _flowed(energies: Eight, which: Pulse) -> int:
    return sum(energies[2:6]) if which is Pulse.REACTIVE else energies[0] + energies[1]
