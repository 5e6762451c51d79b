"""Slewing: a small correction of the clock, a few seconds in each integration period, so that intervals stay whole.

Steps fall 20 s into a period. Whatever ends, ends at a whole minute, so no step passes over such an instant, forward or
back: none is skipped, none comes twice.
"""

from dataclasses import dataclass
from typing import Final

from firmware.demand.period import IntegrationPeriod

STEP_S: Final = 5
"""The most in an integration period (Elster A1700)."""

ADJUST_LIMIT_S: Final = 450
"""The most that one command may ask for: 7.5 min (Elster A1700)."""

_INTO_PERIOD_S: Final = 20

_LATE_S: Final = 20
"""A step that comes later than this could meet the end of a minute; it waits for the next period."""


@dataclass(slots=True)
class Slew:
    """What is left to do, signed, and when the next step is due: UTC in s, 0 when there is none.

    `flagged_until_s` is the end of the interval that the last step fell into, 0 once that is over.
    """

    period: IntegrationPeriod
    rest_s: int = 0
    next_s: int = 0
    flagged_until_s: int = 0

    @property
    def running(self) -> bool:
        return self.rest_s != 0 or self.flagged_until_s != 0

    def begin(self, by_s: int, utc_s: int) -> None:
        """Move the clock by so much from `utc_s` on; what was left of an adjustment before is forgotten. A period that
        has had its step already gets no second one."""
        self.rest_s = by_s
        self._plan(max(utc_s, self.flagged_until_s))

    def resume(self, rest_s: int, next_s: int, flagged_until_s: int, utc_s: int) -> None:
        """Go on after an outage; a step that was missed comes at the next opportunity."""
        self.rest_s, self.next_s, self.flagged_until_s = rest_s, next_s, flagged_until_s
        if rest_s and next_s <= utc_s:
            self._plan(utc_s)

    def drop(self) -> None:
        """The clock was set, or lost: nothing is left to adjust."""
        self.rest_s = self.next_s = self.flagged_until_s = 0

    def step(self, utc_s: int) -> int:
        """The step that is due at `utc_s`, signed, or 0."""
        if not self.rest_s or utc_s < self.next_s:
            return 0
        if utc_s > self.next_s + _LATE_S:
            self._plan(utc_s)
            return 0
        by_s = max(-STEP_S, min(STEP_S, self.rest_s))
        self.rest_s -= by_s
        self.flagged_until_s = self.period.next_end(utc_s)
        self._plan(self.flagged_until_s)
        return by_s

    def settles(self, ended_s: int) -> bool:
        """An interval has ended at `ended_s`: whether the adjustment is over with it."""
        if not self.flagged_until_s or ended_s < self.flagged_until_s:
            return False
        self.flagged_until_s = 0
        return self.rest_s == 0

    def _plan(self, after_s: int) -> None:
        ends_s = self.period.next_end(after_s - _INTO_PERIOD_S)
        self.next_s = ends_s + _INTO_PERIOD_S if self.rest_s else 0
