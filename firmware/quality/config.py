"""What counts as a disturbance of the voltage, and what EN 50160 asks of a week.

Figures of EN 50160 for low voltage with a synchronous connection are as the user manual of Rockwell's PowerMonitor 5000
(1426-UM001J, appendix H) tells them: 10-minute voltages within 10 % for 95 % of a week and within +10 / -15 % always;
10-second frequencies within 1 % for 99.5 % and within +4 / -6 % always; THD to 8 %; negative sequence to 2 % for 95 %
of a week. That the THD is held to 95 % of a week, too, and the 5 % of an interruption, are from memory. The 99.5 % are
of a year there; here they are of the week that is judged.
"""

from dataclasses import dataclass
from typing import Final

from firmware.metrology.nameplate import Nameplate
from hal.frontend import ExcursionLimits

_THOUSAND: Final = 1_000


@dataclass(frozen=True, slots=True)
class WeekLimits:
    """Shares are of the nominal voltage or frequency; `*_share_permille` of a week's values must keep the limit."""

    voltage_permille: int = 100
    voltage_above_permille: int = 100
    voltage_below_permille: int = 150
    voltage_share_permille: int = 950
    frequency_permille: int = 10
    frequency_above_permille: int = 40
    frequency_below_permille: int = 60
    frequency_share_permille: int = 995
    thd_ppm: int = 80_000
    thd_share_permille: int = 950
    unbalance_ppm: int = 20_000
    unbalance_share_permille: int = 950

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value < 0:
                raise ValueError(f"quality.week.{name}: {value} is below zero")
            if name.endswith("_permille") and value > _THOUSAND:
                raise ValueError(f"quality.week.{name}: {value} is more than all")


@dataclass(frozen=True, slots=True)
class QualityConfig:
    """Permille are of the nominal voltage. Dips and swells by their half-cycle values (IEC 61000-4-30: thresholds are
    for the user to choose, a hysteresis of 2 % is usual); what falls below `interruption_permille` is an interruption.
    """

    dip_permille: int = 900
    swell_permille: int = 1_100
    hysteresis_permille: int = 20
    interruption_permille: int = 50
    statistics: bool = True
    """Whether 10-minute values are made, and weeks are judged."""
    week: WeekLimits = WeekLimits()

    def __post_init__(self) -> None:
        hysteresis = self.hysteresis_permille
        if hysteresis < 0:
            raise ValueError(f"quality.hysteresis_permille: {hysteresis} is below zero")
        if not 0 <= self.interruption_permille < self.dip_permille:
            raise ValueError(
                f"quality.interruption_permille: {self.interruption_permille} is not from 0 to below that of a dip, "
                f"{self.dip_permille}"
            )
        if self.dip_permille + 2 * hysteresis >= self.swell_permille:
            raise ValueError(
                f"quality.swell_permille: {self.swell_permille} is not above that of a dip, {self.dip_permille}, by "
                f"more than twice the hysteresis, {hysteresis}"
            )

    def excursion_limits(self, nameplate: Nameplate) -> ExcursionLimits:
        nominal = nameplate.nominal_voltage_uv
        return ExcursionLimits(
            nominal * self.dip_permille // _THOUSAND,
            nominal * self.swell_permille // _THOUSAND,
            nominal * self.hysteresis_permille // _THOUSAND,
        )
