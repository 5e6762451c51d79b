"""What can go wrong, and when. Each fault bears witness: whether it took effect at all.

A run whose fault never took effect shows nothing, and is invalid. A fault also says which events a meter must log
because of it; `sim.oracles.events` holds the meter to that.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from firmware.events.codes import Event
from hal.inputs import Input
from hal.units import HOUR
from sim.bench import Bench
from sim.world import Phase


class Fault(ABC):
    """One fault of a run. `effect` is empty until it has had one, then says which."""

    kind: str

    def __init__(self, identity: str, at_ns: int) -> None:
        self.id = identity
        self.at_ns = at_ns
        self.effect = ""

    def arm(self, bench: Bench) -> None:
        """Put it into the world's queue."""
        self.watch(bench)
        bench.world.at(self.at_ns, Phase.WORLD, lambda: self._strike(bench))

    def _strike(self, bench: Bench) -> None:
        bench.note("fault", f"{self.id} {self.kind}")
        self.begin(bench)

    def watch(self, bench: Bench) -> None:  # noqa: B027  # most faults know at once
        """Look for its effect from the start; most faults need not."""

    @abstractmethod
    def begin(self, bench: Bench) -> None:
        """It strikes now."""

    def events(self) -> Sequence[tuple[Event, int]]:
        """The events that must be logged for it, each within so many ns of powered time."""
        return ()


class Lasting(Fault):
    """A fault that ends by itself."""

    def __init__(self, identity: str, at_ns: int, duration_ns: int) -> None:
        super().__init__(identity, at_ns)
        self.duration_ns = duration_ns

    def _strike(self, bench: Bench) -> None:
        super()._strike(bench)
        bench.world.at(self.at_ns + self.duration_ns, Phase.WORLD, lambda: self._over(bench))

    def _over(self, bench: Bench) -> None:
        bench.note("fault", f"{self.id} over")
        self.end(bench)

    @abstractmethod
    def end(self, bench: Bench) -> None:
        """It is over now."""


class BatteryFail(Fault):
    """The RTC's cell dies."""

    kind = "battery-fail"

    def begin(self, bench: Bench) -> None:
        if bench.board.cell.alive:
            bench.board.cell.fail()
            self.effect = "a live cell died"

    def events(self) -> Sequence[tuple[Event, int]]:
        # It is tested at least hourly, and once more at every power-up.
        return [(Event.BATTERY_FAILED, HOUR)] if self.effect else []


class BatteryReplace(Fault):
    """A fresh cell is put in."""

    kind = "battery-replace"

    def begin(self, bench: Bench) -> None:
        if not bench.board.cell.alive:
            self.effect = "a fresh cell took the place of a dead one"
            bench.board.cell.replace(bench.setting.parts.cell_uah)

    def events(self) -> Sequence[tuple[Event, int]]:
        return [(Event.BATTERY_RESTORED, HOUR)] if self.effect else []


class SupplyFail(Lasting):
    """All phases are gone for a while. It has had an effect if the meter was told, or went down."""

    kind = "supply-fail"

    def __init__(self, identity: str, at_ns: int, duration_ns: int) -> None:
        super().__init__(identity, at_ns, duration_ns)
        self._went_down = False

    def watch(self, bench: Bench) -> None:
        def heard(at_ns: int, who: str, text: str) -> None:
            if who == "power" and self.at_ns <= at_ns <= self.at_ns + self.duration_ns and text in ("fail", "down"):
                self.effect = "the meter went down" if text == "down" else self.effect or "the meter was told"
                self._went_down |= text == "down"

        bench.on_note(heard)

    def begin(self, bench: Bench) -> None:
        bench.mains.fail()

    def end(self, bench: Bench) -> None:
        bench.mains.restore()

    def events(self) -> Sequence[tuple[Event, int]]:
        return [(Event.POWER_DOWN, HOUR), (Event.POWER_UP, HOUR)] if self._went_down else []


class PowerCut(SupplyFail):
    """All phases are gone, and the rail collapses at once: no hold-up, no warning."""

    kind = "power-cut"

    def begin(self, bench: Bench) -> None:
        bench.board.supply.cut()
        bench.mains.fail()


class PhaseFail(Lasting):
    """Some phases are gone; 0 is L1."""

    kind = "phase-fail"

    def __init__(self, identity: str, at_ns: int, duration_ns: int, phases: Sequence[int]) -> None:
        super().__init__(identity, at_ns, duration_ns)
        self._phases = tuple(phases)

    def begin(self, bench: Bench) -> None:
        before = bench.mains.segment
        bench.mains.fail(self._phases)
        if bench.mains.segment != before:
            self.effect = "a voltage that was there is gone"

    def end(self, bench: Bench) -> None:
        bench.mains.restore(self._phases)


class TerminalCoverOpen(Lasting):
    """Somebody opens the terminal cover. It has an effect on a meter that is awake to see it."""

    kind = "terminal-cover-open"

    def begin(self, bench: Bench) -> None:
        if bench.board.cpu.powered and not bench.board.inputs.state(Input.TERMINAL_COVER):
            self.effect = "the cover's switch opened"
        bench.board.inputs.put(Input.TERMINAL_COVER, True)

    def end(self, bench: Bench) -> None:
        bench.board.inputs.put(Input.TERMINAL_COVER, False)

    def events(self) -> Sequence[tuple[Event, int]]:
        return [(Event.TERMINAL_COVER_OPENED, HOUR)] if self.effect else []
