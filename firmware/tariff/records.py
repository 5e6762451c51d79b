"""What the tariff tells the probe."""

from firmware.demand.interval import Interval
from firmware.registers.energy import MEASURED
from firmware.tariff.billing import BillingSet
from firmware.tariff.daily import DailyFreeze
from hal.probe import BillingClosed, DayFrozen, IntervalClosed


def interval_closed(interval: Interval) -> IntervalClosed:
    return IntervalClosed(
        utc_s=interval.end_s,
        demand_mw=interval.demand_mw(0) or 0,
        short=interval.short,
        start_s=interval.start_s,
        length_s=interval.length_s,
        rate=interval.rate,
        cause=interval.cause.value,
        quantities=interval.quantities,
        energies=interval.energies,
        demands_mw=interval.demands_mw,
    )


def billing_closed(billing: BillingSet) -> BillingClosed:
    demand = billing.demand
    return BillingClosed(
        number=billing.number,
        source=billing.source.value,
        utc_s=billing.utc_s,
        totals=billing.totals[:MEASURED],
        scheduled_s=billing.scheduled_s,
        ratio=billing.ratio.as_integer_ratio(),
        maxima=tuple(register.highest_mw for register in demand.maxima),
        kept=tuple((register.kept.quantity, register.kept.rate) for register in demand.maxima),
        ranked=tuple(
            tuple((rank.demand_mw, rank.stamp.utc_s) for rank in register.ranks) for register in demand.maxima
        ),
        cumulative=tuple(register.cumulative_mw for register in demand.maxima),
        coincident=tuple(register.demands_mw for register in demand.coincidents),
        beside=tuple((register.kept.maximum, register.kept.quantity) for register in demand.coincidents),
        causes=tuple(cause.value for cause in billing.causes),
        sums=billing.totals[MEASURED:],
        registered=billing.registered,
        rates=billing.rates,
    )


def day_frozen(freeze: DailyFreeze) -> DayFrozen:
    return DayFrozen(
        utc_s=freeze.utc_s,
        offset_s=freeze.offset_s,
        clock=freeze.clock.value,
        late=freeze.late,
        totals=freeze.totals[:MEASURED],
        sums=freeze.totals[MEASURED:],
        registered=freeze.registered,
        rates=freeze.rates,
        ratio=freeze.ratio.as_integer_ratio(),
    )
