"""What a fault owes to the log: the event that a meter must leave of it."""

import enum
from dataclasses import dataclass

from firmware.events.codes import Event


class Stamp(enum.Enum):
    """Which time an event bears."""

    NOW = "now"
    """The meter's own time of the detection."""
    SAVED = "saved"
    """The meter's own time in the save that it went on from: of what happened while it was off."""
    EITHER = "either"
    """The one or the other, as it was on or off."""


@dataclass(frozen=True, slots=True)
class Owed:
    """This event must be logged within so many ns of powered time after a true instant, with its detail if given.

    It is owed only if the power was unbroken for `unbroken_ns` from then on.
    """

    event: Event
    from_ns: int
    within_ns: int
    detail: int | None = None
    stamp: Stamp = Stamp.NOW
    unbroken_ns: int = 0
