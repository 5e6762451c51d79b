"""The tables `[[fault]]`: what goes wrong, and when. One model a kind; `kind` tells them apart."""

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.fields import Duration, Identifier, Instant, Phase, Table


class _Fault(Table):
    id: Identifier
    at_ns: Instant = Field(alias="at")

    @property
    def end_ns(self) -> int | None:
        """When it ends by itself; None if it does not."""
        return None


class _Lasting(_Fault):
    duration_ns: Duration = Field(alias="duration")

    @property
    def end_ns(self) -> int:
        return self.at_ns + self.duration_ns


class BatteryFail(_Fault):
    """The cell behind the RTC dies."""

    kind: Literal["battery-fail"]


class BatteryReplace(_Fault):
    """A fresh cell takes the place of the old one."""

    kind: Literal["battery-replace"]


class SupplyFail(_Lasting):
    """All phases are gone: the meter runs on its hold-up, then stops."""

    kind: Literal["supply-fail"]


class PowerCut(_Lasting):
    """All phases are gone, and the meter's rail collapses in the same instant: no hold-up, no warning."""

    kind: Literal["power-cut"]


class PhaseFail(_Lasting):
    """Some phases are gone; 1 is L1."""

    kind: Literal["phase-fail"]
    phases: tuple[Phase, ...] = Field(min_length=1, max_length=3)


class TerminalCoverOpen(_Lasting):
    """The terminal cover stands open."""

    kind: Literal["terminal-cover-open"]


FaultTable = Annotated[
    BatteryFail | BatteryReplace | SupplyFail | PowerCut | PhaseFail | TerminalCoverOpen,
    Field(discriminator="kind"),
]
