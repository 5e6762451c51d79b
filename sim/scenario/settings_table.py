"""The key `settings` of a programming: parts of the meter's settings, in tables as a scenario has them.

A table that is given takes the place of the whole part; what it leaves out is as it is by default. A table that is not
given changes nothing. `"none"` takes a second load profile, or power quality, away.
"""

from typing import Literal

from pydantic import Field

from firmware.config import Settings
from firmware.tariff.calendar import Calendar
from sim.scenario.billing_table import BillingTable
from sim.scenario.demand_table import DemandTable
from sim.scenario.display_table import DisplayTable
from sim.scenario.fields import Seconds, Table
from sim.scenario.load_switch_table import LoadSwitchTable
from sim.scenario.meter_tables import ClockTable, OpticalTable, ProfileTable
from sim.scenario.parts import clock_config, optical_config
from sim.scenario.quality_table import QualityTable
from sim.scenario.supervision_table import AlarmsTable, SupervisionTable

NONE = "none"


class SettingsTable(Table):
    """Parts of the settings."""

    clock: ClockTable | None = None
    demand: DemandTable | None = None
    profile: ProfileTable | None = None
    profile_2: ProfileTable | Literal["none"] | None = None
    billing: BillingTable | None = None
    optical: OpticalTable | None = None
    supervision: SupervisionTable | None = None
    alarms: AlarmsTable | None = None
    load_switch: LoadSwitchTable | None = None
    display: DisplayTable | None = None
    quality: QualityTable | Literal["none"] | None = None
    test_mode_s: Seconds | None = Field(default=None, alias="test_mode")

    def parts(self, before: Settings, calendar: Calendar | None) -> dict[str, object]:
        """The firmware's, by their names in `firmware.config.Settings`, for a meter with these settings before and the
        calendar that is programmed with them, if one is; ValueError, naming the path, for what breaks a rule."""
        found: dict[str, object] = {}
        if self.clock is not None:
            found["clock"] = clock_config(self.clock)
        if self.demand is not None:
            rates = (before.calendar if calendar is None else calendar).rates_of_demand
            found["demand"] = self.demand.config(rates)
            found["demand_input"] = self.demand.control
        if self.profile_2 is not None:
            found["profile_2"] = None if isinstance(self.profile_2, str) else self.profile_2.config()
        if self.quality is not None:
            found["quality"] = None if isinstance(self.quality, str) else self.quality.config()
        if self.optical is not None:
            found["optical"] = optical_config(self.optical)
        if self.test_mode_s is not None:
            found["test_mode_s"] = self.test_mode_s
        for name in ("profile", "billing", "supervision", "alarms", "load_switch", "display"):
            table = getattr(self, name)
            if table is not None:
                found[name] = table.config()
        return found
