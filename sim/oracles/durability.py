"""Nothing is lost: what the firmware has called whole survives every power-down.

- Registers never fall below the last whole save or the last billing set, and ends of billing count up by one.
- A boot finds at least the last whole save, whatever hit the flash.
- At the end, the flash still holds every event and billing set that was called whole, as far as its rings reach.
"""

from hal.frontend import ENERGY_KINDS
from hal.probe import BillingClosed, Booted, EventLogged, RegistersSaved
from sim.bench import Bench
from sim.oracles.oracle import Oracle
from sim.oracles.reread import reread


class Durability(Oracle):
    name = "durability"

    def __init__(self) -> None:
        super().__init__()
        self._totals: tuple[int, ...] = (0,) * len(ENERGY_KINDS)
        self._billed_totals: tuple[int, ...] = (0,) * len(ENERGY_KINDS)
        self._save = 0
        self._billing = 0
        self._events: dict[int, int] = {}
        self._boots = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._booted)
        bench.probe.subscribe(BillingClosed, self._billed)
        bench.probe.subscribe(EventLogged, self._logged)

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        for kind, (before, after) in enumerate(zip(self._totals, saved.totals, strict=True)):
            if after < before:
                self.breaks(at_ns, f"{ENERGY_KINDS[kind]} falls from {before} to {after} nWh")
        if saved.billing < self._billing:
            self.breaks(at_ns, f"a save counts {saved.billing} ends of billing, {self._billing} are whole")
        if any(total < billed for total, billed in zip(saved.totals, self._billed_totals, strict=True)):
            self.breaks(at_ns, f"save {saved.sequence} lies below billing set {self._billing}")
        self._totals = saved.totals
        self._save = max(self._save, saved.sequence)

    def _booted(self, at_ns: int, booted: Booted) -> None:
        self._boots += 1
        if booted.save < self._save:
            self.breaks(at_ns, f"boot found save {booted.save}, save {self._save} was whole")
        # A cut in the last moment of its last page may leave a set whole that nobody was told of.
        self._billing = max(self._billing, *reread(self._bench.board.flash).billing, 0)

    def _billed(self, at_ns: int, closed: BillingClosed) -> None:
        if closed.number != self._billing + 1:
            self.breaks(at_ns, f"end of billing {closed.number} follows {self._billing}")
        self._billing = closed.number
        self._billed_totals = closed.totals

    def _logged(self, at_ns: int, logged: EventLogged) -> None:
        if logged.sequence in self._events:
            self.breaks(at_ns, f"event number {logged.sequence} is given twice")
        self._events[logged.sequence] = at_ns

    def finish(self, bench: Bench) -> None:
        now = bench.world.now
        found = reread(bench.board.flash)
        kept = sorted(self._events)[-found.event_capacity :]
        for sequence in kept:
            if sequence not in found.events:
                self.breaks(now, f"event {sequence}, whole at {self._events[sequence]} ns, is gone")
        for number in range(max(1, self._billing - found.billing_capacity + 1), self._billing + 1):
            if number not in found.billing:
                self.breaks(now, f"billing set {number} is gone")

    @property
    def message(self) -> str:
        return f"{self._boots} boots found all that was whole; {len(self._events)} events, {self._billing} billing sets"
