"""The tables `[supervision]` and `[alarms]`: when voltages, currents and the front end count as wrong, and which alarms
the register takes."""

from typing import Annotated, Final, Self

from pydantic import Field, WithJsonSchema, model_validator
from pydantic.functional_validators import AfterValidator

from firmware.config import SupervisionConfig
from firmware.events.alarms import Alarm, AlarmConfig
from sim.scenario.fields import Duration, Permille, Table
from sim.scenario.problem import problem

_ALARMS: Final = {alarm.text: alarm for alarm in Alarm}


def _is_an_alarm(name: str) -> str:
    if name not in _ALARMS:
        raise ValueError(f"expected an alarm: {', '.join(_ALARMS)}")
    return name


AlarmName = Annotated[str, AfterValidator(_is_an_alarm), WithJsonSchema({"enum": list(_ALARMS)})]


def _delay(name: str, default: str, default_s: int) -> int:
    delay: int = Field(default=default_s * 1_000_000_000, alias=name, json_schema_extra={"default": default})
    return delay


def _share(name: str, default: str, permille: int, description: str | None = None) -> int:
    share: int = Field(default=permille, alias=name, json_schema_extra={"default": default}, description=description)
    return share


class SupervisionTable(Table):
    """Shares are of the nominal voltage, the rated (over-current: the maximum) current or the nominal frequency; a
    condition is logged when it has held for its delay."""

    phase_failed_permille: Permille = _share("phase_failed", "40 %", 400, "A lower voltage is none.")
    voltage_low_permille: Permille = _share("voltage_low", "90 %", 900)
    voltage_high_permille: Permille = _share("voltage_high", "110 %", 1_100)
    voltage_hysteresis_permille: Permille = _share("voltage_hysteresis", "2 %", 20)
    current_permille: Permille = _share("current", "0.5 %", 5, "A lower current is none.")
    frequency_permille: Permille = _share("frequency", "5 %", 50, "Off by more is out of range.")
    frequency_hysteresis_permille: Permille = _share("frequency_hysteresis", "0.2 %", 2)
    phase_delay_ns: Duration = _delay("phase_delay", "2s", 2)
    voltage_delay_ns: Duration = _delay("voltage_delay", "10s", 10)
    neutral_delay_ns: Duration = _delay("neutral_delay", "5s", 5)
    sequence_delay_ns: Duration = _delay("sequence_delay", "5s", 5)
    reverse_delay_ns: Duration = _delay("reverse_delay", "5s", 5)
    current_delay_ns: Duration = _delay("current_delay", "5s", 5)
    crossed_delay_ns: Duration = _delay("crossed_delay", "10s", 10)
    frequency_delay_ns: Duration = _delay("frequency_delay", "10s", 10)
    front_end_delay_ns: Duration = _delay("front_end_delay", "1s", 1)
    over_current_permille: Permille = _share("over_current", "105 %", 1_050)
    over_current_hysteresis_permille: Permille = _share("over_current_hysteresis", "5 %", 50)
    over_current_delay_ns: Duration = _delay("over_current_delay", "10s", 10)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        try:
            self.config()
        except ValueError as error:
            # The firmware names the field; the file has its alias.
            path, _, rule = str(error).partition(": ")
            name = path.removeprefix("supervision.").removesuffix("_permille").removesuffix("_ns")
            raise problem((name,), rule) from None
        return self

    def config(self) -> SupervisionConfig:
        """The firmware's; ValueError as it says."""
        return SupervisionConfig(**{name: getattr(self, name) for name in type(self).model_fields})


class AlarmsTable(Table):
    """Alarms by their names; all of them, if not given."""

    heeded: tuple[AlarmName, ...] = Field(default=tuple(_ALARMS), description="What the alarm register takes.")
    output: tuple[AlarmName, ...] | None = Field(
        default=None, description="Those of them that the alarm output shows; all, if not given."
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        try:
            self.config()
        except ValueError as error:
            path, _, rule = str(error).partition(": ")
            raise problem((path.removeprefix("alarms."),), rule) from None
        return self

    def config(self) -> AlarmConfig:
        """The firmware's; ValueError as it says."""
        shown = self.heeded if self.output is None else self.output
        return AlarmConfig(tuple(_ALARMS[name] for name in self.heeded), tuple(_ALARMS[name] for name in shown))
