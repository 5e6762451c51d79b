"""The table `[world]`: what surrounds the meter, and how far its parts stray from the ideal."""

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from sim.devices.backup_part import BackupPart, CellPart, SuperCapacitorPart
from sim.devices.supply_part import SUPPLY, SupplyPart
from sim.scenario.fields import (
    Capacitance,
    CellVoltage,
    Charge,
    Current,
    Deviation,
    DrawnCurrent,
    Frequency,
    GainError,
    Instant,
    MilliCounts,
    Permille,
    Table,
    Temperature,
    Tolerance,
    Voltage,
)


class FrontEndTable(Table):
    """Errors of the measuring front end, the same in all voltage or current channels; noise is that of board `soc`."""

    voltage_gain_ppm: GainError = Field(default=0, alias="voltage_gain", json_schema_extra={"default": "0 ppm"})
    current_gain_ppm: GainError = Field(default=0, alias="current_gain", json_schema_extra={"default": "0 ppm"})
    noise_millicounts: MilliCounts = Field(
        default=0, alias="noise", description="White, rms, in counts of the converter."
    )


IDEAL: Final = "ideal"


def _front_end(given: Any) -> Any:
    if isinstance(given, str) and given != IDEAL:
        raise ValueError(f'expected "{IDEAL}" or a table of errors, not "{given}"')
    return {} if given == IDEAL else given


class CellTable(Table):
    """A lithium cell keeps the RTC: never charged, its voltage sags over the last tenth of its charge."""

    kind: Literal["cell"]
    capacity_uah: Charge = Field(default=1_200_000, alias="capacity", json_schema_extra={"default": "1200 mAh"})
    self_discharge_ppb: Tolerance = Field(
        default=10_000_000,
        alias="self_discharge",
        le=1_000_000_000,
        json_schema_extra={"default": "1 %"},
        description="Of the capacity a year at 20 °C; it doubles with each 10 K.",
    )

    def part(self) -> CellPart:
        return CellPart(capacity_uah=self.capacity_uah, self_discharge_ppb=self.self_discharge_ppb)


class SuperCapacitorTable(Table):
    """A super-capacitor keeps the RTC: charged while the meter runs, full at the start, too low below 1.5 V."""

    kind: Literal["super-capacitor"]
    capacitance_mf: Capacitance = Field(default=470, alias="capacitance", json_schema_extra={"default": "0.47 F"})
    full_mv: CellVoltage = Field(
        default=3_300, alias="voltage", ge=2_000, json_schema_extra={"default": "3.3 V"}, description="When full."
    )
    leak_na: DrawnCurrent = Field(
        default=2_000,
        alias="leakage",
        json_schema_extra={"default": "2 uA"},
        description="At 20 °C; it doubles with each 10 K.",
    )
    charge_na: Current = Field(
        default=2_000_000, alias="charging", json_schema_extra={"default": "2 mA"}, description="From the meter's rail."
    )

    def part(self) -> SuperCapacitorPart:
        return SuperCapacitorPart(
            capacitance_mf=self.capacitance_mf, full_mv=self.full_mv, leak_na=self.leak_na, charge_na=self.charge_na
        )


BackupTable = Annotated[CellTable | SuperCapacitorTable, Field(discriminator="kind")]


class TemperatureStep(Table):
    """From an instant on it is so warm, until the next step."""

    at_ns: Instant = Field(alias="at")
    temperature_mc: Temperature = Field(alias="temperature", ge=-60_000, le=125_000)


class WorldTable(Table):
    """Offsets are frequency errors of the crystals, positive is fast."""

    rtc_offset_ppb: Deviation = Field(
        default=0, alias="rtc_offset", ge=-9_000_000, le=9_000_000, json_schema_extra={"default": "0 ppm"}
    )
    cpu_offset_ppb: Deviation = Field(
        default=0, alias="cpu_offset", ge=-10_000_000, le=10_000_000, json_schema_extra={"default": "0 ppm"}
    )
    temperature_mc: Temperature = Field(
        default=23_000, alias="temperature", ge=-60_000, le=125_000, json_schema_extra={"default": "23 °C"}
    )
    temperature_steps: tuple[TemperatureStep, ...] = Field(default=(), alias="temperature_step")
    hold_up_capacity_permille: Permille = Field(
        default=1_000,
        alias="hold_up_capacity",
        ge=100,
        le=2_000,
        json_schema_extra={"default": "100 %"},
        description="What the supply's capacitor has of its nominal capacity; 64 % is the worst.",
    )
    rtc_backup: BackupTable = Field(
        default_factory=lambda: CellTable(kind="cell"), description="What keeps the RTC without mains."
    )
    execution: Literal["random", "worst"] = Field(
        default="random", description="Execution times between best and worst case, or always the worst."
    )
    voltage_uv: Voltage | None = Field(
        default=None, alias="voltage", description="Of the mains; the meter's nominal voltage if not given."
    )
    frequency_uhz: Frequency | None = Field(
        default=None, alias="frequency", description="Of the mains; the meter's frequency if not given."
    )
    front_end: Annotated[
        FrontEndTable, BeforeValidator(_front_end, json_schema_input_type=FrontEndTable | Literal["ideal"])
    ] = Field(default_factory=FrontEndTable, description='"ideal", or a table of errors.')

    def backup(self) -> BackupPart:
        """The RTC's backup."""
        return self.rtc_backup.part()

    def supply(self) -> SupplyPart:
        """The meter's supply, with the capacitor that this one has."""
        return replace(SUPPLY, capacity_permille=self.hold_up_capacity_permille)
