"""ANSI C12.19 sources: which register stands where in the standard tables.

C12.19 has no code for a register. It has sources, each tagged with a unit of measure (Table 12), and elements of data
blocks that select a source (Tables 22 and 23, 25, 26; 27 and 28). So a register is a unit of measure, the element, the
tier, the occurrence and the reading: that is what stands here, and it is one to one. Numbers of sources are those of a
meter's Table 16, and so are none of a register's.

Names and bits of Table 12 are as in the public definitions of NIST's n0mcli and of NGM's sensor; codes marked [m] are
from memory of C12.19-1997.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from firmware.registers.energy import SOURCES
from firmware.registers.identity import PERIODS_MOST, RANKS_MOST, Direction, Kind, Phase, Quantity, RegisterId

TIERS_MOST: Final = 8
"""Tiers beside the total [m]: registers of higher rates are in no table."""


class TimeBase(enum.IntEnum):
    """How a measurement relates to time (Table 12, TIME_BASE)."""

    BULK = 0
    """Dial reading: the unit of the identification, times an hour."""
    INSTANTANEOUS = 1
    PERIOD = 2
    """Over a period of the fundamental: powers, RMS."""
    SUB_BLOCK_AVERAGE = 3
    BLOCK_AVERAGE = 4
    NET_BULK = 5
    THERMAL = 6
    EVENT = 7


class Segmentation(enum.IntEnum):
    """Of which conductors (Table 12, SEGMENTATION)."""

    NONE = 0
    A_TO_B = 1
    B_TO_C = 2
    C_TO_A = 3
    NEUTRAL_TO_GROUND = 4
    A_TO_NEUTRAL = 5
    B_TO_NEUTRAL = 6
    C_TO_NEUTRAL = 7


class Element(enum.Enum):
    """Which part of a data block, or of the present registers."""

    SUMMATION = "summation"
    MAXIMUM = "maximum"
    """DEMANDS_RCD.DEMAND, selected as a maximum."""
    CUMULATIVE = "cumulative"
    CONTINUOUS_CUMULATIVE = "continuous-cumulative"
    COINCIDENT = "coincident"
    PRESENT_DEMAND = "present-demand"
    """Table 28."""
    PRESENT_VALUE = "present-value"
    """Table 28."""


@dataclass(frozen=True, slots=True)
class UnitOfMeasure:
    """An entry of Table 12. `quadrants` has a bit for each quadrant that counts, bit 0 for the first.

    ValueError, naming the field, for a value that its bits can't hold.
    """

    id_code: int
    time_base: TimeBase
    quadrants: int = 0
    net: bool = False
    segmentation: Segmentation = Segmentation.NONE
    harmonic: bool = False
    multiplier: int = 0
    """Code of a power of ten that the value is multiplied by; 0 is 1."""
    resource: int = 0
    own: bool = False
    """The unit is the manufacturer's own (NFS)."""

    def __post_init__(self) -> None:
        for name, bits in (("id_code", 8), ("quadrants", 4), ("multiplier", 3), ("resource", 5)):
            if not 0 <= getattr(self, name) < 1 << bits:
                raise ValueError(f"{name}: {getattr(self, name)} is not of {bits} bits")

    def packed(self) -> int:
        """The 32 bits of the entry."""
        return (
            self.id_code
            | self.time_base << 8
            | self.multiplier << 11
            | self.quadrants << 14
            | self.net << 18
            | self.segmentation << 19
            | self.harmonic << 22
            | self.resource << 23
            | self.own << 31
        )

    @classmethod
    def unpacked(cls, entry: int) -> Self:
        """The entry of 32 bits; ValueError if a reserved one is set."""
        if entry >> 32 or entry >> 28 & 0b111:
            raise ValueError(f"unit of measure: {entry:#x} has bits that are reserved")
        return cls(
            entry & 0xFF,
            TimeBase(entry >> 8 & 0b111),
            entry >> 14 & 0b1111,
            bool(entry >> 18 & 1),
            Segmentation(entry >> 19 & 0b111),
            bool(entry >> 22 & 1),
            entry >> 11 & 0b111,
            entry >> 23 & 0b11111,
            bool(entry >> 31),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where a register stands. `tier` 0 is the total block. `occurrence` counts from 0, the highest. `reading` 0 is now
    (Table 23); 1 is the last end of billing (Table 25, and the newest of Table 26), and so on.

    `associated` is the demand at whose maximum a coincident value was taken.
    """

    unit: UnitOfMeasure
    element: Element
    tier: int = 0
    occurrence: int = 0
    reading: int = 0
    associated: UnitOfMeasure | None = None


ID_CODES: Final[Mapping[Quantity, int]] = {
    Quantity.ACTIVE: 0,
    Quantity.REACTIVE: 1,
    Quantity.APPARENT: 2,
    Quantity.VOLTAGE: 8,
    Quantity.CURRENT: 12,
    Quantity.THD_VOLTAGE: 16,
    Quantity.THD_CURRENT: 17,
    Quantity.VOLTAGE_ANGLE: 20,
    Quantity.CURRENT_ANGLE: 22,
    Quantity.POWER_FACTOR: 24,
    Quantity.FREQUENCY: 33,
}
"""Identification codes of Table 12. 16, 17, 20 and 22 are [m]: distortion after IEEE, angles of voltage and current."""

CUSTOMERS: Final[Mapping[Quantity, int]] = {
    Quantity.CUSTOMER_1: 0,
    Quantity.CUSTOMER_2: 1,
    Quantity.CUSTOMER_3: 2,
}
"""Identification codes of customer's sums, as the manufacturer's own."""

DIRECTIONS: Final[Mapping[tuple[Quantity, Direction], tuple[int, bool]]] = {
    (Quantity.ACTIVE, Direction.IMPORT): (0b1001, False),
    (Quantity.ACTIVE, Direction.EXPORT): (0b0110, False),
    (Quantity.ACTIVE, Direction.ABSOLUTE): (0b1111, False),
    (Quantity.ACTIVE, Direction.NET): (0b1111, True),
    (Quantity.REACTIVE, Direction.IMPORT): (0b0011, False),
    (Quantity.REACTIVE, Direction.EXPORT): (0b1100, False),
    (Quantity.REACTIVE, Direction.Q1): (0b0001, False),
    (Quantity.REACTIVE, Direction.Q2): (0b0010, False),
    (Quantity.REACTIVE, Direction.Q3): (0b0100, False),
    (Quantity.REACTIVE, Direction.Q4): (0b1000, False),
    (Quantity.REACTIVE, Direction.NET): (0b1111, True),
    (Quantity.APPARENT, Direction.IMPORT): (0b1001, False),
    (Quantity.APPARENT, Direction.EXPORT): (0b0110, False),
    (Quantity.APPARENT, Direction.NONE): (0b1111, False),
}
"""Quadrants that count, and net flow. Delivered active energy is in quadrants 1 and 4, reactive in 1 and 2."""

_SEGMENTS: Final = {
    Phase.TOTAL: Segmentation.NONE,
    Phase.L1: Segmentation.A_TO_NEUTRAL,
    Phase.L2: Segmentation.B_TO_NEUTRAL,
    Phase.L3: Segmentation.C_TO_NEUTRAL,
    Phase.NEUTRAL: Segmentation.NEUTRAL_TO_GROUND,
}
ELEMENTS: Final[Mapping[Kind, Element]] = {
    Kind.ENERGY: Element.SUMMATION,
    Kind.MAXIMUM_DEMAND: Element.MAXIMUM,
    Kind.CUMULATIVE_DEMAND: Element.CUMULATIVE,
    Kind.CONTINUOUS_CUMULATIVE_DEMAND: Element.CONTINUOUS_CUMULATIVE,
    Kind.COINCIDENT_DEMAND: Element.COINCIDENT,
    Kind.AVERAGE_DEMAND: Element.PRESENT_DEMAND,
    Kind.LAST_AVERAGE: Element.PRESENT_VALUE,
    Kind.INSTANTANEOUS: Element.PRESENT_VALUE,
}
"""Where each kind of register stands."""

_PRESENT: Final = frozenset({Element.PRESENT_DEMAND, Element.PRESENT_VALUE})
_RANKED: Final = frozenset({Element.MAXIMUM, Element.COINCIDENT})

_QUANTITIES: Final = {code: quantity for quantity, code in ID_CODES.items()}
_CUSTOMERS: Final = {code: quantity for quantity, code in CUSTOMERS.items()}
_DIRECTIONS: Final = {(quantity, *flags): direction for (quantity, direction), flags in DIRECTIONS.items()}
_PHASES: Final = {segment: phase for phase, segment in _SEGMENTS.items()}
_POWERS: Final = frozenset({Quantity.ACTIVE, Quantity.REACTIVE, Quantity.APPARENT})
_PLACES: Final = {source: place for place, source in enumerate(SOURCES)}


def source(identity: RegisterId, demand: TimeBase = TimeBase.BLOCK_AVERAGE) -> Source | None:
    """Where a register stands; None if in no table. `demand` is the time base of the meter's demand: a block, sliding
    or not, or thermal.

    None have single harmonics, minima and means, counts, states, daily freezes.
    """
    quantity, phase, direction, kind, rate, period, rank, order, day, beside = identity
    element = ELEMENTS.get(kind)
    if element is None or day or order or not 0 <= rate <= TIERS_MOST or not 0 <= period <= PERIODS_MOST:
        return None
    if element in _PRESENT and (rate or period):
        return None
    if not 1 <= rank <= (RANKS_MOST if element in _RANKED else 1):
        return None
    if (beside is None) is (element is Element.COINCIDENT):
        return None
    unit = _unit(quantity, phase, direction, kind, demand)
    if unit is None:
        return None
    associated = None
    if beside is not None:
        if not 0 <= beside < len(SOURCES):
            return None
        of, way = SOURCES[beside]
        associated = _unit(of, Phase.TOTAL, way, Kind.MAXIMUM_DEMAND, demand)
    return Source(unit, element, rate, rank - 1, period, associated)


def _unit(quantity: Quantity, phase: Phase, direction: Direction, kind: Kind, demand: TimeBase) -> UnitOfMeasure | None:
    """The entry of Table 12 of what is measured."""
    base = _time_base(kind, demand)
    if quantity in CUSTOMERS:
        fits = direction is Direction.NONE and phase is Phase.TOTAL and kind is not Kind.INSTANTANEOUS
        return UnitOfMeasure(CUSTOMERS[quantity], base, own=True) if fits else None
    id_code = ID_CODES.get(quantity)
    if id_code is None:
        return None
    segment = _SEGMENTS[phase]
    if quantity in _POWERS:
        flags = DIRECTIONS.get((quantity, direction))
        return None if flags is None else UnitOfMeasure(id_code, base, *flags, segment)
    if direction is not Direction.NONE or kind is not Kind.INSTANTANEOUS:
        return None
    return UnitOfMeasure(id_code, base, segmentation=segment)


def _time_base(kind: Kind, demand: TimeBase) -> TimeBase:
    if kind is Kind.ENERGY:
        return TimeBase.BULK
    return TimeBase.PERIOD if kind is Kind.INSTANTANEOUS else demand


def register(source: Source, demand: TimeBase = TimeBase.BLOCK_AVERAGE) -> RegisterId | None:
    """The register that stands there; None if none does. `demand` as for `source`."""
    unit, element = source.unit, source.element
    kind = _kind(element, unit.time_base, demand)
    measured = _measured(unit)
    if kind is None or measured is None:
        return None
    beside = None
    if source.associated is not None:
        of = _measured(source.associated)
        beside = None if of is None else _PLACES.get((of[0], of[2]))
        if beside is None:
            return None
    found = RegisterId(*measured, kind, source.tier, source.reading, source.occurrence + 1, beside=beside)
    # What does not lead back here is no source of ours: flags that go with nothing, a tier of a present value.
    return found if _source(found, demand) == source else None


_source = source


def _kind(element: Element, base: TimeBase, demand: TimeBase) -> Kind | None:
    for kind, one in ELEMENTS.items():
        if one is element and _time_base(kind, demand) is base:
            return kind
    return None


def _measured(unit: UnitOfMeasure) -> tuple[Quantity, Phase, Direction] | None:
    quantity = (_CUSTOMERS if unit.own else _QUANTITIES).get(unit.id_code)
    phase = _PHASES.get(unit.segmentation)
    if quantity is None or phase is None:
        return None
    direction = _DIRECTIONS.get((quantity, unit.quadrants, unit.net)) if quantity in _POWERS else Direction.NONE
    return None if direction is None else (quantity, phase, direction)
