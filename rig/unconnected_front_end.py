"""A metering front end with nothing connected to it: what the rig has until a real one comes."""

from typing import Final

from hal.energy import EnergyCounters
from hal.frontend import (
    ElementWaves,
    Excursion,
    ExcursionLimits,
    Levels,
    LiveValues,
    PhaseValues,
    SquareSums,
    Summation,
    Waves,
    Wiring,
)

_NOTHING: Final = PhaseValues(0, 0, 0, 0, 0)
_FLAT: Final = ElementWaves(0, 0)


class UnconnectedFrontEnd:
    """Implements `hal.frontend.MeteringFrontEnd`: no voltage, no current, no energy."""

    def configure(
        self,
        wiring: Wiring,
        start_power_uw: int,
        pulse_energy_nwh: int,
        summation: Summation = Summation.NET,
        s0_energy_nwh: int = 0,
    ) -> None:
        """There is nothing to sum. ValueError for a negative start power, or pulses without energy."""
        if start_power_uw < 0 or pulse_energy_nwh < 1 or s0_energy_nwh < 0:
            raise ValueError(f"a start power of {start_power_uw} uW, or pulses of {pulse_energy_nwh} nWh, can't be")

    def energy(self) -> EnergyCounters:
        return EnergyCounters(0, 0, 0, 0, 0, 0, 0, 0)

    def live(self) -> LiveValues:
        return LiveValues((_NOTHING, _NOTHING, _NOTHING), _NOTHING, 0)

    def watch(self, levels: Levels) -> None:
        """Nothing will ever pass a level."""

    def mains_cycles(self) -> int:
        return 0

    def waves(self) -> Waves:
        return Waves((_FLAT, _FLAT, _FLAT), 0)

    def square_sums(self) -> SquareSums:
        return SquareSums()

    def watch_excursions(self, limits: ExcursionLimits) -> None:
        """No voltage, and no event: there was never one that could fall."""

    def excursions(self) -> tuple[Excursion, ...]:
        return ()
