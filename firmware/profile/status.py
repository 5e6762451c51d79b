"""The status of a profile interval: 16 bits. The first twelve are those that meters of this class have (status words of
the L+G E650 and the Itron ACE6000); the last four say how the interval stands in the row of its stamps.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event


class IntervalStatus(enum.IntFlag):
    """What was the matter in an interval."""

    CRITICAL_ERROR = 1 << 0
    """The meter's state was lost, or fell behind what the profile already holds; or records in flash have rotted."""
    CLOCK_INVALID = 1 << 1
    """The clock was doubtful or worse at some time in it."""
    DATA_INVALID = 1 << 2
    """It does not hold all that flowed: a save was prevented, or the front end failed."""
    DST = 1 << 3
    """Its last second lies in daylight saving time."""
    BILLING_RESET = 1 << 4
    """An end of billing in it, or at its end."""
    CLOCK_ADJUSTED = 1 << 5
    """The clock was set or slewed in it; or a clock set ended it, or began it."""
    POWER_UP = 1 << 6
    POWER_DOWN = 1 << 7
    PARAMETER_CHANGED = 1 << 8
    CLOCK_SYNCHRONISED = 1 << 9
    REVERSE = 1 << 10
    PHASE_FAIL = 1 << 11
    SHORT = 1 << 12
    """It covers less than its nominal length."""
    LONG = 1 << 13
    """It covers more: the profile could not take the one before."""
    MISSED = 1 << 14
    """Periods before it have no interval of their own; or it fills the place of one that was missed, and holds
    nothing."""
    REPEATED = 1 << 15
    """Its stamp is not above every earlier one: the clock had gone back."""

    @property
    def names(self) -> tuple[str, ...]:
        """As scenarios and reports write them: `clock-invalid`, lowest bit first."""
        return tuple(status_text(flag) for flag in self)


def status_text(flag: IntervalStatus) -> str:
    """The name of a single bit."""
    return (flag.name or "").lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Mark:
    """What an event means for the running interval. `lasting`: from this event on (True), or no longer (False), for
    every interval that it touches; None: for this one only."""

    status: IntervalStatus
    lasting: bool | None = None


MARKS: Final[Mapping[Event, Mark]] = {
    Event.STATE_LOST: Mark(IntervalStatus.CRITICAL_ERROR),
    Event.FLASH_CORRUPT: Mark(IntervalStatus.CRITICAL_ERROR),
    Event.PHASE_FAILED: Mark(IntervalStatus.PHASE_FAIL, True),
    Event.PHASE_RESTORED: Mark(IntervalStatus.PHASE_FAIL, False),
    Event.REVERSE_RUN: Mark(IntervalStatus.REVERSE, True),
    Event.REVERSE_RUN_ENDED: Mark(IntervalStatus.REVERSE, False),
    Event.FRONT_END_FAILED: Mark(IntervalStatus.DATA_INVALID, True),
    Event.FRONT_END_RESTORED: Mark(IntervalStatus.DATA_INVALID, False),
    Event.CLOCK_ADJUSTED: Mark(IntervalStatus.CLOCK_ADJUSTED),
    Event.CLOCK_SETTLED: Mark(IntervalStatus.CLOCK_SYNCHRONISED),
}
"""Events that show in the profile. Lasting ones are told apart by their detail, 0 to 7: the phase."""

LASTING: Final = (IntervalStatus.PHASE_FAIL, IntervalStatus.REVERSE, IntervalStatus.DATA_INVALID)
"""The conditions that can last, in the order in which a save keeps them."""

_TRUST: Final = {"valid": IntervalStatus(0), "adjusted": IntervalStatus.CLOCK_ADJUSTED}


def clock_mark(clock: ClockStatus) -> IntervalStatus:
    """What the trust in the clock means for an interval that was measured under it."""
    return _TRUST.get(clock.value, IntervalStatus.CLOCK_INVALID)
