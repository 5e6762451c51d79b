"""The table `[display]`: lists, times, digits."""

from typing import Literal

from pydantic import Field, StrictInt

from firmware.display.config import AUTOMATIC, MANUAL, TEST, Digits, DisplayConfig, Prefix
from sim.scenario.fields import Duration, Table

_PREFIXES = {"": Prefix.NONE, "k": Prefix.KILO, "M": Prefix.MEGA}


class EnergyDigitsTable(Table):
    """How an energy is written: all its digits, those behind the point, the prefix of its unit."""

    digits: StrictInt = 9
    decimals: StrictInt = 3
    prefix: Literal["", "k", "M"] = "k"

    def config(self) -> Digits:
        return Digits(self.digits, self.decimals, _PREFIXES[self.prefix])


class DemandDigitsTable(Table):
    """How a demand is written; one that needs more digits has them."""

    digits: StrictInt = 6
    decimals: StrictInt = 3
    prefix: Literal["", "k", "M"] = "k"

    def config(self) -> Digits:
        return Digits(self.digits, self.decimals, _PREFIXES[self.prefix])


class DisplayTable(Table):
    """Entries are reduced ID codes, `CODE[@PERIOD][#RANK][:time]`; see docs/display.md."""

    automatic: tuple[str, ...] = AUTOMATIC
    manual: tuple[str, ...] = MANUAL
    test: tuple[str, ...] = TEST
    page_ns: Duration = Field(
        default=5_000_000_000,
        alias="page",
        description="How long a page of the automatic list stays.",
        json_schema_extra={"default": "5s"},
    )
    timeout_ns: Duration = Field(
        default=60_000_000_000,
        alias="timeout",
        description="How long after the last press the automatic list comes back.",
        json_schema_extra={"default": "1min"},
    )
    long_press_ns: Duration = Field(default=2_000_000_000, alias="long_press", json_schema_extra={"default": "2s"})
    energy: EnergyDigitsTable = Field(default_factory=EnergyDigitsTable)
    demand: DemandDigitsTable = Field(default_factory=DemandDigitsTable)

    def config(self) -> DisplayConfig:
        """The firmware's; ValueError, with the path, for what can't be shown."""
        return DisplayConfig(
            self.automatic,
            self.manual,
            self.test,
            self.page_ns,
            self.timeout_ns,
            self.long_press_ns,
            self.energy.config(),
            self.demand.config(),
        )
