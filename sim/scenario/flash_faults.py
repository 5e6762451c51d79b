"""The tables `[[fault]]` of the flash."""

from typing import Literal, Self, get_args

from pydantic import Field, StrictInt, model_validator

from sim.scenario.fault_base import FaultBase
from sim.scenario.fields import (
    Duration,
    Permille,
)

ProgramCutName = Literal["nothing", "done", "prefix", "random-bits", "metastable"]
EraseCutName = Literal["nothing", "done", "pre-programmed", "half", "pages", "metastable"]


RingName = Literal[
    "registers",
    "billing",
    "profile",
    "profile-2",
    "configuration",
    "log-standard",
    "log-fraud",
    "log-quality",
    "log-power",
    "log-communication",
    "log-configuration",
]
CutName = Literal["nothing", "done", "prefix", "random-bits", "metastable", "pre-programmed", "half", "pages"]


class FlashCut(FaultBase):
    """The rail collapses inside an operation of the flash, and all phases are gone for a while from then on."""

    kind: Literal["flash-cut"]
    duration_ns: Duration = Field(alias="duration", description="how long the supply is gone from then on")
    operation: Literal["program", "erase", "any"] = Field(default="any", description="what is counted")
    nth: StrictInt = Field(default=1, ge=1, description="which of those that start after the instant; 1 is the first")
    share_permille: Permille = Field(
        default=500, alias="share", le=1_000, json_schema_extra={"default": "50 %"}, description="of its time"
    )
    left: CutName | None = Field(default=None, description="what the cut leaves; drawn by chance, if not given")

    @model_validator(mode="after")
    def _leaves(self) -> Self:
        possible = {
            "program": get_args(ProgramCutName),
            "erase": get_args(EraseCutName),
            "any": ("nothing", "done", "metastable"),
        }[self.operation]
        if self.left is not None and self.left not in possible:
            raise ValueError(f'operation = "{self.operation}" leaves one of {", ".join(possible)}, not {self.left}')
        return self


class _Damage(FaultBase):
    """Where the flash is damaged: among the programmed bytes of a ring, or from an address on."""

    ring: RingName | None = Field(default=None, description="this ring's region")
    where: Literal["anywhere", "newest"] = Field(
        default="anywhere", description="in a ring: among all that is programmed, or in the newest record"
    )
    address: StrictInt | None = Field(default=None, ge=0, description="or this byte, and those behind it")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.ring is None) == (self.address is None):
            raise ValueError("needs a place: ring or address, one of the two")
        return self


class FlashRot(_Damage):
    """Charge leaks: programmed bits become ones, one after the other."""

    kind: Literal["flash-rot"]
    bits: StrictInt = Field(default=1, ge=1, le=100_000, description="how many")
    over_ns: Duration | None = Field(
        default=None, alias="over", description="spread evenly over this time; all at once, if not given"
    )


class FlashStuck(_Damage):
    """Bits read and stay at one level for good."""

    kind: Literal["flash-stuck"]
    bits: StrictInt = Field(default=1, ge=1, le=100_000, description="how many")
    level: Literal[0, 1] = Field(default=0, description="what they read")


class FlashMetastable(_Damage):
    """Bits read differently at each read, until they are written anew."""

    kind: Literal["flash-metastable"]
    bits: StrictInt = Field(default=8, ge=1, le=100_000, description="how many")


class FlashTorn(FaultBase):
    """A program ends too soon, with nobody told: its last bytes stay blank."""

    kind: Literal["flash-torn"]
    nth: StrictInt = Field(default=1, ge=1, description="which of those that start after the instant; 1 is the first")
    share_permille: Permille = Field(
        default=500, alias="share", lt=1_000, json_schema_extra={"default": "50 %"}, description="of it that was done"
    )


class FlashWear(FaultBase):
    """Sectors of a ring are as worn as if they had been erased so often."""

    kind: Literal["flash-wear"]
    ring: RingName = Field(description="whose sectors")
    erases: StrictInt = Field(ge=1, le=100_000_000, description="as many; beyond the part's endurance, bits stick")
