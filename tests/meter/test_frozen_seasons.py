"""A frozen tariff lets seasons and special days begin and end without taking notice."""

from firmware.clock.civil import Zone
from firmware.demand.config import DemandConfig
from firmware.tariff.billing import BillingConfig, BillingSet, BillingSource
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week
from firmware.tariff.daily import DailyFreeze
from firmware.tariff.tariff import Outcome, RateChange, Tariff, TariffRules

ZONE = Zone(3_600)
BEGIN = ZONE.utc(2026, 3, 30)


def rules() -> TariffRules:
    """Rate 1 in winter, rate 2 from 1 April on, rate 3 on 2 April."""
    days = tuple(DayProfile(f"d{rate}", (Switch(0, rate),)) for rate in (1, 2, 3))
    weeks = tuple(Week(f"w{rate}", *[f"d{rate}"] * 7) for rate in (1, 2))
    seasons = (Season("winter", 10, 1, "w1"), Season("summer", 4, 1, "w2"))
    calendar = Calendar(3, days, weeks, seasons, (SpecialDay(4, 2, "d3"),))
    billing = BillingConfig(sources=(BillingSource.DATE, BillingSource.SEASON))
    return TariffRules(calendar, ZONE, DemandConfig(3_600), billing)


def four_days(frozen: bool) -> list[Outcome]:
    tariff = Tariff(rules(), BEGIN)
    tariff.frozen = frozen
    now, told = BEGIN, []
    while now < BEGIN + 4 * 86_400:
        now = tariff.next_boundary(now)
        tariff.count((10**9, *[0] * 7))
        told += tariff.boundary(now)
    assert sum(rate[0] for rate in tariff.rates) == tariff.totals[0] > 0
    assert (tariff.rates[0][0] == tariff.totals[0]) is frozen
    return told


def test_seasons_stop_while_the_tariff_is_frozen() -> None:
    free, frozen = four_days(False), four_days(True)
    assert [one.rate for one in free if isinstance(one, RateChange)] == [2, 3, 2]
    made = [one.causes for one in free if isinstance(one, BillingSet)]
    assert made == [(BillingSource.DATE, BillingSource.SEASON)]
    assert not [one for one in frozen if isinstance(one, RateChange | BillingSet)]
    assert len([one for one in frozen if isinstance(one, DailyFreeze)]) == 4
