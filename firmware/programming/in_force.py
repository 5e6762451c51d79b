"""Which settings are in force at once, and which wait for the next power-up.

What a meter measures, bills and records by, its clock's zone and rules, thresholds and delays, display, limiter and
access change while it runs. A task, a ring of the flash or a source of time that is there or not is made at power-up:

- a second load profile that comes or goes, and samples that are taken or not, or at another rate: both profiles wait;
- power quality waits as a whole, and so does the clock if its source or the tolerance of its RTC changes;
- the limiter of a meter that had nothing of a load switch waits.
"""

from dataclasses import fields, replace
from typing import Final

from firmware.config import Settings
from firmware.profile.channel import sampled

_TOGETHER: Final = ("profile", "profile_2")


def live(before: Settings, after: Settings) -> Settings:
    """The settings in force until the next power-up, when those before were in force and these are programmed.

    ValueError, naming the path, if what is in force at once does not go with what waits.
    """
    waiting: set[str] = set()
    if _tasks(before) != _tasks(after):
        waiting.update(_TOGETHER)
    if before.quality != after.quality:
        waiting.add("quality")
    clocks = [(one.clock.source, one.clock.rtc_tolerance_ppb) for one in (before, after)]
    if clocks[0] != clocks[1]:
        waiting.add("clock")
    if before.load_switch.fitted != after.load_switch.fitted:
        waiting.add("load_switch")
    return replace(after, **{name: getattr(before, name) for name in waiting})


def waiting(in_force: Settings, programmed: Settings) -> tuple[str, ...]:
    """The parts that are in force only after the next power-up."""
    return tuple(one.name for one in fields(Settings) if getattr(in_force, one.name) != getattr(programmed, one.name))


def check_fitted(before: Settings, after: Settings) -> None:
    """ValueError for settings that fit a relay or an output, or take it off: that is done at the works."""
    for name in ("relay", "load_control"):
        if (getattr(before.load_switch, name) is None) is not (getattr(after.load_switch, name) is None):
            raise ValueError(f"load_switch.{name}: whether it is fitted can't be programmed")


def _tasks(settings: Settings) -> tuple[int, bool, int]:
    """What decides on rings and tasks of the load profiles."""
    takes = any(sampled(one.channels) for one in settings.profiles)
    return len(settings.profiles), takes, min(one.sample_s for one in settings.profiles) if takes else 0
