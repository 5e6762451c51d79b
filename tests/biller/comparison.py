"""Holds what a meter told against its bill: every disagreement is a line of text.

Integers (stamps, counts, rates, sources, flags, lengths) must be equal, but for seconds that an outage or a session
splits; energies and demands must agree within the metering error, and what lies at the edges of time.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import zip_longest

from hal.probe import BillingClosed, IntervalClosed, ProfileRecorded
from tests.biller import freezes, maxima
from tests.biller.agreement import ENERGIES, MEASURED
from tests.biller.bill import Bill, BillingSet
from tests.biller.demand_block import Demand
from tests.biller.diary import NS
from tests.biller.intervals import LIFE_BLUR_NS, Interval
from tests.biller.registers import Level
from tests.biller.truth import NOTHING, NWH
from tests.biller.witness import Witness

ACCURACY_PPM = 60
"""Of an ideal front end: 10 ppm of its own, 25 ppm of the quartz; the energy oracle allows as much."""

TELLING_NS = 60 * NS
"""What ends so shortly before a run's end may not be told any more."""
SAVING_NS = 960 * NS
"""A demand that no save waits for is told with the next one, a quarter of an hour later at most."""

_CODES = {0: "1.8", 1: "2.8", 2: "5.8", 3: "6.8", 4: "7.8", 5: "8.8", 6: "9.8", 7: "10.8"}
"""Reduced OBIS codes of the eight energies (docs/scenarios.md)."""


def disagreements(told: Witness, due: Bill | None = None) -> list[str]:
    """Where a meter and its bill are at odds; nothing if they agree."""
    bill = told.bill() if due is None else due
    return [
        *_profile(told, bill),
        *_demands(told, bill),
        *_sets(told, bill),
        *_saves(told, bill),
        *_port(told, bill),
        *maxima.of_sets(told.sets, bill),
        *freezes.differences(told.freezes, bill),
    ]


def _told_of(found: Sequence[Interval | Demand], told: int, by_ns: int) -> list[Interval | Demand]:
    """Those that must have been told, as they had ended by then, and those that have."""
    due = [one for one in found if one.closed_ns <= by_ns]
    return list(found[: max(told, len(due))])


def _profile(told: Witness, bill: Bill) -> Iterator[str]:
    due = _told_of(bill.profile, len(told.intervals), bill.agreed.end_ns - TELLING_NS)
    channels, unit = bill.agreed.channels, bill.agreed.unit_nwh
    sums = [0] * len(channels)
    edges = sorted(edge for life in bill.truth.lives for edge in life if edge >= 0)
    lives = 0
    for number, (one, want) in enumerate(zip_longest(told.intervals, due), 1):
        if one is None or want is None:
            yield f"interval {number}: {_shown(one)}, due is {_shown(want)}"
            return
        assert isinstance(want, Interval)
        if one.number != number:
            yield f"interval {number} is told as {one.number}"
        yield from (f"interval {number}: {text}; {_shown(one)}, due is {_shown(want)}" for text in _interval(one, want))
        while edges and edges[0] <= want.closed_ns:
            lives += bill.truth.blur(edges.pop(0), LIFE_BLUR_NS)
        for place, kind in enumerate(channels):
            sums[place] += one.values[place] * unit
            flowed = want.energy[kind] // NWH
            allowed = flowed * ACCURACY_PPM // 10**6 + want.blur_nwh + unit + 1
            if abs(one.values[place] * unit - flowed) > allowed:
                yield (
                    f"interval {number}, {ENERGIES[kind]}: {one.values[place]} units, {flowed} nWh flowed "
                    f"(allowed {allowed}); {_shown(want)}"
                )
            until = want.until[kind] // NWH
            edge = want.blur_nwh + lives
            allowed = until * ACCURACY_PPM // 10**6 + edge + 1
            if not until - unit - allowed <= sums[place] <= until + allowed:
                yield f"intervals up to {number}, {ENERGIES[kind]}: {sums[place]} nWh, {until} flowed ({allowed})"


