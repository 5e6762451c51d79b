"""A capacitor as a store of energy: what goes in and out is told in lumps, voltages follow.

Energies are femtojoules, since one microwatt for one nanosecond is one of them; all arithmetic is on ints.
"""

from math import isqrt


def energy_fj(capacity_uf: int, voltage_mv: int) -> int:
    """C V^2 / 2."""
    return capacity_uf * voltage_mv * voltage_mv * 500


class Capacitor:
    """Holds between nothing and what `full_mv` gives; it begins empty."""

    def __init__(self, capacity_uf: int, full_mv: int) -> None:
        if capacity_uf < 1 or full_mv < 1:
            raise ValueError(f"a capacitor of {capacity_uf} uF at {full_mv} mV holds nothing")
        self.capacity_uf = capacity_uf
        self.full_fj = energy_fj(capacity_uf, full_mv)
        self.held_fj = 0

    def move(self, energy_fj: int) -> None:
        """Charge (above 0) or drain (below 0). What does not fit is not taken, what is not there is not given.

        Exact for any course of power in between that does not change its sign.
        """
        self.held_fj = min(max(self.held_fj + energy_fj, 0), self.full_fj)

    def short(self) -> None:
        """Lose all at once."""
        self.held_fj = 0

    def voltage_mv(self) -> int:
        """Rounded down."""
        return isqrt(self.held_fj // (500 * self.capacity_uf))

    def above_fj(self, voltage_mv: int) -> int:
        """What it holds more than at a voltage; negative if less."""
        return self.held_fj - energy_fj(self.capacity_uf, voltage_mv)
