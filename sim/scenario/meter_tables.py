"""The tables of the meter itself: `[meter]`, `[clock]`, `[profile]`, `[optical]`."""

from fractions import Fraction
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StrictInt, WithJsonSchema, model_validator

from firmware.clock.civil import Zone
from firmware.clock.dst import DstRule
from firmware.demand.period import IntegrationPeriod
from firmware.profile.channel import CHANNELS
from firmware.profile.config import Missed, ProfileConfig
from firmware.profile.interval import CHANNELS_MOST, UNIT_MOST
from firmware.registers.energy import MEASURED, CustomerSum
from hal.energy import ENERGY_KINDS
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
    Password,
    RegisterEnergy,
    Seconds,
    Table,
    Tolerance,
    UtcOffset,
    Voltage,
    VoltageRatio,
)
from sim.scenario.problem import problem

WiringName = Literal["3p4w", "3p3w", "1p2w"]
ConnectionName = Literal["direct", "ct", "ct-vt"]
SummationName = Literal["net", "moduli"]
AccuracyName = Literal["0.2S", "0.5S", "1", "2"]
EnergyName = Literal["A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-"]
SumName = Literal["C1", "C2", "C3"]
BatteryFailureName = Literal["continue", "reset", "reset-and-freeze"]
ClockSourceName = Literal["crystal", "mains"]

_BAUD_CHARACTERS: Final = {300: "0", 600: "1", 1200: "2", 2400: "3", 4800: "4", 9600: "5", 19200: "6"}


def _sum(name: str, text: str) -> CustomerSum:
    words = text.split()
    signs = ["+", *words[1::2]]
    names = words[::2]
    if len(words) % 2 == 0 or not set(signs) <= {"+", "-"} or not set(names) <= set(ENERGY_KINDS[:MEASURED]):
        raise problem(("sums", name), f'expected energies with signs between them, such as "A+ - A-", not "{text}"')
    terms = tuple(
        (1 if sign == "+" else -1, ENERGY_KINDS.index(energy)) for sign, energy in zip(signs, names, strict=True)
    )
    try:
        return CustomerSum(terms)
    except ValueError as error:
        raise problem(("sums", name), str(error)) from None


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
    s0_impulses_per_kwh: StrictInt = Field(default=0, ge=0, description="Of the S0 output; 0 for a meter without.")
    summation: SummationName = Field(
        default="net",
        alias="sum",
        description="Of the elements: 'moduli' counts each as import; a reversed transformer then takes nothing off.",
    )

    sums: dict[SumName, str] = Field(
        default_factory=dict,
        description='Energies that the customer defines: C1, C2, C3 of up to five measured ones: "A+ - A-".',
    )
    test_mode_s: Seconds = Field(
        default=1_800,
        alias="test_mode",
        description="How long the test mode lasts if nothing ends it.",
        json_schema_extra={"default": "30min"},
    )

    @model_validator(mode="after")
    def _sums_are_sums(self) -> Self:
        for number, name in enumerate(sorted(self.sums), 1):
            if name != f"C{number}":
                raise problem(("sums", name), f"C{number} is not defined; they are defined in order")
        self.customer_sums()
        return self

    def customer_sums(self) -> tuple[CustomerSum, ...]:
        """The firmware's, in order."""
        return tuple(_sum(name, self.sums[name]) for name in sorted(self.sums))

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
    cell_margin_mv: CellVoltage = Field(
        default=100,
        alias="cell_margin",
        description="A cell that has failed is healthy again so far above `cell_low`.",
        json_schema_extra={"default": "100 mV"},
    )
    source: ClockSourceName = Field(default="crystal", description="What the clock follows while the meter has power.")
    slew_limit_s: LockOut = Field(
        default=9,
        alias="slew_limit",
        description="A clock that is set by no more is slewed; by more, it ends the interval.",
        json_schema_extra={"default": "9s"},
    )
    rtc_tolerance_ppb: Tolerance = Field(
        default=1_000_000,
        alias="rtc_tolerance",
        description="An RTC that strays further from the CPU's oscillator (and by 2 s) is not believed.",
        json_schema_extra={"default": "1000 ppm"},
    )
    longest_outage_s: Seconds = Field(
        default=3_650 * 86_400,
        alias="longest_outage",
        description="An RTC that shows a longer one is not believed.",
        json_schema_extra={"default": "3650d"},
    )


