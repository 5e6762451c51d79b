"""The tables of the meter itself: `[meter]`, `[clock]`, `[demand]`, `[billing]`, `[optical]`."""

from fractions import Fraction
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StrictInt, model_validator

from firmware.clock.civil import Zone
from firmware.clock.dst import DstRule
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.demand import IntegrationPeriod
from protocols.iec62056_21.data import Value
from protocols.iec62056_21.sign_on import Identification, check_device_address
from sim.scenario.fields import (
    AccuracyText,
    CellVoltage,
    ChangeOfClock,
    Current,
    CurrentRatio,
    Frequency,
    LockOut,
    MinuteOfDay,
    Password,
    Seconds,
    Table,
    UtcOffset,
    Voltage,
    VoltageRatio,
)
from sim.scenario.problem import problem

WiringName = Literal["3p4w", "3p3w", "1p2w"]
ConnectionName = Literal["direct", "ct", "ct-vt"]
AccuracyName = Literal["0.2S", "0.5S", "1", "2"]
BatteryFailureName = Literal["continue", "reset", "reset-and-freeze"]

_BAUD_CHARACTERS: Final = {300: "0", 600: "1", 1200: "2", 2400: "3", 4800: "4", 9600: "5", 19200: "6"}


class MeterTable(Table):
    """The nameplate. Ratings are at the meter's own terminals; the nominal voltage is that of one measuring element."""

    wiring: WiringName = "3p4w"
    nominal_uv: Voltage = Field(default=230_000_000, alias="nominal", json_schema_extra={"default": "230 V"})
    rated_current_na: Current = Field(
        default=5_000_000_000, alias="rated_current", json_schema_extra={"default": "5 A"}
    )
    given_maximum_current_na: Current | None = Field(
        default=None, alias="maximum_current", description="20 times the rated current if direct, else 1.2 times."
    )
    frequency_uhz: Frequency = Field(default=50_000_000, alias="frequency", json_schema_extra={"default": "50 Hz"})
    accuracy: Annotated[AccuracyName, AccuracyText] = "1"
    connection: ConnectionName = "direct"
    ct_ratio: CurrentRatio = Field(default=Fraction(1), alias="ct", json_schema_extra={"default": "1 A / 1 A"})
    vt_ratio: VoltageRatio = Field(default=Fraction(1), alias="vt", json_schema_extra={"default": "1 V / 1 V"})
    impulses_per_kwh: StrictInt = Field(default=1_000, ge=1)

    @property
    def maximum_current_na(self) -> int:
        """As given, or what is usual: 5(100) A connected directly, 5(6) A with current transformers."""
        if self.given_maximum_current_na is not None:
            return self.given_maximum_current_na
        return self.rated_current_na * 20 if self.connection == "direct" else self.rated_current_na * 6 // 5


class DstTable(Table):
    """When daylight saving starts and ends, as the wall shows it just before the change; by one hour or two."""

    start: ChangeOfClock
    end: ChangeOfClock
    shift_s: Seconds = Field(default=3_600, alias="shift", json_schema_extra={"default": "1h"})

    @model_validator(mode="after")
    def _is_a_rule(self) -> Self:
        self.rule()
        return self

    def rule(self) -> DstRule:
        return DstRule(self.start, self.end, self.shift_s)


class TimezoneTable(Table):
    """Standard time, and daylight saving if there is any."""

    standard_s: UtcOffset = Field(alias="standard")
    dst: DstTable | None = None

    @model_validator(mode="after")
    def _is_a_zone(self) -> Self:
        self.zone()
        return self

    def zone(self) -> Zone:
        return Zone(self.standard_s, None if self.dst is None else self.dst.rule())


def central_european() -> TimezoneTable:
    """UTC+1, with daylight saving from the last Sunday of March to the last of October."""
    dst = {"start": "last Sunday March 02:00", "end": "last Sunday October 03:00"}
    return TimezoneTable.model_validate({"standard": "+01:00", "dst": dst})


class ClockTable(Table):
    """The civil clock, and what the meter does when its battery has failed and then its supply."""

    timezone: TimezoneTable = Field(default_factory=central_european)
    battery_failure: BatteryFailureName = "continue"
    cell_low_mv: CellVoltage = Field(default=2_400, alias="cell_low", json_schema_extra={"default": "2.4 V"})


class DemandTable(Table):
    """The integration period of maximum demand."""

    period_s: Seconds = Field(default=1_800, alias="period", json_schema_extra={"default": "30min"})

    @model_validator(mode="after")
    def _divides_the_hour(self) -> Self:
        try:
            IntegrationPeriod(self.period_s, Zone(0))
        except ValueError:
            raise problem(("period",), f"{self.period_s} s is not of whole minutes that divide an hour") from None
        return self


class BillingTable(Table):
    """The scheduled end of billing: a day of each month (its last, where it is shorter) and a local time."""

    day: StrictInt = Field(default=1, ge=1, le=31)
    minute: MinuteOfDay = Field(default=0, alias="time", json_schema_extra={"default": "00:00"})
    lockout_s: LockOut = Field(
        default=900,
        alias="lockout",
        description="How long after an end of billing the button and the port can't make another.",
        json_schema_extra={"default": "15min"},
    )

    def dates(self) -> BillingDates:
        return BillingDates(self.day, self.minute)


class OpticalTable(Table):
    """Identity and access on the optical port (IEC 62056-21, mode C)."""

    manufacturer: str = "MBX"
    identification: str = "METERBENCH"
    device_address: str = "00000001"
    baud: Literal[300, 600, 1200, 2400, 4800, 9600, 19200] = 9600
    password: Password = "00000000"
    tries: StrictInt = Field(default=3, ge=1, le=255)
    lockout_s: Seconds = Field(default=600, alias="lockout", json_schema_extra={"default": "10min"})

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        Identification(self.manufacturer, self.baud_character, self.identification)
        check_device_address(self.device_address)
        Value(self.password)
        return self

    @property
    def baud_character(self) -> str:
        """The character that offers this speed in mode C."""
        return _BAUD_CHARACTERS[self.baud]
