"""Reduced OBIS codes of energy registers, as scenarios and the optical port write them: `1.8.0`, `1.8.2`."""

import re
from dataclasses import dataclass
from typing import Final

_ENERGIES: Final = {
    1: (0,),
    2: (1,),
    3: (2, 3),
    4: (4, 5),
    5: (2,),
    6: (3,),
    7: (4,),
    8: (5,),
    9: (6,),
    10: (7,),
}
"""OBIS value group C, and what it sums as places in `hal.energy.ENERGY_KINDS` (IEC 62056-61, from memory)."""

REGISTER_PATTERN: Final = r"^(?:[1-9]|10)\.8\.(?:0|[1-9]\d?)$"


@dataclass(frozen=True, slots=True)
class RegisterCode:
    """Which cumulated energies are summed (places in `hal.energy.ENERGY_KINDS`), and of which rate (0: total)."""

    energies: tuple[int, ...]
    rate: int

    def value(self, totals: tuple[int, ...], rates: tuple[tuple[int, ...], ...]) -> int | None:
        """The register's value out of the eight totals and those of each rate; None if there is no such rate."""
        if self.rate > len(rates):
            return None
        eight = totals if self.rate == 0 else rates[self.rate - 1]
        return sum(eight[energy] for energy in self.energies)


def parse_register(code: str) -> RegisterCode:
    """ValueError for a code that names no cumulated energy."""
    match = re.fullmatch(r"(\d{1,2})\.8\.(\d{1,2})", code, re.ASCII)
    energies = None if match is None else _ENERGIES.get(int(match[1]))
    if match is None or energies is None:
        raise ValueError(f'expected the code of an energy register, such as "1.8.0" or "2.8.1", not "{code}"')
    return RegisterCode(energies, int(match[2]))
