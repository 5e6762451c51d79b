"""What can be read of the last programming: its time and author, a tariff that waits, why a change was refused.

C.2.1 and C.2.7 are of OBIS (IEC 62056-6-1, abstract objects 96.2: date of the last configuration program change, date
of activation of the passive calendar); the others are codes of our own.
"""

from typing import TYPE_CHECKING, Final

from firmware.clock.civil import Zone
from protocols.iec62056_21 import DataSet

if TYPE_CHECKING:
    from firmware.core import Core

PROGRAMMED_AT: Final = "C.2.1"
"""When the meter was last programmed: YYMMDDhhmm in local time, empty if it never was."""

ACTIVATES_AT: Final = "C.2.7"
"""When the passive tariff takes over, likewise; empty if none waits."""

AUTHOR: Final = "C.92.1"
"""The access level that programmed it last; 0 for the works."""

REFUSAL: Final = "C.92.2"
"""Why the last change was refused, as `path: rule`; empty if it was accepted, or none came since power-up."""

WAITING: Final = "C.92.3"
"""The parts of the settings that are in force only after the next power-up, with commas between."""

_CHARS_MOST: Final = 128
_INSTEAD: Final = str.maketrans({"(": "[", ")": "]", "*": "x", "/": ":", "!": "."})
"""A data set has no such characters in its text."""


def told_of_programming(core: "Core") -> list[DataSet]:
    """The data sets; they are read one by one, and not part of a readout."""
    programming, zone = core.programming, core.config.clock.zone
    programme = programming.programme
    return [
        DataSet.of(PROGRAMMED_AT, _stamp(programme.utc_s, zone) if programme.number else ""),
        DataSet.of(ACTIVATES_AT, "" if programme.passive is None else _stamp(programme.passive.activate_s, zone)),
        DataSet.of(AUTHOR, str(programme.author)),
        DataSet.of(REFUSAL, _text(programming.refusal)),
        DataSet.of(WAITING, _text(",".join(programming.waiting))),
    ]


def _stamp(utc_s: int, zone: Zone) -> str:
    local = zone.local(utc_s)
    return f"{local.year % 100:02}{local.month:02}{local.day:02}{local.hour:02}{local.minute:02}"


def _text(text: str) -> str:
    """As a data set can have it."""
    plain = text.translate(_INSTEAD)
    return "".join(one if " " <= one <= "~" else "?" for one in plain)[:_CHARS_MOST]
