"""The tests of the cell: what they tell, and that they tell it once."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.battery import BatteryWatch
from firmware.clock.trust import ClockStatus
from firmware.events.codes import Event
from sim.oracles.reread import logged
from sim.scenario.result import Verdict
from tests.acceptance.playing import fault, play, text_of, troubles

LOW_MV, MARGIN_MV = 2_400, 100
START = "2026-06-15T08:00:00+02:00"


@dataclass
class Cell:
    voltage_mv: int = 3_000

    def test(self) -> int:
        return self.voltage_mv


@given(st.lists(st.integers(2_250, 2_650), max_size=40))
def test_a_cell_fails_below_one_voltage_and_is_healthy_above_another(shown_mv: list[int]) -> None:
    cell = Cell()
    watch = BatteryWatch(cell, LOW_MV, MARGIN_MV)
    failed = False
    for place, cell.voltage_mv in enumerate(shown_mv, 1):
        expected = None
        if not failed and cell.voltage_mv < LOW_MV:
            failed, expected = True, Event.BATTERY_FAILED
        elif failed and cell.voltage_mv >= LOW_MV + MARGIN_MV:
            failed, expected = False, Event.BATTERY_RESTORED
        assert watch.test(place, ClockStatus.VALID) is expected
        assert (watch.failed_s != 0) is failed


@given(st.lists(st.integers(2_400, 2_499), min_size=1, max_size=20))
def test_a_cell_about_the_limit_tells_nothing_new(shown_mv: list[int]) -> None:
    cell = Cell(LOW_MV - 1)
    watch = BatteryWatch(cell, LOW_MV, MARGIN_MV)
    assert watch.test(7, ClockStatus.VALID) is Event.BATTERY_FAILED
    for cell.voltage_mv in shown_mv:
        assert watch.test(8, ClockStatus.VALID) is None
    assert watch.failed_s == 7


def test_a_failure_that_is_in_the_log_is_not_told_again_after_an_unclean_power_down() -> None:
    """Found at 09:15 and in the log; the supply collapses without a save after that."""
    body = '[clock]\nbattery_failure = "reset"\n' + fault("battery-low", "1h5min", more='voltage = "2.2 V"')
    told_ns = next(row.at_ns for row in play(text_of(START, "2h", body)).result.events if row.event == "battery-failed")
    for after_ms in (0, 5, 10, 20, 40):
        played = play(text_of(START, "3h", body + fault("power-cut", f"{told_ns + after_ms * 1_000_000}ns", "10min")))
        assert played.result.verdict is Verdict.HELD, troubles(played.result)
        # One that was whole in the last moment was told to nobody.
        in_flash = [record.event for record in logged(played.runner.bench.board.flash)]
        assert in_flash.count("battery-failed") == 1
