"""A metering front end with nothing connected to it: what the rig has until a real one comes."""

from typing import Final

from hal.energy import EnergyCounters
from hal.frontend import Levels, LiveValues, PhaseValues, Summation, Wiring

_NOTHING: Final = PhaseValues(0, 0, 0, 0, 0)


class UnconnectedFrontEnd:
    """Implements `hal.frontend.MeteringFrontEnd`: no voltage, no current, no energy."""

    def configure(
        self, wiring: Wiring, start_power_uw: int, pulse_energy_nwh: int, summation: Summation = Summation.NET
    ) -> None:
        """There is nothing to sum. ValueError for a negative start power, or pulses without energy."""
        if start_power_uw < 0 or pulse_energy_nwh < 1:
            raise ValueError(f"a start power of {start_power_uw} uW, or pulses of {pulse_energy_nwh} nWh, can't be")

    def energy(self) -> EnergyCounters:
        return EnergyCounters(0, 0, 0, 0, 0, 0, 0, 0)

    def live(self) -> LiveValues:
        return LiveValues((_NOTHING, _NOTHING, _NOTHING), _NOTHING, 0)

    def watch(self, levels: Levels) -> None:
        """Nothing will ever pass a level."""

    def mains_cycles(self) -> int:
        return 0
