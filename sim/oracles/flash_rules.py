"""Flash is never asked for what it refuses: no bit set back to one, no access while busy, nothing across a page."""

from sim.bench import Bench
from sim.oracles.oracle import Oracle


class FlashRules(Oracle):
    name = "flash"

    def __init__(self) -> None:
        super().__init__()
        self._programs = 0

    def watch(self, bench: Bench) -> None:
        """The device keeps its own record."""

    def finish(self, bench: Bench) -> None:
        self._programs = bench.board.flash.programs
        for violation in bench.board.flash.violations[:1]:
            self.breaks(violation.at_ns, violation.text)

    @property
    def message(self) -> str:
        return f"{self._programs} programs and erases, all as the part allows"
