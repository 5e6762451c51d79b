"""An oracle: an invariant that is watched beside every run, and remembers the first instant at which it broke."""

from abc import ABC, abstractmethod

from sim.bench import Bench


class Oracle(ABC):
    """Subscribe in `watch`; look once more in `finish`. Observers cause nothing."""

    name: str

    def __init__(self) -> None:
        self.broken: str | None = None
        self.broken_at_ns: int | None = None

    @abstractmethod
    def watch(self, bench: Bench) -> None:
        """Subscribe to what it needs to see."""

    def finish(self, bench: Bench) -> None:  # noqa: B027  # most oracles have seen enough by then
        """The run is over."""

    @property
    def message(self) -> str:
        """What was seen, for an oracle that held."""
        return ""

    def breaks(self, at_ns: int, message: str) -> None:
        """It does not hold; only the first time is kept."""
        if self.broken is None:
            self.broken = message
            self.broken_at_ns = at_ns
