"""An oracle: an invariant that is watched beside every run, and remembers the first instant at which it broke.

A fault may take away an oracle's premise for a time; then this oracle, and no other, holds its tongue.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from sim.bench import Bench
from sim.oracles.premise import Premise


class Oracle(ABC):
    """Subscribe in `watch`; look once more in `finish`. Observers cause nothing."""

    name: str

    def __init__(self) -> None:
        self.broken: str | None = None
        self.broken_at_ns: int | None = None
        self.excused = 0
        """Breaches while its premise was gone."""
        self._premises: Callable[[], Iterable[Premise]] = tuple

    @abstractmethod
    def watch(self, bench: Bench) -> None:
        """Subscribe to what it needs to see."""

    def finish(self, bench: Bench) -> None:  # noqa: B027  # most oracles have seen enough by then
        """The run is over."""

    @property
    def message(self) -> str:
        """What was seen, for an oracle that held."""
        return ""

    def heed(self, premises: Callable[[], Iterable[Premise]]) -> None:
        """Ask this for the premises, its own and others', that the run's faults have taken away so far."""
        self._premises = premises

    def suspended(self, at_ns: int, claim: str = "", since_ns: int | None = None) -> bool:
        """Whether its premise is gone at a true instant, or at least that of one of its claims; or was gone at any time
        since another instant."""
        first_ns = at_ns if since_ns is None else since_ns
        return any(
            premise.oracle == self.name and premise.claim in ("", claim) and premise.gone(first_ns, at_ns)
            for premise in self._premises()
        )

    def breaks(self, at_ns: int, message: str, claim: str = "") -> None:
        """It does not hold, unless its premise, or that of this claim, is gone at that instant."""
        if self.suspended(at_ns, claim):
            self.excused += 1
        else:
            self.fails(at_ns, message)

    def fails(self, at_ns: int, message: str) -> None:
        """It does not hold, whatever the premises; only the first time is kept."""
        if self.broken is None:
            self.broken = message
            self.broken_at_ns = at_ns
