"""How the tariff's state, a billing set and a daily freeze are laid out. The length is fixed for a configuration.

A layout says of what it is (which energies are registered by rate, in how many rates, which demands are kept), so that
what was made under an older configuration can be read. Energy registers are signed integers of 9 bytes in one block:
2**71 nWh are two million GWh, and 8 bytes a large meter outgrows in its life.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from construct import Array, Flag, Int8ul, Int16ul, Int32sl, Int32ul, Int64ul, Struct

from firmware.clock.trust import ClockStatus
from firmware.demand.config import DemandConfig
from firmware.demand.layout import build_demand, build_registers, demand_bytes, parse_demand, parse_registers
from firmware.demand.layout import registers_bytes as demand_registers_bytes
from firmware.registers.energy import ENERGY_QUANTITIES
from firmware.storage.fixed_layout import FixedLayout
from firmware.tariff.billing import BILLED, BillingSet, from_bits, to_bits
from firmware.tariff.config import TariffConfig
from firmware.tariff.daily import DailyFreeze
from firmware.tariff.tariff import TariffState

REGISTER_BYTES: Final = 9
_TOTALS: Final = len(ENERGY_QUANTITIES)
_RATIO: Final = Array(2, Int64ul)
"""Numerator and denominator of CT x VT, of which each has four bytes."""
_CLOCKS: Final = tuple(ClockStatus)

_ENERGIES: Final = FixedLayout(Struct("registered" / Int16ul, "rates" / Int8ul))
_STATE: Final = FixedLayout(
    Struct(
        "rate" / Int8ul,
        "demand_rate" / Int8ul,
        "frozen" / Flag,
        "billing_number" / Int32ul,
        "billed" / Array(BILLED, Int32ul),
        "midnight_s" / Int32ul,
        "ratio" / _RATIO,
    )
)
_BILLING: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "causes" / Int16ul,
        "clock_lost" / Flag,
        "number" / Int32ul,
        "scheduled_s" / Int32ul,
        "utc_s" / Int32ul,
        "offset_s" / Int32sl,
        "ratio" / _RATIO,
    )
)
_DAILY: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "clock" / Int8ul,
        "late" / Flag,
        "utc_s" / Int32ul,
        "offset_s" / Int32sl,
        "ratio" / _RATIO,
    )
)
_VERSION: Final = 2

_Energies = tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, ...], ...]]
"""Totals, the places that are registered by rate, and these by rate."""


def energies_bytes(config: TariffConfig, rates: int) -> int:
    """The length of the energy registers with so many rates."""
    return _energies_bytes(len(config.registers), rates)


def tariff_bytes(config: TariffConfig, demand: DemandConfig, rates: int) -> int:
    """The length of all that a save keeps of the tariff."""
    return _STATE.sizeof() + energies_bytes(config, rates) + demand_bytes(demand)


def billing_bytes(config: TariffConfig, demand: DemandConfig, rates: int) -> int:
    """The length of a billing set."""
    return _BILLING.sizeof() + energies_bytes(config, rates) + demand_registers_bytes(demand)


def daily_bytes(config: TariffConfig, rates: int) -> int:
    """The length of a daily freeze."""
    return _DAILY.sizeof() + energies_bytes(config, rates)


def build_tariff(state: TariffState) -> bytes:
    """What `tariff_bytes` counts."""
    head = _STATE.build(
        {
            "rate": state.rate,
            "demand_rate": state.demand_rate,
            "frozen": state.frozen,
            "billing_number": state.billing_number,
            "billed": (*state.billed, *[0] * BILLED)[:BILLED],
            "midnight_s": state.midnight_s,
            "ratio": state.ratio.as_integer_ratio(),
        }
    )
    return head + _build_energies(state.totals, state.registered, state.rates) + build_demand(state.demand)


def parse_tariff(data: bytes) -> tuple[TariffState, int]:
    """What the beginning of `data` holds, and its length; ValueError for what is none."""
    at = _STATE.sizeof()
    _require(data, at)
    head = _STATE.parse(data)
    (totals, registered, rates), length = _parse_energies(data[at:])
    at += length
    demand, length = parse_demand(data[at:])
    state = TariffState(
        totals=totals,
        registered=registered,
        rates=rates,
        rate=head.rate,
        demand_rate=head.demand_rate,
        frozen=head.frozen,
        demand=demand,
        billing_number=head.billing_number,
        billed=tuple(scheduled_s for scheduled_s in head.billed if scheduled_s),
        midnight_s=head.midnight_s,
        ratio=Fraction(*head.ratio),
    )
    return state, at + length


def build_billing(billing: BillingSet) -> bytes:
    """What `billing_bytes` counts."""
    head = _BILLING.build(
        {
            "version": _VERSION,
            "causes": to_bits(billing.causes),
            "clock_lost": billing.clock_lost,
            "number": billing.number,
            "scheduled_s": billing.scheduled_s,
            "utc_s": billing.utc_s,
            "offset_s": billing.offset_s,
            "ratio": billing.ratio.as_integer_ratio(),
        }
    )
    energies = _build_energies(billing.totals, billing.registered, billing.rates)
    return head + energies + build_registers(billing.demand)


def parse_billing(data: bytes) -> BillingSet:
    """ValueError if it is not of this version, or its length does not fit what it says."""
    at = _versioned(data, _BILLING)
    head = _BILLING.parse(data)
    (totals, registered, rates), length = _parse_energies(data[at:])
    at += length
    demand, length = parse_registers(data[at:])
    _ends(data, at + length)
    return BillingSet(
        number=head.number,
        causes=from_bits(head.causes),
        clock_lost=head.clock_lost,
        scheduled_s=head.scheduled_s,
        utc_s=head.utc_s,
        offset_s=head.offset_s,
        totals=totals,
        registered=registered,
        rates=rates,
        demand=demand,
        ratio=Fraction(*head.ratio),
    )


def build_daily(freeze: DailyFreeze) -> bytes:
    """What `daily_bytes` counts."""
    head = _DAILY.build(
        {
            "version": _VERSION,
            "clock": _CLOCKS.index(freeze.clock),
            "late": freeze.late,
            "utc_s": freeze.utc_s,
            "offset_s": freeze.offset_s,
            "ratio": freeze.ratio.as_integer_ratio(),
        }
    )
    return head + _build_energies(freeze.totals, freeze.registered, freeze.rates)


def parse_daily(data: bytes) -> DailyFreeze:
    """As `parse_billing`."""
    at = _versioned(data, _DAILY)
    head = _DAILY.parse(data)
    (totals, registered, rates), length = _parse_energies(data[at:])
    _ends(data, at + length)
    return DailyFreeze(
        utc_s=head.utc_s,
        offset_s=head.offset_s,
        clock=_CLOCKS[head.clock],
        late=head.late,
        totals=totals,
        registered=registered,
        rates=rates,
        ratio=Fraction(*head.ratio),
    )


def _energies_bytes(registered: int, rates: int) -> int:
    return _ENERGIES.sizeof() + (_TOTALS + registered * rates) * REGISTER_BYTES


def _build_energies(totals: Sequence[int], registered: Sequence[int], rates: Sequence[Sequence[int]]) -> bytes:
    head = _ENERGIES.build({"registered": sum(1 << place for place in registered), "rates": len(rates)})
    rows = [value.to_bytes(REGISTER_BYTES, "little", signed=True) for row in (totals, *rates) for value in row]
    return head + b"".join(rows)


def _parse_energies(data: bytes) -> tuple[_Energies, int]:
    at = _ENERGIES.sizeof()
    _require(data, at)
    head = _ENERGIES.parse(data)
    if head.registered >= 1 << _TOTALS:
        raise ValueError(f"energy registers: no such energies, {head.registered:#x}")
    registered = tuple(place for place in range(_TOTALS) if head.registered >> place & 1)
    length = _energies_bytes(len(registered), head.rates)
    _require(data, length)
    values = [
        int.from_bytes(data[place : place + REGISTER_BYTES], "little", signed=True)
        for place in range(at, length, REGISTER_BYTES)
    ]
    count = len(registered)
    rates = tuple(tuple(values[_TOTALS + rate * count : _TOTALS + (rate + 1) * count]) for rate in range(head.rates))
    return (tuple(values[:_TOTALS]), registered, rates), length


def _versioned(data: bytes, layout: FixedLayout) -> int:
    if len(data) < layout.sizeof() or data[0] != _VERSION:
        version = data[0] if data else None
        raise ValueError(f"a record of {len(data)} bytes and layout version {version}; this firmware knows {_VERSION}")
    return layout.sizeof()


def _require(data: bytes, length: int) -> None:
    if len(data) < length:
        raise ValueError(f"{len(data)} bytes where {length} are told of")


def _ends(data: bytes, length: int) -> None:
    if len(data) != length:
        raise ValueError(f"{len(data)} bytes of a record where {length} are told of")
