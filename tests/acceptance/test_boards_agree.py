"""Both boards bill alike: rates, events and stamps identical, energy within 0.01 %."""

import functools

import pytest

from hal.probe import BillingClosed, EventLogged, IntervalClosed, RateSelected
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles

BODY = (
    '[clock]\nbattery_failure = "reset"\n'
    + fault("supply-fail", "90min", "10min")
    + fault("battery-fail", "2h3min")
    + fault("supply-fail", "3h20min", "5min")
    + fault("terminal-cover-open", "4h10min", "2min")
    + reading("before", "1h")
    + reading("reset", "5h5min400ms", "billing-reset")
    + reading("after", "5h50min")
)


@functools.cache
def evening(board: str) -> Played:
    """Six hours of a household's evening, over the switch at 22:00."""
    load = 'profile = "bdew:h0"\nannual_energy = "4000 kWh"'
    played = play(text_of("2026-03-27T17:00:00+01:00", "6h", BODY, board, load))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def test_events_and_their_stamps_are_identical():
    soc, afe = ([(row.event, row.local_time, row.clock) for row in evening(b).result.events] for b in ("soc", "afe"))
    assert soc == afe
    assert len(soc) > 10


def test_rates_and_their_stamps_are_identical():
    soc, afe = ([(r.rate, r.utc_s) for _, r in evening(b).of(RateSelected)] for b in ("soc", "afe"))
    assert soc == afe
    assert {rate for rate, _ in soc} == {1, 2}


def test_intervals_and_sets_have_identical_stamps():
    intervals = [[(r.utc_s, r.short) for _, r in evening(b).of(IntervalClosed)] for b in ("soc", "afe")]
    assert intervals[0] == intervals[1]
    sets = [[(r.number, r.source, r.utc_s) for _, r in evening(b).of(BillingClosed)] for b in ("soc", "afe")]
    assert sets[0] == sets[1]
    assert [source for _, source, _ in sets[0]] == ["power-up", "optical"]


def test_numbers_and_details_of_events_are_identical():
    """But for power-down, whose detail is the number of a save: how many there were hangs on the front end."""
    logged = [[record for _, record in evening(board).of(EventLogged)] for board in ("soc", "afe")]
    numbers = [[(r.sequence, r.event == "power-down" or r.detail) for r in records] for records in logged]
    assert numbers[0] == numbers[1]


def test_energy_agrees_within_a_ten_thousandth():
    soc, afe = (evening(board).saved_at(at(6)) for board in ("soc", "afe"))
    for one, other in zip((soc.totals, *soc.rates), (afe.totals, *afe.rates), strict=True):
        for quantity in (0, 2, 6):
            assert one[quantity] == pytest.approx(other[quantity], rel=1e-4)
        assert [one[quantity] for quantity in (1, 3, 4, 5, 7)] == [0] * 5
    assert soc.totals[0] > 2 * 10**12


@pytest.mark.parametrize("identity", ["before", "after"])
def test_readouts_are_alike(identity):
    soc, afe = (evening(board).registers(identity) for board in ("soc", "afe"))
    assert list(soc) == list(afe)
    for address in soc:
        if ".8." in address or ".6." in address:
            one, other = (float(shown[address][0].partition("*")[0]) for shown in (soc, afe))
            # A readout of samples lags by a window; the last digit is 1 W or 1 Wh.
            assert one == pytest.approx(other, rel=1e-4, abs=0.0011), address
            assert soc[address][0].partition("*")[2] == afe[address][0].partition("*")[2]
            assert soc[address][1:] == afe[address][1:]
        elif address != "0.9.1":
            assert soc[address] == afe[address]
