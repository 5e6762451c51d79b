"""Stretches cut at everything that matters by the meter's own time: ends of demand and profile periods, switches of
rates, billing dates. Within a piece nothing changes."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

from tests.biller.agreement import Agreement
from tests.biller.diary import NS, Stretch
from tests.biller.truth import Truth

Eight = tuple[int, ...]


@dataclass
class Piece:
    """True ns from and to, the meter's time of both (UTC in ns), the rates, and what flowed (1e-24 J, exact)."""

    stretch: Stretch
    from_ns: int
    to_ns: int
    first_ns: int
    last_ns: int
    rate: int
    demand_rate: int
    energy: Eight
    opens: bool
    """It is the first of its stretch."""
    closes: bool
    """It is the last."""

    @property
    def meter_ns(self) -> int:
        return self.last_ns - self.first_ns

    @property
    def from_unsure_ns(self) -> int:
        return self.stretch.began_edge_ns if self.opens else self.stretch.unsure_ns

    @property
    def to_unsure_ns(self) -> int:
        return self.stretch.edge_ns if self.closes else self.stretch.unsure_ns


def grid(agreed: Agreement, period_s: int, from_s: int, to_s: int) -> list[int]:
    """Ends of periods above an instant, up to another: aligned to the hour of local standard time."""
    standard_s = agreed.place.standard_s
    first = ((from_s + standard_s) // period_s + 1) * period_s - standard_s
    return list(range(first, to_s + 1, period_s))


def end_of_period(agreed: Agreement, period_s: int, meter_ns: int) -> int:
    """The end, UTC in s, of the period in which this nanosecond lies."""
    return grid(agreed, period_s, meter_ns // NS, meter_ns // NS + period_s)[0]


class Cuts:
    """All instants at which something may change, made once for the meter's whole time."""

    def __init__(self, agreed: Agreement, stretches: list[Stretch]) -> None:
        first_s = min(one.first_ns for one in stretches) // NS - 1
        last_s = max(one.last_ns for one in stretches) // NS + 1
        found = {
            *grid(agreed, agreed.interval_s, first_s, last_s),
            *grid(agreed, agreed.profile_s, first_s, last_s),
            *agreed.switches(first_s, last_s),
            *agreed.billing_dates(first_s, last_s),
        }
        self._at_ns = sorted(at_s * NS for at_s in found)

    def within(self, first_ns: int, last_ns: int) -> list[int]:
        """Above one, up to the other."""
        return self._at_ns[bisect_right(self._at_ns, first_ns) : bisect_left(self._at_ns, last_ns)]


def pieces(agreed: Agreement, truth: Truth, stretches: list[Stretch]) -> list[Piece]:
    cuts, found = Cuts(agreed, stretches), []
    frozen: tuple[int, int] | None = None
    rates = (0, 0)
    for stretch in stretches:
        if stretch.frozen and frozen is None:
            frozen = rates
        elif not stretch.frozen:
            frozen = None
        edges = [stretch.first_ns, *cuts.within(stretch.first_ns, stretch.last_ns), stretch.last_ns]
        for first_ns, last_ns in pairwise(edges):
            rates = frozen or agreed.rates_at(first_ns // NS)
            from_ns, to_ns = stretch.true_ns(first_ns), stretch.true_ns(last_ns)
            found.append(
                Piece(
                    stretch,
                    from_ns,
                    to_ns,
                    first_ns,
                    last_ns,
                    *rates,
                    truth.between(from_ns, to_ns),
                    first_ns == edges[0],
                    last_ns == edges[-1],
                )
            )
    return found
