"""How demand is laid out in a save, and its registers in a billing set. The length is fixed for a configuration.

A layout says of what it is (method, period, quantities, what each register keeps), so that a save or a historical set
made under an older configuration can be read. Integers are little-endian and signed where they can be below zero:
energies in 8 bytes, demands in 6 (2**47 mW is 140 GW).
"""

from collections.abc import Iterable
from typing import Final

from construct import Int8ul, Int16ul, Int32ul, Int64sl, Struct

from firmware.demand.averaging import Averaging
from firmware.demand.coincident import CoincidentRegister
from firmware.demand.config import (
    COINCIDENTS_MOST,
    EXCESSES_MOST,
    MAXIMA_MOST,
    QUANTITIES,
    Coincident,
    DemandConfig,
    ExcessThreshold,
    MaximumDemand,
    Method,
    Shape,
)
from firmware.demand.demand import DemandState
from firmware.demand.excess import ExcessRegister
from firmware.demand.maximum import RANKS, MaximumRegister, RankedDemand
from firmware.demand.registers import DemandRegisters
from firmware.demand.stamp import STAMP_BYTES, Stamp, stamp_bytes
from firmware.demand.state import IntegrationState, LastAverage
from firmware.demand.thermal import Thermal
from firmware.demand.window import Subinterval, Window
from firmware.storage.fixed_layout import FixedLayout

_VERSION: Final = 1
_ENERGY_BYTES: Final = 8
_DEMAND_BYTES: Final = 6
_METHODS: Final = tuple(Method)
_RANK_BYTES: Final = _DEMAND_BYTES + STAMP_BYTES

_SHORT, _COUNTED, _WAITING, _LAST_SHORT, _LAST_IDLE = (1 << bit for bit in range(5))
_WHOLE: Final = 0x80
"""In the byte of a subinterval's rate."""

_RUNNING: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "method" / Int8ul,
        "period_s" / Int16ul,
        "subintervals" / Int8ul,
        "quantities" / Int16ul,
        "flags" / Int8ul,
        "rate" / Int8ul,
        "at_s" / Int32ul,
        "start_s" / Int32ul,
        "until_s" / Int32ul,
    )
)
_REGISTERS: Final = FixedLayout(
    Struct("version" / Int8ul, "maxima" / Int8ul, "coincidents" / Int8ul, "excesses" / Int8ul)
)
_MAXIMUM: Final = FixedLayout(Struct("quantity" / Int8ul, "rate" / Int8ul, "cumulative_mw" / Int64sl))
_COINCIDENT: Final = FixedLayout(Struct("maximum" / Int8ul, "quantity" / Int8ul))
_EXCESS: Final = FixedLayout(
    Struct(
        "quantity" / Int8ul,
        "threshold_mw" / Int64sl,
        "count" / Int32ul,
        "duration_s" / Int32ul,
        "running_s" / Int32ul,
    )
)
_MAXIMUM_BYTES: Final[int] = _MAXIMUM.sizeof() + RANKS * _RANK_BYTES
_COINCIDENT_BYTES: Final[int] = _COINCIDENT.sizeof() + RANKS * _DEMAND_BYTES
_EXCESS_BYTES: Final[int] = _EXCESS.sizeof() + STAMP_BYTES


def registers_bytes(config: DemandConfig) -> int:
    """The length of the registers of a configuration."""
    return _registers_bytes(len(config.maxima), len(config.coincidents), len(config.excesses))


def demand_bytes(config: DemandConfig) -> int:
    """The length of all that a save keeps of demand, under a configuration."""
    return _running_bytes(config.shape) + registers_bytes(config)


def _registers_bytes(maxima: int, coincidents: int, excesses: int) -> int:
    entries = maxima * _MAXIMUM_BYTES + coincidents * _COINCIDENT_BYTES + excesses * _EXCESS_BYTES
    return _REGISTERS.sizeof() + entries


def _running_bytes(shape: Shape) -> int:
    quantities = len(shape.quantities)
    past = _ENERGY_BYTES * quantities + 1
    if shape.method is not Method.THERMAL:
        past *= shape.subintervals - 1
    return _RUNNING.sizeof() + STAMP_BYTES + (_ENERGY_BYTES + _DEMAND_BYTES) * quantities + past


def build_demand(state: DemandState) -> bytes:
    """What `demand_bytes` counts."""
    return _build_running(state.running) + build_registers(state.registers)


