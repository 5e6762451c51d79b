"""Flash is never asked for nonsense: no program where it was not erased, no access while busy, none across a page."""

from sim.bench import Bench
from sim.devices.flash import Violation
from sim.oracles.oracle import Oracle


class FlashRules(Oracle):
    name = "flash"

    def __init__(self) -> None:
        super().__init__()
        self._programs = 0
        self._erases = 0

    def watch(self, bench: Bench) -> None:
        bench.board.flash.subscribe_violations(self._seen)

    def _seen(self, violation: Violation) -> None:
        self.breaks(violation.at_ns, violation.text)

    def finish(self, bench: Bench) -> None:
        self._programs, self._erases = bench.board.flash.programs, bench.board.flash.erases

    @property
    def message(self) -> str:
        return f"{self._programs} programs and {self._erases} erases, all as the part allows"
