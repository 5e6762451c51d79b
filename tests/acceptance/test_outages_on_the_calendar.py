"""Outages that the clock survives, across what the calendar has in store: billing dates, rates, daylight saving."""

import pytest

from hal.probe import BillingClosed, IntervalClosed, RateSelected
from hal.units import MINUTE, S
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles, wh

FEBRUARY_UTC_S = 1_769_900_400
MARCH_UTC_S = FEBRUARY_UTC_S + 28 * 86_400
FIRST_PASS_UTC_S = 1_792_888_200
"""2026-10-25 02:30 at UTC+2."""


def held(played: Played) -> Played:
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert abs(played.result.clock_error_ns) <= 2 * S + played.result.simulated_ns // 10**6
    return played


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_one_end_of_billing_for_a_date_in_an_outage(kind):
    body = fault(kind, "1h", "2h") + reading("end", "11h")
    played = held(play(text_of("2026-01-31T22:00:00+01:00", "12h", body)))
    assert played.billing() == [("power-up", FEBRUARY_UTC_S + 3600)]
    ((closed_at, closed),) = played.of(BillingClosed)
    assert at(3) <= closed_at <= at(3) + 2 * S
    lost = 3600 - wh(closed.totals[0])
    assert -3 <= lost <= (3 if kind == "supply-fail" else 903)
    assert played.registers("end")["0.1.0"] == ("01",)


def test_one_end_of_billing_for_two_dates_in_an_outage_and_the_next_on_its_day():
    body = fault("supply-fail", "1h", "57d")
    played = held(play(text_of("2026-01-31T22:00:00+01:00", "60d", body)))
    power_up = FEBRUARY_UTC_S - 3600 + 57 * 86_400
    april = MARCH_UTC_S + 31 * 86_400 - 3600
    assert MARCH_UTC_S < power_up < april
    assert [source for source, _ in played.billing()] == ["power-up", "billing-date"]
    stamps = [stamp for _, stamp in played.billing()]
    # 57 days of a crystal 0.136 ppm off its turnover are under a second.
    assert abs(stamps[0] - power_up) <= 2
    assert stamps[1] == april


@pytest.mark.parametrize("minutes", [-2, -1, 0])
def test_power_back_about_the_billing_date_makes_one_set(minutes):
    """Back before the date, at it, or within the boot: one end of billing, whatever its source."""
    body = fault("supply-fail", "1h", f"{60 * 60 * 1000 + minutes * 100}ms")
    played = held(play(text_of("2026-01-31T22:00:00+01:00", "4h", body)))
    ((source, stamp),) = played.billing()
    assert source in ("power-up", "billing-date")
    assert FEBRUARY_UTC_S <= stamp <= FEBRUARY_UTC_S + 1


@pytest.mark.parametrize("cut_ms", [*range(0, 700, 50), 1000])
def test_power_lost_about_the_billing_date_makes_one_set(cut_ms):
    """The rail collapses before, in, or after the making of the set: there is one, with that month's energy."""
    body = fault("power-cut", f"{2 * 3600_000 - 200 + cut_ms}ms", "10min") + reading("end", "3h")
    played = held(play(text_of("2026-01-31T22:00:00+01:00", "4h", body)))
    ((_, closed),) = played.of(BillingClosed)
    assert closed.source in ("power-up", "billing-date")
    assert wh(closed.totals[0]) == pytest.approx(7200, abs=902)
    end = played.registers("end")
    assert end["0.1.0"] == ("01",)
    assert end["1.6.0*01"][0] == "003.600*kW"


@pytest.mark.parametrize(("down", "up", "rate"), [("5h30min", "6h30min", 1), ("21h30min", "22h30min", 2)])
def test_the_right_rate_from_the_first_second_after_an_outage(down, up, rate):
    minutes = {"6h30min": 390, "22h30min": 1350}[up]
    body = fault("supply-fail", down, "1h") + reading("end", "23h30min")
    played = held(play(text_of("2026-06-15T00:00:00+02:00", "24h", body)))
    power_up = at(0, minutes)
    selected = [(at_ns, record.rate) for at_ns, record in played.of(RateSelected) if at_ns >= power_up]
    assert selected[0][1] == rate
    assert selected[0][0] <= power_up + S
    end = played.registers("end")
    first, second = (float(end[f"1.8.{n}"][0].partition("*")[0]) * 1000 for n in (1, 2))
    assert first == pytest.approx(15.5 * 3600, abs=3)
    assert second == pytest.approx(7 * 3600, abs=3)


