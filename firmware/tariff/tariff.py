"""The tariff: what the meter bills by. Registers by rate, demand, ends of billing, and the instants at which they
change.

Pure: it is told the UTC second of each boundary and the energy between two, and answers with what came of it. Nothing
here knows how time passes or how energy is measured. What it must not forget is in `TariffState`.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from firmware.clock.civil import Zone
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.calendar import Calendar
from firmware.tariff.demand import (
    AfterOutage,
    BlockDemand,
    DemandState,
    IntegrationPeriod,
    Interval,
    Maxima,
    OnRateChange,
)
from hal.energy import ENERGY_KINDS

SAVE_PERIOD_S: Final = 900
"""State is saved at least this often, so that no more than 15 minutes of energy can be lost."""

KINDS: Final = len(ENERGY_KINDS)


BILLED: Final = 4
"""Scheduled instants that are remembered, so that a clock set back over one does not bring it again."""


class BillingSource(enum.Enum):
    """What caused an end of billing."""

    DATE = "billing-date"
    OPTICAL = "optical"
    BUTTON = "button"
    POWER_UP = "power-up"
    PROGRAMMING = "programming"
    """The transformers' ratio was changed."""


@dataclass(frozen=True, slots=True)
class BillingSet:
    """A historical set: the registers at an end of billing. Energies in nWh in the order of `ENERGY_KINDS`, secondary;
    `ratio` is the CT x VT to view them with.

    `clock_lost` marks the end of billing that answers to a lost clock; it is made once for each battery failure.
    `scheduled_s` is the scheduled instant that it was made for, be it later than that; 0 if it was not scheduled.
    """

    number: int
    source: BillingSource
    clock_lost: bool
    scheduled_s: int
    utc_s: int
    offset_s: int
    totals: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    maxima: Maxima
    ratio: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class RateChange:
    """Another rate is in force."""

    rate: int
    utc_s: int


Outcome = Interval | BillingSet | RateChange


def _with(billed: tuple[int, ...], scheduled_s: int) -> tuple[int, ...]:
    return (*billed, scheduled_s)[-BILLED:] if scheduled_s else billed


@dataclass(frozen=True, slots=True)
class TariffState:
    """All that a save keeps of the tariff. `billed`: the last scheduled instants that ended a billing period; `ratio`:
    the CT x VT under which registers are secondary energy."""

    totals: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    rate: int
    frozen: bool
    demand: DemandState
    maxima: Maxima
    billing_number: int
    billed: tuple[int, ...]
    ratio: Fraction = Fraction(1)

    def with_billing(self, billing: BillingSet) -> "TariffState":
        """This state after an end of billing that had reached flash when the save had not: it is done over, once."""
        return replace(
            self,
            billing_number=billing.number,
            maxima=Maxima.cleared(len(self.rates)),
            billed=_with(self.billed, billing.scheduled_s),
        )


@dataclass(frozen=True, slots=True)
class TariffRules:
    """The configuration that the tariff works by."""

    calendar: Calendar
    zone: Zone
    period: IntegrationPeriod
    dates: BillingDates
    after_outage: AfterOutage = AfterOutage.RESUME
    on_rate_change: OnRateChange = OnRateChange.WAIT
    ratio: Fraction = Fraction(1)
    """CT x VT."""


def _fitted(state: TariffState, rates: int) -> TariffState:
    """A state saved under another number of rates: new rates begin at zero, energy of a rate that is gone counts in the
    last one, so that rates still sum to the total."""
    if len(state.rates) == rates:
        return state
    kept = [list(rate) for rate in state.rates[:rates]] + [[0] * KINDS for _ in range(rates - len(state.rates))]
    for gone in state.rates[rates:]:
        kept[-1] = [mine + theirs for mine, theirs in zip(kept[-1], gone, strict=True)]
    by_rate = (*state.maxima.by_rate, *[None] * rates)[:rates]
    return replace(
        state,
        rates=tuple(tuple(rate) for rate in kept),
        rate=min(state.rate, rates),
        demand=replace(state.demand, rate=min(state.demand.rate, rates)),
        maxima=Maxima(state.maxima.total, by_rate),
    )


