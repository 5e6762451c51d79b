"""The system status word: what is wrong with the meter now, and what its boot found."""

import enum
from typing import TYPE_CHECKING

from firmware.clock.rtc_watch import RtcTrouble
from firmware.clock.trust import ClockStatus
from firmware.events.detectors import FRONT_END_BITS, PHASE_BITS, REVERSE_BITS

if TYPE_CHECKING:
    from firmware.core import Core


class Status(enum.IntFlag):
    """The system status word."""

    REGISTER_BACKUP_USED = 1
    POWER_DOWN_INCOMPLETE = 2
    BATTERY_FAILED = 4
    CLOCK_DOUBTFUL = 8
    TARIFF_FROZEN = 16
    CLOCK_INVALID = 32
    CLOCK_ADJUSTED = 64
    RTC_NOT_INCREMENTING = 128
    """The RTC does not count, or says that it did not."""
    RTC_NOT_BELIEVED = 256
    """The RTC can't be read, or shows what can't be the time."""
    CLOCK_ON_CRYSTAL = 512
    """The clock should follow the mains, and they tell no time."""
    PHASE_FAILED = 4096
    REVERSE_RUN = 8192
    FRONT_END_FAILED = 16384
    FLASH_WORN_OUT = 32768
    """A ring of the flash has hardly a sound sector left."""
    SETTINGS_WAIT = 65536
    """Some of what was programmed is in force only after the next power-up."""


_CLOCK_BITS = {
    ClockStatus.VALID: Status(0),
    ClockStatus.ADJUSTED: Status.CLOCK_ADJUSTED,
    ClockStatus.DOUBTFUL: Status.CLOCK_DOUBTFUL,
    ClockStatus.INVALID: Status.CLOCK_DOUBTFUL | Status.CLOCK_INVALID,
}
_RTC_BITS: dict[RtcTrouble | None, Status] = {
    RtcTrouble.NOT_INCREMENTING: Status.RTC_NOT_INCREMENTING,
    RtcTrouble.STOPPED: Status.RTC_NOT_INCREMENTING,
    RtcTrouble.UNREADABLE: Status.RTC_NOT_BELIEVED,
    RtcTrouble.IMPLAUSIBLE: Status.RTC_NOT_BELIEVED,
    RtcTrouble.DISTRUSTED: Status.RTC_NOT_BELIEVED,
}

_CONDITION_BITS = (
    (PHASE_BITS, Status.PHASE_FAILED),
    (REVERSE_BITS, Status.REVERSE_RUN),
    (FRONT_END_BITS, Status.FRONT_END_FAILED),
)


def status_word(core: "Core") -> Status:
    """The status of now. Only what the boot found is kept; the rest is asked for."""
    status = core.boot_status | _CLOCK_BITS[core.clock.status] | _RTC_BITS.get(core.clock.trouble, Status(0))
    if core.timekeeping.on_crystal:
        status |= Status.CLOCK_ON_CRYSTAL
    if core.battery.failed_s:
        status |= Status.BATTERY_FAILED
    if core.tariff.frozen:
        status |= Status.TARIFF_FROZEN
    if core.store.exhausted:
        status |= Status.FLASH_WORN_OUT
    if core.programming.waiting:
        status |= Status.SETTINGS_WAIT
    conditions = core.detectors.mask
    for bits, flag in _CONDITION_BITS:
        if conditions & bits:
            status |= flag
    return status
