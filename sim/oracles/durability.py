"""Nothing is lost: what the firmware has called whole survives every power-down.

- Registers never fall below the last whole save or the last billing set, and ends of billing count up by one.
  Programming another ratio expresses the same registers anew, by the rule that was agreed.
- A boot finds at least the last whole save, whatever hit the flash. It counts no fewer closed intervals.
- The last whole save is never older than a quarter of an hour when power goes down. A boot says that the power-down was
  complete only if the last save of the life before was one at power fail.
- At the end, the flash still holds every event and billing set that was called whole, as far as its rings reach.

Its claims are about "registers", "billing", "events" and the "age" of the last save: a fault may take one away, and
leaves the others.
"""

from hal.energy import ENERGY_KINDS
from hal.probe import BillingClosed, Booted, EventLogged, RegistersSaved
from hal.units import MINUTE, S
from sim.bench import Bench
from sim.oracles.oracle import Oracle
from sim.oracles.ratio import expressed, factor, totals
from sim.oracles.reread import reread

_COMPLETE = "power_fail"

_LOST_MOST_NS = 15 * MINUTE + 10 * S
"""A save is due every quarter of an hour, and is whole soon after."""


class Durability(Oracle):
    name = "durability"

    def __init__(self) -> None:
        super().__init__()
        self._totals: tuple[int, ...] = (0,) * len(ENERGY_KINDS)
        self._billed_totals: tuple[int, ...] = (0,) * len(ENERGY_KINDS)
        self._rates: tuple[tuple[int, ...], ...] = ()
        self._ratio = self._billed_ratio = (1, 1)
        self._save = 0
        self._billing = 0
        self._possible = 0
        """The newest set that a cut may have left whole, told or not."""
        self._intervals = 0
        self._up_ns = 0
        self._down_ns: int | None = None
        self._last: tuple[int, str] | None = None
        """When this life's last save was whole, and its reason."""
        self._worst_ns = 0
        self._events: dict[int, tuple[int, EventLogged]] = {}
        self._boots = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        bench.on_note(self._noted)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._booted)
        bench.probe.subscribe(BillingClosed, self._billed)
        bench.probe.subscribe(EventLogged, self._logged)

    def _noted(self, at_ns: int, who: str, what: str) -> None:
        if who == "power" and what == "down":
            self._down_ns = at_ns

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        if self._rates and saved.ratio != self._ratio:
            self._totals = totals(self._rates, factor(self._ratio, saved.ratio))
        if saved.ratio != self._billed_ratio:
            billed = expressed(self._billed_totals, factor(self._billed_ratio, saved.ratio))
            # Each rate was cut off.
            self._billed_totals = tuple(max(total - len(saved.rates), 0) for total in billed)
        self._rates, self._ratio, self._billed_ratio = saved.rates, saved.ratio, saved.ratio
        for kind, (before, after) in enumerate(zip(self._totals, saved.totals, strict=True)):
            if after < before:
                self.breaks(at_ns, f"{ENERGY_KINDS[kind]} falls from {before} to {after} nWh", "registers")
        if saved.intervals < self._intervals:
            text = f"a save counts {saved.intervals} closed intervals, {self._intervals} were closed"
            self.breaks(at_ns, text, "registers")
        self._intervals = saved.intervals
        self._last = at_ns, saved.reason
        if self._billing < saved.billing <= self._possible:
            self._billing = saved.billing
        if saved.billing < self._billing:
            self.breaks(at_ns, f"a save counts {saved.billing} ends of billing, {self._billing} are whole", "registers")
        if any(total < billed for total, billed in zip(saved.totals, self._billed_totals, strict=True)):
            self.breaks(at_ns, f"save {saved.sequence} lies below billing set {self._billing}", "registers")
        self._totals = saved.totals
        self._save = max(self._save, saved.sequence)

    def _booted(self, at_ns: int, booted: Booted) -> None:
        self._boots += 1
        if self._boots > 1:
            self._powered_down(at_ns, booted)
        self._up_ns, self._down_ns, self._last = at_ns, None, None
        if booted.save < self._save:
            self.breaks(at_ns, f"boot found save {booted.save}, save {self._save} was whole", "registers")
        # A cut in the last moment of its last page may leave a set whole that nobody was told of; or one of which some
        # bits read differently each time, so that the boot may have found it or not.
        self._possible = max(reread(self._bench.board.flash).billing, default=0)

    def _powered_down(self, at_ns: int, booted: Booted) -> None:
        """The life before has ended."""
        down_ns = at_ns if self._down_ns is None else self._down_ns
        since_ns = down_ns - (self._up_ns if self._last is None else self._last[0])
        self._worst_ns = max(self._worst_ns, since_ns)
        if since_ns > _LOST_MOST_NS:
            self.breaks(at_ns, f"the last whole save was {since_ns} ns old when power went down", "age")
        told = booted.save == self._save  # a newer one was cut in its last moment
        if booted.clean and told and self._last is not None and self._last[1] != _COMPLETE:
            self.breaks(at_ns, f"boot says that all was saved, the last save was made for {self._last[1]}", "registers")

    def _billed(self, at_ns: int, closed: BillingClosed) -> None:
        if closed.number - 1 not in (self._billing, max(self._billing, self._possible)):
            self.breaks(at_ns, f"end of billing {closed.number} follows {self._billing}", "billing")
        self._billing = closed.number
        self._billed_totals, self._billed_ratio = closed.totals, closed.ratio

    def _logged(self, at_ns: int, logged: EventLogged) -> None:
        if logged.sequence in self._events:
            self.breaks(at_ns, f"event number {logged.sequence} is given twice", "events")
        self._events[logged.sequence] = at_ns, logged

    def finish(self, bench: Bench) -> None:
        now = bench.world.now
        if self._boots and self._down_ns is None:
            since_ns = now - (self._up_ns if self._last is None else self._last[0])
            if since_ns > _LOST_MOST_NS:
                self.breaks(now, f"the last whole save is {since_ns} ns old", "age")
        found = reread(bench.board.flash)
        for number, (at_ns, logged) in sorted(self._events.items()):
            if logged.place > found.events_after[logged.log] and number not in found.events:
                self.breaks(now, f"event {number}, whole at {at_ns} ns, is gone", "events")
        for number in range(max(1, self._billing - found.billing_capacity + 1), self._billing + 1):
            if number not in found.billing:
                self.breaks(now, f"billing set {number} is gone", "billing")

    @property
    def message(self) -> str:
        return (
            f"{self._boots} boots found all that was whole, the last save at most {self._worst_ns // S} s old; "
            f"{len(self._events)} events, {self._billing} billing sets"
        )
