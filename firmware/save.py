"""The layouts of what the meter keeps in flash: the save of its state, a billing set, an event.

construct describes the fixed parts. Registers are 12-byte integers in one block: a nano-watt-hour register outgrows 8
bytes on a large meter, and a block is built in one go.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from construct import Array, Bytes, Flag, Int8ul, Int16sl, Int16ul, Int32sl, Int32ul, Int64sl, Int64ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.load_switch.state import (
    LOAD_SWITCH_BYTES,
    NO_LOAD_SWITCH,
    LoadSwitchState,
    build_load_switch,
    parse_load_switch,
)
from firmware.profile.state import NO_PROFILE, ProfileState, build_profile, parse_profile, profile_bytes
from firmware.status_word import Status
from firmware.storage.fixed_layout import FixedLayout
from firmware.tariff.demand import DemandState, Maxima
from firmware.tariff.tariff import BILLED, KINDS, BillingSet, BillingSource, TariffState
from hal.units import S

REGISTER_BYTES: Final = 12
_VERSION: Final = 1
_RATIO: Final = Array(2, Int64ul)
"""Numerator and denominator of CT x VT, of which each has four bytes."""
_MAXIMUM: Final = FixedLayout(Struct("demand_mw" / Int64ul, "utc_s" / Int32ul, "offset_s" / Int32sl))


class LayoutError(ValueError):
    """A whole record holds what this firmware does not understand."""


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
    each input. `rtc_lag_ns` is what the clock was ahead of the RTC; `rtc_due`: the RTC was to be set once this was
    whole. `slew`: the rest of an adjustment in s, when its next step is due, and when the interval of its last step
    ends. `access_wrong` counts wrong passwords in a row, `access_locked_s` is what is left of the lock. `programme` is
    the number of the programme in force, `passive`: its passive tariff has not taken over yet.
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
    rtc_believed: bool = True
    rtc_due: bool = False
    rtc_lag_ns: int = 0
    slew: tuple[int, int, int] = (0, 0, 0)
    access_wrong: int = 0
    access_locked_s: int = 0
    profile: ProfileState = NO_PROFILE
    conditions: int = 0
    """What `firmware.events.detectors` found, a bit each."""
    programme: int = 0
    passive: bool = False
    event: int = 0
    """The number of the newest whole event; `inputs_seen` and `conditions` are what the log says up to it."""
    load_switch: LoadSwitchState = NO_LOAD_SWITCH

    @property
    def utc_s(self) -> int:
        """The whole second, UTC, in which it was laid out."""
        return self.utc_ns // S


_STATE: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "reason" / Int8ul,
        "utc_ns" / Int64ul,
        "clock" / Int8ul,
        "status" / Int32ul,
        "battery_failed_s" / Int32ul,
        "battery_not_before" / Flag,
        "response_made" / Flag,
        "inputs_seen" / Int8ul,
        "conditions" / Int32ul,
        "rtc_believed" / Flag,
        "rtc_due" / Flag,
        "rtc_lag_ns" / Int64sl,
        "slew_rest_s" / Int16sl,
        "slew_times" / Array(2, Int32ul),
        "access_wrong" / Int8ul,
        "access_locked_s" / Int32ul,
        "programme" / Int32ul,
        "passive" / Flag,
        "event" / Int32ul,
        "load_switch" / Bytes(LOAD_SWITCH_BYTES),
        "rates" / Int8ul,
        "rate" / Int8ul,
        "frozen" / Flag,
        "billing_number" / Int32ul,
        "billed" / Array(BILLED, Int32ul),
        "ratio" / _RATIO,
        "demand" / Array(6, Int64ul),
    )
)

_BILLING: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "source" / Int8ul,
        "clock_lost" / Flag,
        "rates" / Int8ul,
        "number" / Int32ul,
        "scheduled_s" / Int32ul,
        "utc_s" / Int32ul,
        "offset_s" / Int32sl,
        "ratio" / _RATIO,
    )
)

_EVENT: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "clock" / Int8ul,
        "code" / Int16ul,
        "utc_s" / Int32ul,
        "detail" / Int64ul,
        "spare" / Bytes(8),
    )
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


def state_bytes(rates: int, channels: int = 0) -> int:
    """The longest save with so many rates, and so many channels of the load profile."""
    return _STATE_BYTES + _body_bytes(rates) + profile_bytes(channels)


def billing_bytes(rates: int) -> int:
    """The length of a billing set with so many rates."""
    return _BILLING_BYTES + _body_bytes(rates)


def _body_bytes(rates: int) -> int:
    return (1 + rates) * (KINDS * REGISTER_BYTES + _MAXIMUM_BYTES)


def build_state(state: MeterState) -> bytes:
    tariff = state.tariff
    head = _STATE.build(
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
            "conditions": state.conditions,
            "rtc_believed": state.rtc_believed,
            "rtc_due": state.rtc_due,
            "rtc_lag_ns": state.rtc_lag_ns,
            "slew_rest_s": state.slew[0],
            "slew_times": state.slew[1:],
            "access_wrong": state.access_wrong,
            "access_locked_s": state.access_locked_s,
            "programme": state.programme,
            "passive": state.passive,
            "event": state.event,
            "load_switch": build_load_switch(state.load_switch),
            "rates": len(tariff.rates),
            "rate": tariff.rate,
            "frozen": tariff.frozen,
            "billing_number": tariff.billing_number,
            "billed": (*tariff.billed, *[0] * BILLED)[:BILLED],
            "ratio": tariff.ratio.as_integer_ratio(),
            "demand": tariff.demand.to_ints(),
        }
    )
    return head + _registers(tariff.totals, tariff.rates) + _maxima(tariff.maxima) + build_profile(state.profile)


def parse_state(data: bytes) -> MeterState:
    """LayoutError if it is not of this version, or its length does not fit what it says."""
    head = _STATE.parse(data[: _checked(data, _STATE_BYTES)])
    profile_at = _STATE_BYTES + _body_bytes(head.rates)
    totals, rates, maxima = _parse_body(data[_STATE_BYTES:profile_at], head.rates)
    try:
        profile = parse_profile(data[profile_at:])
        load_switch = parse_load_switch(head.load_switch)
    except ValueError as error:
        raise LayoutError(str(error)) from None
    return MeterState(
        reason=SaveReason(head.reason),
        utc_ns=head.utc_ns,
        clock=_CLOCKS[head.clock],
        status=Status(head.status),
        battery_failed_s=head.battery_failed_s,
        battery_not_before=head.battery_not_before,
        response_made=head.response_made,
        inputs_seen=head.inputs_seen,
        conditions=head.conditions,
        rtc_believed=head.rtc_believed,
        rtc_due=head.rtc_due,
        rtc_lag_ns=head.rtc_lag_ns,
        slew=(head.slew_rest_s, *head.slew_times),
        access_wrong=head.access_wrong,
        access_locked_s=head.access_locked_s,
        programme=head.programme,
        passive=head.passive,
        event=head.event,
        load_switch=load_switch,
        tariff=TariffState(
            totals=totals,
            rates=rates,
            rate=head.rate,
            frozen=head.frozen,
            demand=DemandState.from_ints(tuple(head.demand)),
            maxima=maxima,
            billing_number=head.billing_number,
            billed=tuple(scheduled_s for scheduled_s in head.billed if scheduled_s),
            ratio=Fraction(*head.ratio),
        ),
        profile=profile,
    )


def build_billing(billing: BillingSet) -> bytes:
    head = _BILLING.build(
        {
            "version": _VERSION,
            "source": _SOURCES.index(billing.source),
            "clock_lost": billing.clock_lost,
            "rates": len(billing.rates),
            "number": billing.number,
            "scheduled_s": billing.scheduled_s,
            "utc_s": billing.utc_s,
            "offset_s": billing.offset_s,
            "ratio": billing.ratio.as_integer_ratio(),
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
        ratio=Fraction(*head.ratio),
    )


def build_event(event: Event, utc_s: int, clock: ClockStatus, detail: int) -> bytes:
    return _EVENT.build(
        {
            "version": _VERSION,
            "clock": _CLOCKS.index(clock),
            "code": event.value,
            "utc_s": utc_s,
            "detail": detail,
            "spare": b"\xff" * 8,
        }
    )


def parse_event(data: bytes) -> tuple[int, int]:
    """The code of an event and its detail. LayoutError as for `parse_state`."""
    found = _EVENT.parse(data[: _checked(data, _EVENT.sizeof())])
    return found.code, found.detail


def event_time(data: bytes) -> tuple[int, ClockStatus]:
    """The time that an event bears, UTC in s, and the status of its clock. LayoutError as for `parse_state`."""
    found = _EVENT.parse(data[: _checked(data, _EVENT.sizeof())])
    return found.utc_s, _CLOCKS[found.clock]


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
