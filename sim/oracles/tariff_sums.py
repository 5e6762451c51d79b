"""Time-of-use registers sum to the total: in every save, billing set and daily freeze, for each energy that is
registered by rate, the rates together are the total. A sum that the customer defines is the sum of what it is made of,
as long as the transformers' ratio stays the one that the meter began with.
"""

from firmware.config import Settings
from hal.energy import ENERGY_KINDS
from hal.probe import BillingClosed, DayFrozen, RegistersSaved
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle


class TariffSums(Oracle):
    name = "tariff-sums"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._seen = 0
        self._ratio: tuple[int, int] | None = None

    def watch(self, bench: Bench) -> None:
        config = bench.setting.config.tariff
        self._sums = [{place: sign for sign, place in one.terms} for one in config.sums]
        self._registered = self._before = config.registers
        follow(bench, self._agreed, self._programmed)
        bench.probe.subscribe(RegistersSaved, self._look)
        bench.probe.subscribe(BillingClosed, self._look)
        bench.probe.subscribe(DayFrozen, self._look)

    def _programmed(self, before: Settings, after: Settings) -> None:
        """Sets and freezes made before may be told behind this. A sum of something else goes on from where it stood."""
        self._before, self._registered = before.tariff.registers, after.tariff.registers
        if before.tariff.sums != after.tariff.sums:
            self._sums = []

    def _look(self, at_ns: int, kept: RegistersSaved | BillingClosed | DayFrozen) -> None:
        self._seen += 1
        energies = (*kept.totals, *kept.sums)
        late = kept.registered == self._before and not isinstance(kept, RegistersSaved)
        if kept.registered != self._registered and not late:
            self.breaks(at_ns, f"energies {kept.registered} are registered by rate, {self._registered} were asked for")
        for at, place in enumerate(kept.registered):
            rates = sum(rate[at] for rate in kept.rates)
            if rates != energies[place]:
                self.breaks(at_ns, f"{_name(place)}: rates sum to {rates} nWh, the total is {energies[place]} nWh")
        self._ratio = self._ratio or kept.ratio
        if kept.ratio != self._ratio:
            self._sums = []
        for number, terms in enumerate(self._sums):
            made_of = sum(sign * kept.totals[place] for place, sign in terms.items())
            if kept.sums[number] != made_of:
                self.breaks(at_ns, f"C{number + 1} is {kept.sums[number]} nWh, what it is made of {made_of} nWh")

    @property
    def message(self) -> str:
        return f"rates sum to the total in {self._seen} saves, billing sets and freezes"


def _name(place: int) -> str:
    return ENERGY_KINDS[place] if place < len(ENERGY_KINDS) else f"C{place - len(ENERGY_KINDS) + 1}"
