"""Demand by hand: a book with a line for every ten seconds that the meter worked, added up anew at each end.

It knows no running sums, no windows and no levels. An *era* is a stretch of which all may be part of one demand.
"""

from dataclasses import dataclass
from decimal import Decimal, getcontext
from fractions import Fraction

from firmware.demand.config import DemandConfig, Method
from firmware.demand.period import AfterOutage, OnRateChange

TICK_S = 10
THERMAL_ERROR_MW = Fraction(1, 1 << 10)


@dataclass(frozen=True)
class Line:
    at_s: int
    rate: int
    energies: tuple[int, ...]
    counted: bool


@dataclass(frozen=True)
class Told:
    """What must be told of an interval that ended."""

    start_s: int
    end_s: int
    rate: int
    energies: tuple[int, ...]
    demands: tuple[Fraction, ...]
    short: bool
    idle: bool


class Ledger:
    def __init__(self, config: DemandConfig, at_s: int, rate: int) -> None:
        self.config = config
        self.slot_s = config.shape.interval_s
        self.told: list[Told] = []
        self.at_s = at_s
        self.rate = rate
        self.until_s = 0
        self._minutes: list[tuple[tuple[int, ...], bool]] = []
        self._era()
        self._open()

    # A meter's life

    def run(self, energies: tuple[int, ...]) -> None:
        """Ten seconds, in each of which a tenth flows."""
        self._lines.append(Line(self.at_s, self.rate, energies, self.at_s >= self.until_s))
        self._piece.append(self._lines[-1])
        self.at_s += TICK_S
        if self.at_s % self.slot_s == 0:
            self._close(self.at_s, self._did_count())
            self._open()

    def switch(self, rate: int) -> None:
        if rate == self.rate:
            return
        self.rate = rate
        if self.config.on_rate_change is OnRateChange.WAIT:
            return
        if self._counts():
            self._close(self.at_s, True)
            self._open()
        self._era()

    def clock_set(self, at_s: int, rate: int) -> None:
        rest_s = min(max(self.until_s - self.at_s, 0), self.config.forgiveness_s)
        self._close(self.at_s, self._counts())
        if self.config.method is not Method.THERMAL or (
            rate != self.rate and self.config.on_rate_change is OnRateChange.END
        ):
            self._era()
        self._unbroken = 0
        self.at_s, self.rate, self.until_s = at_s, rate, at_s + rest_s
        if rest_s and self.config.after_outage is AfterOutage.SYNCHRONISE:
            self.until_s = -(-self.until_s // self.slot_s) * self.slot_s
        self._open()

    def synchronise(self) -> None:
        self._close(self.at_s, self._counts())
        if self.config.method is not Method.THERMAL:
            self._era()
        self._unbroken = 0
        self._open()

    def outage(self, up_s: int, rate: int, known: bool) -> None:
        config, down_s, counts = self.config, self.at_s, self._counts()
        forward = up_s >= down_s
        waits_s = self.until_s if self.until_s > down_s and forward else 0
        long = not known or up_s - down_s > config.forgiveness_outage_s
        self.until_s = max(up_s + config.forgiveness_s if long else up_s, waits_s)
        if config.after_outage is AfterOutage.SYNCHRONISE:
            self.until_s = -(-self.until_s // self.slot_s) * self.slot_s
        changed = rate != self.rate and config.on_rate_change is OnRateChange.END
        resumes = config.after_outage is AfterOutage.RESUME and forward and not changed
        slot, up_slot = down_s // self.slot_s, up_s // self.slot_s
        self.at_s = up_s
        if resumes and slot == up_slot and self._piece:
            self._cut = True
            self._cuts.add(slot)
            self._counted = counts
            self.rate = rate
            if not known:
                self._lines = list(self._piece)
                self._minutes = []
                self._unbroken = 0
            return
        if counts and self._piece:
            self._close((slot + 1) * self.slot_s if up_slot > slot else down_s, True, cut=True)
            slot += 1
        if resumes and known:
            self._minutes += [((0,) * len(config.quantities), False)] * (up_slot - slot)
            self._unbroken = 0 if up_slot > slot else self._unbroken
        else:
            self._era()
        self.rate = rate
        self._open()

    # Adding up

    def _era(self) -> None:
        self._lines: list[Line] = []
        self._cuts: set[int] = set()
        self._minutes = []
        self._unbroken = 0

    def _open(self) -> None:
        self._piece: list[Line] = []
        self._counted = False
        self._start_s = self.at_s
        self._cut = self.at_s % self.slot_s != 0

    def _counts(self) -> bool:
        return self.at_s >= self.until_s or self._did_count()

    def _did_count(self) -> bool:
        return self._counted or any(line.counted for line in self._piece)

    def _close(self, end_s: int, counts: bool, cut: bool = False) -> None:
        """The interval since `_start_s` ends; nothing is told of one without a line. `counts`: demand did in it, be it
        only from its last second on."""
        piece = self._piece
        counted = [line for line in piece if line.counted]
        if not piece:
            return
        seconds = {line.at_s for line in counted}
        slot_end_s = (self._start_s // self.slot_s + 1) * self.slot_s
        ticks = self.slot_s // TICK_S
        whole = len(counted) == ticks == len(seconds) and not cut and not self._cut and end_s == slot_end_s
        energies = self._sum(counted)
        if self.config.method is Method.THERMAL:
            self._minutes.append((energies, whole))
            demands = self._thermal()
            rate = counted[0].rate if counted else self.rate
            self._unbroken = self._unbroken + 1 if whole else 0
            short = self._unbroken < self.config.period_s // 60
        else:
            first_s = slot_end_s - self.config.period_s
            window = [line for line in self._lines if line.counted and line.at_s >= first_s]
            demands = tuple(Fraction(e * 3_600, 10**6 * self.config.period_s) for e in self._sum(window))
            rate = window[0].rate if window else self.rate
            full = len({line.at_s for line in window}) == self.config.period_s // TICK_S
            cut = any(self.slot_s * slot >= first_s for slot in self._cuts)
            short = cut or not (whole and full)
        self.told.append(Told(self._start_s, end_s, rate, energies, demands, short, not counts))

    def _sum(self, lines: list[Line]) -> tuple[int, ...]:
        return tuple(sum(line.energies[q] for line in lines) for q in self.config.quantities)

    def _thermal(self) -> tuple[Fraction, ...]:
        kept = tenth_root(self.config.period_s // 60)
        levels = []
        for place in range(len(self.config.quantities)):
            level = Fraction(0)
            for energies, _ in self._minutes:
                level = level * kept + Fraction(energies[place] * 60, 10**6) * (1 - kept)
                level = Fraction(level.numerator * 2**200 // level.denominator, 2**200)
            levels.append(level)
        return tuple(levels)


def tenth_root(minutes: int) -> Fraction:
    """10**(-1/minutes), to 80 digits."""
    getcontext().prec = 80
    return Fraction(Decimal(10) ** (Decimal(-1) / Decimal(minutes)))
