"""The table `[demand]`.

    [demand]
    period = "15min"
    method = "sliding"
    subintervals = 3
    maxima = [{ energy = "A+" }, { energy = "A+", rate = 1 }, { energy = "S+" }]
    coincident = [{ maximum = 1, energy = "R1" }]
    thresholds = [{ energy = "A+", over = "50 kW" }]
    forgiveness = "5min"
    forgiveness_outage = "1min"

Energies are named as in a readout; C1 to C3 are those that `[meter] sums` defines.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt, model_validator

from firmware.config import usual_maxima
from firmware.demand.config import Coincident, DemandConfig, ExcessThreshold, MaximumDemand, Method
from firmware.demand.period import AfterOutage, OnRateChange, divides_hour
from firmware.registers.energy import ENERGY_QUANTITIES
from hal.inputs import Input
from sim.scenario.fields import LockOut, Power, Seconds, Table
from sim.scenario.problem import problem

AnyEnergyName = Literal["A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-", "C1", "C2", "C3"]
ControlName = Literal["control-1", "control-2"]


class MaximumTable(Table):
    """A maximum demand register: of an energy, in one rate of demand, or in all without `rate`."""

    energy: AnyEnergyName
    rate: StrictInt = Field(default=0, ge=0)

    def config(self) -> MaximumDemand:
        return MaximumDemand(place_of(self.energy), self.rate)


class CoincidentTable(Table):
    """The demand of another energy at each of the five highest of a maximum, by its number among `maxima`, from 1."""

    maximum: StrictInt = Field(ge=1)
    energy: AnyEnergyName

    def config(self) -> Coincident:
        return Coincident(self.maximum - 1, place_of(self.energy))


class ThresholdTable(Table):
    """A demand that is counted as an excess when it is over this."""

    energy: AnyEnergyName
    over_mw: Annotated[Power, Field(alias="over", gt=0)]

    def config(self) -> ExcessThreshold:
        return ExcessThreshold(place_of(self.energy), self.over_mw)


class DemandTable(Table):
    """How demand is measured, and which registers keep what of it."""

    period_s: Seconds = Field(default=1_800, alias="period", json_schema_extra={"default": "30min"})
    method: Literal["block", "sliding", "thermal"] = "block"
    subintervals: StrictInt = Field(default=1, ge=1, description="Of the period; for sliding demand.")
    after_outage: Literal["restart", "resume", "synchronise"] = Field(
        default="resume",
        description="The period that an outage broke: another one at once, the same, or none until the next whole one.",
    )
    on_rate_change: Literal["end", "wait"] = Field(
        default="wait", description="A period inside which the rate changes ends there, or at its end."
    )
    maxima: tuple[MaximumTable, ...] | None = Field(
        default=None, description="Maximum demand registers; those of A+, over all and in each rate, if not given."
    )
    coincident: tuple[CoincidentTable, ...] = ()
    thresholds: tuple[ThresholdTable, ...] = ()
    averages: tuple[AnyEnergyName, ...] = Field(
        default=("A+",), description="Energies with current and last average demand, besides those of registers."
    )
    forgiveness_s: LockOut = Field(
        default=0,
        alias="forgiveness",
        description="After a long outage no demand counts for this time.",
        json_schema_extra={"default": "0s"},
    )
    forgiveness_outage_s: LockOut = Field(
        default=0,
        alias="forgiveness_outage",
        description="The longest outage that is not long.",
        json_schema_extra={"default": "0s"},
    )
    input: ControlName | None = Field(default=None, description="The control input that ends the integration period.")

    @model_validator(mode="after")
    def _is_demand(self) -> Self:
        if not divides_hour(self.period_s):
            raise problem(("period",), f"{self.period_s} s is not of whole minutes that divide an hour")
        return self

    def config(self, rates: int) -> DemandConfig:
        """The firmware's, for a calendar with so many rates of demand; ValueError as it says."""
        maxima = usual_maxima(rates) if self.maxima is None else tuple(one.config() for one in self.maxima)
        return DemandConfig(
            period_s=self.period_s,
            method=Method(self.method),
            subintervals=self.subintervals,
            after_outage=AfterOutage(self.after_outage),
            on_rate_change=OnRateChange(self.on_rate_change),
            maxima=maxima,
            coincidents=tuple(one.config() for one in self.coincident),
            excesses=tuple(one.config() for one in self.thresholds),
            averages=tuple(place_of(name) for name in self.averages),
            forgiveness_s=self.forgiveness_s,
            forgiveness_outage_s=self.forgiveness_outage_s,
        )

    @property
    def control(self) -> Input | None:
        return None if self.input is None else Input(self.input)


def place_of(name: str) -> int:
    """The place of an energy by its short name."""
    return ENERGY_QUANTITIES.index(name)