def parse_demand(data: bytes) -> tuple[DemandState, int]:
    """What the beginning of `data` holds, and its length; ValueError if it is of another version or too short."""
    running, length = _parse_running(data)
    registers, more = parse_registers(data[length:])
    return DemandState(running, registers), length + more


def build_registers(registers: DemandRegisters) -> bytes:
    """What `registers_bytes` counts."""
    counts = {
        "version": _VERSION,
        "maxima": len(registers.maxima),
        "coincidents": len(registers.coincidents),
        "excesses": len(registers.excesses),
    }
    parts = [_REGISTERS.build(counts)]
    for maximum in registers.maxima:
        kept = maximum.kept
        head = {"quantity": kept.quantity, "rate": kept.rate, "cumulative_mw": maximum.cumulative_mw}
        parts.append(_MAXIMUM.build(head))
        parts += [_ints((rank.demand_mw,), _DEMAND_BYTES) + rank.stamp.to_bytes() for rank in maximum.ranks]
        parts.append(bytes(_RANK_BYTES * (RANKS - len(maximum.ranks))))
    for coincident in registers.coincidents:
        parts.append(
            _COINCIDENT.build({"maximum": coincident.kept.maximum, "quantity": coincident.kept.quantity})
            + _ints(coincident.demands_mw, _DEMAND_BYTES).ljust(RANKS * _DEMAND_BYTES, b"\0")
        )
    for excess in registers.excesses:
        fields = {
            "quantity": excess.kept.quantity,
            "threshold_mw": excess.kept.threshold_mw,
            "count": excess.count,
            "duration_s": excess.duration_s,
            "running_s": excess.running_s,
        }
        parts.append(_EXCESS.build(fields) + stamp_bytes(excess.last))
    return b"".join(parts)


def parse_registers(data: bytes) -> tuple[DemandRegisters, int]:
    """As `parse_demand`."""
    _require(data, _REGISTERS.sizeof(), "demand registers")
    head = _REGISTERS.parse(data)
    counts = (head.maxima, head.coincidents, head.excesses)
    if head.maxima > MAXIMA_MOST or head.coincidents > COINCIDENTS_MOST or head.excesses > EXCESSES_MOST:
        raise ValueError(f"demand registers: {counts} are more than there can be")
    length = _registers_bytes(*counts)
    _require(data, length, "demand registers")
    at = _REGISTERS.sizeof()
    maxima = []
    for _ in range(head.maxima):
        maxima.append(_parse_maximum(data[at : at + _MAXIMUM_BYTES]))
        at += _MAXIMUM_BYTES
    coincidents = []
    for _ in range(head.coincidents):
        coincidents.append(_parse_coincident(data[at : at + _COINCIDENT_BYTES], maxima))
        at += _COINCIDENT_BYTES
    excesses = []
    for _ in range(head.excesses):
        excesses.append(_parse_excess(data[at : at + _EXCESS_BYTES]))
        at += _EXCESS_BYTES
    return DemandRegisters(tuple(maxima), tuple(coincidents), tuple(excesses)), length


def _parse_maximum(data: bytes) -> MaximumRegister:
    head = _MAXIMUM.parse(data)
    ranks = []
    for at in range(_MAXIMUM.sizeof(), _MAXIMUM_BYTES, _RANK_BYTES):
        stamp = Stamp.from_bytes(data[at + _DEMAND_BYTES : at + _RANK_BYTES])
        if stamp is not None:
            ranks.append(RankedDemand(_read(data, at, _DEMAND_BYTES), stamp))
    return MaximumRegister(MaximumDemand(head.quantity, head.rate), tuple(ranks), head.cumulative_mw)


def _parse_coincident(data: bytes, maxima: list[MaximumRegister]) -> CoincidentRegister:
    head = _COINCIDENT.parse(data)
    if head.maximum >= len(maxima):
        raise ValueError(f"demand registers: a coincident of maximum {head.maximum}, where there are {len(maxima)}")
    ranks = len(maxima[head.maximum].ranks)
    demands_mw = _reads(data[_COINCIDENT.sizeof() :], _DEMAND_BYTES, ranks)
    return CoincidentRegister(Coincident(head.maximum, head.quantity), demands_mw)


def _parse_excess(data: bytes) -> ExcessRegister:
    head = _EXCESS.parse(data)
    kept = ExcessThreshold(head.quantity, head.threshold_mw)
    last = Stamp.from_bytes(data[_EXCESS.sizeof() :])
    return ExcessRegister(kept, head.count, head.duration_s, head.running_s, last)


