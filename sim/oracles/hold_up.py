"""With its hold-up intact, the meter loses nothing that it measured before the power-fail interrupt.

When the comparator says that the mains are gone, what the capacitor holds lasts for so long at least, at the board's
largest draw. If that is as long as the worst save takes, and the rail stands as long, then a save at power fail is
whole before it falls, it holds all energy up to the interrupt, and the next boot goes on from it, and says that the
power-down was complete.

Where the mains have come and gone shortly before, the save may have to await its turn (the spacing of its task's jobs),
and takes that much longer.
"""

from collections.abc import Callable

from hal.probe import Booted, RegistersSaved
from hal.units import MS, S
from sim.bench import Bench
from sim.oracles.oracle import Oracle

_BLOCK_NS = MS
"""The last samples before the interrupt may be complete only after it: four of them, at 4 kS/s."""

_FORMAT_NS = 30 * S
"""A virgin flash has to be erased before the first save: so long the first life owes nothing."""


class HoldUp(Oracle):
    name = "hold-up"

    def __init__(self, needed_ns: Callable[[], int | None], spacing_ns: Callable[[], int]) -> None:
        """`needed_ns` tells the time that the worst save takes, None while nobody knows; `spacing_ns` how far the jobs
        of its task are apart."""
        super().__init__()
        self._needed_ns = needed_ns
        self._spacing_ns = spacing_ns
        self._turned_ns: int | None = None
        """When the comparator last changed its mind in this life."""
        self._up_ns = 0
        self._lives = 0
        self._failed_ns: int | None = None
        self._intact_until_ns = 0
        self._save: int | None = None
        """The save at power fail of this failure, once it is whole."""
        self._owed: int | None = None
        """What the next boot must go on from."""
        self._failures = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        bench.on_note(self._noted)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._booted)

    def _noted(self, at_ns: int, who: str, text: str) -> None:
        if who != "power":
            return
        if text.startswith("up"):
            self._up_ns, self._lives = at_ns, self._lives + 1
            self._failed_ns = self._save = self._turned_ns = None
        elif text == "fail":
            self._fails(at_ns)
            self._turned_ns = at_ns
        elif text == "good":
            self._failed_ns, self._turned_ns = None, at_ns
        elif text == "down":
            self._down(at_ns)

    def _fails(self, at_ns: int) -> None:
        supply, most_uw = self._bench.board.supply, self._bench.board.parts.draw.most_uw
        above = supply.capacitor.above_fj(supply.part.brown_out_mv) if supply.hold_up_mv() else 0
        needed_ns = self._needed_ns()
        if needed_ns is not None:
            needed_ns += self._held_back_ns(at_ns)
        held_ns = above // most_uw
        ready = self._lives > 1 or at_ns - self._up_ns >= _FORMAT_NS
        if needed_ns is not None and held_ns >= needed_ns and ready:
            self._failed_ns, self._intact_until_ns = at_ns, at_ns + needed_ns
            self._save = None

    def _held_back_ns(self, at_ns: int) -> int:
        """How much later than the interrupt the save may begin. When the comparator last turned a job may have been
        held back, one for the turn after that, and the one that saves after that; each by the spacing at most."""
        if self._turned_ns is None:
            return 0
        spacing_ns = self._spacing_ns()
        return min(max(self._turned_ns + 3 * spacing_ns - at_ns, 0), spacing_ns)

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        if self._failed_ns is None or saved.reason != "power_fail":
            return
        counted_ns = self._bench.board.cpu.oscillator.true_of(saved.at_ns)
        if counted_ns < self._failed_ns - _BLOCK_NS:
            self.breaks(at_ns, f"save {saved.sequence} holds no energy after {counted_ns} ns, power failed later")
        self._save = saved.sequence

    def _down(self, at_ns: int) -> None:
        self._owed = None
        if self._failed_ns is None or at_ns < self._intact_until_ns:
            return
        self._failures += 1
        if self._save is None:
            late_ns = at_ns - self._failed_ns
            self.breaks(at_ns, f"power failed at {self._failed_ns} ns, and no save was whole {late_ns} ns later")
        self._owed = self._save

    def _booted(self, at_ns: int, booted: Booted) -> None:
        if self._owed is not None and not (booted.clean and booted.save == self._owed):
            told = "complete" if booted.clean else "incomplete"
            self.breaks(at_ns, f"boot goes on from save {booted.save}, {told}, after save {self._owed} at power fail")
        self._owed = None

    @property
    def message(self) -> str:
        return f"{self._failures} power-downs with hold-up, all saved in time"
