"""The table `[billing]`: what ends billing, and when."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt, WithJsonSchema

from firmware.tariff.billing import BillingConfig, BillingSource
from firmware.tariff.billing_dates import BillingDates
from hal.inputs import Input
from sim.scenario.demand_table import ControlName
from sim.scenario.fields import MinuteOfDay, Table, parse_seconds
from sim.scenario.quantities import DURATION_PATTERN

SourceName = Literal["billing-date", "season", "tariff-change", "optical", "button", "input", "power-up", "programming"]

UNTIL_MIDNIGHT = "midnight"


def _lock(given: object) -> int | None:
    return None if given == UNTIL_MIDNIGHT else parse_seconds(given)


Lock = Annotated[
    int | None,
    BeforeValidator(_lock),
    WithJsonSchema({"type": "string", "pattern": f"^{UNTIL_MIDNIGHT}$|{DURATION_PATTERN}"}),
]
"""In s; None until the next local midnight."""


class BillingTable(Table):
    """The scheduled end of billing: a day of each month (its last, where it is shorter) and a local time; what else
    ends billing; and for how long."""

    day: StrictInt = Field(default=1, ge=1, le=31)
    minute: MinuteOfDay = Field(default=0, alias="time", json_schema_extra={"default": "00:00"})
    sources: tuple[SourceName, ...] = Field(
        default=("billing-date", "button", "optical"),
        description="What ends billing. Another ratio does so in any case, and a lost clock as `clock` says.",
    )
    lockout_s: Lock = Field(
        default=900,
        alias="lockout",
        description="How long after an end of billing button, port and input can't make another.",
        json_schema_extra={"default": "15min"},
    )
    input: ControlName | None = Field(default=None, description="The control input that ends billing.")

    def config(self) -> BillingConfig:
        """The firmware's; ValueError as it says."""
        return BillingConfig(
            dates=BillingDates(self.day, self.minute),
            sources=tuple(BillingSource(name) for name in self.sources),
            lockout_s=self.lockout_s,
            input=None if self.input is None else Input(self.input),
        )
