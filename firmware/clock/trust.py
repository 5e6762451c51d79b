"""Trust in the clock: one table of what happens to it, and how far its time may be believed afterwards."""

import enum
from collections.abc import Mapping
from typing import Final


class ClockStatus(enum.Enum):
    """How far the time may be trusted."""

    VALID = "valid"
    """Set, and kept without a break since."""
    ADJUSTED = "adjusted"
    """Right, and being slewed by some seconds: intervals are whole, and their length is not their nominal one."""
    DOUBTFUL = "doubtful"
    """The time has been lost, or its source found lying; the clock went on from what was known."""
    INVALID = "invalid"
    """No time at all: never set, and no record with a time to go on from."""


class ClockEvent(enum.Enum):
    """What changes the trust in the clock."""

    SET = enum.auto()
    """Somebody who may has told the time."""
    SLEWED = enum.auto()
    """An adjustment begins."""
    SETTLED = enum.auto()
    """The interval in which the last step of an adjustment was made has ended."""
    LOST = enum.auto()
    """At power-up the RTC did not know the time; the clock goes on from the last record, late by the outage."""
    STOPPED = enum.auto()
    """The RTC does not count; the CPU's oscillator carries the clock."""
    IMPLAUSIBLE = enum.auto()
    """The RTC has leapt, or can't be read; the CPU's oscillator carries the clock."""
    UNSURE = enum.auto()
    """At power-up the RTC showed what two times could be: it was being set when the power was cut."""
    NEVER_SET = enum.auto()
    """No time in the RTC, and no record with one: the clock begins where an RTC does."""


_V, _A, _D, _I = ClockStatus.VALID, ClockStatus.ADJUSTED, ClockStatus.DOUBTFUL, ClockStatus.INVALID
_E = ClockEvent

TRUST: Final[Mapping[tuple[ClockStatus, ClockEvent], ClockStatus]] = {
    (_V, _E.SET): _V,
    (_V, _E.SLEWED): _A,
    (_V, _E.SETTLED): _V,
    (_V, _E.LOST): _D,
    (_V, _E.STOPPED): _D,
    (_V, _E.IMPLAUSIBLE): _D,
    (_V, _E.UNSURE): _D,
    (_V, _E.NEVER_SET): _I,
    (_A, _E.SET): _V,
    (_A, _E.SLEWED): _A,
    (_A, _E.SETTLED): _V,
    (_A, _E.LOST): _D,
    (_A, _E.STOPPED): _D,
    (_A, _E.IMPLAUSIBLE): _D,
    (_A, _E.UNSURE): _D,
    (_A, _E.NEVER_SET): _I,
    (_D, _E.SET): _V,
    (_D, _E.SLEWED): _D,
    (_D, _E.SETTLED): _D,
    (_D, _E.LOST): _D,
    (_D, _E.STOPPED): _D,
    (_D, _E.IMPLAUSIBLE): _D,
    (_D, _E.UNSURE): _D,
    (_D, _E.NEVER_SET): _I,
    (_I, _E.SET): _V,
    (_I, _E.SLEWED): _I,
    (_I, _E.SETTLED): _I,
    (_I, _E.LOST): _I,
    (_I, _E.STOPPED): _I,
    (_I, _E.IMPLAUSIBLE): _I,
    (_I, _E.UNSURE): _I,
    (_I, _E.NEVER_SET): _I,
}
"""Only SET brings trust back: no adjustment mends a time that nobody knows.

What a status means to billing: energy counts in all of them, and always in the rate that the clock names, be it frozen
or not. VALID: intervals are unflagged. ADJUSTED: those that a step of the slew fell into are flagged as adjusted; they
are whole, and no longer than their nominal length and 5 s. DOUBTFUL: every interval that ends is flagged, since its
place in time is that of a clock late by an outage (or by an oscillator's error); ends of billing by date go on, unless
the configured response froze the tariff. INVALID: every interval is flagged as without time; whoever bills must not use
its stamp.
"""