def _is_a_period(period_s: int) -> None:
    try:
        IntegrationPeriod(period_s, Zone(0))
    except ValueError:
        raise problem(("period",), f"{period_s} s is not of whole minutes that divide an hour") from None


def _is_a_channel(name: str) -> str:
    if name not in CHANNELS:
        raise ValueError(
            'expected an energy ("A+", "R1", "C1", ...), "reading A+", "demand A+", or a measured value as "mean U1", '
            '"minimum I2", "maximum P", "last PF"'
        )
    return name


ChannelName = Annotated[str, AfterValidator(_is_a_channel), WithJsonSchema({"enum": list(CHANNELS)})]


class ProfileTable(Table):
    """A load profile."""

    given_period_s: Seconds | None = Field(
        default=None, alias="period", description="Of an interval; the demand period, if not given."
    )
    channels: tuple[ChannelName, ...] = Field(
        default=ENERGY_KINDS,
        min_length=1,
        max_length=CHANNELS_MOST,
        description="Advances, readings, demands of energies; mean, minimum, maximum or last of what is measured.",
    )
    unit_nwh: RegisterEnergy = Field(
        default=1_000_000_000,
        gt=0,
        le=UNIT_MOST,
        alias="unit",
        description="Of what an interval holds; the rest is carried.",
        json_schema_extra={"default": "0.001 kWh"},
    )
    sample_s: Seconds = Field(
        default=30,
        le=60,
        alias="sample",
        description="How often a metering IC is read, if a channel is made of samples; board soc has one each 200 ms.",
        json_schema_extra={"default": "30s"},
    )
    missed: Literal["gap", "fill"] = Field(
        default="gap", description="Intervals wholly in an outage: counted by the next one, or filled with nothing."
    )

    @model_validator(mode="after")
    def _divides_the_hour(self) -> Self:
        if self.given_period_s is not None:
            _is_a_period(self.given_period_s)
        if len(set(self.channels)) != len(self.channels):
            raise problem(("channels",), "a channel stands here twice")
        return self

    def config(self) -> ProfileConfig:
        """The firmware's."""
        channels = tuple(CHANNELS[name] for name in self.channels)
        return ProfileConfig(self.given_period_s, channels, self.unit_nwh, Missed(self.missed), self.sample_s)


class PasswordsTable(Table):
    """Passwords of the lower levels of access; without one nobody has only that level."""

    adjust: Password | None = Field(default=None, description="Level 1: adjusts the clock.")
    command: Password | None = Field(default=None, description="Level 2: ends of billing, release of the tariff too.")


class OpticalTable(Table):
    """Identity and access on the optical port (IEC 62056-21, mode C). `password` is that of level 3, which may do
    all."""

    manufacturer: str = "MBX"
    identification: str = "METERBENCH"
    device_address: str = "00000001"
    baud: Literal[300, 600, 1200, 2400, 4800, 9600, 19200] = 9600
    password: Password = "00000000"
    passwords: PasswordsTable = Field(default_factory=PasswordsTable)
    tries: StrictInt = Field(default=3, ge=1, le=255)
    lockout_s: Seconds = Field(default=600, alias="lockout", json_schema_extra={"default": "10min"})

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        Identification(self.manufacturer, self.baud_character, self.identification)
        check_device_address(self.device_address)
        Value(self.password)
        lower = [secret for secret in (self.passwords.adjust, self.passwords.command) if secret is not None]
        if len({self.password, *lower}) != 1 + len(lower):
            raise problem(("passwords",), "two levels have the same password")
        return self


    @property
    def baud_character(self) -> str:
        """The character that offers this speed in mode C."""
        return _BAUD_CHARACTERS[self.baud]
