"""A programme is in force as it was sent, or the one before it, whole.

- At each boot and after each programming the number that the meter tells is that of the last programme, or of the one
  that a reader has just sent; and its ratio and its passive tariff are those that were sent.
- A programme that was acknowledged, or that a whole save bears, is never lost. Saves bear the one that is in force.
- At the end the flash holds it, with all settings that were sent.
"""

from fractions import Fraction

from firmware.programming.journal import newest
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import Programmed, RegistersSaved
from sim.bench import Bench
from sim.oracles.agreed import Agreed, Terms
from sim.oracles.oracle import Oracle
from sim.oracles.reread import ReadOnlyFlash


class ProgrammingKept(Oracle):
    name = "programming"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._least = 0
        self._told = 0
        self._activated = 0
        self._utc_s = 0

    def watch(self, bench: Bench) -> None:
        bench.probe.subscribe(Programmed, self._programmed)
        bench.probe.subscribe(RegistersSaved, self._saved)

    def _known(self, at_ns: int, number: int, where: str) -> Terms | None:
        """The terms of a number that may be in force; None, and broken, if it may not."""
        terms = self._agreed.terms(number)
        least = max(self._least, self._agreed.acknowledged)
        if terms is None:
            self.breaks(at_ns, f"{where} number {number}, and nobody sent that one")
        elif number < least:
            self.breaks(at_ns, f"{where} number {number}, and number {least} was in force")
            return None
        return terms

    def _programmed(self, at_ns: int, told: Programmed) -> None:
        self._told = told.number
        terms = self._known(at_ns, told.number, "in force is")
        if terms is None:
            return
        if Fraction(*told.ratio) != terms.ratio:
            self.breaks(at_ns, f"programme {told.number} has the ratio {told.ratio}, {terms.ratio} was sent")
        sent_s = 0 if terms.passive is None else terms.passive.activate_s
        if told.passive_s not in (sent_s, 0):
            self.breaks(at_ns, f"programme {told.number} waits for {told.passive_s} s, {sent_s} s was sent")
        if told.passive_s and told.number == self._activated:
            self.breaks(at_ns, f"the passive tariff of programme {told.number} waits again, and had taken over")
        if sent_s and not told.passive_s:
            self._activated = told.number

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        terms = self._known(at_ns, saved.programme, f"save {saved.sequence} bears")
        if saved.programme != self._told:
            self.breaks(at_ns, f"save {saved.sequence} bears programme {saved.programme}, {self._told} is in force")
        if terms is not None and Fraction(*saved.ratio) != terms.ratio:
            self.breaks(at_ns, f"save {saved.sequence} is of the ratio {saved.ratio}, {terms.ratio} was sent")
        self._least = max(self._least, saved.programme)
        self._utc_s = saved.utc_s

    def finish(self, bench: Bench) -> None:
        now = bench.world.now
        if self._agreed.unkept:
            self.breaks(now, "a programming was acknowledged, and none took effect")
        flash = bench.board.flash
        ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring("configuration"))
        ring.recover()
        found = newest((record.sequence, record.payload) for record in ring.newest_first())
        number = 0 if found is None else found.programme.number
        terms = self._known(now, number, "in flash is")
        if found is None or terms is None:
            return
        programme = found.programme
        held = Terms(programme.settings, programme.passive, programme.ct_ratio, programme.vt_ratio)
        if held not in (terms, terms.activated()):
            self.breaks(now, f"programme {number} in flash is not the one that was sent")

    @property
    def message(self) -> str:
        return f"programme {self._told} is in force, as it was sent" if self._told else "as it left the works"
