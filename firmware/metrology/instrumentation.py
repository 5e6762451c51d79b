"""All that a meter tells of voltages, currents and powers at one instant, whatever front end it has.

A value is computed when it is asked for. What the front end does not tell is absent, not zero: a metering IC without
registers for single harmonics gives no `spectrum`.
"""

from dataclasses import dataclass

from firmware.metrology.power_factor import power_factor_ppm
from firmware.metrology.unbalance import Unbalance, current_unbalance, voltage_unbalance
from hal.frontend import LiveValues, Waves, Wiring


@dataclass(frozen=True, slots=True)
class Instrumentation:
    """Of the last 10 or 12 cycles, at the meter's own terminals."""

    wiring: Wiring
    live: LiveValues
    waves: Waves

    @property
    def power_factors_ppm(self) -> tuple[int, int, int]:
        """Of each element."""
        first, second, third = (power_factor_ppm(phase) for phase in self.live.phases)
        return first, second, third

    @property
    def power_factor_ppm(self) -> int:
        """Of the total."""
        return power_factor_ppm(self.live.total)

    @property
    def voltage_unbalance(self) -> Unbalance | None:
        return voltage_unbalance(self.waves, self.wiring)

    @property
    def current_unbalance(self) -> Unbalance | None:
        return current_unbalance(self.waves, self.wiring)
