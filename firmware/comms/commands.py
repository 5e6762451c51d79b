"""What programming mode may change: the clock, and two commands; and the programme, piece by piece. Each needs a level
of access."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from firmware.comms.access import Level
from firmware.core import Core
from firmware.load_switch.limiter import EmergencyProfile
from firmware.load_switch.load_control import Override
from firmware.registers.access import Subject, level_for
from firmware.tariff.billing import BillingSource
from hal.rtc import RTC_BEGIN_S, RTC_END_S
from protocols.iec62056_21 import DataSet

DATE_AND_TIME: Final = "0.9.4"
"""Written: date and time together, YYMMDDhhmmss in local time."""

END_OF_BILLING: Final = "0.1.0"
"""Executed: an end of billing."""

RELEASE_TARIFF: Final = "C.99.1"
"""Executed: a frozen tariff follows the calendar again. A code of our own, in the manufacturer's range."""

ADJUST_CLOCK: Final = "C.99.2"
"""Executed: the clock is slewed by so many seconds, signed. A code of our own, too."""

ACKNOWLEDGE_ALARMS: Final = "C.99.3"
"""Executed: these bits of the alarm register are cleared, in up to 8 hexadecimal digits. Ours, too."""

DISCONNECT: Final = "C.99.11"
"""Executed: the disconnect relay opens."""

RECONNECT: Final = "C.99.12"
"""Executed: the disconnect relay closes, or in a mode without direct reconnection is released to be closed at the
meter."""

LOAD_CONTROL: Final = "C.99.13"
"""Executed: the load-control output is switched on (1), off (2), or follows the tariff again (0)."""

EMERGENCY_PROFILE: Final = "C.99.14"
"""Written: the limiter's emergency profile: its number, begin (local time, as the clock's) and duration in minutes,
parted by `;`. All of these are codes of our own."""

TEST_MODE: Final = "C.99.15"
"""Executed: test mode begins (1), or ends (0)."""

CHANGE_PIECE: Final = "C.90."
"""Written: a piece of a change to the programme, in hexadecimal digits; its offset follows, so too. Ours again."""

PROGRAMME: Final = "C.91"
"""Executed: the change takes effect whose pieces were written in this session. Its CRC-32 in 8 hexadecimal digits."""

_FIELDS: Final = 6
_HEX: Final = frozenset("0123456789ABCDEFabcdef")
_OFFSET_MOST: Final = 4
_CRC_DIGITS: Final = 8


class Act(Protocol):
    """Carries a command out; False, and nothing changed, if its value is unfit, or if it can't be done now. `done` is
    called once what it changed can't be lost any more."""

    def __call__(self, core: Core, text: str, done: Callable[[], None]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Command:
    """A thing to do, and the level that it needs."""

    level: Level
    act: Act


def write_command(data_sets: Sequence[DataSet]) -> Command | None:
    """What a write asks for; None if any part of it is unknown."""
    if len(data_sets) != 1:
        return None
    address = data_sets[0].address
    offset = address.removeprefix(CHANGE_PIECE)
    if offset != address and _is_hex(offset, 1, _OFFSET_MOST):
        return Command(level_for(Subject.TARIFF), partial(_put_piece, int(offset, 16)))
    return _WRITES.get(address)


def execute_command(data_sets: Sequence[DataSet]) -> Command | None:
    """What an execute asks for; None if any part of it is unknown."""
    return _EXECUTES.get(data_sets[0].address) if len(data_sets) == 1 else None


def _set_clock(core: Core, text: str, done: Callable[[], None]) -> bool:
    utc_s = _instant(core, text)
    if utc_s is None:
        return False
    core.timekeeping.set(utc_s, done)
    return True


def _adjust_clock(core: Core, text: str, done: Callable[[], None]) -> bool:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _FIELDS):
        return False
    return core.timekeeping.adjust(-int(digits) if text[0] == "-" else int(digits), done)


def _end_billing(core: Core, text: str, done: Callable[[], None]) -> bool:
    return core.end_billing(BillingSource.OPTICAL, done)


def _release_tariff(core: Core, text: str, done: Callable[[], None]) -> bool:
    core.release_tariff(done)
    return True


def _put_piece(offset: int, core: Core, text: str, done: Callable[[], None]) -> bool:
    taken = _is_hex(text, 2, len(text)) and core.programming.upload.put(offset, text)
    if taken:
        done()
    return taken


def _program(core: Core, text: str, done: Callable[[], None]) -> bool:
    if not _is_hex(text, _CRC_DIGITS, _CRC_DIGITS):
        return False
    return core.programming.receive(int(text, 16), Level.PROGRAM, done)


def _acknowledge_alarms(core: Core, text: str, done: Callable[[], None]) -> bool:
    if not (0 < len(text) <= _CRC_DIGITS and set(text) <= _HEX):
        return False
    core.acknowledge_alarms(int(text, 16), done)
    return True


def _disconnect(core: Core, text: str, done: Callable[[], None]) -> bool:
    return core.load_switch.disconnect(done)


def _reconnect(core: Core, text: str, done: Callable[[], None]) -> bool:
    return core.load_switch.reconnect(done)


def _control_load(core: Core, text: str, done: Callable[[], None]) -> bool:
    overrides = {str(override.value): override for override in Override}
    return text in overrides and core.load_switch.override(overrides[text], done)


def _set_emergency(core: Core, text: str, done: Callable[[], None]) -> bool:
    number, _, rest = text.partition(";")
    begin, _, minutes = rest.partition(";")
    begin_s = _instant(core, begin)
    if begin_s is None or not all(_is_number(part) and 1 <= int(part) < 1 << 16 for part in (number, minutes)):
        return False
    return core.load_switch.emergency(EmergencyProfile(int(number), begin_s, int(minutes) * 60), done)


def _change_test_mode(core: Core, text: str, done: Callable[[], None]) -> bool:
    if text not in ("0", "1"):
        return False
    change = core.test_mode.begin if text == "1" else core.test_mode.end
    change(done)
    return True


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _FIELDS


def _is_hex(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and set(text) <= _HEX


_WRITES: Final = {
    DATE_AND_TIME: Command(level_for(Subject.CLOCK), _set_clock),
    EMERGENCY_PROFILE: Command(level_for(Subject.LOAD_SWITCH), _set_emergency),
}
_EXECUTES: Final = {
    END_OF_BILLING: Command(level_for(Subject.END_OF_BILLING), _end_billing),
    RELEASE_TARIFF: Command(level_for(Subject.TARIFF_RELEASE), _release_tariff),
    ADJUST_CLOCK: Command(level_for(Subject.CLOCK_ADJUSTMENT), _adjust_clock),
    PROGRAMME: Command(level_for(Subject.TARIFF), _program),
    ACKNOWLEDGE_ALARMS: Command(level_for(Subject.ALARMS), _acknowledge_alarms),
    DISCONNECT: Command(level_for(Subject.LOAD_SWITCH), _disconnect),
    RECONNECT: Command(level_for(Subject.LOAD_SWITCH), _reconnect),
    LOAD_CONTROL: Command(level_for(Subject.LOAD_SWITCH), _control_load),
    TEST_MODE: Command(level_for(Subject.TEST_MODE), _change_test_mode),
}


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
