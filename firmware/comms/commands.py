"""What programming mode may change: the clock, and two commands."""

from collections.abc import Sequence
from typing import Final

from firmware.core import Core
from firmware.tariff.tariff import BillingSource
from hal.rtc import RTC_BEGIN_S, RTC_END_S
from protocols.iec62056_21 import DataSet

DATE_AND_TIME: Final = "0.9.4"
"""Date and time together, YYMMDDhhmmss in local time."""

END_OF_BILLING: Final = "0.1.0"
"""Executed: an end of billing."""

RELEASE_TARIFF: Final = "C.99.1"
"""Executed: a frozen tariff follows the calendar again. A code of our own, in the manufacturer's range."""

_FIELDS: Final = 6


def write(core: Core, data_sets: Sequence[DataSet]) -> bool:
    """Carry out a write; False, and nothing changed, if any part of it is unknown or unfit."""
    if len(data_sets) != 1 or data_sets[0].address != DATE_AND_TIME:
        return False
    utc_s = _instant(core, data_sets[0].text)
    if utc_s is None:
        return False
    core.set_clock(utc_s)
    return True


def execute(core: Core, data_sets: Sequence[DataSet]) -> bool:
    """Carry out a command; False if it is unknown, or locked out."""
    if len(data_sets) != 1:
        return False
    if data_sets[0].address == END_OF_BILLING:
        return core.end_billing(BillingSource.OPTICAL)
    if data_sets[0].address == RELEASE_TARIFF:
        core.release_tariff()
        return True
    return False


def _instant(core: Core, text: str) -> int | None:
    """UTC of a local time as written; None if there is no such time, or an RTC does not count that far."""
    if len(text) != 2 * _FIELDS or not (text.isascii() and text.isdecimal()):
        return None
    year, month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(0, 2 * _FIELDS, 2))
    try:
        utc_s = core.config.clock.zone.utc(2000 + year, month, day, hour, minute, second)
    except ValueError:
        return None
    return utc_s if RTC_BEGIN_S <= utc_s < RTC_END_S else None
