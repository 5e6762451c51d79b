"""The tables `[[fault]]` of the front end, of the mains, and of how the meter is connected to them."""

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from pydantic import Field

from sim.scenario.fault_base import LastingBase, OpenBase
from sim.scenario.fields import (
    Chance,
    Frequency,
    Permille,
    Phase,
)

_ONE_PHASE_LEFT: Final = frozenset({"3p4w", "3p3w"})


# The front end

Channel = Literal["U1", "U2", "U3", "I1", "I2", "I3", "IN"]


class _ChannelFault(LastingBase):
    channel: Channel = Field(description="which input of the converter or metering IC")

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({f"channel {self.channel}"})


class FrontEndStuck(_ChannelFault):
    """A channel of the front end is stuck at one value."""

    kind: Literal["front-end-stuck"]


class FrontEndSaturated(_ChannelFault):
    """A channel of the front end is at its stop: full scale."""

    kind: Literal["front-end-saturated"]


class FrontEndOffset(_ChannelFault):
    """A channel of the front end has an offset."""

    kind: Literal["front-end-offset"]
    boards: ClassVar[frozenset[str]] = frozenset({"soc"})
    amount_ppm: Chance = Field(alias="amount", gt=0, le=1_000_000, description="share of full scale")


class FrontEndMissing(_ChannelFault):
    """A channel of the front end has no signal: a broken wire behind the terminals."""

    kind: Literal["front-end-missing"]


class FrontEndFrozen(LastingBase):
    """The whole front end delivers nothing new."""

    kind: Literal["front-end-frozen"]


# The mains, and how the meter is connected to them


class PhaseFail(LastingBase):
    """Some phases are gone; 1 is L1."""

    kind: Literal["phase-fail"]
    phases: tuple[Phase, ...] = Field(min_length=1, max_length=3, description="which, 1 to 3")

    @property
    def claims(self) -> frozenset[str]:
        return frozenset(f"L{phase}" for phase in self.phases)

    @property
    def phases_by_key(self) -> Mapping[str, tuple[int, ...]]:
        return {"phases": self.phases}


class VoltageFault(LastingBase):
    """A voltage transformer, or its fuse, fails: one phase's voltage is told wrong, its current is right."""

    kind: Literal["voltage-fault"]
    phase: Phase = Field(description="which, 1 to 3")
    to_permille: Permille = Field(alias="to", le=2_000, description="share of the voltage that is told; 0 % for none")
    elements_only: ClassVar[bool] = True

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({f"the voltage transformer of L{self.phase}"})

    @property
    def phases_by_key(self) -> Mapping[str, tuple[int, ...]]:
        return {"phase": (self.phase,)}


class CurrentReversed(OpenBase):
    """Current transformers are connected the wrong way round."""

    kind: Literal["current-reversed"]
    phases: tuple[Phase, ...] = Field(min_length=1, max_length=3, description="which, 1 to 3")
    elements_only: ClassVar[bool] = True

    @property
    def claims(self) -> frozenset[str]:
        return frozenset(f"the current transformer of L{phase}" for phase in self.phases)

    @property
    def phases_by_key(self) -> Mapping[str, tuple[int, ...]]:
        return {"phases": self.phases}


class CurrentsCrossed(OpenBase):
    """The current transformers of two phases are exchanged."""

    kind: Literal["currents-crossed"]
    phases: tuple[Phase, Phase] = Field(description="which two, 1 to 3")
    elements_only: ClassVar[bool] = True
    wirings: ClassVar[frozenset[str]] = _ONE_PHASE_LEFT

    @property
    def phases_by_key(self) -> Mapping[str, tuple[int, ...]]:
        return {"phases": self.phases}


class SequenceReversed(OpenBase):
    """Two phases are exchanged before the meter, voltage and current alike: the field turns the other way."""

    kind: Literal["sequence-reversed"]
    wirings: ClassVar[frozenset[str]] = _ONE_PHASE_LEFT


class NeutralLost(OpenBase):
    """The neutral breaks before the meter: the star point of the loads floats."""

    kind: Literal["neutral-lost"]
    wirings: ClassVar[frozenset[str]] = frozenset({"3p4w"})


class FrequencyWrong(LastingBase):
    """The grid runs at another frequency."""

    kind: Literal["frequency-wrong"]
    frequency_uhz: Frequency = Field(
        alias="frequency", ge=30_000_000, le=90_000_000, description="30 to 90 Hz, whatever the meter is made for"
    )
