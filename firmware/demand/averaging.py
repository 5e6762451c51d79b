"""What a method of averaging is to the running interval: frozen, so that it is its own saved state."""

from collections.abc import Sequence
from typing import Protocol, Self


class Averaging(Protocol):
    """The past of a demand, as far as it still counts. Vectors have one value for each quantity integrated."""

    @property
    def whole(self) -> bool:
        """Whether a demand over this past and a whole running interval covers a whole period."""
        ...

    @property
    def held(self) -> int:
        """How many earlier intervals, in a row up to the running one, are part of the demand."""
        ...

    def demands_mw(self, energies: Sequence[int]) -> tuple[int, ...]:
        """The demands if the running interval ended with these energies in nWh; rounded down to whole mW."""
        ...

    def rate(self, rate: int) -> int:
        """The rate in which that demand counts, for a running interval that began in `rate`."""
        ...

    def taken(self, energies: Sequence[int], rate: int, whole: bool) -> Self:
        """After an interval with these energies; `whole` unless it covers less than its nominal length."""
        ...

    def lost(self, count: int) -> Self:
        """After intervals of which nothing is known: their energy counts as zero."""
        ...

    def broken(self) -> Self:
        """After a time change or a synchronisation from outside has ended the period."""
        ...

    def cleared(self) -> Self:
        """With no past."""
        ...
