"""What a demand interval holds, by the definitions in docs/demand.md: a period of block demand, a subinterval of
sliding demand, a minute of thermal demand. Never scaled up: the divisor is the nominal period.

Whatever flowed in it is kept, so that any quantity's demand can be had.
"""

from dataclasses import dataclass, field

from tests.biller.agreement import MEASURED, Agreement
from tests.biller.diary import NS, Cause
from tests.biller.intervals import LIFE_BLUR_NS, added
from tests.biller.pieces import Piece, end_of_period
from tests.biller.truth import NOTHING, NWH, Truth

Eight = tuple[int, ...]


@dataclass
class Demand:
    """A demand interval: its stamp, its rate, what flowed in it (1e-24 J), and whether it lacks something."""

    end_s: int
    rate: int
    energy: Eight
    short: bool
    closed_ns: int
    blur_nwh: int
    period_s: int
    unsure_s: int = 0
    perhaps_short: bool = False
    anew: str = ""
    """Why nothing, or not all, of what was before it counts: `set`, `rate`, `outage`, `lost`."""
    zeros: int = 0
    """Whole intervals without power between the one before and this."""
    levels: tuple[int, ...] | None = None
    """For thermal demand: what the pointers show, in mW."""

    def milliwatts(self, kind: int) -> int:
        """Energy over the nominal period, rounded down."""
        if self.levels is not None:
            return self.levels[kind]
        return self.energy[kind] * 3_600 // (NWH * 10**6 * self.period_s)

    def unsure_mw(self, ppm: int, place: int = 0) -> int:
        """How far a demand may be off; that of a sum by as much as all of its terms."""
        terms = 1 if place < MEASURED else 5
        nwh = terms * (self.blur_nwh + max(map(abs, self.energy)) // NWH * ppm // 10**6)
        shown = 0 if self.levels is None else terms * max(map(abs, self.levels)) * ppm // 10**6
        return nwh * 3_600 // (10**6 * self.period_s) + shown + 2


@dataclass
class Block:
    agreed: Agreement
    truth: Truth
    intervals: list[Demand] = field(default_factory=list)
    _rate: int | None = None
    _energy: Eight = NOTHING
    _blur: int = 0
    _short: bool = False
    _perhaps: bool = False
    _measured: bool = False
    _waits_until_s: int = 0
    _anew: str = ""
    _zeros: int = 0

    def keep(self, pieces: list[Piece]) -> list[Demand]:
        before: Piece | None = None
        for piece in pieces:
            if piece.opens:
                self._opened(before, piece)
            elif self.agreed.on_rate_change == "end" and self._measured and piece.demand_rate != self._rate:
                self._short = True
                self._close(piece.first_ns // NS, piece.from_ns)
                self._short, self._anew = True, "rate"
            elif self.agreed.on_rate_change == "end" and not self._measured and piece.demand_rate != self._rate:
                self._anew = self._anew or "rate"
            self._count(piece)
            if piece.last_ns == self._end_of(piece.first_ns) * NS:
                self._close(piece.last_ns // NS, piece.to_ns)
            before = piece
        return self.intervals

    def _end_of(self, meter_ns: int) -> int:
        return end_of_period(self.agreed, self.agreed.interval_s, meter_ns)

    def _opened(self, before: Piece | None, piece: Piece) -> None:
        began = piece.stretch.began
        if before is None:
            on_the_grid = piece.first_ns // NS == self._end_of(piece.first_ns) - self.agreed.interval_s
            self._perhaps, self._short = on_the_grid, not on_the_grid
        elif began is Cause.POWER:
            self._blur += self.truth.blur(before.to_ns, LIFE_BLUR_NS) + self.truth.blur(piece.from_ns, LIFE_BLUR_NS)
            self._outage(before, piece)
        elif began is Cause.SET:
            self._short = True
            self._close(before.last_ns // NS, piece.from_ns, 1 + before.to_unsure_ns // NS)
            another = self.agreed.on_rate_change == "end" and piece.demand_rate != self._rate
            self._short, self._waits_until_s, self._anew = True, 0, "rate" if another else "set"
        elif self.agreed.on_rate_change == "end" and self._measured and piece.demand_rate != self._rate:
            self._short = True
            self._close(piece.first_ns // NS, piece.from_ns)
            self._short, self._anew = True, "rate"

    def _outage(self, before: Piece, piece: Piece) -> None:
        self._short = True
        rule = self.agreed.after_outage
        if rule == "resume" and self.agreed.on_rate_change == "end" and piece.demand_rate != self._rate:
            rule = "restart"
        end_s = self._end_of(before.last_ns)
        later = not piece.stretch.lost and piece.first_ns >= end_s * NS
        if later:
            self._close(end_s, piece.from_ns)
        elif rule != "resume":
            self._close(before.last_ns // NS, piece.from_ns, 1 + before.stretch.unsure_ns // NS)
        self._short = True
        if piece.stretch.lost:
            self._anew = "lost"
        elif rule != "resume":
            self._anew = "outage"
        elif later:
            self._zeros = (self._end_of(piece.first_ns) - end_s) // self.agreed.interval_s - 1
        self._waits_until_s = self._end_of(piece.first_ns) if rule == "synchronise" else 0

    def _count(self, piece: Piece) -> None:
        if piece.last_ns <= self._waits_until_s * NS:
            return
        if not self._measured:
            self._rate = piece.demand_rate
        self._measured = True
        self._energy = added(self._energy, piece.energy)
        self._blur += self.truth.blur(piece.from_ns, piece.from_unsure_ns)
        self._blur += self.truth.blur(piece.to_ns, piece.to_unsure_ns)

    def _close(self, end_s: int, closed_ns: int, unsure_s: int = 0) -> None:
        if self._measured:
            self.intervals.append(
                Demand(
                    end_s,
                    self._rate or 0,
                    self._energy,
                    self._short,
                    closed_ns,
                    self._blur,
                    self.agreed.demand_s,
                    unsure_s,
                    self._perhaps,
                    self._anew,
                    self._zeros,
                )
            )
            self._anew, self._zeros = "", 0
        self._energy, self._blur, self._short, self._measured, self._perhaps = NOTHING, 0, False, False, False
