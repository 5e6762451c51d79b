"""A capacitor that is charged or drained at constant power: its energy is linear in time, and known in closed form.

Energies are femtojoules, since one microwatt for one nanosecond is one of them; all arithmetic is on ints.
"""

from math import isqrt


def energy_fj(capacity_uf: int, voltage_mv: int) -> int:
    """C V^2 / 2."""
    return capacity_uf * voltage_mv * voltage_mv * 500


class Capacitor:
    """Holds between nothing and what `full_mv` gives."""

    def __init__(self, capacity_uf: int, full_mv: int) -> None:
        if capacity_uf < 1 or full_mv < 1:
            raise ValueError(f"a capacitor of {capacity_uf} uF at {full_mv} mV holds nothing")
        self.capacity_uf = capacity_uf
        self.full_fj = energy_fj(capacity_uf, full_mv)
        self._energy = 0
        self._since = 0
        self._power_uw = 0

    def energy_at(self, now_ns: int) -> int:
        """Energy in fJ."""
        return min(max(self._energy + self._power_uw * (now_ns - self._since), 0), self.full_fj)

    def voltage_mv(self, now_ns: int) -> int:
        return isqrt(self.energy_at(now_ns) // (500 * self.capacity_uf))

    def flow(self, now_ns: int, power_uw: int) -> None:
        """From now on, charge (above 0) or drain (below 0) at this power."""
        self._energy = self.energy_at(now_ns)
        self._since = now_ns
        self._power_uw = power_uw

    def short(self, now_ns: int) -> None:
        """Lose all at once."""
        self._energy = 0
        self._since = now_ns
        self._power_uw = min(self._power_uw, 0)

    def reaches(self, voltage_mv: int) -> int | None:
        """The first instant at which the voltage crosses a level, in the direction of the present flow; None if
        never."""
        target = energy_fj(self.capacity_uf, voltage_mv)
        missing = target - self._energy
        if self._power_uw > 0 and 0 < missing <= self.full_fj - self._energy:
            return self._since - (-missing // self._power_uw)
        if self._power_uw < 0 and missing < 0:
            return self._since - (missing // -self._power_uw)
        return None
