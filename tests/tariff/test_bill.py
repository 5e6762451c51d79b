"""The tariff against a bookkeeper, who writes down what flowed when, and works everything out from that at the end."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.dst import ChangeRule, DstRule
from firmware.demand.config import Coincident, DemandConfig, MaximumDemand
from firmware.registers.energy import CustomerSum
from firmware.tariff.billing import BillingConfig, BillingSet, BillingSource
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.calendar import Calendar, DayProfile, Season, Switch, Week
from firmware.tariff.config import TariffConfig
from firmware.tariff.daily import DailyFreeze
from firmware.tariff.layout import (
    billing_bytes,
    build_billing,
    build_daily,
    build_tariff,
    daily_bytes,
    parse_billing,
    parse_daily,
    parse_tariff,
    tariff_bytes,
)
from firmware.tariff.tariff import Tariff, TariffRules
from tests.tariff.reference import Clerk, calendars

DST = DstRule(ChangeRule(5, 6, 3, 120), ChangeRule(5, 6, 10, 180))
ZONES = (Zone(3_600), Zone(3_600, DST))
BEGINS = (1_772_310_600, 1_774_737_000, 1_792_870_200)
"""About the turn of February 2026, and the changes of the clock in March and October."""
PERIOD_S = 900

SUMS = ({0: 1, 1: -1}, {2: 1, 3: 1, 4: -1, 5: -1}, {6: 1, 7: 1})
BY_RATE = ((0, 1, 2, 3, 4, 5, 6, 7), (0, 8), (0, 2, 7, 8, 9, 10), ())
MAXIMA = ((0, 0), (0, 1), (0, 2), (8, 0), (6, 3), (9, 0))
BESIDE = ((0, 6), (3, 0))
SOURCES = (BillingSource.DATE, BillingSource.SEASON, BillingSource.OPTICAL)


def vector(energies: tuple[int, ...]) -> list[int]:
    return [*energies, *(sum(sign * energies[place] for place, sign in terms.items()) for terms in SUMS)]


@dataclass
class Book:
    """What flowed: from when to when, how much, in which rate. And what ended billing when."""

    rules: TariffRules
    clerk: Clerk
    flows: list[tuple[int, int, list[int], int]] = field(default_factory=list)
    billed: list[tuple[int, int]] = field(default_factory=list)
    """How many flows there were then, and when."""

    def flow(self, since_s: int, until_s: int, energies: tuple[int, ...]) -> None:
        rate = self.clerk.rate(self.rules.zone.local(since_s))
        self.flows.append((since_s, until_s, vector(energies), rate))

    def totals(self, count: int) -> tuple[int, ...]:
        return tuple(sum(flow[2][place] for flow in self.flows[:count]) for place in range(11))

    def rates(self, count: int) -> tuple[tuple[int, ...], ...]:
        return tuple(
            tuple(
                sum(flow[2][place] for flow in self.flows[:count] if flow[3] == rate)
                for place in self.rules.energy.registers
            )
            for rate in range(1, self.rules.calendar.rates + 1)
        )

    def intervals(self, since: int, until: int) -> Iterator[tuple[int, list[int], int]]:
        """End, demands and rate of each period that ended in the flows' second of one billing period."""
        begin_s = self.flows[0][0]
        ends = sorted({flow[0] // PERIOD_S * PERIOD_S + PERIOD_S for flow in self.flows})
        for end_s in ends:
            if not since < end_s <= until:
                continue
            inside = [flow[2] for flow in self.flows if end_s - PERIOD_S <= flow[0] < end_s]
            rate = self.clerk.rates(self.rules.zone.local(max(begin_s, end_s - PERIOD_S)))[1]
            demands = [sum(one[place] for one in inside) * 3_600 // (10**6 * PERIOD_S) for place in range(11)]
            yield end_s, demands, rate

    def highest(self, quantity: int, rate: int, since: int, until: int) -> list[tuple[int, int, list[int]]]:
        found = [
            (demands[quantity], end_s, demands)
            for end_s, demands, at in self.intervals(since, until)
            if demands[quantity] > 0 and rate in (0, at)
        ]
        return sorted(found, key=lambda one: (-one[0], one[1]))[:5]


def rules_of(calendar, zone: Zone, registers: tuple[int, ...], day: int) -> TariffRules:
    sums = tuple(CustomerSum(tuple((sign, place) for place, sign in terms.items())) for terms in SUMS)
    maxima = tuple(MaximumDemand(*one) for one in MAXIMA)
    demand = DemandConfig(PERIOD_S, maxima=maxima, coincidents=tuple(Coincident(*one) for one in BESIDE))
    billing = BillingConfig(BillingDates(day, 0), SOURCES)
    return TariffRules(calendar, zone, demand, billing, TariffConfig(registers, sums))


def restarted(tariff: Tariff, rules: TariffRules, now: int) -> Tariff:
    """The supply fails and is back within the second."""
    state = tariff.state(now)
    data = build_tariff(state)
    assert len(data) == tariff_bytes(rules.energy, rules.demand, rules.calendar.rates)
    assert parse_tariff(data) == (state, len(data))
    other, outcomes = Tariff.resume(rules, state, now)
    assert outcomes == []
    return other


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_all_that_is_billed_is_what_a_bookkeeper_makes_of_it(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    calendar = data.draw(calendars())
    now = data.draw(st.sampled_from(BEGINS))
    rules = rules_of(calendar, zone, data.draw(st.sampled_from(BY_RATE)), data.draw(st.sampled_from((1, 29, 31))))
    book, tariff = Book(rules, Clerk(calendar)), Tariff(rules, now)
    energy = st.one_of(st.just(0), st.integers(0, 10**10))
    steps = data.draw(st.lists(st.sampled_from(("on", "on", "on", "bill", "restart", "within")), max_size=30))
    made: list[tuple[BillingSet | DailyFreeze, int]] = []
    for step in steps:
        until = tariff.next_boundary(now)
        for _ in range(data.draw(st.integers(0, 12)) if step == "on" else 0):
            energies = tuple(data.draw(st.lists(energy, min_size=8, max_size=8)))
            tariff.count(energies)
            book.flow(now, until, energies)
            outcomes = tariff.boundary(until)
            made += [(one, len(book.flows)) for one in outcomes if isinstance(one, BillingSet | DailyFreeze)]
            now, until = until, tariff.next_boundary(until)
        if step == "within" and until - now > 1:
            energies = tuple(data.draw(st.lists(energy, min_size=8, max_size=8)))
            tariff.count(energies)
            middle = data.draw(st.integers(now + 1, until - 1))
            book.flow(now, middle, energies)
            now = middle
        elif step == "bill":
            made.append((tariff.end_billing(BillingSource.OPTICAL, now), len(book.flows)))
        elif step == "restart":
            tariff = restarted(tariff, rules, now)
    check(book, made, tariff, now)


def check(book: Book, made: list[tuple[BillingSet | DailyFreeze, int]], tariff: Tariff, now: int) -> None:
    rules = book.rules
    since, cumulative = 0, [0] * len(MAXIMA)
    for one, count in made:
        assert one.totals == book.totals(count)
        assert one.rates == book.rates(count)
        for at, place in enumerate(one.registered):
            assert sum(rate[at] for rate in one.rates) == one.totals[place]
        if isinstance(one, DailyFreeze):
            assert parse_daily(build_daily(one)) == one
            assert len(build_daily(one)) == daily_bytes(rules.energy, rules.calendar.rates)
            local = rules.zone.local(one.utc_s)
            assert (local.hour, local.minute, local.second) == (0, 0, 0)
            continue
        assert parse_billing(build_billing(one)) == one
        assert len(build_billing(one)) == billing_bytes(rules.energy, rules.demand, rules.calendar.rates)
        for at, (quantity, rate) in enumerate(MAXIMA):
            register = one.demand.maxima[at]
            expected = book.highest(quantity, rate, since, one.utc_s)
            assert [(rank.demand_mw, rank.stamp.utc_s) for rank in register.ranks] == [two[:2] for two in expected]
            assert register.cumulative_mw == cumulative[at]
            cumulative[at] += expected[0][0] if expected else 0
            for (of, other), kept in zip(BESIDE, one.demand.coincidents, strict=True):
                assert of != at or kept.demands_mw == tuple(demands[other] for _, _, demands in expected)
        since = one.utc_s
    state = tariff.state(now)
    assert state.totals == (book.totals(len(book.flows)) if book.flows else (0,) * 11)
    midnights = [one.utc_s for one, _ in made if isinstance(one, DailyFreeze)]
    assert midnights == sorted(set(midnights))
    numbers = [one.number for one, _ in made if isinstance(one, BillingSet)]
    assert numbers == list(range(1, len(numbers) + 1))


@given(st.sampled_from(ZONES), st.integers(1, 28))
def test_a_date_a_season_and_a_command_at_one_second_are_one_end_of_billing(zone: Zone, day: int) -> None:
    profile, week = DayProfile("d", (Switch(0, 1),)), Week("w", *["d"] * 7)
    seasons = (Season("a", 1, 15, "w"), Season("b", 4, day, "w"))
    rules = rules_of(Calendar(1, (profile,), (week,), seasons), zone, (0,), day)
    midnight = zone.utc(2026, 4, day)
    for asked in (False, True):
        tariff = Tariff(rules, midnight - 900)
        if asked:
            # The command was asked for in the very second, and its energy is counted first.
            made = [tariff.end_billing(BillingSource.OPTICAL, midnight)]
            made += [one for one in tariff.boundary(midnight) if isinstance(one, BillingSet)]
        else:
            made = [one for one in tariff.boundary(midnight) if isinstance(one, BillingSet)]
        assert [one.scheduled_s for one in made] == [midnight]
        causes = {BillingSource.DATE, BillingSource.SEASON} | ({BillingSource.OPTICAL} if asked else set())
        assert set(made[0].causes) == causes
        assert parse_billing(build_billing(made[0])).causes == made[0].causes
