"""Dips that the hold-up spans, and outages upon outages, faster than the capacitor recharges."""

import pytest

from hal.probe import Booted, RegistersSaved
from hal.units import S
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, fault, play, text_of, troubles, wh

START = "2026-06-15T08:00:00+02:00"


def held(body: str, board: str, duration: str = "2min") -> Played:
    played = play(text_of(START, duration, body, board))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


@pytest.mark.parametrize("board", ["soc", "afe"])
@pytest.mark.parametrize("dip_ms", [25, 100, 500, 1000])
def test_a_dip_that_the_hold_up_spans_costs_nothing(board, dip_ms):
    """No restart; all that flowed is counted, and no energy of the dip. At the end a whole save tells."""
    dips = "".join(fault("supply-fail", f"{20_000 * n}ms", f"{dip_ms}ms") for n in range(1, 5))
    played = held(dips + fault("supply-fail", "100s", "10s"), board)
    assert len(played.of(Booted)) == 2
    reasons = [record.reason for _, record in played.of(RegistersSaved)]
    assert reasons.count("power_fail") == 5
    last = next(record for at_ns, record in played.of(RegistersSaved) if 100 * S < at_ns < 110 * S)
    assert last.reason == "power_fail"
    # From the boot some 0.12 s in; what a block of samples spans is less than half a second.
    assert wh(last.totals[0]) == pytest.approx(100 - 0.12 - 4 * dip_ms / 1000, abs=0.45 if board == "soc" else 0.02)
    assert played.events() == ["power-up", "power-down", "power-up"]


@pytest.mark.parametrize("board", ["soc", "afe"])
@pytest.mark.parametrize("first", ["supply-fail", "power-cut"])
def test_supply_for_a_moment_between_two_outages(board, first):
    """At every stage of the boot, and of its first save, the supply fails again: with a warning this time."""
    body, instant = "", 10_000
    for supply_ms in (*range(130, 700, 60), 1_000, 1_500):
        body += fault(first, f"{instant}ms", "3s") + fault("supply-fail", f"{instant + 3_000 + supply_ms}ms", "3s")
        instant += 20_000
    played = held(body, board, f"{instant + 10_000}ms")
    # With warnings all is saved; without them the 14 s since the last save are lost each time.
    assert [record.clean for _, record in played.of(Booted)].count(False) == (12 if first == "power-cut" else 0)
    assert played.count("register-backup-used") == (12 if first == "power-cut" else 0)


def test_a_burst_of_cuts_is_survived_and_told():
    """400 ms of supply between cuts of 600 ms, thirty times."""
    body = "".join(fault("power-cut", f"{10_000 + n * 1_000}ms", "600ms") for n in range(30))
    played = held(body, "afe", "3min")
    assert len(played.of(Booted)) == 31
    assert played.count("register-backup-used") >= 1
    assert played.events()[-1] == "power-up"
