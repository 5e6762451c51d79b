"""The tariff: what the meter bills by. Registers by rate, demand, ends of billing, and the instants at which they
change.

Pure: it is told the UTC second of each boundary and the energy between two, and answers with what came of it. Nothing
here knows how time passes or how energy is measured. What it must not forget is in `TariffState`.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from firmware.clock.civil import Zone
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.calendar import Calendar
from firmware.tariff.demand import BlockDemand, DemandState, IntegrationPeriod, Interval, Maxima
from hal.frontend import ENERGY_KINDS

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


@dataclass(frozen=True, slots=True)
class BillingSet:
    """A historical set: the registers at an end of billing. Energies in nWh in the order of `ENERGY_KINDS`.

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
    """All that a save keeps of the tariff. `billed`: the last scheduled instants that ended a billing period."""

    totals: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    rate: int
    frozen: bool
    demand: DemandState
    maxima: Maxima
    billing_number: int
    billed: tuple[int, ...]

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
        if state.frozen:
            tariff.rate = state.rate
        tariff._plan(utc_s)
        tariff._demand, cut = BlockDemand.resume(rules.period, state.demand, utc_s, tariff.rate)
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
        )
        self.maxima = Maxima.cleared(len(self.rates))
        return billing

    def clock_set(self, before_s: int, after_s: int) -> list[Outcome]:
        """The clock was set. The interval ends, short; of the ends of billing passed over, exactly one is made."""
        rate = self.rate
        if not self.frozen:
            rate = self._rules.calendar.rate(self._rules.zone.local(after_s))
        outcomes: list[Outcome] = [
            self._close_interval(self._demand.clock_set(min(before_s, self._demand.end_s), after_s, rate))
        ]
        # The clock may show a second that the RTC's alarm has yet to reach.
        outcomes += self._missed(before_s - 1, after_s, BillingSource.DATE)
        if rate != self.rate:
            self.rate = rate
            outcomes.append(RateChange(rate, after_s))
        self._plan(after_s)
        return outcomes

    def catch_up(self, down_s: int, utc_s: int) -> list[Outcome]:
        """After an outage that the clock survived: of the ends of billing missed since `down_s`, exactly one is
        made."""
        return self._missed(down_s, utc_s, BillingSource.POWER_UP)

    def release(self, utc_s: int) -> list[Outcome]:
        """Follow the calendar again, from now on; ends of billing that fell into the freeze are not made up for."""
        self.frozen = False
        self._plan(utc_s)
        rate = self._rules.calendar.rate(self._rules.zone.local(utc_s))
        if rate == self.rate:
            return []
        self.rate = rate
        return [RateChange(rate, utc_s)]

    def _close_interval(self, interval: Interval) -> Interval:
        self.maxima = self.maxima.with_interval(interval)
        return interval

    def _missed(self, after_s: int, until_s: int, source: BillingSource) -> list[Outcome]:
        last_s = None if self.frozen else self._rules.dates.missed(after_s, until_s, self._rules.zone).last_s
        if last_s is None or last_s in self.billed:
            return []
        return [self._scheduled_billing(last_s, until_s, source)]

    def _scheduled_billing(self, scheduled_s: int, utc_s: int, source: BillingSource) -> BillingSet:
        self.billed = _with(self.billed, scheduled_s)
        self._billing_s = self._next_billing(utc_s)
        return self.end_billing(source, utc_s, scheduled_s=scheduled_s)

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
