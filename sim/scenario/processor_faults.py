"""The tables `[[fault]]` of the processor and of its port."""

from typing import Literal

from pydantic import Field

from sim.scenario.fault_base import FaultBase, LastingBase, OpenBase
from sim.scenario.fields import (
    Chance,
    Deviation,
    Duration,
    Permille,
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
    """Inputs chatter: too many interrupts, or more changes than the log is to hold."""

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
