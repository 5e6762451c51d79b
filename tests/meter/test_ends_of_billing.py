"""Sources of an end of billing that are off unless they are configured, the lock-out up to midnight, and how much
history a meter keeps."""

from datetime import date

import pytest

from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from firmware.tariff.daily import DAYS, of_date
from firmware.tariff.layout import parse_daily
from hal.probe import BillingClosed, DayFrozen
from hal.units import HOUR, MINUTE
from sim.oracles.reread import ReadOnlyFlash
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"


def held(body: str, duration: str, start: str = START) -> Played:
    played = play(text_of(start, duration, body))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def test_each_power_up_ends_billing_if_that_is_configured() -> None:
    body = '[billing]\nsources = ["power-up"]\n' + fault("supply-fail", "1h", "10min")
    ends = [at_ns // MINUTE for at_ns, one in held(body, "2h").of(BillingClosed) if one.causes == ("power-up",)]
    assert ends[-1:] == [70]
    assert [one for _, one in held(body.replace("power-up", "button"), "2h").of(BillingClosed)] == []


def test_a_passive_tariff_that_takes_over_ends_billing_if_that_is_configured() -> None:
    night = '{ rates = 2, day_profiles = { night = { "00:00" = 2 } } }'
    passive = f"passive = {{ activate = 2026-06-15T10:30:00+02:00, tariff = {night} }}\n"
    change = f'\n[[reading]]\nid = "passive"\nat = "1h10min"\nkind = "program"\n{passive}'
    for sources, causes in (('["tariff-change"]', [("tariff-change",)]), ('["button"]', [])):
        played = held(f"[billing]\nsources = {sources}\n{change}", "4h")
        assert [one.causes for _, one in played.of(BillingClosed)] == causes
        assert all(at_ns // MINUTE == 150 for at_ns, _ in played.of(BillingClosed))
        assert played.rate_at(at(3)) == 2


def test_a_lock_out_up_to_midnight_ends_there() -> None:
    body = '[billing]\nlockout = "midnight"\n'
    for name, when in (("first", "1h"), ("evening", "15h30min"), ("next-day", "16h5min")):
        body += reading(name, when, "billing-reset")
    played = held(body, "17h")
    assert {row.id: row.problem is None for row in played.result.readings} == {
        "first": True,
        "evening": False,
        "next-day": True,
    }
    assert [at_ns // HOUR for at_ns, _ in played.of(BillingClosed)] == [1, 16]


def test_the_response_to_a_lost_clock_is_exempt_from_the_lock_out() -> None:
    """A reader ends billing at 08:55; the cell is dead, and the supply is off from 09:00 to 09:02. The lock-out has not
    ended then."""
    body = '[clock]\nbattery_failure = "reset"\n[billing]\nlockout = "3h"\n' + fault("battery-fail", "10min")
    body += reading("first", "55min", "billing-reset") + fault("supply-fail", "1h", "2min")
    played = held(body + reading("later", "90min", "billing-reset"), "2h")
    assert played.result.readings[-1].problem is not None
    assert [source for source, _ in played.billing()] == ["optical", "power-up"]


def test_36_sets_and_62_days_are_kept_over_an_outage() -> None:
    """38 ends of billing, and 64 midnights over which the clock is set; a cut without warning; then what stands in
    flash, and what a reader is shown of it."""
    sessions = ""
    for number in range(64):
        sessions += reading(f"d{number}", f"{10 * number + 5}min", "set-clock", offset=f"{number + 1}d")
        sessions += reading(f"r{number}", f"{10 * number}min", "billing-reset") if 0 < number <= 38 else ""
    body = '[billing]\nsources = ["optical"]\nlockout = "0s"\n[demand]\nperiod = "60min"\n'
    body += sessions + fault("power-cut", "645min", "1min") + reading("end", "650min")
    runner = Runner(parse(text_of(START, "11h", body)), 1)
    sets: list[BillingClosed] = []
    days: list[DayFrozen] = []
    runner.bench.probe.subscribe(BillingClosed, lambda _, record: sets.append(record))
    runner.bench.probe.subscribe(DayFrozen, lambda _, record: days.append(record))
    result = runner.run()
    assert result.verdict is Verdict.HELD, troubles(result)
    assert (len(sets), len(days)) == (38, 64)
    shown = result.readings[-1].registers
    periods = {address.partition("*")[2]: values for address, values in shown.items() if address.startswith("1.8.0*")}
    assert sorted(periods) == [f"{number:02}" for number in range(3, 39)]
    for one in sets[2:]:
        kwh = float(periods[f"{one.number:02}"][0].partition("*")[0])
        assert kwh == pytest.approx(one.totals[0] / 10**12, abs=0.001)
    flash = runner.bench.board.flash
    ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring("daily"))
    ring.recover()
    kept = [parse_daily(record.payload) for record in ring.newest_first()][:DAYS]
    assert [(one.utc_s, one.totals[:8]) for one in kept] == [(one.utc_s, one.totals) for one in days[:1:-1]]
    # A midnight is 24:00 of the day that ends with it.
    last = of_date(kept, date(2026, 8, 17))
    assert last is not None
    assert last.utc_s + last.offset_s == (date(2026, 8, 18) - date(1970, 1, 1)).days * 86_400
