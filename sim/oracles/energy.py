"""Energy is conserved: what a save holds is what truly flowed while the meter could measure, within the accuracy of
the front end and the time that a window of samples spans.

A meter measures from its boot to its power-down. After a power-down without a whole save it goes on from an earlier
save; what may be lost then is the business of `durability`, and this oracle counts anew from what was recovered.
"""

from collections import deque
from itertools import pairwise

from hal.frontend import ENERGY_KINDS
from hal.probe import Booted, RegistersSaved
from hal.units import MS, S
from sim.bench import Bench
from sim.oracles.oracle import Oracle
from sim.physics.energy import Eight

ACCURACY_PPM = 300
"""Of an ideal front end, with oscillators up to 100 ppm off."""

SPAN_NS = 450 * MS
"""A window and a block: how far a change of the load may be smeared, or a start be late."""

_KEPT_NS = 5 * S


class EnergyConserved(Oracle):
    name = "energy"

    def __init__(self, accuracy_ppm: int = ACCURACY_PPM) -> None:
        super().__init__()
        self._accuracy_ppm = accuracy_ppm
        self._base: Eight | None = None
        self._at_power_fail: Eight | None = None
        self._power_fail_save = 0
        self._begun: Eight = (0, 0, 0, 0, 0, 0, 0, 0)
        self._past: deque[tuple[int, Eight]] = deque()
        self._slack = 0
        self._booted = False
        self._worst = 0
        self._saves = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        bench.mains.subscribe(lambda _before, _after: self._remember())
        bench.probe.subscribe(Booted, self._boot)
        bench.probe.subscribe(RegistersSaved, self._saved)
        self._remember()

    def _remember(self) -> None:
        """True energy is linear between changes of the mains; keep those of the last seconds."""
        now = self._bench.world.now
        self._past.append((now, self._bench.truth.at(now)))
        while len(self._past) > 2 and self._past[1][0] < now - _KEPT_NS:
            self._past.popleft()
        total = self._bench.truth.total
        # nWh that may be smeared at this power: fVA x ns / 3.6e18
        self._slack = max(self._slack, total.apparent_fva * SPAN_NS // 3_600_000_000_000_000_000)

    def true_at(self, instant_ns: int) -> Eight:
        """True energy at an instant of the last seconds."""
        now = self._bench.world.now
        points = [*self._past, (now, self._bench.truth.at(now))]
        for (begin, low), (end, high) in pairwise(points):
            if begin <= instant_ns <= end:
                share = max(end - begin, 1)
                values = [a + (b - a) * (instant_ns - begin) // share for a, b in zip(low, high, strict=True)]
                return (values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7])
        return points[0][1] if instant_ns < points[0][0] else points[-1][1]

    def _boot(self, at_ns: int, booted: Booted) -> None:
        # Only a boot begins anew: a dip that the hold-up spans is saved at power fail too, in the same life.
        self._booted = True
        # A save that was cut in its last moment may be whole, and nobody was told what it holds.
        self._base = self._at_power_fail if booted.clean and booted.save == self._power_fail_save else None

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        instant = self._bench.board.cpu.oscillator.true_of(saved.at_ns)
        truth = self.true_at(instant)
        meter = saved.totals
        if saved.reason == "power_fail":
            self._power_fail_save = saved.sequence
            self._at_power_fail = (meter[0], meter[1], meter[2], meter[3], meter[4], meter[5], meter[6], meter[7])
        if self._booted:
            # The first save of a life says where the registers stand; it holds next to no energy of this life.
            self._booted = False
            if self._base is None:
                self._base = (meter[0], meter[1], meter[2], meter[3], meter[4], meter[5], meter[6], meter[7])
            self._begun = truth
            return
        assert self._base is not None
        self._saves += 1
        for kind, name in enumerate(ENERGY_KINDS):
            expected = self._base[kind] + truth[kind] - self._begun[kind]
            error = meter[kind] - expected
            allowed = (truth[kind] - self._begun[kind]) * self._accuracy_ppm // 1_000_000 + self._slack + 2
            self._worst = max(self._worst, abs(error))
            if abs(error) > allowed:
                self.breaks(
                    at_ns, f"{name} is {meter[kind]} nWh in save {saved.sequence}, {error} nWh off (allowed {allowed})"
                )

    @property
    def message(self) -> str:
        return f"{self._saves} saves hold what truly flowed, at worst {self._worst / 1e6:.3f} mWh off"
