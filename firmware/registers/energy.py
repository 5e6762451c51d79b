"""The eleven energies that the meter counts: eight that it measures, and up to three sums that its customer defines.

A vector of energies has one signed int for each, in nWh, nvarh or nVAh, secondary. A place in it is an
`EnergyQuantity`; the first eight are those of `hal.energy.ENERGY_KINDS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.registers.identity import Direction, Quantity
from firmware.registers.value import Unit
from hal.energy import ENERGY_KINDS

EnergyQuantity = int
"""A place in `ENERGY_QUANTITIES`."""

MEASURED: Final = len(ENERGY_KINDS)
SUMS_MOST: Final = 3
TERMS_MOST: Final = 5

ENERGY_QUANTITIES: Final[tuple[str, ...]] = (*ENERGY_KINDS, "C1", "C2", "C3")

SOURCES: Final[tuple[tuple[Quantity, Direction], ...]] = (
    (Quantity.ACTIVE, Direction.IMPORT),
    (Quantity.ACTIVE, Direction.EXPORT),
    (Quantity.REACTIVE, Direction.Q1),
    (Quantity.REACTIVE, Direction.Q2),
    (Quantity.REACTIVE, Direction.Q3),
    (Quantity.REACTIVE, Direction.Q4),
    (Quantity.APPARENT, Direction.IMPORT),
    (Quantity.APPARENT, Direction.EXPORT),
    (Quantity.CUSTOMER_1, Direction.NONE),
    (Quantity.CUSTOMER_2, Direction.NONE),
    (Quantity.CUSTOMER_3, Direction.NONE),
)
"""What the energy at each place is."""

Terms = tuple[tuple[int, EnergyQuantity], ...]
"""Signs, 1 or -1, and the places that they go with."""

TERMS: Final[Mapping[tuple[Quantity, Direction], Terms]] = {
    **{source: ((1, place),) for place, source in enumerate(SOURCES)},
    (Quantity.ACTIVE, Direction.NET): ((1, 0), (-1, 1)),
    (Quantity.ACTIVE, Direction.ABSOLUTE): ((1, 0), (1, 1)),
    (Quantity.REACTIVE, Direction.IMPORT): ((1, 2), (1, 3)),
    (Quantity.REACTIVE, Direction.EXPORT): ((1, 4), (1, 5)),
}
"""What makes up each energy that can be read: itself, or a sum of energies that are kept; such a sum is not kept again.
Reactive import is that of quadrants I and II (IEC 62056-6-1, value group C)."""

_UNITS: Final = (
    *(Unit.WATT_HOUR,) * 2,
    *(Unit.VAR_HOUR,) * 4,
    *(Unit.VOLT_AMPERE_HOUR,) * 2,
)

POWER_UNITS: Final[Mapping[Unit, Unit]] = {
    Unit.WATT_HOUR: Unit.WATT,
    Unit.VAR_HOUR: Unit.VAR,
    Unit.VOLT_AMPERE_HOUR: Unit.VOLT_AMPERE,
}
"""The unit of the demand of an energy."""


@dataclass(frozen=True, slots=True)
class CustomerSum:
    """A sum of measured energies: 1 to 5 terms, each a sign (1 or -1) and a place below 8, no place twice.

    All terms are of one unit: watt-hours and var-hours have no sum. ValueError, naming the term, for another.
    """

    terms: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.terms) <= TERMS_MOST:
            raise ValueError(f"terms: {len(self.terms)} terms, 1 to {TERMS_MOST} are possible")
        seen: set[int] = set()
        for number, (sign, place) in enumerate(self.terms):
            if sign not in (1, -1):
                raise ValueError(f"terms[{number}]: {sign} is no sign, 1 or -1")
            if not 0 <= place < MEASURED:
                raise ValueError(f"terms[{number}]: {place} is no place of a measured energy, 0 to {MEASURED - 1}")
            if place in seen:
                raise ValueError(f"terms[{number}]: {ENERGY_QUANTITIES[place]} is there already")
            if _UNITS[place] is not self.unit:
                raise ValueError(
                    f"terms[{number}]: {ENERGY_QUANTITIES[place]} is in {_UNITS[place].symbol}, and the first term in "
                    f"{self.unit.symbol}"
                )
            seen.add(place)

    @property
    def unit(self) -> Unit:
        return _UNITS[self.terms[0][1]]

    def of(self, energies: Sequence[int]) -> int:
        """The sum for a vector that begins with the measured energies; it may be below zero."""
        total = 0
        for sign, place in self.terms:
            total += energies[place] if sign > 0 else -energies[place]
        return total


def extended(energies: Sequence[int], sums: Sequence[CustomerSum]) -> tuple[int, ...]:
    """All eleven energies of the eight that were measured; zero for a sum that is not defined.

    ValueError for another count of energies, or more than three sums.
    """
    if len(energies) != MEASURED or len(sums) > SUMS_MOST:
        raise ValueError(f"{len(energies)} energies and {len(sums)} sums; 8 and at most {SUMS_MOST} are possible")
    return (*energies, *[one.of(energies) for one in sums], *(0,) * (SUMS_MOST - len(sums)))


def units(sums: Sequence[CustomerSum]) -> tuple[Unit | None, ...]:
    """The unit at each of the eleven places; None for a sum that is not defined."""
    return (*_UNITS, *[one.unit for one in sums], *(None,) * (SUMS_MOST - len(sums)))
