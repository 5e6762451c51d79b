"""The tables `[[reading]]`: sessions on the optical port that a reader begins at an instant."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from firmware.config import Settings
from firmware.programming.programme import Change, PassiveTariff
from hal.units import S
from sim.scenario.fields import (
    CurrentRatio,
    Identifier,
    Instant,
    Password,
    Seconds,
    SignedDuration,
    SignedSeconds,
    Start,
    Table,
    VoltageRatio,
)
from sim.scenario.parts import tariff_config
from sim.scenario.problem import problem
from sim.scenario.settings_table import SettingsTable
from sim.scenario.tariff_table import TariffTable

_REPEATS_MOST = 100


def _given(value: object) -> object:
    if value == "first-row":
        raise ValueError('expected a date and time, not "first-row"')
    return value


Given = Annotated[Start, BeforeValidator(_given)]


class PassiveTable(Table):
    """A tariff that is to take the place of the active one at an instant of the meter's clock."""

    activate_utc_ns: Given = Field(alias="activate")
    tariff: TariffTable


class EmergencyTable(Table):
    """An emergency profile for the limiter: in force from an instant of the meter's clock on."""

    number: StrictInt = Field(ge=1, lt=1 << 16)
    begin_utc_ns: Given = Field(alias="begin")
    duration_s: Seconds = Field(alias="duration", description="whole minutes")

    @model_validator(mode="after")
    def _is_of_whole_minutes(self) -> Self:
        if self.duration_s % 60 or self.duration_s >= 60 << 16:
            raise problem(("duration",), "is of whole minutes, up to 65535 of them")
        return self


class ReadingTable(Table):
    """One session: a readout, or one command in programming mode.

    `set-clock` sets the meter to true time as it then is, `offset` from it, or to the time `to`; `adjust-clock` slews
    it `by` some seconds. `password` goes with the commands; the meter's own of `level`, if it is not given. `repeat`
    holds the session so many times, one after the other; the last one's outcome is the reading's. `program` sends a
    change of the programme: the transformers' ratios, the active tariff, a passive one, `settings`; what it leaves out
    stays.
    `disconnect` and `reconnect` are for the relay, `load-control` switches the output to `load`, `emergency-profile`
    sends one to the limiter. `begin-test` and `end-test` are for test mode.
    """

    id: Identifier
    at_ns: Instant = Field(alias="at")
    kind: Literal[
        "readout",
        "set-clock",
        "adjust-clock",
        "release-tariff",
        "billing-reset",
        "program",
        "disconnect",
        "reconnect",
        "load-control",
        "emergency-profile",
        "begin-test",
        "end-test",
    ] = "readout"
    password: Password | None = None
    level: StrictInt | None = Field(default=None, ge=1, le=3)
    repeat: StrictInt = Field(default=1, ge=1, le=_REPEATS_MOST)
    to_utc_ns: Given = Field(default=None, alias="to")
    offset_ns: SignedDuration | None = Field(default=None, alias="offset")
    by_s: SignedSeconds | None = Field(default=None, alias="by")
    ct_ratio: CurrentRatio | None = Field(default=None, alias="ct")
    vt_ratio: VoltageRatio | None = Field(default=None, alias="vt")
    tariff: TariffTable | None = None
    passive: PassiveTable | None = None
    settings: SettingsTable | None = None
    load: Literal["on", "off", "tariff"] | None = None
    emergency: EmergencyTable | None = None

    @model_validator(mode="after")
    def _keys_have_a_use(self) -> Self:
        if self.kind == "readout":
            for key, value in (("password", self.password), ("level", self.level)):
                if value is not None:
                    raise problem((key,), "has no use in a readout")
        if self.password is not None and self.level is not None:
            raise problem(("level",), "has no use with a password")
        if self.kind != "set-clock":
            for key, given in (("to", self.to_utc_ns), ("offset", self.offset_ns)):
                if given is not None:
                    raise problem((key,), "is for set-clock")
        elif self.to_utc_ns is not None and self.offset_ns is not None:
            raise problem(("to",), "leaves offset nothing to say")
        if (self.kind == "adjust-clock") != (self.by_s is not None):
            raise problem(("by",), "is needed by adjust-clock, and by nothing else")
        if (self.kind == "load-control") != (self.load is not None):
            raise problem(("load",), "is needed by load-control, and by nothing else")
        if (self.kind == "emergency-profile") != (self.emergency is not None):
            raise problem(("emergency",), "is needed by emergency-profile, and by nothing else")
        keys = ("ct_ratio", "vt_ratio", "tariff", "passive", "settings")
        programs = [key for key in keys if getattr(self, key) is not None]
        if self.kind == "program" and not programs:
            raise problem(("kind",), "needs ct, vt, tariff, passive or settings to program")
        if self.kind != "program" and programs:
            raise problem((programs[0].removesuffix("_ratio"),), "is for program")
        return self

    def change(self, before: Settings) -> Change:
        """What `program` sends to a meter that was made with these settings. Of a tariff the registers, their side of
        the transformers and what selects the rates are programmed too, if one of them is named. ValueError, naming the
        path, for what breaks a rule already."""
        passive = self.passive
        calendar = None if self.tariff is None else self.tariff.calendar()
        parts = {} if self.settings is None else self.settings.parts(before, calendar)
        if calendar is not None:
            parts["calendar"] = calendar
        if self.tariff is not None and self.tariff.model_fields_set & {"registers", "source", "registration"}:
            parts["tariff"] = tariff_config(self.tariff, before.tariff.sums)
        return Change.of(
            parts,
            ct_ratio=self.ct_ratio,
            vt_ratio=self.vt_ratio,
            passive=None
            if passive is None
            else PassiveTariff(passive.tariff.calendar(), (passive.activate_utc_ns or 0) // S),
        )

    @property
    def offset_s(self) -> int:
        """What `set-clock` adds to true time, in s."""
        return 0 if self.offset_ns is None else self.offset_ns // S
