"""An energy-metering IC that integrates in its own registers and sends the meter's pulses.

Its registers follow in closed form from the stationary mains, so nothing wakes between two changes of them. It is an
ideal one but for a gain: no settling after a change, no register width, no update rate.
"""

from typing import Final

from hal.frontend import EnergyCounters, LiveValues, PhaseValues, Wiring
from hal.outputs import Pulse
from sim.physics.energy import FW_NS_PER_NWH, NONE, Eight, EnergyIntegral, by_kind
from sim.physics.mains import Mains
from sim.physics.power import FW_PER_UW, ElementPower, powers
from sim.physics.waves import MILLION, Segment
from sim.world import World

FREQUENCY_FROM_UV: Final = 5_000_000
"""The zero-crossing detector sees a voltage from here on."""


class MeteringIc:
    """A `hal.frontend.MeteringFrontEnd`. It counts from its configuration on, until it loses its supply.

    An active or reactive power whose magnitude lies below the start power, all elements together, is not counted and
    has no sign; apparent power counts with either of them. Pulses count energy of both directions, and of all four
    quadrants.
    """

    def __init__(self, world: World, mains: Mains, *, gain_ppm: int = 0, frequency_from_uv: int = FREQUENCY_FROM_UV):
        if gain_ppm <= -MILLION:
            raise ValueError(f"a gain error of {gain_ppm} ppm leaves nothing to measure")
        self._world = world
        self._mains = mains
        self._gain_ppm = gain_ppm
        self._frequency_from_uv = frequency_from_uv
        self._sent = {Pulse.ACTIVE: 0, Pulse.REACTIVE: 0}
        self._wiring: Wiring | None = None
        self._integral = EnergyIntegral(world.now)
        self._pulses_from = NONE
        self._start_fw = 0
        self._pulse_energy = 0
        mains.subscribe(self._mains_changed)

    def configure(self, wiring: Wiring, start_power_uw: int, pulse_energy_nwh: int) -> None:
        """Set what to sum, the start power and the energy of a pulse; registers go on, a started pulse begins anew."""
        if start_power_uw < 0:
            raise ValueError(f"a start power can't be negative: {start_power_uw} uW")
        if pulse_energy_nwh < 1:
            raise ValueError(f"a pulse needs some energy, not {pulse_energy_nwh} nWh")
        self._keep_pulses()
        self._wiring = wiring
        self._start_fw = start_power_uw * FW_PER_UW
        self._pulse_energy = pulse_energy_nwh * FW_NS_PER_NWH
        self._count(self._mains.segment)

    def energy(self) -> EnergyCounters:
        """The energy registers now."""
        return EnergyCounters(*self._integral.at(self._world.now))

    def live(self) -> LiveValues:
        """The instantaneous registers; all zero until it is configured."""
        segment = self._mains.segment
        if self._wiring is None:
            return LiveValues((_DARK, _DARK, _DARK), _DARK, 0)
        measured = powers(segment, self._wiring)
        first, second, third = (self._shown(element) for element in measured.elements)
        seen = any(segment.voltages[n].rms >= self._frequency_from_uv for n in self._wiring.elements)
        return LiveValues((first, second, third), self._shown(measured.total), segment.frequency_uhz if seen else 0)

    def pulses(self, which: Pulse) -> int:
        """How many pulses the output has sent since the world began, whatever the supply did."""
        return self._sent[which] + self._begun(which)

    def power_up(self) -> None:
        """The supply is back: registers are zero, and nothing is counted until `configure`."""
        self._clear()

    def power_down(self) -> None:
        """The supply is gone; what the registers held, and the part of a pulse, with it."""
        self._keep_pulses()
        self._clear()

    def _clear(self) -> None:
        self._wiring = None
        self._integral = EnergyIntegral(self._world.now)
        self._pulses_from = NONE
        self._start_fw = 0
        self._pulse_energy = 0

    def _keep_pulses(self) -> None:
        for which in Pulse:
            self._sent[which] += self._begun(which)
        self._pulses_from = self._integral.exact(self._world.now)

    def _begun(self, which: Pulse) -> int:
        """Pulses since the last configuration."""
        if not self._pulse_energy:
            return 0
        flowed = _flowed(self._integral.exact(self._world.now), which) - _flowed(self._pulses_from, which)
        return flowed // self._pulse_energy

    def _mains_changed(self, _before: Segment, after: Segment) -> None:
        self._count(after)

    def _count(self, segment: Segment) -> None:
        if self._wiring is None:
            return
        total = powers(segment, self._wiring).total
        active, reactive, apparent = (
            self._measured(power) for power in (total.active_fw, total.reactive_fvar, total.apparent_fva)
        )
        active = active if abs(active) >= self._start_fw else 0
        reactive = reactive if abs(reactive) >= self._start_fw else 0
        # What is too little to be counted has no sign; apparent energy counts with either of the others.
        self._integral.change(self._world.now, by_kind(active, reactive, apparent if active or reactive else 0))

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


def _nearest(power_fw: int) -> int:
    return (power_fw + FW_PER_UW // 2) // FW_PER_UW


def _flowed(energies: Eight, which: Pulse) -> int:
    return energies[0] + energies[1] if which is Pulse.ACTIVE else sum(energies[2:6])