def _interval(one: ProfileRecorded, want: Interval) -> Iterator[str]:
    if abs(one.utc_s - want.end_s) > want.unsure_s:
        yield "another stamp"
    if one.offset_s != want.offset_s:
        yield "another offset"
    if one.missed != want.missed:
        yield f"{one.missed} missed before it, not {want.missed}"
    if abs(one.length_s - want.length_s) > want.length_unsure_s:
        yield f"covers {one.length_s} s, not {want.length_s}"
    if one.clock != want.clock and not want.clock_unsure:
        yield f"clock {one.clock}, not {want.clock}"
    flags = set(one.status)
    if want.flags - flags or flags - want.flags - want.may:
        yield f"lacks {sorted(want.flags - flags)}, must not have {sorted(flags - want.flags - want.may)}"


def _demands(told: Witness, bill: Bill) -> Iterator[str]:
    due = _told_of(bill.demands, len(told.demands), bill.agreed.end_ns - SAVING_NS)
    for number, (one, want) in enumerate(zip_longest(told.demands, due), 1):
        if one is None or want is None:
            yield f"demand interval {number}: {one}, due is {want}"
            return
        assert isinstance(want, Demand)
        yield from (f"demand interval {number}: {text}; {one}, due is {want}" for text in _demand(one, want))


def _demand(one: IntervalClosed, want: Demand) -> Iterator[str]:
    if abs(one.utc_s - want.end_s) > want.unsure_s:
        yield "another stamp"
    if one.short != want.short and not want.perhaps_short:
        yield "short" if one.short else "not short"
    if abs(one.demand_mw - want.milliwatts(0)) > want.unsure_mw(ACCURACY_PPM):
        yield f"{one.demand_mw} mW, not {want.milliwatts(0)} within {want.unsure_mw(ACCURACY_PPM)}"


def _sets(told: Witness, bill: Bill) -> Iterator[str]:
    due = bill.sets
    if len(told.sets) < len(due) and due[-1].end.at_ns > bill.agreed.end_ns - TELLING_NS:
        due = due[:-1]
    levels = bill.registers.levels([one.end.at_ns for one in due])
    for number, (one, want, level) in enumerate(zip_longest(told.sets, due, levels), 1):
        if one is None or want is None:
            yield f"billing set {number}: {one}, due is {None if want is None else want.end}"
            return
        yield from (f"billing set {number}: {text}" for text in _set(one, want, level, bill))


def _set(one: BillingClosed, want: BillingSet, level: Level, bill: Bill) -> Iterator[str]:
    end = want.end
    if one.source != end.source:
        yield f"from {one.source}, not {end.source}"
    if abs(one.utc_s - end.stamp_s) > end.unsure_s:
        yield f"stamped {one.utc_s}, not {end.stamp_s}"
    if one.scheduled_s != end.scheduled_s:
        yield f"for {one.scheduled_s}, not {end.scheduled_s}"
    blur = bill.truth.blur(end.at_ns, end.unsure_ns)
    yield from _levels((*one.totals, *one.sums), level.totals, level.total_blur_nwh + blur, "in all")
    for place, registers in enumerate(one.rates, 1):
        due, where = level.rates.get(place, NOTHING), f"in rate {place}"
        told = _placed(registers, one.registered)
        yield from _levels(told, due, level.rate_blur_nwh + blur, where, one.registered)


def highest_between(demands: list[Demand]) -> tuple[int, int]:
    """The lowest and the highest that a maximum demand may be; nothing below zero is one."""
    values = [(one.milliwatts(0), one.unsure_mw(ACCURACY_PPM)) for one in demands]
    low = max((value - unsure for value, unsure in values), default=0)
    return max(low, 0), max((value + unsure for value, unsure in values if value), default=0)


def _placed(registers: Sequence[int], places: Sequence[int]) -> list[int]:
    """Registers of some energies, each in its place among all."""
    found = [0] * len(NOTHING)
    for place, value in zip(places, registers, strict=True):
        found[place] = value
    return found


