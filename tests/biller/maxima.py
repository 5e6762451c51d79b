"""Maximum demand registers (docs/demand.md): the five highest with their times, cumulative and coincident demand.

Of equal demands the earlier is higher; a demand of zero or below is none; short ones count. What each rank holds can't
be off by more than any one demand may; which of the demands that are so close came first is not asked.
"""

from collections.abc import Iterator

from hal.probe import BillingClosed
from tests.biller.agreement import ENERGIES
from tests.biller.bill import Bill, BillingSet
from tests.biller.demand_block import Demand

RANKS = 5
ACCURACY_PPM = 60


def ranked(demands: list[Demand], place: int, rate: int) -> list[Demand]:
    """Those above zero, the highest first."""
    counted = [one for one in demands if rate in (0, one.rate) and one.milliwatts(place) > 0]
    return sorted(counted, key=lambda one: (-one.milliwatts(place), one.closed_ns))


def of_sets(told: list[BillingClosed], bill: Bill) -> Iterator[str]:
    """Held against each other, and against the demands of their periods."""
    sums: list[int] | None = None
    for one, want in zip(told, bill.sets, strict=False):
        if not one.ranked:
            continue
        texts = [*_agreed(one, bill), *_ranks(one, want), *_coincidents(one, want)]
        sums = [0] * len(one.kept) if sums is None else sums
        if list(one.cumulative) != sums:
            texts.append(f"cumulative demands {one.cumulative}, not {sums}")
        sums = [before + highest for before, highest in zip(sums, one.maxima, strict=True)]
        yield from (f"billing set {one.number}: {text}" for text in texts)


def _agreed(one: BillingClosed, bill: Bill) -> Iterator[str]:
    if bill.agreed.maxima is not None and list(one.kept) != bill.agreed.maxima:
        yield f"keeps {one.kept}, not {bill.agreed.maxima}"
    if list(one.beside) != bill.agreed.coincidents:
        yield f"has beside {one.beside}, not {bill.agreed.coincidents}"


def _ranks(one: BillingClosed, want: BillingSet) -> Iterator[str]:
    for (place, rate), found, highest in zip(one.kept, one.ranked, one.maxima, strict=True):
        due = ranked(want.demands, place, rate)
        what = f"{ENERGIES[place]} in rate {rate}"
        unsure = max((other.unsure_mw(ACCURACY_PPM, place) for other in due[: 2 * RANKS]), default=0)
        values = [value for value, _ in found if value]
        if (values[0] if values else 0) != highest:
            yield f"{what}: the highest of {found} is not {highest}"
        sure = [other for other in due if other.milliwatts(place) > other.unsure_mw(ACCURACY_PPM, place)]
        counted = [other for other in want.demands if rate in (0, other.rate)]
        perhaps = [other for other in counted if other.milliwatts(place) + other.unsure_mw(ACCURACY_PPM, place) > 2]
        if not min(len(sure), RANKS) <= len(values) <= min(len(perhaps), RANKS):
            yield f"{what}: {len(values)} ranks, not {min(len(sure), RANKS)} to {min(len(perhaps), RANKS)}"
        for rank, ((value, at_s), other) in enumerate(zip(found, due, strict=False), 1):
            if abs(value - other.milliwatts(place)) > unsure:
                yield f"{what}, rank {rank}: {value} mW, not {other.milliwatts(place)} within {unsure}"
            near = [each for each in due if abs(each.milliwatts(place) - value) <= 2 * unsure]
            if value and not any(abs(each.end_s - at_s) <= each.unsure_s for each in near):
                yield f"{what}, rank {rank}: at {at_s}, not at one of {[each.end_s for each in near][:9]}"


def _coincidents(one: BillingClosed, want: BillingSet) -> Iterator[str]:
    for (register, place), values in zip(one.beside, one.coincident, strict=True):
        for (highest, at_s), value in zip(one.ranked[register], values, strict=False):
            near = [each for each in want.demands if abs(each.end_s - at_s) <= each.unsure_s]
            if highest and not any(
                abs(each.milliwatts(place) - value) <= each.unsure_mw(ACCURACY_PPM, place) for each in near
            ):
                yield f"{ENERGIES[place]} beside {highest} mW at {at_s}: {value}, not that of {near}"
