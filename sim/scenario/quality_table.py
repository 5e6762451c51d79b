"""The table `[quality]`: power quality, which the meter watches if the table is there."""

from typing import Self

from pydantic import Field, StrictBool, model_validator

from firmware.quality.config import QualityConfig
from sim.scenario.fields import Permille, Table
from sim.scenario.problem import problem


class QualityTable(Table):
    """Dips, swells and interruptions by half-cycle voltages, in shares of the nominal one; 10-minute statistics."""

    dip_permille: Permille = Field(
        default=900, alias="dip", json_schema_extra={"default": "90 %"}, description="A lower voltage is a dip."
    )
    swell_permille: Permille = Field(
        default=1_100, alias="swell", json_schema_extra={"default": "110 %"}, description="A higher one is a swell."
    )
    hysteresis_permille: Permille = Field(default=20, alias="hysteresis", json_schema_extra={"default": "2 %"})
    interruption_permille: Permille = Field(
        default=50,
        alias="interruption",
        json_schema_extra={"default": "5 %"},
        description="A dip that leaves less is an interruption.",
    )
    statistics: StrictBool = Field(default=True, description="10-minute values, and the week judged by EN 50160.")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        try:
            self.config()
        except ValueError as error:
            # The firmware names the field; the file has its alias.
            path, _, rule = str(error).partition(": ")
            raise problem((path.removeprefix("quality.").removesuffix("_permille"),), rule) from None
        return self

    def config(self) -> QualityConfig:
        return QualityConfig(
            self.dip_permille,
            self.swell_permille,
            self.hysteresis_permille,
            self.interruption_permille,
            self.statistics,
        )
