"""Registers under another transformer ratio: the primary register goes on where it stood, and nothing is made up."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.civil_clock import ClockStatus
from firmware.demand.config import DemandConfig
from firmware.profile.config import Missed
from firmware.profile.interval import Layout
from firmware.profile.recorder import ProfileRules, Recorder
from firmware.profile.status import IntervalStatus
from firmware.tariff.accounts import rescaled
from firmware.tariff.billing import BillingSet, BillingSource
from firmware.tariff.calendar import Calendar, DayProfile, Season, Switch, Week
from firmware.tariff.tariff import RateChange, Tariff, TariffRules

ZONE = Zone(3_600)
BEGIN = ZONE.utc(2026, 3, 2, 10)
ratios = st.builds(Fraction, st.integers(1, 100_000), st.integers(1, 1_000))
registers = st.lists(st.lists(st.integers(0, 10**18), min_size=8, max_size=8), min_size=1, max_size=8)


def calendar(*rates: int) -> Calendar:
    """So many minutes past midnight after each other, these rates."""
    day = DayProfile("day", tuple(Switch(n, rate) for n, rate in enumerate(rates)))
    return Calendar(2, (day,), (Week("week", *["day"] * 7),), (Season("all", 1, 1, "week"),))


def rules(ratio: Fraction, rate: int = 1) -> TariffRules:
    return TariffRules(calendar(rate), ZONE, DemandConfig(900), ratio=ratio)


@given(registers, ratios, ratios)
def test_the_primary_register_goes_on_without_a_jump(rates: list[list[int]], old: Fraction, new: Fraction) -> None:
    totals, scaled = rescaled(rates, old / new)
    for kind in range(8):
        before = sum(rate[kind] for rate in rates)
        assert totals[kind] == sum(rate[kind] for rate in scaled)
        # Never more than it was, and less by under a nWh of secondary energy a rate.
        assert 0 <= before * old - totals[kind] * new < len(rates) * new
    for rate, now in zip(rates, scaled, strict=True):
        assert all(now[kind] * new <= rate[kind] * old < (now[kind] + 1) * new for kind in range(8))


@given(registers, ratios, ratios)
def test_there_and_back_nothing_is_gained(rates: list[list[int]], old: Fraction, new: Fraction) -> None:
    _, there = rescaled(rates, old / new)
    _, back = rescaled(there, new / old)
    bound = new / old + 1
    for rate, now in zip(rates, back, strict=True):
        assert all(0 <= before - after < bound for before, after in zip(rate, now, strict=True))


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=5), ratios, ratios, st.integers(1, 4_000))
def test_another_ratio_ends_the_billing_period_once(
    energies: list[int], old: Fraction, new: Fraction, after_s: int
) -> None:
    tariff = Tariff(rules(old), BEGIN)
    now = BEGIN
    for energy in energies:
        tariff.count((energy, 0, 0, 0, 0, 0, energy, 0))
    while (following := tariff.next_boundary(now)) <= BEGIN + after_s:
        now = following
        tariff.boundary(now)
    now = BEGIN + after_s
    before = tariff.state(now)
    outcomes = tariff.programmed(rules(new), now)
    sets = [outcome for outcome in outcomes if isinstance(outcome, BillingSet)]
    assert [one.source for one in sets] == [BillingSource.PROGRAMMING] * (old != new)
    for one in sets:
        assert (one.totals, one.rates, one.ratio) == (before.totals, before.rates, old)
        best = max((sum(energies) * 3_600 // (10**6 * 900), 0))
        assert one.demand.maxima[0].highest_mw == best
    factor = tariff.rescale()
    assert factor == old / new
    assert tariff.ratio == new
    after = tariff.state(now)
    assert after.totals[0] == before.totals[0] * factor.numerator // factor.denominator
    assert after.demand.running.energies == (0,)
    assert not after.demand.registers.maxima[0].ranks or old == new


def test_a_new_calendar_acts_at_once_and_a_frozen_tariff_keeps_its_rate() -> None:
    for frozen in (False, True):
        tariff = Tariff(rules(Fraction(1)), BEGIN)
        tariff.frozen = frozen
        outcomes = tariff.programmed(rules(Fraction(1), rate=2), BEGIN + 100)
        changes = [outcome for outcome in outcomes if isinstance(outcome, RateChange)]
        assert changes == ([] if frozen else [RateChange(2, 2, BEGIN + 100)])
        assert tariff.rate == (1 if frozen else 2)
        tariff.count((7,) * 8)
        assert tariff.rates[0 if frozen else 1][0] == 7
        assert tariff.release(BEGIN + 200) == ([RateChange(2, 2, BEGIN + 200)] if frozen else [])


def test_a_billing_date_at_the_second_of_a_programming_is_not_passed_over() -> None:
    midnight = ZONE.utc(2026, 4, 1)
    tariff = Tariff(rules(Fraction(1)), midnight - 900)
    made = tariff.programmed(rules(Fraction(1), rate=2), midnight) + tariff.boundary(midnight)
    assert [one.scheduled_s for one in made if isinstance(one, BillingSet)] == [midnight]


@given(
    st.lists(st.integers(0, 10**11), min_size=1, max_size=6),
    st.integers(0, 6),
    ratios,
    ratios,
    st.integers(1, 10**10),
)
def test_intervals_and_carry_are_the_registers_advance_across_a_ratio(
    flows: list[int], place: int, old: Fraction, new: Fraction, unit: int
) -> None:
    layout = Layout(900, (0,), unit)
    totals = [10**15] + [0] * 7
    recorder = Recorder(ProfileRules(layout, ZONE, Missed.GAP), BEGIN, totals, ClockStatus.VALID)
    told, now, expected = 0, BEGIN, Fraction(0)
    for number, flow in enumerate(flows):
        totals[0] += flow
        expected += flow
        now = recorder.next_end(now)
        runs = recorder.boundary(now, totals, room=True)
        if number == place:
            totals[0] += flow
            expected += flow
            runs += recorder.programmed(now + 60, totals, room=True)
            assert IntervalStatus.PARAMETER_CHANGED in runs[-1].first.status
            rest = recorder.state(now, totals, ()).unreported[0]
            reported = sum(run.first.values[0] * unit for run in runs) + told
            assert reported + rest == expected
            before = list(totals)
            factor = old / new
            totals[0] = totals[0] * factor.numerator // factor.denominator
            recorder.rescaled(before, totals, factor)
            # What is closed stays; what is not is expressed anew, and cut off.
            scaled = recorder.state(now, totals, ()).unreported[0]
            assert 0 <= rest * factor - scaled < 1
            expected = Fraction(reported + scaled)
        told += sum(run.first.values[0] * unit for run in runs)
    assert told + recorder.state(now, totals, ()).unreported[0] == expected


def test_a_state_keeps_the_ratio_and_the_programme() -> None:
    tariff = Tariff(rules(Fraction(4_000, 3)), BEGIN)
    state = tariff.state(BEGIN)
    other, _ = Tariff.resume(rules(Fraction(7)), replace(state, totals=(3,) * 11), BEGIN + 5)
    assert other.ratio == Fraction(4_000, 3)
    assert other.end_billing(BillingSource.OPTICAL, BEGIN + 5).ratio == Fraction(4_000, 3)
