"""The tariff: what the meter bills by. Registers by rate, demand, ends of billing, daily freezes, and the instants at
which they change.

Pure: it is told the UTC second of each boundary and the energy between two, and answers with what came of it. Nothing
here knows how time passes or how energy is measured. What it must not forget is in `TariffState`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus
from firmware.demand.config import DemandConfig
from firmware.demand.demand import Demand, DemandState
from firmware.demand.interval import Interval
from firmware.demand.period import IntegrationPeriod
from firmware.demand.state import Averages
from firmware.tariff.accounts import Accounts
from firmware.tariff.billing import BILLED, BillingConfig, BillingSet, BillingSource, in_order
from firmware.tariff.calendar import Calendar
from firmware.tariff.config import RateSource, TariffConfig
from firmware.tariff.daily import DailyFreeze, last_midnight, next_midnight

SAVE_PERIOD_S: Final = 900
"""State is saved at least this often, so that no more than 15 minutes of energy can be lost."""

_NEVER_S: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class RateChange:
    """Other rates are in force."""

    rate: int
    demand_rate: int
    utc_s: int


Outcome = Interval | BillingSet | RateChange | DailyFreeze


@dataclass(frozen=True, slots=True)
class TariffState:
    """All that a save keeps of the tariff. `billed`: the last scheduled instants that ended a billing period; `ratio`:
    what registers of secondary energy are shown times; `midnight_s`: the last midnight that has its freeze, or owes
    none."""

    totals: tuple[int, ...]
    registered: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    rate: int
    demand_rate: int
    frozen: bool
    demand: DemandState
    billing_number: int
    billed: tuple[int, ...]
    midnight_s: int = 0
    ratio: Fraction = Fraction(1)

    def with_billing(self, billing: BillingSet) -> "TariffState":
        """This state after an end of billing that had reached flash when the save had not: it is done over, once."""
        return replace(
            self,
            billing_number=billing.number,
            demand=replace(self.demand, registers=billing.demand.billed()),
            billed=_with(self.billed, billing.scheduled_s),
        )


def _with(billed: tuple[int, ...], scheduled_s: int) -> tuple[int, ...]:
    return (*billed, scheduled_s)[-BILLED:] if scheduled_s else billed


@dataclass(frozen=True, slots=True)
class TariffRules:
    """The configuration that the tariff works by. `ratio` is CT x VT, or 1 where the secondary side is registered."""

    calendar: Calendar
    zone: Zone
    demand: DemandConfig
    billing: BillingConfig = field(default_factory=BillingConfig)
    energy: TariffConfig = field(default_factory=TariffConfig)
    ratio: Fraction = Fraction(1)


class Tariff:
    """The running tariff of a meter."""

    def __init__(self, rules: TariffRules, utc_s: int, selected: int = 1) -> None:
        """A meter that never ran before: registers at zero, an interval begun at `utc_s`. `selected` is the rate that
        the control inputs select, for a tariff that they switch."""
        self._rules = rules
        self._selected = selected
        self.rate, self.demand_rate = self._named(utc_s)
        self._accounts = Accounts(rules.energy, rules.calendar.rates)
        self.frozen = False
        self.billing_number = 0
        self.billed: tuple[int, ...] = ()
        self.ratio = rules.ratio
        """The one under which the registers are secondary energy; not that of the rules until `rescale`."""
        self._demand = Demand(rules.demand, rules.zone, utc_s, self.demand_rate)
        self._period = IntegrationPeriod(rules.demand.shape.interval_s, rules.zone)
        self._whole = IntegrationPeriod(rules.demand.period_s, rules.zone)
        self._switch_s: int | None = None
        self._billing_s = 0
        self._midnight_s = 0
        self._frozen_midnight_s = last_midnight(utc_s, rules.zone)
        self._plan(utc_s)

    @classmethod
    def resume(
        cls,
        rules: TariffRules,
        state: TariffState,
        utc_s: int,
        clock: ClockStatus = ClockStatus.VALID,
        selected: int = 1,
        *,
        known: bool = True,
    ) -> "tuple[Tariff, list[Outcome]]":
        """Go on after an outage with a saved state; `utc_s` is the clock now. The rates are those of now, or frozen.
        `known`: the clock can tell how long the outage was."""
        tariff = cls(rules, utc_s, selected)
        tariff._accounts.take(state.totals, state.registered, state.rates)
        tariff.frozen = state.frozen
        tariff.billing_number = state.billing_number
        tariff.billed = state.billed
        tariff.ratio = state.ratio
        tariff._frozen_midnight_s = state.midnight_s
        if state.frozen:
            tariff.rate = min(state.rate, rules.calendar.rates)
            tariff.demand_rate = min(state.demand_rate, rules.calendar.rates_of_demand)
        tariff._plan(utc_s)
        outage_s = max(utc_s - state.demand.running.at_s, 0) if known else None
        tariff._demand, cut = Demand.resume(
            rules.demand, rules.zone, state.demand, utc_s, tariff.demand_rate, clock, outage_s
        )
        outcomes: list[Outcome] = [] if cut is None else [cut]
        if (tariff.rate, tariff.demand_rate) != (state.rate, state.demand_rate):
            outcomes.append(RateChange(tariff.rate, tariff.demand_rate, utc_s))
        return tariff, outcomes

    def state(self, utc_s: int) -> TariffState:
        accounts = self._accounts
        return TariffState(
            totals=tuple(accounts.totals),
            registered=accounts.registered,
            rates=tuple([tuple(rate) for rate in accounts.rates]),
            rate=self.rate,
            demand_rate=self.demand_rate,
            frozen=self.frozen,
            demand=self._demand.state(utc_s),
            billing_number=self.billing_number,
            billed=self.billed,
            midnight_s=self._frozen_midnight_s,
            ratio=self.ratio,
        )

    @property
    def totals(self) -> list[int]:
        """The eleven energies, in nWh."""
        return self._accounts.totals

    @property
    def rates(self) -> list[list[int]]:
        """By rate, the energies that are registered so."""
        return self._accounts.rates

    @property
    def demand(self) -> Demand:
        return self._demand

    def averages(self) -> Averages:
        """Current and last average demands."""
        return self._demand.averages()

    def count(self, energies: Sequence[int]) -> None:
        """Energy has flowed, all of it in the running rates and interval."""
        self._demand.add(self._accounts.count(energies, self.rate))

    # Boundaries

    def next_boundary(self, utc_s: int) -> int:
        """The first second after `utc_s` at which an interval, a rate, a day or a billing period ends, or a save is
        due.

        `boundary` need not have been told of `utc_s` yet: energy comes later than time.
        """
        rules, zone = self._rules, self._rules.zone
        nearest = min(self._period.next_end(utc_s), (utc_s // SAVE_PERIOD_S + 1) * SAVE_PERIOD_S)
        if self._demand.waiting and utc_s < self._demand.next_s:
            nearest = min(nearest, self._demand.next_s)
        midnight_s = self._midnight_s
        if midnight_s <= utc_s:
            midnight_s = next_midnight(utc_s, zone)
        nearest = min(nearest, midnight_s)
        if self.frozen:
            return nearest
        switch_s, billing_s = self._switch_s, self._billing_s
        if switch_s is not None and switch_s <= utc_s:
            switch_s = rules.calendar.next_switch(utc_s, zone)
        if billing_s <= utc_s:
            billing_s = self._next_billing(utc_s)
        return min(nearest, billing_s, nearest if switch_s is None else switch_s)

    def boundary(self, utc_s: int, clock: ClockStatus = ClockStatus.VALID) -> list[Outcome]:
        """The clock shows `utc_s`, trusted as `clock` says, and all energy before it has been counted: end what ends
        there."""
        named = self.rate, self.demand_rate
        if not self.frozen and self._switch_s is not None and utc_s >= self._switch_s:
            named = self._named(utc_s)
            self._switch_s = self._next_switch(utc_s)
        outcomes = self._intervals(utc_s, named[1], clock)
        if not self.frozen and utc_s >= self._billing_s:
            outcomes.append(self._scheduled_billing(utc_s))
        if utc_s >= self._midnight_s:
            outcomes += self._freeze_day(self._midnight_s, clock, late=False)
            self._midnight_s = next_midnight(utc_s, self._rules.zone)
        return outcomes + self._switch_to(named, utc_s)

    def saves(self, utc_s: int) -> bool:
        """Whether a save is due at a boundary at which nothing may have ended but a subinterval or a thermal minute."""
        return utc_s % SAVE_PERIOD_S == 0 or self._whole.begins(utc_s)

    def _intervals(self, utc_s: int, demand_rate: int, clock: ClockStatus) -> list[Outcome]:
        """The intervals that end by the clock up to `utc_s`, or because the demand rate changes there."""
        outcomes: list[Outcome] = []
        while True:
            interval = self._demand.boundary(utc_s, demand_rate, clock)
            if interval is not None:
                outcomes.append(interval)
            if self._demand.end_s > utc_s:
                return outcomes

    def _switch_to(self, named: tuple[int, int], utc_s: int) -> list[Outcome]:
        if named == (self.rate, self.demand_rate):
            return []
        self.rate, self.demand_rate = named
        return [RateChange(*named, utc_s)]

    def select(self, rate: int, utc_s: int, clock: ClockStatus = ClockStatus.VALID) -> list[Outcome]:
        """The control inputs select this rate from now on, and all energy before is counted."""
        self._selected = rate
        if self.frozen or self._rules.energy.source is RateSource.CALENDAR:
            return []
        return self._change_rates(utc_s, clock)

    def _change_rates(self, utc_s: int, clock: ClockStatus) -> list[Outcome]:
        """The rates of `utc_s` hold from now on."""
        named = self._named(utc_s)
        if named == (self.rate, self.demand_rate):
            return []
        return self._intervals(self._within(utc_s), named[1], clock) + self._switch_to(named, utc_s)

    def synchronise(self, utc_s: int, clock: ClockStatus = ClockStatus.VALID) -> list[Outcome]:
        """A control input ends the integration period, and all energy before is counted."""
        return [self._demand.synchronise(utc_s, self.demand_rate, clock)]

    def end_billing(
        self,
        causes: BillingSource | Iterable[BillingSource],
        utc_s: int,
        *,
        clock_lost: bool = False,
        scheduled_s: int = 0,
    ) -> BillingSet:
        """Copy the registers to history, clear the maximum demands. Energy registers go on. An end of billing that is
        due by the clock at this very second is made with it."""
        made = {causes} if isinstance(causes, BillingSource) else set(causes)
        if not scheduled_s and not self.frozen and utc_s >= self._billing_s:
            made |= self._causes(self._billing_s)
            scheduled_s = self._billing_s
        self.billed = _with(self.billed, scheduled_s)
        if scheduled_s:
            self._billing_s = self._next_billing(utc_s)
        self.billing_number += 1
        accounts = self._accounts
        return BillingSet(
            number=self.billing_number,
            causes=in_order(made),
            clock_lost=clock_lost,
            scheduled_s=scheduled_s,
            utc_s=utc_s,
            offset_s=self._rules.zone.offset(max(utc_s - 1, 0)),
            totals=tuple(accounts.totals),
            registered=accounts.registered,
            rates=tuple(tuple(rate) for rate in accounts.rates),
            demand=self._demand.end_billing(),
            ratio=self.ratio,
        )

    def clock_set(
        self, before_s: int, after_s: int, clock: ClockStatus = ClockStatus.VALID, *, known: bool = True
    ) -> list[Outcome]:
        """The clock was set, and was trusted before as `clock` says. The interval ends, short; of the ends of billing
        passed over, exactly one is made, and of the midnights one freeze; none where the clock had no time before that
        was `known`: the meter did not live through them."""
        named = (self.rate, self.demand_rate) if self.frozen else self._named(after_s)
        outcomes: list[Outcome] = [self._demand.clock_set(before_s, after_s, named[1], clock)]
        # The clock may show a second that the RTC's alarm has yet to reach.
        if known:
            last = self._passed(before_s - 1, after_s)[-1:]
            outcomes += self._made_for([last_s for last_s in last if last_s not in self.billed], after_s)
            outcomes += self._freeze_passed(before_s - 1, after_s, clock)
        else:
            self._frozen_midnight_s = last_midnight(after_s, self._rules.zone)
        outcomes += self._switch_to(named, after_s)
        self._plan(after_s)
        return outcomes

    def catch_up(
        self,
        down_s: int,
        utc_s: int,
        clock: ClockStatus = ClockStatus.VALID,
        *,
        powered_up: bool = False,
        clock_lost: bool = False,
    ) -> list[Outcome]:
        """After an outage: of the ends of billing missed since `down_s`, exactly one is made, for the last that was not
        made before (as one may have been by a clock that was ahead); so is one of the daily freezes missed.

        `powered_up`: the power-up itself ends billing; `clock_lost`: that answers to a lost clock.
        """
        missed = [missed_s for missed_s in self._passed(down_s, utc_s) if missed_s not in self.billed]
        outcomes = self._made_for(missed, utc_s, (BillingSource.POWER_UP,), clock_lost=clock_lost)
        if not missed and (powered_up or clock_lost):
            outcomes = [self.end_billing(BillingSource.POWER_UP, utc_s, clock_lost=clock_lost)]
        if not clock_lost:
            outcomes += self._freeze_passed(down_s, utc_s, clock)
        return outcomes

    def release(self, utc_s: int, clock: ClockStatus = ClockStatus.VALID) -> list[Outcome]:
        """Follow the calendar again, from now on; ends of billing that fell into the freeze are not made up for."""
        self.frozen = False
        self._plan(utc_s)
        return self._change_rates(utc_s, clock)

    def programmed(
        self,
        rules: TariffRules,
        utc_s: int,
        clock: ClockStatus = ClockStatus.VALID,
        *,
        billed: bool = False,
        cause: BillingSource = BillingSource.PROGRAMMING,
    ) -> list[Outcome]:
        """Other rules hold from now on: the interval ends, and so does the billing period if the ratio is another, or
        `cause` is one of the sources; then `rescale` is to follow.

        `billed`: that end of billing is made already, with all that was measured; its set holds the interval's maximum.
        A frozen tariff keeps its rates.
        """
        before, old = self._rules, self._rules.demand
        measures = (old.method, old.period_s, before.energy.sums) != (
            rules.demand.method,
            rules.demand.period_s,
            rules.energy.sums,
        )
        zone, demand = rules.zone, self._demand
        self._rules = rules
        self.rate = min(self.rate, rules.calendar.rates)
        self.demand_rate = min(self.demand_rate, rules.calendar.rates_of_demand)
        named = (self.rate, self.demand_rate) if self.frozen else self._named(utc_s)
        registers = demand.registers
        interval = demand.programmed(old, zone, utc_s, named[1], clock)
        outcomes: list[Outcome] = []
        if billed:
            demand.registers = registers
        else:
            outcomes.append(interval)
            causes = {cause} & set(rules.billing.sources)
            if measures or rules.ratio != self.ratio:
                causes.add(BillingSource.PROGRAMMING)
            if causes:
                outcomes.append(self.end_billing(causes, utc_s))
        if (rules.demand, zone) != (old, before.zone):
            # Maxima that were measured otherwise are in the set by now.
            demand.programmed(rules.demand, zone, utc_s, named[1], clock)
            self._period = IntegrationPeriod(rules.demand.shape.interval_s, zone)
            self._whole = IntegrationPeriod(rules.demand.period_s, zone)
        if (rules.energy, rules.calendar.rates) != (before.energy, before.calendar.rates):
            kept, self._accounts = self._accounts, Accounts(rules.energy, rules.calendar.rates)
            self._accounts.take(kept.totals, kept.registered, kept.rates)
        outcomes += self._switch_to(named, utc_s)
        self._switch_s = self._next_switch(utc_s)
        if utc_s < self._billing_s:
            self._billing_s = self._next_billing(utc_s)
        if utc_s < self._midnight_s:
            self._midnight_s = next_midnight(utc_s, zone)
        return outcomes

    def rescale(self) -> Fraction:
        """Express the registers under the rules' ratio; the factor that this takes. No maximum may be held, and nothing
        be counted in the running interval."""
        factor = self.ratio / self._rules.ratio
        self.ratio = self._rules.ratio
        if factor != 1:
            self._accounts.rescale(factor)
        return factor

    # Inside

    def _named(self, utc_s: int) -> tuple[int, int]:
        """The rates of energy and of demand that hold at an instant of the clock."""
        calendar = self._rules.calendar
        if self._rules.energy.source is RateSource.INPUTS:
            return min(self._selected, calendar.rates), min(self._selected, calendar.rates_of_demand)
        local = self._rules.zone.local(utc_s)
        return calendar.rate(local), calendar.demand_rate(local)

    def _within(self, utc_s: int) -> int:
        """The second of the running interval nearest to `utc_s`."""
        running = self._demand.state(utc_s).running
        return max(running.start_s, min(utc_s, self._demand.end_s))

    def _sources_due(self, after_s: int, until_s: int) -> dict[int, set[BillingSource]]:
        """The scheduled ends of billing after an instant up to and including another, with their causes."""
        rules = self._rules
        due: dict[int, set[BillingSource]] = {}
        if BillingSource.DATE in rules.billing.sources:
            for scheduled_s in rules.billing.dates.missed(after_s, until_s, rules.zone):
                due.setdefault(scheduled_s, set()).add(BillingSource.DATE)
        if BillingSource.SEASON in rules.billing.sources:
            start_s = rules.calendar.next_season(after_s, rules.zone)
            while start_s is not None and start_s <= until_s:
                due.setdefault(start_s, set()).add(BillingSource.SEASON)
                start_s = rules.calendar.next_season(start_s, rules.zone)
        return due

    def _causes(self, scheduled_s: int) -> set[BillingSource]:
        """Of the end of billing at a scheduled instant."""
        return self._sources_due(scheduled_s - 1, scheduled_s).get(scheduled_s, {BillingSource.DATE})

    def _passed(self, after_s: int, until_s: int) -> list[int]:
        """The scheduled ends of billing in a stretch of time."""
        return [] if self.frozen else sorted(self._sources_due(after_s, until_s))

    def _made_for(
        self,
        missed: list[int],
        utc_s: int,
        causes: Iterable[BillingSource] = (),
        *,
        clock_lost: bool = False,
    ) -> list[Outcome]:
        """One end of billing for all that were missed."""
        if not missed:
            return []
        made = set(causes).union(*(self._causes(scheduled_s) for scheduled_s in missed))
        return [self.end_billing(made, utc_s, clock_lost=clock_lost, scheduled_s=missed[-1])]

    def _scheduled_billing(self, utc_s: int) -> BillingSet:
        return self.end_billing(self._causes(self._billing_s), utc_s, scheduled_s=self._billing_s)

    def _next_billing(self, utc_s: int) -> int:
        """The first scheduled instant after `utc_s` for which none was made yet."""
        rules = self._rules
        sources = rules.billing.sources
        while True:
            scheduled_s = _NEVER_S
            if BillingSource.DATE in sources:
                scheduled_s = rules.billing.dates.next(utc_s, rules.zone)
            if BillingSource.SEASON in sources:
                scheduled_s = min(scheduled_s, rules.calendar.next_season(utc_s, rules.zone) or _NEVER_S)
            if scheduled_s not in self.billed:
                return scheduled_s
            utc_s = scheduled_s

    def _freeze_passed(self, after_s: int, until_s: int, clock: ClockStatus) -> list[Outcome]:
        """The freeze of the last midnight in a stretch of time."""
        midnight_s = last_midnight(until_s, self._rules.zone)
        return self._freeze_day(midnight_s, clock, late=True) if midnight_s > after_s else []

    def _freeze_day(self, midnight_s: int, clock: ClockStatus, *, late: bool) -> list[Outcome]:
        """Once for each midnight: a clock that is set back a little does not bring it again."""
        if midnight_s == self._frozen_midnight_s:
            return []
        self._frozen_midnight_s = midnight_s
        accounts = self._accounts
        return [
            DailyFreeze(
                utc_s=midnight_s,
                offset_s=self._rules.zone.offset(max(midnight_s - 1, 0)),
                clock=clock,
                late=late,
                totals=tuple(accounts.totals),
                registered=accounts.registered,
                rates=tuple(tuple(rate) for rate in accounts.rates),
                ratio=self.ratio,
            )
        ]

    def _next_switch(self, utc_s: int) -> int | None:
        if self._rules.energy.source is RateSource.INPUTS:
            return None
        return self._rules.calendar.next_switch(utc_s, self._rules.zone)

    def _plan(self, utc_s: int) -> None:
        """When rate, day and billing period change next."""
        self._switch_s = self._next_switch(utc_s)
        self._billing_s = self._next_billing(utc_s)
        self._midnight_s = next_midnight(utc_s, self._rules.zone)
