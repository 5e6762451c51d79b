"""The meter's configuration: frozen values, each checked where it is defined."""

import enum
from dataclasses import dataclass, field
from typing import Final

from firmware.clock.civil import Zone
from firmware.metrology.nameplate import Nameplate
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.calendar import Calendar
from firmware.tariff.demand import IntegrationPeriod

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


@dataclass(frozen=True, slots=True)
class ClockConfig:
    """`cell_low_mv` is the voltage under load below which the cell counts as failed."""

    zone: Zone
    battery_failure: BatteryResponse = BatteryResponse.CONTINUE
    cell_low_mv: int = 2_400


@dataclass(frozen=True, slots=True)
class OpticalConfig:
    """Identity and access on the optical port.

    `manufacturer` is three letters (FLAG), the last in lower case for a reaction time of 20 ms; `baud_character` the
    fastest rate offered in mode C. A wrong password counts; `tries` of them lock programming for `lockout_s`.
    """

    manufacturer: str = "MBX"
    identification: str = "METERBENCH"
    device_address: str = "00000001"
    baud_character: str = "5"
    password: str = "00000000"
    tries: int = 3
    lockout_s: int = 600


@dataclass(frozen=True, slots=True)
class MeterConfig:
    """All of it. ValueError, naming the path, for values that do not fit together."""

    nameplate: Nameplate
    clock: ClockConfig
    calendar: Calendar
    demand_period_s: int = 1_800
    billing: BillingDates = field(default_factory=BillingDates)
    billing_lockout_s: int = 900
    """How long after an end of billing the button and the port can't make another; dates and power-ups still can."""
    optical: OpticalConfig = field(default_factory=OpticalConfig)

    def __post_init__(self) -> None:
        if self.calendar.rates > RATES_MOST:
            raise ValueError(f"calendar.rates: {self.calendar.rates} rates, and a save has room for {RATES_MOST}")
        IntegrationPeriod(self.demand_period_s, self.clock.zone)