def _levels(
    told: Sequence[int], due: Sequence[int], blur_nwh: int, what: str, places: Sequence[int] = range(len(NOTHING))
) -> Iterator[str]:
    for kind, (one, want) in enumerate(zip(told, due, strict=True)):
        if kind not in places:
            continue
        nwh = want // NWH
        allowed = flowed(due, kind) * ACCURACY_PPM // 10**6 + terms(kind) * blur_nwh + 2
        if abs(one - nwh) > allowed:
            yield f"{ENERGIES[kind]} {what}: {one} nWh, {nwh} flowed (allowed {allowed})"


def flowed(due: Sequence[int], kind: int) -> int:
    """What an error is a share of, in nWh: of a sum that the customer defines, all of its terms together."""
    return abs(due[kind]) // NWH if kind < MEASURED else sum(due[:MEASURED]) // NWH


def terms(kind: int) -> int:
    """How many energies may each be off at the edges of time."""
    return 1 if kind < MEASURED else 5


def _saves(told: Witness, bill: Bill) -> Iterator[str]:
    reported = [0] * len(bill.agreed.channels)
    sums = [tuple(reported)]
    for one in told.intervals:
        reported = [a + b * bill.agreed.unit_nwh for a, b in zip(reported, one.values, strict=True)]
        sums.append(tuple(reported))
    saves = sorted(told.saves, key=lambda one: one[0])
    levels = bill.registers.levels([at_ns for at_ns, _ in saves])
    for (_, save), level in zip(saves, levels, strict=True):
        what = f"save {save.sequence}"
        yield from (
            f"{what}: {text}"
            for text in _levels((*save.totals, *save.sums), level.totals, level.total_blur_nwh, "in all")
        )
        for place, registers in enumerate(save.rates, 1):
            level_of = level.rates.get(place, NOTHING)
            where = f"in rate {place}"
            texts = _levels(_placed(registers, save.registered), level_of, level.rate_blur_nwh, where, save.registered)
            yield from (f"{what}: {text}" for text in texts)
        all_of = [(*save.totals, *save.sums)[kind] for kind in save.registered]
        if list(map(sum, zip(*save.rates, strict=True))) != all_of:
            yield f"{what}: rates do not sum to the total"
        if save.intervals < len(sums):
            for kind, rest, told_nwh in zip(bill.agreed.channels, save.unreported, sums[save.intervals], strict=True):
                if save.totals[kind] != told_nwh + rest:
                    yield f"{what}: {ENERGIES[kind]}: {save.totals[kind]} nWh, profile {told_nwh}, carry {rest}"


def _port(told: Witness, bill: Bill) -> Iterator[str]:
    """Readouts: registers of the running period, and those of all sets that the port shows."""
    reads = sorted(
        (one for one in told.sessions if one.table["kind"] == "readout" and one.problem is None),
        key=lambda one: one.to_ns,
    )
    for read in reads:
        shown = told.registers(read.table["id"])
        past = [one for one in bill.sets if one.end.at_ns < read.from_ns]
        count = int(shown["0.1.0"][0])
        if count != len(past) % 100:
            yield f"reading {read.table['id']}: {count} ends of billing, not {len(past)}"
        demands = [one for one in bill.demands if one.closed_ns < read.from_ns]
        demands = [one for one in demands if not past or one.closed_ns > past[-1].end.at_ns]
        instants = [*(one.end.at_ns for one in past), read.to_ns]
        levels = bill.registers.levels(instants)
        periods = [(number % 100, one, one.demands) for number, one in enumerate(past, 1)]
        for (number, one, found), level in zip([*periods, (0, None, demands)], levels, strict=True):
            suffix = f"*{number:02}" if number else ""
            if f"1.8.0{suffix}" not in shown:
                continue
            unsure_ns = read.unsure_ns if one is None else one.end.unsure_ns
            blur = bill.truth.blur(read.to_ns if one is None else one.end.at_ns, unsure_ns)
            texts = [*_shown_levels(shown, suffix, level, blur), *_shown_maxima(shown, suffix, found, bill)]
            if one is not None:
                texts += _shown_stamp(shown, suffix, one, bill)
            yield from (f"reading {read.table['id']}: {text}" for text in texts)


