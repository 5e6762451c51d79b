"""The table `[load]`: a standard profile, a measured file, or something constant."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Discriminator, Field, StrictBool, Tag, model_validator

from sim.scenario.fields import AnnualEnergy, DrawnCurrent, Phase, Power, PowerFactorPpm, Table, UtcOffset
from sim.scenario.problem import problem

ProfileName = Literal[
    "bdew:h0",
    "bdew:h0_dyn",
    "bdew:g0",
    "bdew:g1",
    "bdew:g2",
    "bdew:g3",
    "bdew:g4",
    "bdew:g5",
    "bdew:g6",
    "bdew:l0",
    "bdew:l1",
    "bdew:l2",
    "bdew:g25",
    "bdew:h25",
    "bdew:l25",
    "bdew:p25",
    "bdew:s25",
]

_ANY_PHASE: Final = Field(
    default=None, description="All of it hangs on this phase (1 is L1); evenly on all if not given."
)


class ProfileLoad(Table):
    """A standard load profile, scaled so that each civil year has the annual energy."""

    profile: ProfileName
    annual_energy_wh: AnnualEnergy = Field(alias="annual_energy")
    power_factor_ppm: PowerFactorPpm = Field(default=950_000, alias="power_factor", json_schema_extra={"default": 0.95})
    leading: StrictBool = Field(default=False, description="The current leads its voltage: a capacitive load.")
    utc_offset_s: UtcOffset | None = Field(
        default=None,
        alias="utc_offset",
        description="Of the profile's time; that of the meter's standard time if not given.",
    )
    phase: Phase | None = _ANY_PHASE

    @model_validator(mode="after")
    def _consumes(self) -> Self:
        if self.power_factor_ppm <= 0:
            raise problem(("power_factor",), "a profile consumes: its power factor lies above zero")
        return self

    @property
    def profile_name(self) -> str:
        """The profile's name without its family: `h0`."""
        return self.profile.partition(":")[2]


class MeasuredLoad(Table):
    """A file of measured rows, one a minute: plain, .gz or .xz."""

    csv: Path = Field(description="Relative to the scenario's folder, or, with --set, to the working directory.")
    on_gap: Literal["refuse", "no-load"] = "refuse"
    utc_offset_s: UtcOffset | None = Field(
        default=None,
        alias="utc_offset",
        description="Of the file's time; that of the meter's standard time if not given.",
    )
    phase: Phase | None = _ANY_PHASE


class ConstantLoad(Table):
    """A power (of all phases together) or a current (in each phase, or one for each phase) that never changes;
    without any, no load."""

    power_mw: Power | None = Field(default=None, alias="power")
    current_na: DrawnCurrent | None = Field(default=None, alias="current")
    currents_na: tuple[DrawnCurrent, DrawnCurrent, DrawnCurrent] | None = Field(default=None, alias="currents")
    power_factor_ppm: PowerFactorPpm = Field(default=1_000_000, alias="power_factor", json_schema_extra={"default": 1})
    leading: StrictBool = Field(default=False, description="The current leads its voltage: a capacitive load.")
    phase: Phase | None = _ANY_PHASE

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.power_mw is not None and self.current_na is not None:
            raise problem(("current",), "is given, and power too: one of them follows from the other")
        if self.currents_na is not None:
            others = {"power": self.power_mw, "current": self.current_na, "phase": self.phase}
            for key, given in others.items():
                if given is not None:
                    raise problem(("currents",), f"are given, and {key} too")
        if self.power_mw is not None and not self.power_factor_ppm:
            raise problem(("power_factor",), "is 0, so that the power tells nothing: give a current")
        return self


def _kind(given: Any) -> str:
    keys = set(given) if isinstance(given, dict) else set()
    if isinstance(given, ProfileLoad) or "profile" in keys:
        return "load:profile"
    if isinstance(given, MeasuredLoad) or "csv" in keys:
        return "load:csv"
    # Neither source is named: what else there is tells which name is missing.
    if "annual_energy" in keys:
        return "load:profile"
    if keys & {"on_gap", "utc_offset"}:
        return "load:csv"
    return "load:constant"


LoadTable = Annotated[
    Annotated[ProfileLoad, Tag("load:profile")]
    | Annotated[MeasuredLoad, Tag("load:csv")]
    | Annotated[ConstantLoad, Tag("load:constant")],
    Discriminator(_kind),
]