def test_a_season_and_a_special_day_that_begin_in_an_outage():
    tariff = """
[tariff.day_profiles]
one = { "00:00" = 1 }
two = { "00:00" = 2 }
three = { "00:00" = 3 }
[tariff.weeks]
winter = { every_day = "one" }
summer = { every_day = "two" }
[tariff.seasons]
winter = { from = "10-01", week = "winter" }
summer = { from = "06-16", week = "summer" }
[tariff.special_days]
"06-17" = "three"
"""
    body = tariff + fault("supply-fail", "23h", "2h") + fault("supply-fail", "47h30min", "1h")
    played = held(play(text_of("2026-06-15T00:00:00+02:00", "74h1min", body)))
    assert played.changes() == [(0, 1), (25 * 60, 2), (48 * 60 + 30, 3), (72 * 60, 2)]
    last = [wh(rate[0]) for rate in played.saved_at(at(74, 1)).rates]
    assert last == pytest.approx([23 * 3600, (22.5 + 2) * 3600, 23.5 * 3600], abs=5)


def intervals_hold_what_flowed(played: Played, flowed_h: float) -> None:
    """Each interval once, in order, on the half-hour; together they hold all energy of the whole ones."""
    intervals = [record for _, record in played.of(IntervalClosed)]
    stamps = [record.utc_s for record in intervals]
    assert stamps == sorted(set(stamps))
    assert all(stamp % 1800 == 0 for stamp in stamps)
    assert sum(record.demand_mw for record in intervals) / 2e3 == pytest.approx(flowed_h * 3600, abs=5)


@pytest.mark.parametrize("down", ["90min", None])
def test_clocks_go_forward_in_an_outage(down):
    """02:00 becomes 03:00, seven hours in. The day has 23 h: 46 half-hours."""
    body = '[tariff.day_profiles]\nday = { "00:00" = 1, "02:30" = 2, "03:30" = 3 }\n'
    body += reading("end", "12h10min")
    if down is not None:
        body += fault("supply-fail", "6h", down)
    played = held(play(text_of("2026-03-28T19:00:00+01:00", "35h1min", body)))
    end = played.registers("end")
    # Twelve hours on at 07:10 of standard time is 08:10.
    assert end["0.9.1"][0].startswith("08:10")
    assert end["0.9.2"] == ("26-03-29",)
    # 02:30 never came: its switch acts at the first instant after, 03:00; so does it if that was in an outage.
    back = at(7, 30) if down is not None else at(7)
    expected = [(7 * 60 + 30, 3), (28 * 60, 1), (30 * 60 + 30, 2), (31 * 60 + 30, 3)]
    if down is None:
        expected.insert(0, (back // MINUTE, 2))
    assert played.changes(at(6)) == expected
    intervals_hold_what_flowed(played, 35 - (1.5 if down is not None else 0))


@pytest.mark.parametrize(
    ("outage", "source", "hours"),
    [
        (None, "billing-date", 0.0),
        (("5h30min", "2h"), "power-up", 2.0),
        (("7h10min", "30min"), "power-up", 0.5),
        (("7h10min", "90min"), "power-up", 1.5),
        (("6h45min", "30min"), "billing-date", 0.5),
        (("8h10min", "30min"), "billing-date", 0.5),
    ],
)
def test_clocks_go_back_in_an_outage(outage, source, hours):
    """03:00 becomes 02:00, eight hours in. A billing date at 02:30 comes once, in the first pass, or at power-up."""
    body = '[billing]\nday = 25\ntime = "02:30"\n' + reading("end", "12h10min")
    if outage is not None:
        body += fault("supply-fail", *outage)
    played = held(play(text_of("2026-10-24T19:00:00+02:00", "36h1min", body)))
    end = played.registers("end")
    assert end["0.9.1"][0].startswith("06:10")
    assert end["0.1.0"] == ("01",)
    ((found, stamp),) = played.billing()
    assert found == source
    if source == "billing-date":
        assert stamp == FIRST_PASS_UTC_S
    assert played.changes(at(10)) == [(12 * 60, 1), (28 * 60, 2), (36 * 60, 1)]
    intervals_hold_what_flowed(played, 36 - hours)


def test_an_outage_never_inflates_a_maximum():
    """3.6 kW it is, and no more, however often the half-hour is cut."""
    body = "".join(fault("supply-fail", f"{60 + 7 * n}min", "2min") for n in range(20))
    played = held(play(text_of("2026-06-15T08:00:00+02:00", "6h1min", body)))
    demands = [record.demand_mw for _, record in played.of(IntervalClosed)]
    assert max(demands) <= 3_601_000
    cut = [record for at_ns, record in played.of(IntervalClosed) if at(1, 10) < at_ns < at(3)]
    assert cut
    assert all(record.short and record.demand_mw < 3_200_000 for record in cut)
    assert len(demands) == 12