def _build_running(state: IntegrationState) -> bytes:
    shape, last = state.shape, state.last
    flags = state.short * _SHORT | state.counted * _COUNTED | state.waiting * _WAITING
    if last is not None:
        flags |= last.short * _LAST_SHORT | last.idle * _LAST_IDLE
    head = {
        "version": _VERSION,
        "method": _METHODS.index(shape.method),
        "period_s": shape.period_s,
        "subintervals": shape.subintervals,
        "quantities": sum(1 << quantity for quantity in shape.quantities),
        "flags": flags,
        "rate": state.rate,
        "at_s": state.at_s,
        "start_s": state.start_s,
        "until_s": state.until_s,
    }
    none = (0,) * len(shape.quantities)
    return (
        _RUNNING.build(head)
        + stamp_bytes(None if last is None else last.stamp)
        + _ints(none if last is None else last.demands_mw, _DEMAND_BYTES)
        + _ints(state.energies, _ENERGY_BYTES)
        + _build_past(state.past)
    )


def _parse_running(data: bytes) -> tuple[IntegrationState, int]:
    _require(data, _RUNNING.sizeof(), "running demand")
    head = _RUNNING.parse(data)
    if head.method >= len(_METHODS) or head.quantities >= 1 << QUANTITIES or not head.subintervals:
        raise ValueError("running demand: it says of what it is, and there is no such demand")
    quantities = tuple(place for place in range(QUANTITIES) if head.quantities >> place & 1)
    shape = Shape(_METHODS[head.method], head.period_s, head.subintervals, quantities)
    count, length = len(quantities), _running_bytes(shape)
    _require(data, length, "running demand")
    at = _RUNNING.sizeof()
    stamp = Stamp.from_bytes(data[at : at + STAMP_BYTES])
    at += STAMP_BYTES
    last_mw = _reads(data[at:], _DEMAND_BYTES, count)
    at += count * _DEMAND_BYTES
    energies = _reads(data[at:], _ENERGY_BYTES, count)
    at += count * _ENERGY_BYTES
    flags = head.flags
    last = None
    if stamp is not None:
        last = LastAverage(last_mw, stamp, flags & _LAST_SHORT != 0, flags & _LAST_IDLE != 0)
    state = IntegrationState(
        shape=shape,
        at_s=head.at_s,
        start_s=head.start_s,
        until_s=head.until_s,
        rate=head.rate,
        short=flags & _SHORT != 0,
        counted=flags & _COUNTED != 0,
        waiting=flags & _WAITING != 0,
        energies=energies,
        past=_parse_past(shape, data[at:length]),
        last=last,
    )
    return state, length


def _build_past(past: Averaging) -> bytes:
    if isinstance(past, Thermal):
        return bytes((past.whole_minutes,)) + _ints(past.levels, _ENERGY_BYTES)
    if isinstance(past, Window):
        return b"".join(
            [bytes((one.rate | one.whole * _WHOLE,)) + _ints(one.energies, _ENERGY_BYTES) for one in past.older]
        )
    raise TypeError(f"running demand: no layout for {past!r}")


def _parse_past(shape: Shape, data: bytes) -> Averaging:
    count = len(shape.quantities)
    if shape.method is Method.THERMAL:
        return Thermal(shape.period_s, _reads(data[1:], _ENERGY_BYTES, count), data[0])
    size = 1 + count * _ENERGY_BYTES
    older = [
        Subinterval(_reads(data[at + 1 :], _ENERGY_BYTES, count), data[at] & ~_WHOLE, data[at] & _WHOLE != 0)
        for at in range(0, len(data), size)
    ]
    return Window(shape.period_s, tuple(older))


def _ints(values: Iterable[int], size: int) -> bytes:
    return b"".join([value.to_bytes(size, "little", signed=True) for value in values])


def _read(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little", signed=True)


def _reads(data: bytes, size: int, count: int) -> tuple[int, ...]:
    return tuple([_read(data, at, size) for at in range(0, size * count, size)])


def _require(data: bytes, length: int, what: str) -> None:
    """Every layout begins with its version."""
    if len(data) < length or data[0] != _VERSION:
        raise ValueError(f"{what}: {len(data)} bytes that are not version {_VERSION} of {length} or more")
