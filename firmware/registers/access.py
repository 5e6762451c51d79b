"""Who may read and write what: one table for all protocols.

Four levels, as the Elster A1140 has four passwords: 1 adjusts, 2 commands, 3 programs, 4 is the factory's. Each may do
what the lower ones may. Which level may do what is ours, but that setting the clock takes level 3 and adjusting it
level 1 (A1700).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.comms.access import Level


class Subject(enum.Enum):
    """What can be read or written."""

    REGISTERS = "registers: energy, demand, instrumentation, counts and states"
    PROFILES = "load profiles"
    LOGS = "logs of events, and the alarm register"
    CONFIGURATION = "the configuration in force, its number, time and author"
    CLOCK_ADJUSTMENT = "the clock, by some seconds"
    CLOCK = "the clock, to any time"
    END_OF_BILLING = "end of billing"
    TARIFF_RELEASE = "release of a frozen tariff"
    LOAD_SWITCH = "disconnecting and reconnecting the load"
    ALARMS = "acknowledging alarms"
    TEST_MODE = "entering test mode"
    TARIFF = "calendars, active and passive; billing dates"
    TRANSFORMERS = "CT and VT ratios, primary or secondary registration"
    MEASURING = "customer's sums, integration period, maximum demands, profiles"
    DISPLAY = "display lists, digits, resolution"
    SUPERVISION = "thresholds, delays, alarm masks, the limiter"
    PASSWORDS = "passwords"
    NAMEPLATE = "serial number, ratings, pulse constant"
    CALIBRATION = "calibration"
    CLEARING = "clearing registers, profiles and logs"


@dataclass(frozen=True, slots=True)
class Rights:
    """The levels from which on something may be read, and written or carried out; None for nobody."""

    read: Level | None
    write: Level | None


RIGHTS: Final[Mapping[Subject, Rights]] = {
    Subject.REGISTERS: Rights(Level.NONE, None),
    Subject.PROFILES: Rights(Level.NONE, None),
    Subject.LOGS: Rights(Level.NONE, None),
    Subject.CONFIGURATION: Rights(Level.NONE, None),
    Subject.CLOCK_ADJUSTMENT: Rights(Level.NONE, Level.ADJUST),
    Subject.CLOCK: Rights(Level.NONE, Level.PROGRAM),
    Subject.END_OF_BILLING: Rights(None, Level.COMMAND),
    Subject.TARIFF_RELEASE: Rights(None, Level.COMMAND),
    Subject.LOAD_SWITCH: Rights(Level.NONE, Level.COMMAND),
    Subject.ALARMS: Rights(Level.NONE, Level.COMMAND),
    Subject.TEST_MODE: Rights(Level.NONE, Level.PROGRAM),
    Subject.TARIFF: Rights(Level.NONE, Level.PROGRAM),
    Subject.TRANSFORMERS: Rights(Level.NONE, Level.PROGRAM),
    Subject.MEASURING: Rights(Level.NONE, Level.PROGRAM),
    Subject.DISPLAY: Rights(Level.NONE, Level.PROGRAM),
    Subject.SUPERVISION: Rights(Level.NONE, Level.PROGRAM),
    Subject.PASSWORDS: Rights(None, Level.PROGRAM),
    Subject.NAMEPLATE: Rights(Level.NONE, Level.FACTORY),
    Subject.CALIBRATION: Rights(Level.FACTORY, Level.FACTORY),
    Subject.CLEARING: Rights(None, Level.FACTORY),
}
"""Registers are written by nobody, passwords are read by nobody; nothing below the factory's level makes billing data
disappear."""


def level_for(subject: Subject) -> Level:
    """The least level that may write something, or carry it out; ValueError if nobody may."""
    least = RIGHTS[subject].write
    if least is None:
        raise ValueError(f"{subject.value}: written by nobody")
    return least


def may_read(level: Level, subject: Subject) -> bool:
    least = RIGHTS[subject].read
    return least is not None and level >= least


def may_write(level: Level, subject: Subject) -> bool:
    """Write it, or carry it out."""
    least = RIGHTS[subject].write
    return least is not None and level >= least
