"""The alarm register: a bit for each kind of alarm, set when it begins, and cleared when somebody acknowledges it.

An acknowledged alarm whose cause lasts stays silent; it stands again when the cause begins anew. So the register tells
what nobody has seen yet, and the logs and the status word tell what is so now.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from firmware.events.codes import Event


class Alarm(enum.Enum):
    """The kinds, by the place of their bit, for ever."""

    PHASE_FAILED = 0
    VOLTAGE_LOW = 1
    VOLTAGE_HIGH = 2
    FREQUENCY = 3
    OVER_CURRENT = 4
    NEUTRAL_LOST = 5
    SEQUENCE_REVERSED = 6
    REVERSE_RUN = 7
    CURRENTS_CROSSED = 8
    CURRENT_WITHOUT_VOLTAGE = 9
    TERMINAL_COVER = 10
    MAIN_COVER = 11
    MAGNET = 12
    UNEXPECTED_CONSUMPTION = 13
    LIMIT_EXCEEDED = 14
    BATTERY = 15
    CLOCK = 16
    """The clock is doubtful or invalid, or the RTC has failed."""
    MEMORY = 17
    FRONT_END = 18
    PROGRAM = 19
    """The watchdog bit, or a save was prevented."""
    PASSWORD = 20
    """Programming was locked after wrong passwords."""

    @property
    def mask(self) -> int:
        return 1 << self.value

    @property
    def text(self) -> str:
        """The name as scenarios write it: phase-failed."""
        return self.name.lower().replace("_", "-")


RAISED_BY: Final[Mapping[Event, Alarm]] = {
    Event.PHASE_FAILED: Alarm.PHASE_FAILED,
    Event.VOLTAGE_LOW: Alarm.VOLTAGE_LOW,
    Event.VOLTAGE_HIGH: Alarm.VOLTAGE_HIGH,
    Event.FREQUENCY_OUT_OF_RANGE: Alarm.FREQUENCY,
    Event.OVER_CURRENT: Alarm.OVER_CURRENT,
    Event.NEUTRAL_LOST: Alarm.NEUTRAL_LOST,
    Event.SEQUENCE_REVERSED: Alarm.SEQUENCE_REVERSED,
    Event.REVERSE_RUN: Alarm.REVERSE_RUN,
    Event.CURRENTS_CROSSED: Alarm.CURRENTS_CROSSED,
    Event.CURRENT_WITHOUT_VOLTAGE: Alarm.CURRENT_WITHOUT_VOLTAGE,
    Event.TERMINAL_COVER_OPENED: Alarm.TERMINAL_COVER,
    Event.MAIN_COVER_OPENED: Alarm.MAIN_COVER,
    Event.MAGNET_DETECTED: Alarm.MAGNET,
    Event.UNEXPECTED_CONSUMPTION: Alarm.UNEXPECTED_CONSUMPTION,
    Event.LIMIT_EXCEEDED: Alarm.LIMIT_EXCEEDED,
    Event.BATTERY_FAILED: Alarm.BATTERY,
    Event.CLOCK_RESTORED: Alarm.CLOCK,
    Event.CLOCK_DOUBTFUL: Alarm.CLOCK,
    Event.CLOCK_INVALID: Alarm.CLOCK,
    Event.RTC_FAILED: Alarm.CLOCK,
    Event.FLASH_CORRUPT: Alarm.MEMORY,
    Event.FLASH_WORN_OUT: Alarm.MEMORY,
    Event.STATE_LOST: Alarm.MEMORY,
    Event.PROGRAMME_LOST: Alarm.MEMORY,
    Event.FRONT_END_FAILED: Alarm.FRONT_END,
    Event.WATCHDOG_RESET: Alarm.PROGRAM,
    Event.REGISTER_BACKUP_USED: Alarm.PROGRAM,
    Event.PROGRAMMING_LOCKED: Alarm.PASSWORD,
}
"""Events that raise an alarm."""

ALL: Final = sum(alarm.mask for alarm in Alarm)


@dataclass(frozen=True, slots=True)
class AlarmConfig:
    """`heeded`: the alarms that the register takes; `output`: those of them that the alarm output shows."""

    heeded: tuple[Alarm, ...] = tuple(Alarm)
    output: tuple[Alarm, ...] = tuple(Alarm)

    def __post_init__(self) -> None:
        for name, alarms in (("heeded", self.heeded), ("output", self.output)):
            if len(set(alarms)) != len(alarms):
                raise ValueError(f"alarms.{name}: an alarm stands here twice")
        for alarm in self.output:
            if alarm not in self.heeded:
                raise ValueError(f"alarms.output: {alarm.text} is not among those that are heeded")


class Alarms:
    """The register, and the output that follows it."""

    def __init__(self, config: AlarmConfig, drive: Callable[[bool], None]) -> None:
        """`drive` is told how the output is to be; first by `resume`."""
        self._drive = drive
        self._register = 0
        self._on = False
        self._take(config)

    def _take(self, config: AlarmConfig) -> None:
        self._heeded = sum(alarm.mask for alarm in config.heeded)
        self._output = sum(alarm.mask for alarm in config.output)

    def programmed(self, config: AlarmConfig) -> None:
        """Other alarms are heeded from now on: those that are not any more are dropped."""
        self._take(config)
        self._set(self._register & self._heeded)

    @property
    def register(self) -> int:
        """The bits of the alarms that stand."""
        return self._register

    def resume(self, register: int) -> None:
        """Go on from a save; what is not heeded any more is dropped."""
        self._register = register & self._heeded
        self._on = bool(self._register & self._output)
        self._drive(self._on)

    def heard(self, event: Event, detail: int) -> None:
        """An event is logged, or was since the save."""
        if event is Event.ALARMS_ACKNOWLEDGED:
            self._set(self._register & ~detail)
        elif (alarm := RAISED_BY.get(event)) is not None:
            self._set(self._register | alarm.mask & self._heeded)

    def _set(self, register: int) -> None:
        self._register = register
        on = bool(register & self._output)
        if on != self._on:
            self._on = on
            self._drive(on)
