"""Reduced ID codes of energy registers, as scenarios and the optical port write them: `1.8.0`, `1.8.2`."""

from dataclasses import dataclass
from typing import Final

from firmware.registers import reduced_id
from firmware.registers.energy import MEASURED, TERMS
from firmware.registers.identity import Kind, Phase

REGISTER_PATTERN: Final = r"^(?:[1-9]|10|15)\.8\.(?:\d|[1-5]\d|6[0-3])$"
"""Powers of one direction or quadrant, and active energy of both; rates 0 to 63."""

_NO_COUNTER: Final = 0
"""No billing period is named."""


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
    identity = reduced_id.register(code, _NO_COUNTER)
    terms = () if identity is None else TERMS.get((identity.quantity, identity.direction), ())
    measured = terms and all(sign > 0 and place < MEASURED for sign, place in terms)
    if identity is None or not measured or identity.kind is not Kind.ENERGY or identity.phase is not Phase.TOTAL:
        raise ValueError(f'expected the code of an energy register, such as "1.8.0" or "2.8.1", not "{code}"')
    return RegisterCode(tuple(place for _, place in terms), identity.rate)
