"""What power-downs cost: energy that had flowed and that no register holds afterwards.

Where the registers stood is known from whole saves, and goes on from there with what truly flowed while the meter could
measure. The next life's first save says what was recovered. `hold` says whether the loss is more than may be.
"""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from hal.energy import ENERGY_KINDS
from hal.probe import Booted, RegistersSaved
from hal.units import MINUTE
from sim.bench import Bench
from sim.oracles.energy import ACCURACY_PPM, SPAN_NS
from sim.oracles.ratio import expressed, factor
from sim.physics.energy import Eight

BOUND_NS: Final = 15 * MINUTE
"""What a power-down may cost at most: the energy of so long."""

_NONE: Final[Eight] = (0, 0, 0, 0, 0, 0, 0, 0)
_VA_NS_PER_NWH: Final = 3_600_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Loss:
    """What the last power-down cost of active import, in nWh; what had flowed since the last whole save, and in 15 min
    before; `problem` is empty if it was no more than it may be, in any kind of energy."""

    lost_nwh: int
    since_save_nwh: int
    quarter_nwh: int
    problem: str


@dataclass(slots=True)
class _Down:
    at_ns: int
    stood: Eight
    """Where the registers would stand, had nothing been lost."""
    since_save: Eight
    quarter: Eight


class LossWatch:
    """Watches a bench from its begin."""

    def __init__(self, bench: Bench, accuracy_ppm: int = ACCURACY_PPM) -> None:
        self.boots = 0
        self.saves = 0
        """Whole saves of the present life."""
        self._bench = bench
        self._accuracy_ppm = accuracy_ppm
        self._past: deque[tuple[int, Eight, int]] = deque()
        self._up = False
        self._base, self._base_flowed = _NONE, _NONE
        """Registers, and true energy at the instant that they are for."""
        self._saved_flowed = _NONE
        self._ratio = (1, 1)
        self._down: _Down | None = None
        self._loss: Loss | None = None
        bench.mains.subscribe(lambda _before, _after: self._remember())
        bench.on_note(self._noted)
        bench.probe.subscribe(Booted, lambda _at, _record: self._booted())
        bench.probe.subscribe(RegistersSaved, self._saved)
        self._remember()

    @property
    def loss(self) -> Loss | None:
        """Of the last power-down; None until it is known."""
        return self._loss

    def _remember(self) -> None:
        now = self._bench.world.now
        self._past.append((now, self._bench.truth.at(now), self._bench.truth.total.apparent_fva))
        while len(self._past) > 2 and self._past[1][0] < now - BOUND_NS:
            self._past.popleft()

    def _flowed(self, instant_ns: int) -> Eight:
        """True energy at an instant of the last 15 min."""
        now = self._bench.world.now
        points = [*((at, value) for at, value, _ in self._past), (now, self._bench.truth.at(now))]
        for (begin, low), (end, high) in pairwise(points):
            if begin <= instant_ns <= end:
                share = max(end - begin, 1)
                return _eight([a + (b - a) * (instant_ns - begin) // share for a, b in zip(low, high, strict=True)])
        return points[0][1] if instant_ns < points[0][0] else points[-1][1]

    def _noted(self, at_ns: int, who: str, text: str) -> None:
        if who != "power":
            return
        now = self._bench.truth.at(at_ns)
        if text.startswith("up"):
            self._up = True
            self.saves = 0
            # What flowed while it was off is nobody's.
            if self._down is not None:
                self._base, self._base_flowed = self._down.stood, now
            else:
                self._base_flowed = now
            self._saved_flowed = now
        elif text == "down" and self._up:
            self._up = False
            stood = _sum(self._base, _difference(now, self._base_flowed))
            quarter = _difference(now, self._flowed(at_ns - BOUND_NS))
            self._down = _Down(at_ns, stood, _difference(now, self._saved_flowed), quarter)
            self._loss = None

    def _booted(self) -> None:
        self.boots += 1

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        flowed = self._flowed(self._bench.board.cpu.oscillator.true_of(saved.at_ns))
        totals = _eight(list(saved.totals))
        if self._down is not None and saved.ratio != self._ratio:
            self._down = _reexpressed(self._down, factor(self._ratio, saved.ratio), len(saved.rates))
        self._ratio = saved.ratio
        if not self.saves and self._down is not None and self._loss is None:
            begun = _difference(totals, _difference(flowed, self._base_flowed))
            self._loss = self._judged(self._down, begun)
        self.saves += 1
        self._base, self._base_flowed = totals, flowed
        self._saved_flowed = flowed

    def _judged(self, down: _Down, begun: Eight) -> Loss:
        slack = 2 + max(apparent for _, _, apparent in self._past) * SPAN_NS // _VA_NS_PER_NWH
        problem = ""
        for kind, name in enumerate(ENERGY_KINDS):
            lost = down.stood[kind] - begun[kind]
            off = slack + down.since_save[kind] * self._accuracy_ppm // 1_000_000
            if lost > down.since_save[kind] + off and not problem:
                problem = f"{lost} nWh of {name} lost, {down.since_save[kind]} nWh flowed since the last whole save"
            if lost < -off and not problem:
                problem = f"{-lost} nWh of {name} came from nowhere"
        return Loss(down.stood[0] - begun[0], down.since_save[0], down.quarter[0], problem)


def _reexpressed(down: _Down, by: Fraction, rates: int) -> _Down:
    """The same under another transformer ratio; each rate's register is cut off."""
    since_save = _eight([energy + rates for energy in expressed(down.since_save, by)])
    stood, quarter = (_eight(list(expressed(energies, by))) for energies in (down.stood, down.quarter))
    return _Down(down.at_ns, stood, since_save, quarter)


def _difference(left: Eight, right: Eight) -> Eight:
    return _eight([a - b for a, b in zip(left, right, strict=True)])


def _sum(left: Eight, right: Eight) -> Eight:
    return _eight([a + b for a, b in zip(left, right, strict=True)])


def _eight(values: list[int]) -> Eight:
    return (values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7])
