"""The eight energies that a meter cumulates. Apart from `hal.frontend`, so that what only names them needs no numpy."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EnergyCounters:
    """Energy since the front end was reset, in nWh, nvarh and nVAh. Quadrants by the signs of P and Q of all phases."""

    active_import: int
    active_export: int
    reactive_q1: int
    reactive_q2: int
    reactive_q3: int
    reactive_q4: int
    apparent_import: int
    apparent_export: int

    def values(self) -> tuple[int, ...]:
        """All eight, in the order in which they are declared; the order of `ENERGY_KINDS`."""
        return (
            self.active_import,
            self.active_export,
            self.reactive_q1,
            self.reactive_q2,
            self.reactive_q3,
            self.reactive_q4,
            self.apparent_import,
            self.apparent_export,
        )


ENERGY_KINDS: Final = ("A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-")
"""Short names of the eight cumulated energies, in the order of every tuple of energies in this program."""
