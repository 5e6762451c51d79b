"""The table `[load_switch]`: relay, limiter and load-control output. Without it nothing of the kind is fitted."""

from typing import Literal, Self

from pydantic import Field, StrictInt, model_validator

from firmware.load_switch.config import (
    LimiterConfig,
    LoadControlConfig,
    LoadSwitchConfig,
    Monitored,
    OnOver,
    OnUnder,
    RelayConfig,
)
from firmware.load_switch.disconnect import ControlMode
from sim.scenario.fields import Current, Duration, Permille, Power, Table
from sim.scenario.problem import problem

_UW_PER_MW = 1_000


class RelayTable(Table):
    """The disconnect relay. `control_mode` is that of COSEM: who may disconnect and reconnect, and how; see
    docs/load-switch.md."""

    control_mode: StrictInt = Field(default=4, ge=0, le=6)
    manual_hold_ns: Duration = Field(default=5_000_000_000, alias="manual_hold", json_schema_extra={"default": "5s"})
    unexpected_permille: Permille = Field(
        default=5,
        ge=2,
        le=1_000,
        alias="unexpected",
        description="Share of the rated current that is unexpected with the relay open.",
        json_schema_extra={"default": "0.5 %"},
    )
    unexpected_delay_ns: Duration = Field(
        default=5_000_000_000, alias="unexpected_delay", json_schema_extra={"default": "5s"}
    )

    def config(self) -> RelayConfig:
        return RelayConfig(
            ControlMode(self.control_mode), self.manual_hold_ns, self.unexpected_permille, self.unexpected_delay_ns
        )


class ThresholdTable(Table):
    """An import power of all phases together, or a current of the phase that has most; at the meter's terminals."""

    power_mw: Power | None = Field(default=None, alias="power")
    current_na: Current | None = Field(default=None, alias="current")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.power_mw is None) is (self.current_na is None):
            raise problem(("power",), "give power or current")
        return self

    @property
    def value(self) -> int:
        if self.power_mw is not None:
            return self.power_mw * _UW_PER_MW
        return self.current_na or 0


class LimiterTable(Table):
    """The limiter. `emergency` is the threshold while an emergency profile is in force; that of always, if not
    given."""

    threshold: ThresholdTable
    emergency: ThresholdTable | None = None
    over_ns: Duration = Field(default=30_000_000_000, alias="over", json_schema_extra={"default": "30s"})
    under_ns: Duration = Field(default=30_000_000_000, alias="under", json_schema_extra={"default": "30s"})
    on_over: Literal["log", "disconnect"] = "log"
    on_under: Literal["log", "reconnect"] = "log"
    heeded: tuple[StrictInt, ...] = Field(default=(), description="Numbers of the emergency profiles that it heeds.")
    reconnections: StrictInt = Field(default=3, description="How often it closes the relay in an hour, at the most.")

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if self.emergency is not None and (self.emergency.power_mw is None) is not (self.threshold.power_mw is None):
            raise problem(("emergency",), "is of the same kind as threshold, power or current")
        return self

    def config(self) -> LimiterConfig:
        emergency = self.threshold if self.emergency is None else self.emergency
        return LimiterConfig(
            Monitored.CURRENT if self.threshold.power_mw is None else Monitored.IMPORT_POWER,
            self.threshold.value,
            emergency.value,
            self.over_ns,
            self.under_ns,
            OnOver(self.on_over),
            OnUnder(self.on_under),
            self.heeded,
            self.reconnections,
        )


class LoadControlTable(Table):
    """The load-control output: on in some rates of the tariff, unless a command says otherwise."""

    rates: tuple[StrictInt, ...] = (2,)
    minimum_on_ns: Duration = Field(default=60_000_000_000, alias="minimum_on", json_schema_extra={"default": "1min"})
    minimum_off_ns: Duration = Field(default=60_000_000_000, alias="minimum_off", json_schema_extra={"default": "1min"})

    def config(self) -> LoadControlConfig:
        return LoadControlConfig(self.rates, self.minimum_on_ns, self.minimum_off_ns)


class LoadSwitchTable(Table):
    """What is fitted, each by its own table."""

    relay: RelayTable | None = None
    limiter: LimiterTable | None = None
    load_control: LoadControlTable | None = None

    def config(self) -> LoadSwitchConfig:
        """The firmware's; ValueError, with the path, for what does not fit together."""
        return LoadSwitchConfig(
            None if self.relay is None else self.relay.config(),
            None if self.limiter is None else self.limiter.config(),
            None if self.load_control is None else self.load_control.config(),
        )
