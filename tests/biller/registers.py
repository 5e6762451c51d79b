"""Energy registers: what has flowed while the meter was up, in all and in each rate."""

from dataclasses import dataclass, field

from tests.biller.diary import Cause
from tests.biller.intervals import LIFE_BLUR_NS, added
from tests.biller.pieces import Piece
from tests.biller.truth import NOTHING, Truth

Eight = tuple[int, ...]


@dataclass
class Level:
    """Where registers stand: in all, by rate (exact, 1e-24 J), and how far what lies at edges may have gone astray."""

    totals: Eight = NOTHING
    rates: dict[int, Eight] = field(default_factory=dict)
    total_blur_nwh: int = 0
    rate_blur_nwh: int = 0


@dataclass
class Registers:
    truth: Truth
    pieces: list[Piece]

    def levels(self, instants_ns: list[int]) -> list[Level]:
        """At true instants in rising order."""
        totals, rates, blur, rate_blur = NOTHING, {}, 0, 0
        found: list[Level] = []
        waiting = list(instants_ns)
        before: Piece | None = None
        for piece in self.pieces:
            while waiting and waiting[0] < piece.to_ns:
                part = self.truth.between(piece.from_ns, max(waiting[0], piece.from_ns))
                now = {**rates, piece.rate: added(rates.get(piece.rate, NOTHING), part)}
                edge = self.truth.blur(waiting[0], LIFE_BLUR_NS)
                found.append(Level(added(totals, part), now, blur + edge, blur + rate_blur + edge))
                waiting.pop(0)
            totals = added(totals, piece.energy)
            rates = {**rates, piece.rate: added(rates.get(piece.rate, NOTHING), piece.energy)}
            if piece.opens and piece.stretch.began is not Cause.SLEW:
                blur += self.truth.blur(piece.from_ns, LIFE_BLUR_NS)
            if piece.closes and piece.stretch.ended is not Cause.SLEW:
                blur += self.truth.blur(piece.to_ns, LIFE_BLUR_NS)
            if before is not None and before.rate != piece.rate:
                rate_blur += self.truth.blur(piece.from_ns, LIFE_BLUR_NS + piece.from_unsure_ns)
            before = piece
        for instant_ns in waiting:
            edge = self.truth.blur(instant_ns, LIFE_BLUR_NS)
            found.append(Level(totals, rates, blur + edge, blur + rate_blur + edge))
        return found
