"""Integration periods: how long, where they begin, and what ends them early.

Periods are aligned to the hour of local time, and so to the day; daylight saving moves the clock by whole hours and
never cuts one: a day of 23 h has 46 half-hours, one of 25 h has 50.
"""

import enum
from dataclasses import dataclass

from firmware.clock.civil import Zone
from firmware.clock.dst import HOUR_S


class EndCause(enum.Enum):
    """What ended an integration period (the list of the Itron ACE6000), or a subinterval of one."""

    PERIOD = "period"
    """The clock reached its end."""
    TIME_CHANGE = "time-change"
    CONTROL_INPUT = "control-input"
    """A synchronisation from outside."""
    RATE_CHANGE = "rate-change"
    POWER_FAILURE = "power-failure"
    PROGRAMMED = "programmed"
    """Demand is measured in another way from then on."""


class AfterOutage(enum.Enum):
    """What becomes of the integration period that an outage broke (the choice of the Itron ACE6000; how we read it)."""

    RESTART = "restart"
    """It ends with the outage, short, and another begins at power-up."""
    RESUME = "resume"
    """It goes on; what flowed in the outage is zero. But where a rate change ends it and the rate has changed, it is as
    for RESTART."""
    SYNCHRONISE = "synchronise"
    """It ends with the outage, short; demand counts again from the begin of the next whole period or subinterval."""


class OnRateChange(enum.Enum):
    """What becomes of the integration period inside which the rate changes."""

    END = "end"
    """It ends there, short; the next holds nothing of it."""
    WAIT = "wait"
    """It goes on to its end, in the rate in which it began."""


@dataclass(frozen=True, slots=True)
class IntegrationPeriod:
    """A length in s and the zone to whose hours it is aligned.

    ValueError unless the length is whole minutes that divide the hour: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60 min.
    """

    length_s: int
    zone: Zone

    def __post_init__(self) -> None:
        if not divides_hour(self.length_s):
            raise ValueError(f"integration period: {self.length_s} s is not of whole minutes that divide an hour")

    def next_end(self, utc_s: int) -> int:
        """The first period end after `utc_s`. An instant on a boundary belongs to the period that begins there."""
        # Standard time will do: daylight saving shifts local time by whole hours.
        offset_s = self.zone.standard_offset_s
        return ((utc_s + offset_s) // self.length_s + 1) * self.length_s - offset_s

    def begins(self, utc_s: int) -> bool:
        """Whether a period begins (and the last one ends) exactly at `utc_s`."""
        return self.next_end(utc_s) - utc_s == self.length_s


def divides_hour(length_s: int) -> bool:
    """Whether a length is of whole minutes that divide an hour."""
    return length_s > 0 and length_s % 60 == 0 and HOUR_S % length_s == 0
