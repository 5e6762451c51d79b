"""What both front ends deliver: energy that has flowed between two instants."""

from dataclasses import dataclass

from hal.energy import ENERGY_KINDS


@dataclass(frozen=True, slots=True)
class Increment:
    """Energy between two monotonic instants: eight ints of nWh, nvarh and nVAh in the order of `ENERGY_KINDS`."""

    start_ns: int
    end_ns: int
    energies: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.end_ns < self.start_ns:
            raise ValueError(f"an increment ends at {self.end_ns} ns, before its start at {self.start_ns} ns")
        if len(self.energies) != len(ENERGY_KINDS):
            raise ValueError(f"an increment has {len(ENERGY_KINDS)} energies, not {len(self.energies)}")

    @property
    def active(self) -> int:
        """|A+| + |A-| in nWh, what the active pulse output counts."""
        return self.energies[0] + self.energies[1]

    @property
    def reactive(self) -> int:
        """R1 to R4 together in nvarh, what the reactive pulse output counts."""
        return sum(self.energies[2:6])

    def split(self, at_ns: int) -> "tuple[Increment, Increment]":
        """Before and after an instant, pro rata by time and rounded down before; the two sum to the whole.

        An increment without duration belongs to what comes after. ValueError if the instant lies outside.
        """
        if not self.start_ns <= at_ns <= self.end_ns:
            raise ValueError(f"no instant of the increment from {self.start_ns} to {self.end_ns} ns: {at_ns} ns")
        elapsed, duration = at_ns - self.start_ns, max(self.end_ns - self.start_ns, 1)
        before = tuple(energy * elapsed // duration for energy in self.energies)
        after = tuple(energy - part for energy, part in zip(self.energies, before, strict=True))
        return Increment(self.start_ns, at_ns, before), Increment(at_ns, self.end_ns, after)
