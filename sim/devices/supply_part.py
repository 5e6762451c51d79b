"""A meter's power supply in figures."""

from dataclasses import dataclass
from typing import Final

from hal.units import MS


@dataclass(frozen=True, slots=True)
class SupplyPart:
    """A supply's figures. The defaults are of our own design, no particular meter's: for 57.7 V to 277 V nominal.

    `tolerance_permille` and `age_permille` are what an aluminium capacitor may have less than its nominal capacity, new
    and then in the course of its life (20 % each is usual, from memory).
    """

    capacity_uf: int = 10_000
    """Nominal."""
    capacity_permille: int = 1_000
    """What this one has of it."""
    tolerance_permille: int = 200
    age_permille: int = 200
    full_mv: int = 12_000
    start_mv: int = 10_000
    brown_out_mv: int = 5_000
    charge_uw: int = 4_500_000
    """What the converter delivers, to capacitor and board together."""
    off_uw: int = 500
    """What drains the capacitor while the rail is off: regulators at rest and dividers (estimate)."""
    drop_out_mv: int = 40_000
    pick_up_mv: int = 46_000
    """Of the mains, rms, the highest phase: the converter stops below the first, and starts again from the second."""
    detection_ns: int = 20 * MS
    """How long the converter must stand still before the comparator says so: one cycle."""
    qualify_ns: int = 20 * MS
    """How long it must run again before the comparator says that power is good."""

    def __post_init__(self) -> None:
        if not 0 < self.brown_out_mv < self.start_mv <= self.full_mv:
            raise ValueError(
                f"a supply must start above its brown-out and below its full voltage: {self.brown_out_mv} mV, "
                f"{self.start_mv} mV, {self.full_mv} mV"
            )
        if not 0 < self.drop_out_mv <= self.pick_up_mv:
            raise ValueError(f"a supply drops out at {self.drop_out_mv} mV and picks up at {self.pick_up_mv} mV")

    @property
    def present_capacity_uf(self) -> int:
        """Of this one; rounded down."""
        return self.capacity_uf * self.capacity_permille // 1_000

    @property
    def worst_capacity_uf(self) -> int:
        """At the lower end of its tolerance, and at the end of its life; rounded down."""
        return self.capacity_uf * (1_000 - self.tolerance_permille) * (1_000 - self.age_permille) // 1_000_000


SUPPLY: Final = SupplyPart()
