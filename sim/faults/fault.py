"""A fault: it strikes at its instant, and bears witness to what came of that.

A run whose fault never took effect shows nothing, and is invalid. A fault also says which events a meter must log
because of it, to which `sim.oracles.events` holds the meter, and which oracles lose their premise until when.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from firmware.events.codes import Event
from sim.bench import Bench
from sim.faults.owed import Owed
from sim.oracles.premise import Premise
from sim.scenario.fault_base import FaultBase
from sim.world import Phase


class Fault(ABC):
    """One fault of a run, as its table has it. `effect` is empty until it has had one, then says which."""

    given: FaultBase
    owes: tuple[Event, ...] = ()
    """What `events` may ask for. None: a meter can't tell, and the docstring says why."""
    suspends: tuple[str, ...] = ()
    """The oracles whose premise it takes away at times."""

    def __init__(self, given: FaultBase) -> None:
        self.given = given
        self.effect = ""
        self.begun = False

    @property
    def id(self) -> str:
        return self.given.id

    @property
    def kind(self) -> str:
        return self.given.kind_of()

    @property
    def at_ns(self) -> int:
        return self.given.at_ns

    def arm(self, bench: Bench) -> None:
        """Put it into the world's queue; one that is inert stays out of it."""
        if self.given.inert:
            return
        self.watch(bench)
        bench.world.at(self.at_ns, Phase.WORLD, lambda: self._strike(bench))

    def on_settled(self, bench: Bench, action: Callable[[], None]) -> None:
        """Have `action` called once all has happened of what the power, or any fault, does at an instant."""

        def noted(_at: int, who: str, _text: str) -> None:
            if self.begun and who in ("power", "fault"):
                bench.world.at(bench.world.now, Phase.OBSERVERS, action)

        bench.on_note(noted)

    def _strike(self, bench: Bench) -> None:
        bench.note("fault", f"{self.id} {self.kind}")
        self.begun = True
        self.begin(bench)

    def watch(self, bench: Bench) -> None:  # noqa: B027  # most faults need not
        """Listen from the start, for what it waits for or for its effect."""

    @abstractmethod
    def begin(self, bench: Bench) -> None:
        """It strikes now."""

    def look(self, bench: Bench) -> None:  # noqa: B027  # most faults know at once
        """Look for its effect, for the last time: it is over, or the run is."""

    def finish(self, bench: Bench) -> None:
        """The run is over."""
        if self.begun:
            self.look(bench)

    def events(self) -> Sequence[Owed]:
        """The events that must be logged for it."""
        return ()

    def premises(self) -> Sequence[Premise]:
        """What it has taken away from oracles so far; nothing before it has struck."""
        return ()


class Lasting(Fault):
    """A fault that ends by itself, at the end that its table gives, if it gives one."""

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self.over = False

    @property
    def end_ns(self) -> int | None:
        return self.given.end_ns

    def _strike(self, bench: Bench) -> None:
        super()._strike(bench)
        if self.end_ns is not None:
            bench.world.at(self.end_ns, Phase.WORLD, lambda: self._over(bench))

    def _over(self, bench: Bench) -> None:
        bench.note("fault", f"{self.id} over")
        self.look(bench)
        self.over = True
        self.end(bench)

    def finish(self, bench: Bench) -> None:
        if not self.over:
            super().finish(bench)

    @abstractmethod
    def end(self, bench: Bench) -> None:
        """It is over now."""

    def gone(self, oracle: str, settling_ns: int) -> Sequence[Premise]:
        """The premise of an oracle, from the begin until so long after the end."""
        if not self.begun:
            return ()
        return [Premise(oracle, self.at_ns, None if self.end_ns is None else self.end_ns + settling_ns)]
