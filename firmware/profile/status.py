"""The status of a profile interval: 16 bits. The first fourteen are those that meters of this class have (status words
of the L+G E650 and the Itron ACE6000); the last two say how the interval stands in the row of its stamps.

Power goes and comes as a whole (bits 6 and 7), or in one phase: the first interval with the bit of a phase is the one
in which it went down, the last the one in which it came up.

Short, long, and after missing ones are one bit in flash, since the record's length and its count of missed periods say
which; here they are flags beyond the sixteen.
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
    PHASE_FAIL_L1 = 1 << 11
    PHASE_FAIL_L2 = 1 << 12
    PHASE_FAIL_L3 = 1 << 13
    IRREGULAR = 1 << 14
    """In flash: short, long, or after periods that are missing. Never set here."""
    REPEATED = 1 << 15
    """Its stamp is not above every earlier one: the clock had gone back."""
    SHORT = 1 << 16
    """It covers less than its nominal length."""
    LONG = 1 << 17
    """It covers more: the profile could not take the one before."""
    MISSED = 1 << 18
    """Periods before it have no interval of their own; or it fills the place of one that was missed, and holds
    nothing."""

    @property
    def names(self) -> tuple[str, ...]:
        """As scenarios and reports write them: `clock-invalid`, lowest bit first; `phase-fail` too if any phase
        did."""
        names = tuple([status_text(flag) for flag in self])
        return (*names, "phase-fail") if self & PHASE_FAIL else names


PHASE_FAIL: Final = IntervalStatus.PHASE_FAIL_L1 | IntervalStatus.PHASE_FAIL_L2 | IntervalStatus.PHASE_FAIL_L3

_WORD: Final = 0xFFFF & ~int(IntervalStatus.IRREGULAR)
_UNEVEN: Final = IntervalStatus.SHORT | IntervalStatus.LONG | IntervalStatus.MISSED


def status_text(flag: IntervalStatus) -> str:
    """The name of a single bit."""
    return (flag.name or "").lower().replace("_", "-")


def word(status: IntervalStatus) -> int:
    """The 16 bits as they stand in flash, and go to a reader."""
    return int(status) & _WORD | (int(IntervalStatus.IRREGULAR) if status & _UNEVEN else 0)


def worded(word: int, period_s: int, length_s: int, missed: int) -> IntervalStatus:
    """The status of an interval that has this word, these lengths, and so many missed periods before it."""
    return IntervalStatus(word & _WORD) | uneven(period_s, length_s, missed)


def uneven(period_s: int, length_s: int, missed: int) -> IntervalStatus:
    """Short, long, and missed, of an interval that has covered so much of its nominal length; a filled one covers
    nothing."""
    found = IntervalStatus(0)
    if length_s != period_s:
        found = IntervalStatus.SHORT if length_s < period_s else IntervalStatus.LONG
    return found | IntervalStatus.MISSED if missed or not length_s else found


@dataclass(frozen=True, slots=True)
class Mark:
    """What an event means for the running interval. `lasting`: from this event on (True), or no longer (False), for
    every interval that it touches; None: for this one only. `by_phase`: by the event's detail, 1 to 3, it is another
    bit; each has its place, L1 first."""

    status: IntervalStatus
    lasting: bool | None = None
    by_phase: tuple[IntervalStatus, ...] = ()

    def of(self, detail: int) -> IntervalStatus:
        """The bit that an event with this detail means."""
        return self.by_phase[detail - 1] if 1 <= detail <= len(self.by_phase) else self.status


_BY_PHASE: Final = (IntervalStatus.PHASE_FAIL_L1, IntervalStatus.PHASE_FAIL_L2, IntervalStatus.PHASE_FAIL_L3)


MARKS: Final[Mapping[Event, Mark]] = {
    Event.STATE_LOST: Mark(IntervalStatus.CRITICAL_ERROR),
    Event.FLASH_CORRUPT: Mark(IntervalStatus.CRITICAL_ERROR),
    Event.PHASE_FAILED: Mark(PHASE_FAIL, True, _BY_PHASE),
    Event.PHASE_RESTORED: Mark(PHASE_FAIL, False, _BY_PHASE),
    Event.REVERSE_RUN: Mark(IntervalStatus.REVERSE, True),
    Event.REVERSE_RUN_ENDED: Mark(IntervalStatus.REVERSE, False),
    Event.FRONT_END_FAILED: Mark(IntervalStatus.DATA_INVALID, True),
    Event.FRONT_END_RESTORED: Mark(IntervalStatus.DATA_INVALID, False),
    Event.CLOCK_ADJUSTED: Mark(IntervalStatus.CLOCK_ADJUSTED),
    Event.CLOCK_SETTLED: Mark(IntervalStatus.CLOCK_SYNCHRONISED),
}
"""Events that show in the profile. Lasting ones are told apart by their detail, 0 to 7: the phase."""

LASTING: Final = (*_BY_PHASE, IntervalStatus.REVERSE, IntervalStatus.DATA_INVALID)
"""The conditions that can last, in the order in which a save keeps them."""

_TRUST: Final = {"valid": IntervalStatus(0), "adjusted": IntervalStatus.CLOCK_ADJUSTED}


def clock_mark(clock: ClockStatus) -> IntervalStatus:
    """What the trust in the clock means for an interval that was measured under it."""
    return _TRUST.get(clock.value, IntervalStatus.CLOCK_INVALID)
