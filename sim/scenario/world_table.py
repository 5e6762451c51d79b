"""The table `[world]`: what surrounds the meter, and how far its parts stray from the ideal."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from sim.scenario.fields import Deviation, Frequency, GainError, MilliCounts, Table, Temperature, Voltage


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
