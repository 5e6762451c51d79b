"""A page: an entry of a list, and what the meter knows, become two lines of text.

The first line has the reduced ID code and the unit, the second the value, both to their edges. What is billed is cut
off below its last digit, and has all its leading zeros; what is measured is rounded, half away from zero, since nobody
bills by it. A register that the meter does not have, or whose front end can't be right, shows dashes.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from firmware.clock.civil import local_at_offset
from firmware.display.config import Digits, DisplayConfig, Prefix
from firmware.display.entries import Entry, Special
from firmware.load_switch.disconnect import SupplyState
from firmware.registers import reduced_id
from firmware.registers.identity import Kind, Quantity, RegisterId
from firmware.registers.states import single
from firmware.registers.value import Stamp, Unit, Value, ValueStatus
from firmware.software import CHECKSUM, VERSION
from hal.display import COLUMNS

ABSENT: Final = "--------"

_BILLINGS: Final = single(Quantity.BILLING, Kind.COUNT)
_DEMANDS: Final = frozenset(
    {
        Kind.AVERAGE_DEMAND,
        Kind.LAST_AVERAGE,
        Kind.MAXIMUM_DEMAND,
        Kind.CUMULATIVE_DEMAND,
        Kind.CONTINUOUS_CUMULATIVE_DEMAND,
        Kind.COINCIDENT_DEMAND,
    }
)
_WHOLE: Final = frozenset({Kind.COUNT, Kind.STATE, Kind.DURATION})
_WORDS: Final = frozenset({Quantity.STATUS, Quantity.ALARM})

_MEASURED: Final = {
    Unit.VOLT: Digits(4, 1, Prefix.NONE),
    Unit.AMPERE: Digits(5, 2, Prefix.NONE),
    Unit.WATT: Digits(6, 3),
    Unit.VAR: Digits(6, 3),
    Unit.VOLT_AMPERE: Digits(6, 3),
    Unit.HERTZ: Digits(4, 2, Prefix.NONE),
    Unit.DEGREE: Digits(4, 1, Prefix.NONE),
    Unit.PERCENT: Digits(4, 1, Prefix.NONE),
    Unit.CELSIUS: Digits(3, 1, Prefix.NONE),
    Unit.COUNT: Digits(4, 3, Prefix.NONE),
}
_PLAIN: Final = Digits(4, 3, Prefix.NONE)
_SYMBOLS: Final = {Unit.DEGREE: "deg", Unit.CELSIUS: "C"}
"""In ASCII."""

_SUPPLY: Final = {
    SupplyState.DISCONNECTED: "OFF",
    SupplyState.CONNECTED: "ON",
    SupplyState.READY_FOR_RECONNECTION: "READY HOLD KEY",
}

Lines = tuple[str, str]


class Shows(Protocol):
    """What pages need of a snapshot."""

    @property
    def captured(self) -> Stamp: ...

    def find(self, identity: RegisterId) -> Value | None: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What pages are made of, all of one instant. `supply` is None without a relay."""

    snapshot: Shows
    device_address: str
    supply: SupplyState | None = None


def page(entry: Entry, seen: Seen, config: DisplayConfig) -> Lines:
    """Two lines of up to 16 printable ASCII characters."""
    if entry.special is Special.SEGMENTS:
        return "8" * COLUMNS, "8" * COLUMNS
    if entry.register is not None:
        return _register(entry, entry.register, seen, config)
    return _lines(entry.code, "", _special(entry, seen))


def _register(entry: Entry, identity: RegisterId, seen: Seen, config: DisplayConfig) -> Lines:
    name = identifier(entry, identity, seen)
    value = seen.snapshot.find(identity)
    if value is None or value.status & ValueStatus.INVALID:
        return _lines(name, "", ABSENT)
    if entry.stamp or identity.kind is Kind.TIME:
        return _lines(name, "", ABSENT if value.status & ValueStatus.EMPTY else _minute(value.captured))
    if identity.kind in _WHOLE:
        shown = f"{value.value:08X}" if identity.quantity in _WORDS else str(value.value)
        return _lines(name, _symbol(value.unit), shown)
    if identity.kind is Kind.ENERGY:
        digits = config.energy
        shown = rolled(value, digits)
    elif identity.kind in _DEMANDS:
        digits = config.demand
        shown = _written(value.at(digits.prefix.value - digits.decimals), digits)
    else:
        digits = _MEASURED.get(value.unit, _PLAIN)
        shown = _written(_rounded(value, digits), digits)
    return _lines(name, digits.prefix.symbol + _symbol(value.unit), shown)


def identifier(entry: Entry, identity: RegisterId, seen: Seen) -> str:
    """The code as it is shown: a closed billing period by the number that its registers bear."""
    name = entry.code
    if identity.period:
        billings = seen.snapshot.find(_BILLINGS)
        code = reduced_id.code(identity._replace(rank=1), 0 if billings is None else billings.value)
        name = code or f"{name}@{identity.period}"
    if identity.rank > 1:
        name += f"#{identity.rank}"
    return f"{name}:time" if entry.stamp else name


def rolled(value: Value, digits: Digits) -> str:
    """An energy register: of what is more than its digits the higher ones are lost."""
    amount = value.at(digits.prefix.value - digits.decimals)
    most = int(10**digits.digits)
    return _written(abs(amount) % most * (-1 if amount < 0 else 1), digits)


def _rounded(value: Value, digits: Digits) -> int:
    places = digits.prefix.value - digits.decimals - value.scaler
    if places <= 0:
        return value.value * int(10**-places)
    amount = (2 * abs(value.value) + int(10**places)) // (2 * int(10**places))
    return amount if value.value >= 0 else -amount


def _written(amount: int, digits: Digits) -> str:
    whole, rest = divmod(abs(amount), int(10**digits.decimals))
    text = f"{whole:0{digits.digits - digits.decimals}}"
    if digits.decimals:
        text += f".{rest:0{digits.decimals}}"
    return f"-{text}" if amount < 0 else text


def _symbol(unit: Unit) -> str:
    return _SYMBOLS.get(unit, unit.symbol)


def _special(entry: Entry, seen: Seen) -> str:
    now = seen.snapshot.captured
    local = local_at_offset(now.utc_s, now.offset_s)
    if entry.special is Special.TIME:
        return f"{local.hour:02}:{local.minute:02}:{local.second:02}"
    if entry.special is Special.DATE:
        return f"{local.year:04}-{local.month:02}-{local.day:02}"
    if entry.special is Special.DEVICE_ADDRESS:
        return seen.device_address
    if entry.special is Special.SUPPLY:
        return ABSENT if seen.supply is None else _SUPPLY[seen.supply]
    return VERSION if entry.special is Special.SOFTWARE_VERSION else f"{CHECKSUM:08X}"


def _minute(stamp: Stamp) -> str:
    """Of the local time of then."""
    local = local_at_offset(stamp.utc_s, stamp.offset_s)
    return f"{local.year % 100:02}-{local.month:02}-{local.day:02} {local.hour:02}:{local.minute:02}"


def _lines(name: str, unit: str, shown: str) -> Lines:
    """What is longer than a line loses its left."""
    return f"{name}{unit:>{max(COLUMNS - len(name), 0)}}"[:COLUMNS], shown.rjust(COLUMNS)[-COLUMNS:]
