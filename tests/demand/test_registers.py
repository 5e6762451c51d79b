"""Maxima, coincident, cumulative and excess demand against lists that keep everything."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.demand.config import Coincident, DemandConfig, ExcessThreshold, MaximumDemand
from firmware.demand.interval import Interval
from firmware.demand.layout import build_registers, parse_registers, registers_bytes
from firmware.demand.maximum import RANKS
from firmware.demand.period import EndCause
from firmware.demand.registers import DemandRegisters
from firmware.demand.stamp import Stamp

QUANTITIES = (0, 3, 8)
CONFIG = DemandConfig(
    maxima=(MaximumDemand(0), MaximumDemand(0, 1), MaximumDemand(8, 2), MaximumDemand(3, 3)),
    coincidents=(Coincident(0, 8), Coincident(0, 3), Coincident(2, 0)),
    excesses=(ExcessThreshold(0, 3), ExcessThreshold(8, 1)),
)
demands_mw = st.one_of(st.integers(-3, 6), st.integers(-(2**46), 2**46))
stamps = st.builds(
    Stamp,
    st.integers(1_000, 2**32 - 1),
    st.sampled_from((0, 3_600, 7_200, -12_600, -43_200, 57_600)),
    st.sampled_from(ClockStatus),
)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    stamp = draw(stamps)
    return Interval(
        start_s=stamp.utc_s - draw(st.sampled_from((900, 900, 300, 1, 0))),
        stamp=stamp,
        length_s=900,
        rate=draw(st.integers(1, 3)),
        quantities=QUANTITIES,
        energies=draw(st.sampled_from(((1, 2, 3), (0, 0, 0)))),
        demands_mw=tuple(draw(st.tuples(demands_mw, demands_mw, demands_mw))),
        cause=EndCause.PERIOD,
        short=draw(st.booleans()),
        idle=draw(st.sampled_from((False, False, False, True))),
    )


def counts(interval: Interval) -> bool:
    nothing = interval.start_s == interval.stamp.utc_s and interval.energies == (0, 0, 0)
    return not interval.idle and not nothing


def of(interval: Interval, quantity: int) -> int:
    return interval.demands_mw[QUANTITIES.index(quantity)]


def highest(told: list[Interval], quantity: int, rate: int) -> list[Interval]:
    """The first five of those in a rate, sorted by demand; sorting keeps the earlier of equal ones first."""
    own = [interval for interval in told if rate in (0, interval.rate) and of(interval, quantity) > 0]
    return sorted(own, key=lambda interval: -of(interval, quantity))[:RANKS]


def check(registers: DemandRegisters, told: list[Interval], before: list[list[Interval]]) -> None:
    """Against the intervals of this billing period, and of each before."""
    for register in registers.maxima:
        kept = register.kept
        best = highest(told, kept.quantity, kept.rate)
        assert [(rank.demand_mw, rank.stamp) for rank in register.ranks] == [
            (of(interval, kept.quantity), interval.stamp) for interval in best
        ]
        tops = [highest(period, kept.quantity, kept.rate)[:1] for period in before]
        assert register.cumulative_mw == sum(of(top, kept.quantity) for tops_of in tops for top in tops_of)
        now = of(best[0], kept.quantity) if best else 0
        assert register.continuous_cumulative_mw == register.cumulative_mw + now
    for coincident in registers.coincidents:
        maximum = CONFIG.maxima[coincident.kept.maximum]
        best = highest(told, maximum.quantity, maximum.rate)
        assert coincident.demands_mw == tuple(of(interval, coincident.kept.quantity) for interval in best)
    for excess in registers.excesses:
        above = [of(interval, excess.kept.quantity) > excess.kept.threshold_mw for interval in told]
        over = [interval for interval, is_above in zip(told, above, strict=True) if is_above]
        rows = "".join("x" if is_above else " " for is_above in above).split()
        # A row of intervals that lasted no time is not told from the next.
        if all(interval.start_s < interval.stamp.utc_s for interval in over):
            assert excess.count == len(rows)
        assert excess.duration_s == sum(interval.stamp.utc_s - interval.start_s for interval in over)
        assert excess.last == (over[-1].stamp if over else None)


@settings(max_examples=50)
@given(st.lists(st.lists(intervals(), max_size=14), min_size=1, max_size=4))
def test_registers_are_those_of_the_lists(periods: list[list[Interval]]) -> None:
    """Five highest with their stamps, the earlier of equal ones first; coincident demands at each; cumulative demand
    over ends of billing; excesses: each through bytes and back, after each interval."""
    registers = DemandRegisters.cleared(CONFIG)
    before: list[list[Interval]] = []
    for period in periods:
        told: list[Interval] = []
        for interval in period:
            registers = registers.with_interval(interval)
            told += [interval] if counts(interval) else []
            check(registers, told, before)
            data = build_registers(registers)
            assert len(data) == registers_bytes(CONFIG)
            assert parse_registers(data + b"more") == (registers, len(data))
        before.append(told)
        registers = registers.billed()
    check(registers, [], before)


@settings(max_examples=50)
@given(st.lists(intervals(), max_size=14))
def test_an_interval_that_changes_nothing_leaves_the_object(told: list[Interval]) -> None:
    registers = DemandRegisters.cleared(CONFIG)
    for interval in told:
        after = registers.with_interval(interval)
        assert (after is registers) == (after == registers)
        registers = after


@settings(max_examples=50)
@given(st.lists(intervals(), max_size=14))
def test_other_registers_keep_what_both_have(told: list[Interval]) -> None:
    registers = DemandRegisters.cleared(CONFIG)
    for interval in told:
        registers = registers.with_interval(interval)
    other = replace(
        CONFIG,
        maxima=(MaximumDemand(8, 2), MaximumDemand(1), MaximumDemand(0)),
        coincidents=(Coincident(2, 8), Coincident(0, 3), Coincident(1, 0), Coincident(0, 0)),
        excesses=(ExcessThreshold(8, 1), ExcessThreshold(8, 2)),
    )
    fitted = registers.fitted(other)
    assert registers.fitted(CONFIG) is registers
    assert fitted.maxima[0] == registers.maxima[2]
    assert fitted.maxima[2] == registers.maxima[0]
    assert (fitted.maxima[1].ranks, fitted.maxima[1].cumulative_mw) == ((), 0)
    assert fitted.coincidents[0].demands_mw == registers.coincidents[0].demands_mw
    assert fitted.coincidents[1].demands_mw == (0,) * len(registers.maxima[2].ranks)
    assert fitted.coincidents[2].demands_mw == ()
    assert fitted.coincidents[3].demands_mw == registers.coincidents[2].demands_mw
    assert fitted.excesses == (registers.excesses[1], DemandRegisters.cleared(other).excesses[1])


def test_an_excess_that_outlives_its_billing_period_counts_in_both() -> None:
    registers = DemandRegisters.cleared(CONFIG)
    begin_s, told = 9_000, []
    for demand_mw in (4, 4, 3):
        stamp = Stamp(begin_s + 900, 0, ClockStatus.VALID)
        demands = (demand_mw, 0, 0)
        told.append(
            Interval(begin_s, stamp, 900, 1, QUANTITIES, (1, 1, 1), demands, EndCause.PERIOD, short=False, idle=False)
        )
        begin_s += 900
    registers = registers.with_interval(told[0])
    assert (registers.excesses[0].count, registers.excesses[0].duration_s) == (1, 900)
    registers = registers.billed().with_interval(told[1])
    excess = registers.excesses[0]
    assert (excess.count, excess.duration_s, excess.running_s) == (1, 900, 1_800)
    registers = registers.with_interval(told[2])
    assert registers.excesses[0] == replace(excess, running_s=0)


def test_an_interval_without_a_quantity_is_none_of_its_registers() -> None:
    stamp = Stamp(9_900, 0, ClockStatus.VALID)
    only = Interval(9_000, stamp, 900, 1, (0,), (10**9,), (4,), EndCause.PROGRAMMED, short=True, idle=False)
    registers = DemandRegisters.cleared(CONFIG).with_interval(only)
    assert [len(register.ranks) for register in registers.maxima] == [1, 1, 0, 0]
    assert [register.demands_mw for register in registers.coincidents] == [(0,), (0,), ()]
    assert [register.count for register in registers.excesses] == [1, 0]


def test_a_sixth_of_equal_demands_changes_nothing() -> None:
    registers = DemandRegisters.cleared(DemandConfig())
    for end_s in range(9_900, 9_900 + 5 * 900, 900):
        stamp = Stamp(end_s, 0, ClockStatus.VALID)
        interval = Interval(end_s - 900, stamp, 900, 1, (0,), (1,), (4,), EndCause.PERIOD, short=False)
        registers = registers.with_interval(interval)
    assert [rank.stamp.utc_s for rank in registers.maxima[0].ranks] == list(range(9_900, 9_900 + 5 * 900, 900))
    assert registers.with_interval(interval) is registers