def rescaled(rates: Sequence[Sequence[int]], factor: Fraction) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Totals and rates, each rate's register multiplied and cut off to a whole nWh; the total is still their sum."""
    numerator, denominator = factor.numerator, factor.denominator
    scaled = tuple(tuple([register * numerator // denominator for register in rate]) for rate in rates)
    return tuple([sum(kind) for kind in zip(*scaled, strict=True)]), scaled


class Tariff:
    """The running tariff of a meter."""

    def __init__(self, rules: TariffRules, utc_s: int) -> None:
        """A meter that never ran before: registers at zero, an interval begun at `utc_s`."""
        rates = rules.calendar.rates
        self._rules = rules
        self.rate = rules.calendar.rate(rules.zone.local(utc_s))
        self.totals = [0] * KINDS
        self.rates = [[0] * KINDS for _ in range(rates)]
        self.frozen = False
        self.maxima = Maxima.cleared(rates)
        self.billing_number = 0
        self.billed: tuple[int, ...] = ()
        self.ratio = rules.ratio
        """The one under which the registers are secondary energy; not that of the rules until `rescale`."""
        self._demand = BlockDemand(rules.period, utc_s, self.rate)
        self._switch_s: int | None = None
        self._billing_s = 0
        self._plan(utc_s)

    @classmethod
    def resume(cls, rules: TariffRules, state: TariffState, utc_s: int) -> "tuple[Tariff, list[Outcome]]":
        """Go on after an outage with a saved state; `utc_s` is the clock now. The rate is the one of now, or frozen."""
        tariff = cls(rules, utc_s)
        state = _fitted(state, rules.calendar.rates)
        tariff.totals = list(state.totals)
        tariff.rates = [list(rate) for rate in state.rates]
        tariff.frozen = state.frozen
        tariff.maxima = state.maxima
        tariff.billing_number = state.billing_number
        tariff.billed = state.billed
        tariff.ratio = state.ratio
        if state.frozen:
            tariff.rate = state.rate
        tariff._plan(utc_s)
        after = rules.after_outage
        if after is AfterOutage.RESUME and tariff._ends_period(state.demand.rate):
            after = AfterOutage.RESTART
        tariff._demand, cut = BlockDemand.resume(rules.period, state.demand, utc_s, tariff.rate, after)
        outcomes: list[Outcome] = []
        if cut is not None:
            tariff.maxima = tariff.maxima.with_interval(cut)
            outcomes.append(cut)
        if tariff.rate != state.rate:
            outcomes.append(RateChange(tariff.rate, utc_s))
        return tariff, outcomes

    def state(self, utc_s: int) -> TariffState:
        return TariffState(
            totals=tuple(self.totals),
            rates=tuple(tuple(rate) for rate in self.rates),
            rate=self.rate,
            frozen=self.frozen,
            demand=self._demand.state(utc_s),
            maxima=self.maxima,
            billing_number=self.billing_number,
            billed=self.billed,
            ratio=self.ratio,
        )

    def count(self, energies: Sequence[int]) -> None:
        """Energy has flowed, all of it in the running rate and interval."""
        totals, rate = self.totals, self.rates[self.rate - 1]
        for kind, energy in enumerate(energies):
            if energy:
                totals[kind] += energy
                rate[kind] += energy
        self._demand.add(energies[0])

    # Boundaries

    def next_boundary(self, utc_s: int) -> int:
        """The first second after `utc_s` at which an interval, a rate or a billing period ends, or a save is due.

        `boundary` need not have been told of `utc_s` yet: energy comes later than time.
        """
        rules = self._rules
        nearest = min(rules.period.next_end(utc_s), (utc_s // SAVE_PERIOD_S + 1) * SAVE_PERIOD_S)
        if self.frozen:
            return nearest
        switch_s, billing_s = self._switch_s, self._billing_s
        if switch_s is not None and switch_s <= utc_s:
            switch_s = rules.calendar.next_switch(utc_s, rules.zone)
        if billing_s <= utc_s:
            billing_s = self._next_billing(utc_s)
        return min(nearest, billing_s, nearest if switch_s is None else switch_s)

    def boundary(self, utc_s: int) -> list[Outcome]:
        """The clock shows `utc_s`, and all energy before it has been counted: end what ends there."""
        outcomes: list[Outcome] = []
        rate = self.rate
        if not self.frozen and self._switch_s is not None and utc_s >= self._switch_s:
            rate = self._rules.calendar.rate(self._rules.zone.local(utc_s))
            self._switch_s = self._rules.calendar.next_switch(utc_s, self._rules.zone)
        if utc_s >= self._demand.end_s:
            outcomes.append(self._close_interval(self._demand.close(self._demand.end_s, rate)))
        elif self._ends_period(rate) and not self._demand.idle:
            outcomes.append(self._close_interval(self._demand.close(utc_s, rate)))
        if not self.frozen and utc_s >= self._billing_s:
            outcomes.append(self._scheduled_billing(self._billing_s, utc_s, BillingSource.DATE))
        if rate != self.rate:
            self.rate = rate
            outcomes.append(RateChange(rate, utc_s))
        return outcomes

    def end_billing(
        self, source: BillingSource, utc_s: int, *, clock_lost: bool = False, scheduled_s: int = 0
    ) -> BillingSet:
        """Copy the registers to history, clear the maximum demands. Energy registers go on."""
        self.billing_number += 1
        billing = BillingSet(
            number=self.billing_number,
            source=source,
            clock_lost=clock_lost,
            scheduled_s=scheduled_s,
            utc_s=utc_s,
            offset_s=self._rules.zone.offset(max(utc_s - 1, 0)),
            totals=tuple(self.totals),
            rates=tuple(tuple(rate) for rate in self.rates),
            maxima=self.maxima,
            ratio=self.ratio,
        )
        self.maxima = Maxima.cleared(len(self.rates))
        return billing

    def clock_set(self, before_s: int, after_s: int, *, known: bool = True) -> list[Outcome]:
        """The clock was set. The interval ends, short; of the ends of billing passed over, exactly one is made; none
        where the clock had no time before that was `known`: the meter did not live through them."""
        rate = self.rate
        if not self.frozen:
            rate = self._rules.calendar.rate(self._rules.zone.local(after_s))
        outcomes: list[Outcome] = [
            self._close_interval(self._demand.clock_set(self._demand.within(before_s), after_s, rate))
        ]
        # The clock may show a second that the RTC's alarm has yet to reach.
        if known:
            last = self._passed(before_s - 1, after_s)[-1:]
            outcomes += self._made_for([last_s for last_s in last if last_s not in self.billed], after_s)
        if rate != self.rate:
            self.rate = rate
            outcomes.append(RateChange(rate, after_s))
        self._plan(after_s)
        return outcomes

    def catch_up(self, down_s: int, utc_s: int, *, clock_lost: bool = False) -> list[Outcome]:
        """After an outage: of the ends of billing missed since `down_s`, exactly one is made, for the last that was not
        made before (as one may have been by a clock that was ahead). `clock_lost`: it answers to a lost clock, too."""
        missed = [missed_s for missed_s in self._passed(down_s, utc_s) if missed_s not in self.billed]
        return self._made_for(missed, utc_s, BillingSource.POWER_UP, clock_lost=clock_lost)

    def release(self, utc_s: int) -> list[Outcome]:
        """Follow the calendar again, from now on; ends of billing that fell into the freeze are not made up for."""
        self.frozen = False
        self._plan(utc_s)
        rate = self._rules.calendar.rate(self._rules.zone.local(utc_s))
        if rate == self.rate:
            return []
        outcomes: list[Outcome] = []
        if self._ends_period(rate) and not self._demand.idle:
            outcomes.append(self._close_interval(self._demand.close(self._demand.within(utc_s), rate)))
        self.rate = rate
        return [*outcomes, RateChange(rate, utc_s)]

    def programmed(self, rules: TariffRules, utc_s: int, *, billed: bool = False) -> list[Outcome]:
        """Other rules hold from now on: the interval ends, and so does the billing period if the ratio is another; then
        `rescale` is to follow.

        `billed`: that end of billing is made already, with all that was measured; its set holds the interval's maximum.
        A frozen tariff keeps its rate.
        """
        self._rules = rules
        rate = self.rate if self.frozen else rules.calendar.rate(rules.zone.local(utc_s))
        interval = self._demand.close(self._demand.within(utc_s), rate)
        outcomes: list[Outcome] = [] if billed else [self._close_interval(interval)]
        if billed:
            self.maxima = Maxima.cleared(len(self.rates))
        elif rules.ratio != self.ratio:
            outcomes.append(self.end_billing(BillingSource.PROGRAMMING, utc_s))
        if rate != self.rate:
            self.rate = rate
            outcomes.append(RateChange(rate, utc_s))
        self._switch_s = rules.calendar.next_switch(utc_s, rules.zone)
        return outcomes

    def rescale(self) -> Fraction:
        """Express the registers under the rules' ratio; the factor that this takes. No maximum may be held, and nothing
        be counted in the running interval."""
        factor = self.ratio / self._rules.ratio
        self.ratio = self._rules.ratio
        if factor != 1:
            totals, rates = rescaled(self.rates, factor)
            self.totals, self.rates = list(totals), [list(rate) for rate in rates]
        return factor

    def _close_interval(self, interval: Interval) -> Interval:
        self.maxima = self.maxima.with_interval(interval)
        return interval

    def _ends_period(self, rate: int) -> bool:
        """Whether a change between this rate and the one in force ends the integration period."""
        return rate != self.rate and self._rules.on_rate_change is OnRateChange.END

    def _passed(self, after_s: int, until_s: int) -> list[int]:
        """The scheduled ends of billing in a stretch of time."""
        return [] if self.frozen else self._rules.dates.missed(after_s, until_s, self._rules.zone)

    def _made_for(
        self, missed: list[int], utc_s: int, source: BillingSource = BillingSource.DATE, *, clock_lost: bool = False
    ) -> list[Outcome]:
        """One end of billing for all that were missed."""
        return [self._scheduled_billing(missed[-1], utc_s, source, clock_lost=clock_lost)] if missed else []

    def _scheduled_billing(
        self, scheduled_s: int, utc_s: int, source: BillingSource, *, clock_lost: bool = False
    ) -> BillingSet:
        self.billed = _with(self.billed, scheduled_s)
        self._billing_s = self._next_billing(utc_s)
        return self.end_billing(source, utc_s, clock_lost=clock_lost, scheduled_s=scheduled_s)

    def _next_billing(self, utc_s: int) -> int:
        """The first scheduled instant after `utc_s` for which none was made yet."""
        scheduled_s = self._rules.dates.next(utc_s, self._rules.zone)
        while scheduled_s in self.billed:
            scheduled_s = self._rules.dates.next(scheduled_s, self._rules.zone)
        return scheduled_s

    def _plan(self, utc_s: int) -> None:
        """When rate and billing period change next."""
        self._switch_s = self._rules.calendar.next_switch(utc_s, self._rules.zone)
        self._billing_s = self._next_billing(utc_s)
