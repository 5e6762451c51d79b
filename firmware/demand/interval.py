"""What comes of an integration period, or of a subinterval, when it ends."""

from dataclasses import dataclass
from typing import Final

from firmware.demand.period import EndCause
from firmware.demand.stamp import Stamp

NWH_S_PER_MW_H: Final = 1_000_000
"""A mW for an hour is 10**6 nWh."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval: a whole period of block demand, a subinterval of sliding demand, a minute of thermal demand.

    It is stamped at its end; the offset is that of its last second, so one that ends at 24:00 has the offset, and
    belongs to the day, that ends. `length_s` is its nominal length. `quantities` are places of energy quantities in
    rising order; `energies` (nWh, nvarh, nVAh) and `demands_mw` (mW, mvar, mVA; rounded down) are of these. `energies`
    is what demand counted between start and end; `demands_mw` what the method makes of that and of what was before.
    `rate` is the demand rate that they count in. `short`: the demand covers less than a whole period. `idle`: demand
    did not count at all in it; it is none, and no register takes notice of it.
    """

    start_s: int
    stamp: Stamp
    length_s: int
    rate: int
    quantities: tuple[int, ...]
    energies: tuple[int, ...]
    demands_mw: tuple[int, ...]
    cause: EndCause
    short: bool
    idle: bool = False

    @property
    def end_s(self) -> int:
        return self.stamp.utc_s

    @property
    def empty(self) -> bool:
        """Whether it was ended in the second in which it began, with nothing measured: there is nothing to store."""
        return self.start_s == self.stamp.utc_s and not any(self.energies)

    def demand_mw(self, quantity: int) -> int | None:
        """The demand of an energy quantity, None for one that is not integrated."""
        try:
            return self.demands_mw[self.quantities.index(quantity)]
        except ValueError:
            return None
