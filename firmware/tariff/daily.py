"""Daily freezes: the energy registers as they stood at each local midnight."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus

DAYS: Final = 62
"""Freezes that are kept."""


@dataclass(frozen=True, slots=True)
class DailyFreeze:
    """The registers at a midnight: its stamp, with the local offset in the second before, and the trust in the clock.

    Energies in nWh, secondary: eleven totals, and those of `registered` places for each rate; `ratio` is what to view
    them with. `late`: the clock passed over that midnight while the meter was off, or when it was set; the registers
    are those of the first instant after it.
    """

    utc_s: int
    offset_s: int
    clock: ClockStatus
    late: bool
    totals: tuple[int, ...]
    registered: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    ratio: Fraction = Fraction(1)


def next_midnight(utc_s: int, zone: Zone) -> int:
    """The first begin of a local day after `utc_s`, UTC in s."""
    local = zone.local(utc_s)
    day = date(local.year, local.month, local.day)
    while True:
        day += timedelta(days=1)
        midnight_s = zone.utc(day.year, day.month, day.day)
        if midnight_s > utc_s:
            return midnight_s


def last_midnight(utc_s: int, zone: Zone) -> int:
    """The last begin of a local day up to `utc_s`, UTC in s."""
    local = zone.local(utc_s)
    day = date(local.year, local.month, local.day)
    while (midnight_s := zone.utc(day.year, day.month, day.day)) > utc_s:
        day -= timedelta(days=1)
    return midnight_s


def of_date(freezes: "tuple[DailyFreeze, ...] | list[DailyFreeze]", day: date) -> DailyFreeze | None:
    """The freeze at the end of a local date: at the midnight with which it ends. None if there is none; of several the
    newest."""
    for freeze in reversed(freezes):
        if _ended(freeze) == day:
            return freeze
    return None


def _ended(freeze: DailyFreeze) -> date:
    """The local date that ends with a freeze."""
    return date(1970, 1, 1) + timedelta(seconds=freeze.utc_s + freeze.offset_s - 1)
