"""The meter's configuration: frozen values, each checked where it is defined."""

import enum
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from firmware.clock.civil import Zone
from firmware.display.config import DisplayConfig
from firmware.load_switch.config import LoadSwitchConfig
from firmware.metrology.nameplate import Nameplate
from firmware.profile.config import ProfileConfig
from firmware.quality.config import QualityConfig
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.calendar import Calendar
from firmware.tariff.demand import AfterOutage, IntegrationPeriod, OnRateChange
from hal.units import S

BUILT_S: Final = 1_767_225_600
"""When this firmware was built, UTC in s: 2026-01-01. No earlier time can be right."""

RATES_MOST: Final = 8
"""Time-of-use rates that a save has room for."""


class BatteryResponse(enum.Enum):
    """What the meter does when power returns and its clock has lost the time (A1700, Power Master Unit)."""

    CONTINUE = "continue"
    """Go on with the tariff, the clock late by the outage."""
    RESET = "reset"
    """An end-of-billing reset, then go on."""
    RESET_AND_FREEZE = "reset-and-freeze"
    """An end-of-billing reset, then keep the rate in force, without seasons or scheduled ends of billing."""


class ClockSource(enum.Enum):
    """What the clock follows while the meter has power."""

    CRYSTAL = "crystal"
    """The RTC's."""
    MAINS = "mains"
    """Cycles of the mains, while their frequency is within 5 % of the nominal one; else the crystal."""


@dataclass(frozen=True, slots=True)
class ClockConfig:
    """`cell_low_mv` is the voltage under load below which the cell counts as failed; it counts as healthy again
    `cell_margin_mv` above that.

    A meter without a save believes no RTC that shows a time before `built_s`. A clock that is set by no more than
    `slew_limit_s` is slewed. An RTC that strays from the CPU's oscillator by more
    than `rtc_tolerance_ppb` (and 2 s) is not believed, nor one that shows an outage longer than `longest_outage_s`.
    """

    zone: Zone
    battery_failure: BatteryResponse = BatteryResponse.CONTINUE
    cell_low_mv: int = 2_400
    source: ClockSource = ClockSource.CRYSTAL
    slew_limit_s: int = 9
    rtc_tolerance_ppb: int = 1_000_000
    longest_outage_s: int = 3_650 * 86_400
    cell_margin_mv: int = 100
    built_s: int = BUILT_S


@dataclass(frozen=True, slots=True)
class OpticalConfig:
    """Identity and access on the optical port.

    `manufacturer` is three letters (FLAG), the last in lower case for a reaction time of 20 ms; `baud_character` the
    fastest rate offered in mode C. `password` opens all; `adjust_password` and `command_password` (None: there is none)
    only what levels 1 and 2 may do. A wrong one counts; `tries` of them lock programming for `lockout_s`.
    """

    manufacturer: str = "MBX"
    identification: str = "METERBENCH"
    device_address: str = "00000001"
    baud_character: str = "5"
    password: str = "00000000"
    tries: int = 3
    lockout_s: int = 600
    adjust_password: str | None = None
    command_password: str | None = None


@dataclass(frozen=True, slots=True)
class SupervisionConfig:
    """When voltages, currents and the front end count as wrong. Permille are of the nominal voltage, the rated current
    or the nominal frequency; a condition is logged when it has held for its delay, and its end likewise.

    A voltage is low below 90 % and high above 110 % (EN 50160), with a hysteresis of 2 % (usual with IEC 61000-4-30); a
    reverse run counts after more than 5 s, and a frequency within 5 % is right (A1140). That a phase has failed below
    40 %, that currents count from 0.5 % on, and the other delays are ours.
    """

    phase_failed_permille: int = 400
    voltage_low_permille: int = 900
    voltage_high_permille: int = 1_100
    voltage_hysteresis_permille: int = 20
    current_permille: int = 5
    frequency_permille: int = 50
    frequency_hysteresis_permille: int = 2
    phase_delay_ns: int = 2 * S
    voltage_delay_ns: int = 10 * S
    neutral_delay_ns: int = 5 * S
    sequence_delay_ns: int = 5 * S
    reverse_delay_ns: int = 5 * S
    current_delay_ns: int = 5 * S
    crossed_delay_ns: int = 10 * S
    frequency_delay_ns: int = 10 * S
    front_end_delay_ns: int = S

    def __post_init__(self) -> None:
        hysteresis = self.voltage_hysteresis_permille
        rising = (0, self.phase_failed_permille, self.voltage_low_permille, self.voltage_high_permille - hysteresis)
        if any(high - low <= hysteresis for low, high in pairwise(rising)):
            raise ValueError(
                f"supervision: a phase fails below {rising[1]}, is low below {rising[2]} and high above "
                f"{self.voltage_high_permille} permille; these must rise by more than the hysteresis, {hysteresis}"
            )
        if self.current_permille < 2 or not 0 < self.frequency_hysteresis_permille < self.frequency_permille < 500:
            raise ValueError("supervision: current_permille is under 2, or the frequencies leave no range")
        if any(getattr(self, field) < 0 for field in self.__slots__ if field.endswith("_ns")):
            raise ValueError("supervision: a delay is negative")


@dataclass(frozen=True, slots=True)
class MeterConfig:
    """All of it. ValueError, naming the path, for values that do not fit together."""

    nameplate: Nameplate
    clock: ClockConfig
    calendar: Calendar
    demand_period_s: int = 1_800
    demand_after_outage: AfterOutage = AfterOutage.RESUME
    demand_on_rate_change: OnRateChange = OnRateChange.WAIT
    profile: ProfileConfig = field(default_factory=ProfileConfig)
    billing: BillingDates = field(default_factory=BillingDates)
    billing_lockout_s: int = 900
    """How long after an end of billing the button and the port can't make another; dates and power-ups still can."""
    optical: OpticalConfig = field(default_factory=OpticalConfig)
    supervision: SupervisionConfig = field(default_factory=SupervisionConfig)
    load_switch: LoadSwitchConfig = field(default_factory=LoadSwitchConfig)
    display: DisplayConfig = field(default_factory=DisplayConfig)
    quality: QualityConfig | None = None
    """None: no dips are watched, and no statistics are made."""

    def __post_init__(self) -> None:
        if self.calendar.rates > RATES_MOST:
            raise ValueError(f"calendar.rates: {self.calendar.rates} rates, and a save has room for {RATES_MOST}")
        IntegrationPeriod(self.demand_period_s, self.clock.zone)
        IntegrationPeriod(self.profile_period_s, self.clock.zone)

    @property
    def profile_period_s(self) -> int:
        """The load profile's own, or the demand period."""
        return self.profile.period_s or self.demand_period_s
