"""Time-of-use registers sum to the total: in every save, for each kind of energy, the rates together are the total."""

from hal.energy import ENERGY_KINDS
from hal.probe import RegistersSaved
from sim.bench import Bench
from sim.oracles.oracle import Oracle


class TariffSums(Oracle):
    name = "tariff-sums"

    def __init__(self) -> None:
        super().__init__()
        self._saves = 0

    def watch(self, bench: Bench) -> None:
        bench.probe.subscribe(RegistersSaved, self._saved)

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        self._saves += 1
        for kind, (total, *rates) in enumerate(zip(saved.totals, *saved.rates, strict=True)):
            if sum(rates) != total:
                self.breaks(at_ns, f"{ENERGY_KINDS[kind]}: rates sum to {sum(rates)} nWh, the total is {total} nWh")

    @property
    def message(self) -> str:
        return f"rates sum to the total in {self._saves} saves"
