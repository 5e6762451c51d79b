"""The layouts of what the meter keeps in flash: the save of its state, a billing set, an event.

construct describes the fixed parts. Registers are 12-byte integers in one block: a nano-watt-hour register outgrows 8
bytes on a large meter, and a block is built in one go.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from construct import Array, Bytes, Flag, Int8ul, Int16ul, Int32sl, Int32ul, Int64ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.tariff.demand import DemandState, Maxima
from firmware.tariff.tariff import BILLED, KINDS, BillingSet, BillingSource, TariffState
from hal.units import S

REGISTER_BYTES: Final = 12
_VERSION: Final = 1
_MAXIMUM: Final = Struct("demand_mw" / Int64ul, "utc_s" / Int32ul, "offset_s" / Int32sl)


class LayoutError(ValueError):
    """A whole record holds what this firmware does not understand."""


class Status(enum.IntFlag):
    """The system status word."""

    REGISTER_BACKUP_USED = 1
    POWER_DOWN_INCOMPLETE = 2
    BATTERY_FAILED = 4
    CLOCK_DOUBTFUL = 8
    TARIFF_FROZEN = 16


class SaveReason(enum.Enum):
    """Why a save was made. Only POWER_FAIL says that all was well when the meter went down."""

    BOOT = 1
    PERIOD = 2
    POWER_FAIL = 3
    POWER_GOOD = 4
    """The mains came back before the hold-up was spent; the save at power fail is stale."""
    COMMAND = 5


@dataclass(frozen=True, slots=True)
class MeterState:
    """All that a save keeps. `battery_failed_s`: when the cell's failure was found, UTC, 0 for a healthy one;
    `battery_not_before`: it died unsupplied, some time after that. `response_made`: the response to this battery
    failure is done, and is not repeated until the clock has been set with a healthy cell. `inputs_seen`: a bit for
    each input.
    """

    reason: SaveReason
    utc_ns: int
    clock: ClockStatus
    status: Status
    battery_failed_s: int
    battery_not_before: bool
    response_made: bool
    inputs_seen: int
    tariff: TariffState

    @property
    def utc_s(self) -> int:
        """The whole second, UTC, in which it was laid out."""
        return self.utc_ns // S


_STATE: Final = Struct(
    "version" / Int8ul,
    "reason" / Int8ul,
    "utc_ns" / Int64ul,
    "clock" / Int8ul,
    "status" / Int32ul,
    "battery_failed_s" / Int32ul,
    "battery_not_before" / Flag,
    "response_made" / Flag,
    "inputs_seen" / Int8ul,
    "rates" / Int8ul,
    "rate" / Int8ul,
    "frozen" / Flag,
    "billing_number" / Int32ul,
    "billed" / Array(BILLED, Int32ul),
    "demand" / Array(6, Int64ul),
)

_BILLING: Final = Struct(
    "version" / Int8ul,
    "source" / Int8ul,
    "clock_lost" / Flag,
    "rates" / Int8ul,
    "number" / Int32ul,
    "scheduled_s" / Int32ul,
    "utc_s" / Int32ul,
    "offset_s" / Int32sl,
)

_EVENT: Final = Struct(
    "version" / Int8ul, "clock" / Int8ul, "code" / Int16ul, "utc_s" / Int32ul, "detail" / Int64ul, "spare" / Bytes(8)
)

_STATE_BYTES: Final[int] = _STATE.sizeof()
_BILLING_BYTES: Final[int] = _BILLING.sizeof()
_MAXIMUM_BYTES: Final[int] = _MAXIMUM.sizeof()

_CLOCKS: Final = tuple(ClockStatus)
_SOURCES: Final = tuple(BillingSource)


def _registers(totals: Sequence[int], rates: Sequence[Sequence[int]]) -> bytes:
    return b"".join([value.to_bytes(REGISTER_BYTES, "little") for row in (totals, *rates) for value in row])


def _parse_registers(data: bytes, rates: int) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    values = [
        int.from_bytes(data[at : at + REGISTER_BYTES], "little")
        for at in range(0, (1 + rates) * KINDS * REGISTER_BYTES, REGISTER_BYTES)
    ]
    rows = [tuple(values[at : at + KINDS]) for at in range(0, len(values), KINDS)]
    return rows[0], tuple(rows[1:])


def _maxima(maxima: Maxima) -> bytes:
    flat = maxima.to_ints()
    return b"".join(
        _MAXIMUM.build({"demand_mw": flat[at], "utc_s": flat[at + 1], "offset_s": flat[at + 2]})
        for at in range(0, len(flat), 3)
    )


def _parse_maxima(data: bytes, rates: int) -> Maxima:
    flat: list[int] = []
    size = _MAXIMUM_BYTES
    for at in range(0, (1 + rates) * size, size):
        found = _MAXIMUM.parse(data[at : at + size])
        flat += [found.demand_mw, found.utc_s, found.offset_s]
    return Maxima.from_ints(tuple(flat))


def state_bytes(rates: int) -> int:
    """The length of a save with so many rates."""
    return _STATE_BYTES + _body_bytes(rates)


def billing_bytes(rates: int) -> int:
    """The length of a billing set with so many rates."""
    return _BILLING_BYTES + _body_bytes(rates)


def _body_bytes(rates: int) -> int:
    return (1 + rates) * (KINDS * REGISTER_BYTES + _MAXIMUM_BYTES)


def build_state(state: MeterState) -> bytes:
    tariff = state.tariff
    head: bytes = _STATE.build(
        {
            "version": _VERSION,
            "reason": state.reason.value,
            "utc_ns": state.utc_ns,
            "clock": _CLOCKS.index(state.clock),
            "status": int(state.status),
            "battery_failed_s": state.battery_failed_s,
            "battery_not_before": state.battery_not_before,
            "response_made": state.response_made,
            "inputs_seen": state.inputs_seen,
            "rates": len(tariff.rates),
            "rate": tariff.rate,
            "frozen": tariff.frozen,
            "billing_number": tariff.billing_number,
            "billed": (*tariff.billed, *[0] * BILLED)[:BILLED],
            "demand": tariff.demand.to_ints(),
        }
    )
    return head + _registers(tariff.totals, tariff.rates) + _maxima(tariff.maxima)


def parse_state(data: bytes) -> MeterState:
    """LayoutError if it is not of this version, or its length does not fit what it says."""
    head = _STATE.parse(data[: _checked(data, _STATE_BYTES)])
    totals, rates, maxima = _parse_body(data[_STATE_BYTES:], head.rates)
    return MeterState(
        reason=SaveReason(head.reason),
        utc_ns=head.utc_ns,
        clock=_CLOCKS[head.clock],
        status=Status(head.status),
        battery_failed_s=head.battery_failed_s,
        battery_not_before=head.battery_not_before,
        response_made=head.response_made,
        inputs_seen=head.inputs_seen,
        tariff=TariffState(
            totals=totals,
            rates=rates,
            rate=head.rate,
            frozen=head.frozen,
            demand=DemandState.from_ints(tuple(head.demand)),
            maxima=maxima,
            billing_number=head.billing_number,
            billed=tuple(scheduled_s for scheduled_s in head.billed if scheduled_s),
        ),
    )


def build_billing(billing: BillingSet) -> bytes:
    head: bytes = _BILLING.build(
        {
            "version": _VERSION,
            "source": _SOURCES.index(billing.source),
            "clock_lost": billing.clock_lost,
            "rates": len(billing.rates),
            "number": billing.number,
            "scheduled_s": billing.scheduled_s,
            "utc_s": billing.utc_s,
            "offset_s": billing.offset_s,
        }
    )
    return head + _registers(billing.totals, billing.rates) + _maxima(billing.maxima)


def parse_billing(data: bytes) -> BillingSet:
    """LayoutError as for `parse_state`."""
    head = _BILLING.parse(data[: _checked(data, _BILLING_BYTES)])
    totals, rates, maxima = _parse_body(data[_BILLING_BYTES:], head.rates)
    return BillingSet(
        number=head.number,
        source=_SOURCES[head.source],
        clock_lost=head.clock_lost,
        scheduled_s=head.scheduled_s,
        utc_s=head.utc_s,
        offset_s=head.offset_s,
        totals=totals,
        rates=rates,
        maxima=maxima,
    )


def build_event(event: Event, utc_s: int, clock: ClockStatus, detail: int) -> bytes:
    built: bytes = _EVENT.build(
        {
            "version": _VERSION,
            "clock": _CLOCKS.index(clock),
            "code": event.value,
            "utc_s": utc_s,
            "detail": detail,
            "spare": b"\xff" * 8,
        }
    )
    return built


def _checked(data: bytes, head: int) -> int:
    if len(data) < head or data[0] != _VERSION:
        version = data[0] if data else None
        raise LayoutError(f"a record of {len(data)} bytes and layout version {version}; this firmware knows {_VERSION}")
    return head


def _parse_body(data: bytes, rates: int) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...], Maxima]:
    registers = (1 + rates) * KINDS * REGISTER_BYTES
    expected = _body_bytes(rates)
    if len(data) != expected:
        raise LayoutError(f"{len(data)} bytes of registers and maxima where {rates} rates take {expected}")
    totals, by_rate = _parse_registers(data, rates)
    return totals, by_rate, _parse_maxima(data[registers:], rates)
