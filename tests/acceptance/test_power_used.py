"""What a run says of the power it used, and what warmth, age and a super-capacitor make of it."""

import pytest

from hal.probe import RegistersSaved
from hal.units import DAY, HOUR, S
from sim.scenario.result import BackupRow, Verdict
from tests.acceptance.playing import NWH, Played, fault, play, text_of, troubles

START = "2026-06-15T08:00:00+02:00"


def held(duration: str, body: str, board: str = "afe") -> Played:
    played = play(text_of(START, duration, body, board))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def backup(played: Played) -> BackupRow:
    row = played.result.backup
    assert row is not None
    return row


def test_the_energy_drawn_by_consumer_adds_up_over_lives() -> None:
    """With 2 h without mains in 8: what is drawn then is what the hold-up gives, and nothing more."""
    result = held("8h", fault("supply-fail", "2h", "2h")).result
    rows = {row.consumer: row for row in result.consumption}
    assert list(rows) == ["cpu-run", "cpu-sleep", "front-end", "flash", "optical", "rtc", "rest"]
    powered = rows["rest"].active_ns
    assert 6 * HOUR < powered < 6 * HOUR + 3 * S
    assert rows["cpu-run"].active_ns == result.cpu_busy_ns
    assert rows["cpu-run"].active_ns + rows["cpu-sleep"].active_ns == powered
    # 170 mW for 6 h.
    assert rows["rest"].energy_nwh == pytest.approx(0.170 * 6 * 10**9, rel=1e-3)
    assert 0 < rows["flash"].active_ns < result.flash_programs * 3_000_000 + result.flash_erases * 400_000_000
    assert rows["optical"].active_ns == 0


def test_a_cell_is_used_in_the_outage_and_the_rest_of_the_time_it_loses_of_itself() -> None:
    row = backup(held("30h", fault("supply-fail", "2h", "10h")))
    assert row.kind == "cell"
    assert row.on_backup_ns == pytest.approx(10 * HOUR, abs=5 * S)
    assert row.supplied_ns + row.on_backup_ns == 30 * HOUR
    # 0.5 uA for 10 h; 12 mAh a year at 20 degrees, some more at 23.
    assert row.rtc_nah == pytest.approx(5_000, rel=1e-3)
    assert 12_000_000 * 30 * HOUR // (365 * DAY) < row.loss_nah < 16_000_000 * 30 * HOUR // (365 * DAY)
    assert row.tests_nah > 0
    taken = row.rtc_nah + row.tests_nah + row.loss_nah
    assert row.life_ns == pytest.approx(30 * HOUR * row.capacity_nah / taken, rel=1e-3)


def test_a_super_capacitor_runs_out_in_a_long_outage_and_not_in_a_short_one() -> None:
    table = '[world.rtc_backup]\nkind = "super-capacitor"\ncapacitance = "10 mF"\n'
    # (3.3 V - 1.5 V) x 10 mF over 0.5 uA + 2.6 uA at 23 degrees: 1.6 h.
    short = held("12h", table + fault("supply-fail", "2h", "1h"))
    assert short.count("clock-restored") == 0
    assert abs(short.result.clock_error_ns) < S
    long = held("12h", table + fault("supply-fail", "2h", "3h"))
    assert long.count("clock-restored") == 1
    assert long.result.clock_error_ns == pytest.approx(-3 * HOUR, abs=10 * S)
    assert backup(long).life_ns is None


def test_a_worn_capacitor_shortens_the_hold_up_and_saves_all_the_same() -> None:
    def powered_ns(world: str) -> int:
        played = play(text_of(START, "2h", world + fault("supply-fail", "30min", "10s")))
        assert played.result.verdict is Verdict.HELD, troubles(played.result)
        return next(row.active_ns for row in played.result.consumption if row.consumer == "rest")

    fresh, worn = powered_ns(""), powered_ns('[world]\nhold_up_capacity = "64 %"\n')
    # 0.64 of 2.48 s; it starts sooner by as much as there is less to charge, twice.
    assert 0.7 * S < fresh - worn < 0.9 * S


def test_the_clock_follows_the_temperature_step_by_step() -> None:
    """-0.034 ppm/K^2 around 25 degrees: a day at 25, one at -5, one at 55."""
    step = '[[world.temperature_step]]\nat = "{}"\ntemperature = "{}"\n'
    world = '[world]\ntemperature = "25 °C"\n' + step.format("24h", "-5 °C") + step.format("48h", "55 °C")
    bench = held("72h", world).runner.bench
    error_ns = bench.board.rtc.shown_ns() - bench.world.utc_ns
    assert error_ns == pytest.approx(-2 * 34 * 900 * 86_400, abs=2_000_000)


def test_warmth_moves_the_samples_and_the_energy_holds() -> None:
    """An AT cut at -30 degrees is 5.03 ppm slow, for 100 s: 0.5 ms of samples that come late, and of energy besides."""
    step = '[[world.temperature_step]]\nat = "{}"\ntemperature = "{}"\n'
    outage = fault("supply-fail", "2min", "5s")
    cold = held("126s", step.format("20s", "-30 °C") + outage, "soc")
    even = held("126s", outage, "soc")
    less = even.result.energies[0].meter_nwh - cold.result.energies[0].meter_nwh
    # 1 Wh a second.
    assert less == pytest.approx(100 * 5.03e-6 * NWH, rel=0.02)
    saves = [saved.reason for _, saved in cold.of(RegistersSaved)]
    assert "power_fail" in saves
