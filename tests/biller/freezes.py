"""Daily freezes: of each local midnight that the meter's clock passes, the registers; of those that passed in an outage
or over a clock set, the last one that has none, with what the registers hold then."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from hal.probe import DayFrozen
from tests.biller.agreement import ENERGIES, MEASURED
from tests.biller.bill import Bill
from tests.biller.diary import NS, Cause
from tests.biller.truth import NWH

ACCURACY_PPM = 60
TELLING_NS = 60 * NS


@dataclass
class Freeze:
    midnight_s: int
    late: bool
    at_ns: int
    unsure_ns: int


def freezes(bill: Bill) -> list[Freeze]:
    found: list[Freeze] = []
    made: set[int] = set()
    before_s: int | None = None
    for stretch in bill.stretches:
        first_s, last_s = stretch.first_ns // NS, -(-stretch.last_ns // NS) - 1
        if before_s is not None and stretch.began is Cause.SLEW:
            # The clock went on; where a step of a slew passes a midnight, that is all the same.
            first_s = before_s
        elif before_s is not None:
            missed = [at_s for at_s in bill.agreed.midnights(before_s, first_s) if at_s not in made][-1:]
            made |= set(missed)
            found += [Freeze(at_s, True, stretch.begin_ns, stretch.began_edge_ns) for at_s in missed]
        for at_s in bill.agreed.midnights(first_s, last_s):
            if at_s not in made:
                found.append(Freeze(at_s, False, stretch.true_ns(at_s * NS), stretch.unsure_ns))
            made.add(at_s)
        before_s = last_s
    return found


def differences(told: list[DayFrozen], bill: Bill) -> Iterator[str]:
    due = freezes(bill)
    sure = [one for one in due if one.at_ns <= bill.agreed.end_ns - TELLING_NS]
    due = due[: max(len(told), len(sure))]
    levels = bill.registers.levels([one.at_ns for one in due])
    for one, want, level in zip_longest(told, due, levels):
        if one is None or want is None or (one.utc_s, one.late) != (want.midnight_s, want.late):
            yield f"daily freeze {one}, due is {want}"
            return
        blur = level.total_blur_nwh + bill.truth.blur(want.at_ns, want.unsure_ns)
        for kind, (nwh, flowed) in enumerate(zip((*one.totals, *one.sums), level.totals, strict=True)):
            share = abs(flowed) if kind < MEASURED else sum(level.totals[:MEASURED])
            allowed = share // NWH * ACCURACY_PPM // 10**6 + blur * (1 if kind < MEASURED else 5) + 2
            if abs(nwh - flowed // NWH) > allowed:
                yield f"daily freeze of {one.utc_s}: {ENERGIES[kind]}: {nwh} nWh, {flowed // NWH} flowed ({allowed})"
