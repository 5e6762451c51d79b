"""The tables `[[fault]]` of supply, cell and real-time clock."""

from typing import ClassVar, Final, Literal, Self

from pydantic import Field, StrictInt, model_validator

from sim.scenario.fault_base import SOUND, FaultBase, LastingBase, OpenBase, Turn
from sim.scenario.fields import (
    CellVoltage,
    Deviation,
    Duration,
    Permille,
    RmsVoltage,
    SignedDuration,
)
from sim.scenario.flash_faults import EraseCutName, ProgramCutName

# The supply


class SupplyFail(LastingBase):
    """All phases are gone: the meter runs on its hold-up, then stops."""

    kind: Literal["supply-fail"]


class PowerCut(LastingBase):
    """All phases are gone, and the meter's rail collapses in the same instant: no hold-up, no warning."""

    kind: Literal["power-cut"]
    program: ProgramCutName | None = Field(
        default=None, description="what it leaves of a program under way; drawn by chance, if not given"
    )
    erase: EraseCutName | None = Field(
        default=None, description="what it leaves of an erase under way; drawn by chance, if not given"
    )


class SupplyDips(FaultBase):
    """A train of voltage dips on all phases."""

    kind: Literal["supply-dips"]
    to_permille: Permille = Field(alias="to", lt=1_000, description="share of the voltage that is left; 0 % for none")
    width_ns: Duration = Field(alias="width", description="how long each dip lasts")
    count: StrictInt = Field(default=1, ge=1, le=10_000, description="how many")
    spacing_ns: Duration = Field(
        default=1_000_000_000,
        alias="spacing",
        json_schema_extra={"default": "1s"},
        description="from one's begin to the next's",
    )

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.count > 1 and self.spacing_ns <= self.width_ns:
            raise ValueError("a dip must end before the next begins: spacing is more than width")
        return self

    @property
    def end_ns(self) -> int:
        return self.at_ns + (self.count - 1) * self.spacing_ns + self.width_ns

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"the grid's voltage"})


class BrownOut(LastingBase):
    """All phases sag to a low voltage, and stay there for a while."""

    kind: Literal["brown-out"]
    voltage_uv: RmsVoltage = Field(
        alias="voltage", description="of the highest phase; the others keep their proportion; to 0.1 %"
    )

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"the grid's voltage"})


class CutBurst(FaultBase):
    """A burst of short cuts of all phases."""

    kind: Literal["cut-burst"]
    off_ns: Duration = Field(alias="off", description="how long each cut lasts")
    on_ns: Duration = Field(alias="on", description="how long the supply is back between two cuts")
    count: StrictInt = Field(ge=1, le=10_000, description="how many cuts")
    hold_up: bool = Field(default=True, description="false: the rail collapses with each cut")

    @property
    def end_ns(self) -> int:
        return self.at_ns + self.count * self.off_ns + (self.count - 1) * self.on_ns

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({self.kind_of()})


# The cell

_DEAD: Final = 'the cell is dead since "{before}"; replace it in between'


class BatteryFail(FaultBase):
    """The cell behind the RTC dies."""

    kind: Literal["battery-fail"]
    turn: ClassVar[Turn | None] = Turn("cell", "dead", {"dead": _DEAD})


class BatteryLow(FaultBase):
    """The cell sags to a low voltage under load, and still keeps the RTC."""

    kind: Literal["battery-low"]
    voltage_mv: CellVoltage = Field(alias="voltage", description="what it has left under the test load")
    turn: ClassVar[Turn | None] = Turn(
        "cell", "low", {"dead": _DEAD, "low": 'the cell is low since "{before}"; replace it in between'}
    )


class BatteryReplace(FaultBase):
    """A fresh cell takes the place of the old one."""

    kind: Literal["battery-replace"]
    turn: ClassVar[Turn | None] = Turn(
        "cell", SOUND, {SOUND: "the cell is alive then; a battery-fail or battery-low comes before"}
    )


# The real-time clock


class RtcStop(OpenBase):
    """The RTC's crystal stops: the counter stands still, and no alarm rings."""

    kind: Literal["rtc-stop"]
    flagged: bool = Field(default=True, description="the RTC sees it, and sets its stop flag")

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"the RTC's crystal"})


class RtcDrift(OpenBase):
    """The RTC's crystal runs off, on top of its own error."""

    kind: Literal["rtc-drift"]
    offset_ppb: Deviation = Field(
        alias="offset", ge=-1_000_000, le=1_000_000, description="frequency error that is added; positive is fast"
    )

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"the RTC's crystal"})


class RtcJump(FaultBase):
    """The RTC's counter leaps."""

    kind: Literal["rtc-jump"]
    by_ns: SignedDuration = Field(alias="by", description="forward, or back if negative")

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if not self.by_ns:
            raise ValueError("a jump by nothing is none")
        return self


class RtcGarbage(LastingBase):
    """The bus to the RTC is disturbed: reads bring garbage, the counter itself goes on."""

    kind: Literal["rtc-garbage"]


class RtcEpoch(FaultBase):
    """The RTC loses its own supply for a moment, and begins again at its epoch, 2000-01-01."""

    kind: Literal["rtc-epoch"]
    flagged: bool = Field(default=True, description="its stop flag tells so")
