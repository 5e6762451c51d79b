"""Scheduled ends of billing: one a month, on a day and at a local time.

Each month has exactly one instant of UTC. A local time that comes twice is taken in its first pass, one that is missing
at the first instant after it, so daylight saving neither repeats nor drops an end of billing.
"""

from dataclasses import dataclass
from datetime import date

from firmware.clock.civil import Zone
from firmware.clock.dst import DAY_MINUTES


@dataclass(frozen=True, slots=True)
class BillingDates:
    """Every month on `day`, at `minute` after local midnight. Months with fewer days have it on their last day.

    ValueError for a day outside 1 to 31 or a minute outside 0 to 1439.
    """

    day: int = 1
    minute: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise ValueError(f"day: {self.day} is not within 1 to 31")
        if not 0 <= self.minute < DAY_MINUTES:
            raise ValueError(f"minute: {self.minute} is not within 0 to {DAY_MINUTES - 1}")

    def next(self, utc_s: int, zone: Zone) -> int:
        """The first scheduled instant after `utc_s`, UTC in s."""
        local = zone.local(utc_s)
        month = 12 * local.year + local.month - 1
        while True:
            scheduled_s = self._instant(month, zone)
            if scheduled_s > utc_s:
                return scheduled_s
            month += 1

    def missed(self, after_s: int, until_s: int, zone: Zone) -> list[int]:
        """The scheduled instants (UTC in s, in order) after `after_s`, up to and including `until_s`.

        Stretches that join, each beginning where the last one ended, count every instant exactly once. The caller keeps
        the instant up to which it has looked, in a save, and never lets it fall: then an outage across dates gives one
        end of billing, and a clock set back gives none. `until_s` before `after_s` counts nothing.
        """
        missed = []
        scheduled_s = self.next(after_s, zone)
        while scheduled_s <= until_s:
            missed.append(scheduled_s)
            scheduled_s = self.next(scheduled_s, zone)
        return missed

    def _instant(self, month: int, zone: Zone) -> int:
        """The scheduled instant of a month, counted from January of year 0."""
        year, place = divmod(month, 12)
        following = date(year + (place + 1) // 12, (place + 1) % 12 + 1, 1)
        length = (following - date(year, place + 1, 1)).days
        return zone.utc(year, place + 1, min(self.day, length), *divmod(self.minute, 60))