def _shown_levels(shown: dict[str, tuple[str, ...]], suffix: str, level: Level, blur: int) -> Iterator[str]:
    for kind, code in _CODES.items():
        for rate in range(9):
            address = f"{code}.{rate}{suffix}"
            if address not in shown:
                continue
            due = (level.totals if rate == 0 else level.rates.get(rate, NOTHING))[kind] // NWH
            allowed = due * ACCURACY_PPM // 10**6 + level.rate_blur_nwh + blur + 2
            value = _thousandths(shown[address][0])
            # A watt-hour is what the last digit is worth, and views truncate.
            if not due - allowed - 10**9 < value * 10**9 <= due + allowed:
                yield f"{address} is {shown[address][0]}, {due} nWh flowed (allowed {allowed})"


def _shown_maxima(shown: dict[str, tuple[str, ...]], suffix: str, demands: list[Demand], bill: Bill) -> Iterator[str]:
    for rate in range(9):
        address = f"1.6.{rate}{suffix}"
        if address not in shown:
            continue
        counted = [one for one in demands if rate in (0, one.rate)]
        low, high = highest_between(counted)
        text, stamp = shown[address]
        value = _thousandths(text) * 1_000
        if not low - 1_000 < value <= high:
            yield f"{address} is {text}, not within {low} to {high} mW"
        times = {time for one in candidates(counted) for time in _times(one, bill)}
        if (stamp or times) and high and low and stamp not in times:
            yield f"{address} was at {stamp!r}, not at one of {sorted(times)}"


def candidates(demands: list[Demand]) -> list[Demand]:
    """Those that may be the highest: of equal demands the earlier is."""
    low, _ = highest_between(demands)
    return [one for one in demands if one.milliwatts(0) + one.unsure_mw(ACCURACY_PPM) >= max(low, 1)]


def _times(one: Demand, bill: Bill) -> set[str]:
    """The stamp as the port shows it, YYMMDDhhmm, with the local offset of the interval's last second."""
    return {_local_end(end_s, bill) for end_s in range(one.end_s - one.unsure_s, one.end_s + one.unsure_s + 1)}


def _local_end(end_s: int, bill: Bill) -> str:
    return f"{bill.agreed.place.wall(end_s - 1) + timedelta(seconds=1):%y%m%d%H%M}"


def _local(end_s: int, bill: Bill) -> str:
    return f"{bill.agreed.place.wall(end_s):%y%m%d%H%M}"


def _shown_stamp(shown: dict[str, tuple[str, ...]], suffix: str, one: BillingSet, bill: Bill) -> Iterator[str]:
    end = one.end
    # An end in the second in which the clocks change may be told by either time.
    seconds = range(end.stamp_s - end.unsure_s, end.stamp_s + end.unsure_s + 1)
    due = {_local(at_s, bill) for at_s in seconds} | {_local_end(at_s, bill) for at_s in seconds}
    (stamp,) = shown[f"0.1.2{suffix}"]
    if stamp not in due:
        yield f"0.1.2{suffix} is {stamp}, not {sorted(due)}"


def _thousandths(text: str) -> int:
    """`000012.601*kWh` as 12601."""
    number, _, _ = text.partition("*")
    whole, _, part = number.lstrip("-").partition(".")
    return int(whole + part.ljust(3, "0")[:3])


def _shown(one: ProfileRecorded | Interval | Demand | None) -> str:
    if isinstance(one, ProfileRecorded):
        return f"{one.utc_s} {one.clock} {one.length_s} s {'+'.join(sorted(one.status))}"
    if isinstance(one, Interval):
        return f"{one.end_s} {one.clock} {one.length_s} s {'+'.join(sorted(one.flags))}"
    return str(one)
