"""The tables `[[fault]]`: what goes wrong, and when. One model a kind; `kind` tells them apart.

A table holds all parameters of its kind; the class in `sim.faults` that carries it out is given the table, and
`sim.faults.catalogue` says which class that is. The docstring is what the catalogue prints.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self, get_args

from pydantic import Field, StrictInt, model_validator

from sim.scenario.fault_base import SOUND, FaultBase, LastingBase, OpenBase, Turn
from sim.scenario.fields import (
    CellVoltage,
    Chance,
    Deviation,
    Duration,
    Frequency,
    Permille,
    Phase,
    RmsVoltage,
    SignedDuration,
)

_ONE_PHASE_LEFT: Final = frozenset({"3p4w", "3p3w"})

ProgramCutName = Literal["nothing", "done", "prefix", "random-bits", "metastable"]
EraseCutName = Literal["nothing", "done", "pre-programmed", "half", "pages", "metastable"]

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


# The flash

RingName = Literal["registers", "billing", "events", "profile", "configuration"]
CutName = Literal[
    "nothing", "done", "prefix", "random-bits", "metastable", "pre-programmed", "half", "pages"
]


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


# The port


class _PortFault(LastingBase):
    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"the optical port"})


class UartNoise(_PortFault):
    """Foreign light on the optical port: bits flip at random, both ways."""

    kind: Literal["uart-noise"]
    flips_ppm: Chance = Field(
        default=10_000,
        alias="flips",
        gt=0,
        le=1_000_000,
        json_schema_extra={"default": "1 %"},
        description="share of all bits",
    )


class UartBreak(_PortFault):
    """A break on the optical port: whatever is sent, either way, arrives as a framing error."""

    kind: Literal["uart-break"]


class UartParity(_PortFault):
    """Every character on the optical port, either way, bears the wrong parity."""

    kind: Literal["uart-parity"]


# The processor


class CpuDrift(OpenBase):
    """The processor's oscillator runs at another frequency."""

    kind: Literal["cpu-drift"]
    offset_ppb: Deviation = Field(
        alias="offset", ge=-10_000_000, le=10_000_000, description="its error, in place of its own; positive is fast"
    )


class TaskOverrun(LastingBase):
    """Whatever the processor does takes longer than its declared worst."""

    kind: Literal["task-overrun"]
    stretch_permille: Permille = Field(
        alias="stretch", gt=1_000, le=1_000_000, description="share of the worst that it takes, such as 250 %"
    )


class TaskHang(FaultBase):
    """A task never yields again: what runs, or the next thing that runs, goes on for ever."""

    kind: Literal["task-hang"]


InputName = Literal["terminal-cover", "main-cover", "magnet"]


class InputChatter(LastingBase):
    """Inputs chatter, faster than anything that reads them: too many interrupts, and too many events for their
    queue."""

    kind: Literal["input-chatter"]
    inputs: tuple[InputName, ...] = Field(
        default=("terminal-cover",),
        min_length=1,
        max_length=3,
        description="which of terminal-cover, main-cover, magnet",
    )
    period_ns: Duration = Field(
        default=500_000,
        alias="period",
        json_schema_extra={"default": "500 us"},
        description="from one change to the next",
    )

    @property
    def claims(self) -> frozenset[str]:
        return frozenset(self.inputs)


# Tampering


class TerminalCoverOpen(LastingBase):
    """The terminal cover stands open."""

    kind: Literal["terminal-cover-open"]

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"terminal-cover"})


class MainCoverOpen(LastingBase):
    """The main cover stands open."""

    kind: Literal["main-cover-open"]

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"main-cover"})


class MagnetHeld(LastingBase):
    """A magnet is held to the case: its sensor tells."""

    kind: Literal["magnet-held"]

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"magnet"})


class ResetPress(LastingBase):
    """The reset button is pressed."""

    kind: Literal["reset-press"]


FaultTable = Annotated[
    BatteryFail
    | BatteryLow
    | BatteryReplace
    | SupplyFail
    | PowerCut
    | SupplyDips
    | BrownOut
    | CutBurst
    | RtcStop
    | RtcDrift
    | RtcJump
    | RtcGarbage
    | RtcEpoch
    | FlashCut
    | FlashTorn
    | FlashStuck
    | FlashRot
    | FlashWear
    | FlashMetastable
    | FrontEndStuck
    | FrontEndSaturated
    | FrontEndOffset
    | FrontEndMissing
    | FrontEndFrozen
    | UartNoise
    | UartBreak
    | UartParity
    | CpuDrift
    | TaskOverrun
    | TaskHang
    | InputChatter
    | PhaseFail
    | VoltageFault
    | CurrentReversed
    | CurrentsCrossed
    | SequenceReversed
    | NeutralLost
    | FrequencyWrong
    | TerminalCoverOpen
    | MainCoverOpen
    | MagnetHeld
    | ResetPress,
    Field(discriminator="kind"),
]
