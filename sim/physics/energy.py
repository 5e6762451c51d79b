"""Energy in closed form: exact sums over stationary segments, readable at any instant."""

from typing import Final

from hal.frontend import Summation, Wiring
from sim.physics.mains import Mains
from sim.physics.power import ElementPower, powers
from sim.physics.waves import Segment
from sim.world import World

Eight = tuple[int, int, int, int, int, int, int, int]
"""A value for each of `hal.energy.ENERGY_KINDS`, in their order."""

FW_NS_PER_NWH: Final = 3_600_000_000_000_000_000
"""Femto-watt-nanoseconds (1e-24 J) in a nano-watt-hour (3.6e-6 J)."""

NONE: Final[Eight] = (0, 0, 0, 0, 0, 0, 0, 0)


def by_kind(active: int, reactive: int, apparent: int) -> Eight:
    """Sort three powers into the eight kinds by the signs of P and Q; zero counts as positive."""
    importing, lagging = active >= 0, reactive >= 0
    amount = abs(reactive)
    return (
        active if importing else 0,
        0 if importing else -active,
        amount if importing and lagging else 0,
        amount if not importing and lagging else 0,
        amount if not importing and not lagging else 0,
        amount if importing and not lagging else 0,
        apparent if importing else 0,
        0 if importing else apparent,
    )


class EnergyIntegral:
    """The integral of eight powers that are constant between changes; exact."""

    def __init__(self, now_ns: int) -> None:
        self._since_ns = now_ns
        self._powers = NONE
        self._sums = NONE

    def change(self, now_ns: int, powers_fw: Eight) -> None:
        """Go on with other powers, in fW."""
        self._sums = self.exact(now_ns)
        self._since_ns = now_ns
        self._powers = powers_fw

    def exact(self, now_ns: int) -> Eight:
        """The energies at an instant not before the last change, in 1e-24 J."""
        lasted = now_ns - self._since_ns
        if lasted < 0:
            raise ValueError(f"energy at {now_ns} ns was asked for after a change at {self._since_ns} ns")
        s, p = self._sums, self._powers
        return (
            s[0] + p[0] * lasted,
            s[1] + p[1] * lasted,
            s[2] + p[2] * lasted,
            s[3] + p[3] * lasted,
            s[4] + p[4] * lasted,
            s[5] + p[5] * lasted,
            s[6] + p[6] * lasted,
            s[7] + p[7] * lasted,
        )

    def at(self, now_ns: int) -> Eight:
        """The energies at an instant, in nWh, nvarh and nVAh, rounded down."""
        a, b, c, d, e, f, g, h = self.exact(now_ns)
        unit = FW_NS_PER_NWH
        return (a // unit, b // unit, c // unit, d // unit, e // unit, f // unit, g // unit, h // unit)


class TrueEnergy:
    """What has truly flowed since this was made, summed as the meter is told to; the accuracy oracle compares meters
    with it."""

    def __init__(self, world: World, mains: Mains, wiring: Wiring, summation: Summation = Summation.NET) -> None:
        self._world = world
        self._wiring = wiring
        self._summation = summation
        self._integral = EnergyIntegral(world.now)
        self._take_up(mains.segment)
        mains.subscribe(self._changed)

    @property
    def total(self) -> ElementPower:
        """The powers that flow now, all elements together."""
        return self._total

    def at(self, now_ns: int) -> Eight:
        """The eight energies at an instant not before the last change, in nWh, nvarh and nVAh, rounded down."""
        return self._integral.at(now_ns)

    def exact(self, now_ns: int) -> Eight:
        """The same in 1e-24 J, exact."""
        return self._integral.exact(now_ns)

    def _changed(self, _before: Segment, after: Segment) -> None:
        self._take_up(after)

    def _take_up(self, segment: Segment) -> None:
        self._total = powers(segment, self._wiring, self._summation).total
        total = self._total
        self._integral.change(self._world.now, by_kind(total.active_fw, total.reactive_fvar, total.apparent_fva))
