"""The one table of what is logged where, and of which event ends which.

Each event goes to one log. An end is told with the duration since its begin: of the same phase and detail, where these
say whose condition it is.
"""

from collections.abc import Mapping
from typing import Final

from firmware.events.codes import Event, LogName

BOOK: Final[Mapping[LogName, tuple[Event, ...]]] = {
    LogName.STANDARD: (
        Event.REGISTER_BACKUP_USED,
        Event.STATE_LOST,
        Event.WATCHDOG_RESET,
        Event.BATTERY_FAILED,
        Event.BATTERY_RESTORED,
        Event.CLOCK_RESTORED,
        Event.CLOCK_SET,
        Event.CLOCK_ADJUSTED,
        Event.CLOCK_SETTLED,
        Event.CLOCK_DOUBTFUL,
        Event.CLOCK_INVALID,
        Event.CLOCK_ON_CRYSTAL,
        Event.CLOCK_ON_MAINS,
        Event.RTC_FAILED,
        Event.RTC_RESTORED,
        Event.END_OF_BILLING,
        Event.TARIFF_FROZEN,
        Event.TARIFF_RELEASED,
        Event.FRONT_END_FAILED,
        Event.FRONT_END_RESTORED,
        Event.STANDARD_CHATTER,
        Event.FLASH_CORRUPT,
        Event.FLASH_WORN,
        Event.FLASH_WORN_OUT,
        Event.SUPPLY_DISCONNECTED,
        Event.SUPPLY_CONNECTED,
        Event.SUPPLY_READY,
        Event.LIMIT_EXCEEDED,
        Event.LIMIT_KEPT,
        Event.EMERGENCY_PROFILE_BEGAN,
        Event.EMERGENCY_PROFILE_ENDED,
        Event.ALARMS_ACKNOWLEDGED,
        Event.TEST_MODE_BEGAN,
        Event.TEST_MODE_ENDED,
    ),
    LogName.FRAUD: (
        Event.TERMINAL_COVER_OPENED,
        Event.TERMINAL_COVER_CLOSED,
        Event.MAIN_COVER_OPENED,
        Event.MAIN_COVER_CLOSED,
        Event.MAGNET_DETECTED,
        Event.MAGNET_GONE,
        Event.INPUT_CHATTER,
        Event.REVERSE_RUN,
        Event.REVERSE_RUN_ENDED,
        Event.CURRENTS_CROSSED,
        Event.CURRENTS_UNCROSSED,
        Event.CURRENT_WITHOUT_VOLTAGE,
        Event.CURRENT_WITHOUT_VOLTAGE_ENDED,
        Event.NEUTRAL_LOST,
        Event.NEUTRAL_RESTORED,
        Event.SEQUENCE_REVERSED,
        Event.SEQUENCE_RESTORED,
        Event.UNEXPECTED_CONSUMPTION,
        Event.UNEXPECTED_CONSUMPTION_ENDED,
        Event.FRAUD_CHATTER,
    ),
    LogName.QUALITY: (
        Event.PHASE_FAILED,
        Event.PHASE_RESTORED,
        Event.VOLTAGE_LOW,
        Event.VOLTAGE_NORMAL,
        Event.VOLTAGE_HIGH,
        Event.VOLTAGE_HIGH_ENDED,
        Event.FREQUENCY_OUT_OF_RANGE,
        Event.FREQUENCY_NORMAL,
        Event.OVER_CURRENT,
        Event.OVER_CURRENT_ENDED,
        Event.VOLTAGE_DIP,
        Event.VOLTAGE_SWELL,
        Event.VOLTAGE_INTERRUPTION,
        Event.VOLTAGE_EVENTS_UNTOLD,
        Event.QUALITY_CHATTER,
    ),
    LogName.POWER: (Event.POWER_DOWN, Event.POWER_UP),
    LogName.COMMUNICATION: (
        Event.PASSWORD_WRONG,
        Event.PROGRAMMING_LOCKED,
        Event.PROGRAMMING_OPENED,
        Event.ACCESS_DENIED,
    ),
    LogName.CONFIGURATION: (
        Event.PROGRAMMED,
        Event.PROGRAMMING_REFUSED,
        Event.TARIFF_ACTIVATED,
        Event.PROGRAMME_LOST,
    ),
}
"""Each event once."""

_LOGS: Final[Mapping[Event, LogName]] = {event: log for log, events in BOOK.items() for event in events}

OVER: Final[Mapping[Event, Event]] = {
    Event.BATTERY_FAILED: Event.BATTERY_RESTORED,
    Event.RTC_FAILED: Event.RTC_RESTORED,
    Event.CLOCK_ON_CRYSTAL: Event.CLOCK_ON_MAINS,
    Event.PHASE_FAILED: Event.PHASE_RESTORED,
    Event.VOLTAGE_LOW: Event.VOLTAGE_NORMAL,
    Event.VOLTAGE_HIGH: Event.VOLTAGE_HIGH_ENDED,
    Event.NEUTRAL_LOST: Event.NEUTRAL_RESTORED,
    Event.SEQUENCE_REVERSED: Event.SEQUENCE_RESTORED,
    Event.FREQUENCY_OUT_OF_RANGE: Event.FREQUENCY_NORMAL,
    Event.REVERSE_RUN: Event.REVERSE_RUN_ENDED,
    Event.OVER_CURRENT: Event.OVER_CURRENT_ENDED,
    Event.CURRENTS_CROSSED: Event.CURRENTS_UNCROSSED,
    Event.CURRENT_WITHOUT_VOLTAGE: Event.CURRENT_WITHOUT_VOLTAGE_ENDED,
    Event.FRONT_END_FAILED: Event.FRONT_END_RESTORED,
    Event.TERMINAL_COVER_OPENED: Event.TERMINAL_COVER_CLOSED,
    Event.MAIN_COVER_OPENED: Event.MAIN_COVER_CLOSED,
    Event.MAGNET_DETECTED: Event.MAGNET_GONE,
    Event.UNEXPECTED_CONSUMPTION: Event.UNEXPECTED_CONSUMPTION_ENDED,
    Event.LIMIT_EXCEEDED: Event.LIMIT_KEPT,
    Event.EMERGENCY_PROFILE_BEGAN: Event.EMERGENCY_PROFILE_ENDED,
    Event.TEST_MODE_BEGAN: Event.TEST_MODE_ENDED,
}
"""What begins something that lasts, and what ends it."""

BEGUN_BY: Final[Mapping[Event, Event]] = {end: begin for begin, end in OVER.items()}

CHATTER: Final[Mapping[LogName, Event]] = {
    LogName.STANDARD: Event.STANDARD_CHATTER,
    LogName.FRAUD: Event.FRAUD_CHATTER,
    LogName.QUALITY: Event.QUALITY_CHATTER,
}
"""The sum that a condition of a log leaves instead of too many entries: it goes to the same log."""


def log_of(event: Event) -> LogName:
    """The log that an event goes to."""
    return _LOGS[event]
