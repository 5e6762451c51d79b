"""The hold-up capacitor at the end of its life gives at least twice what the worst save at power fail takes."""

import pytest

from firmware.save import billing_bytes, state_bytes
from firmware.storage.hold_up import record_pages, save_ns, wait_with_suspend_ns
from firmware.storage.power_fail import batch_pages
from hal.units import MS
from sim.devices.draw import DRAW
from sim.devices.flash import W25Q64
from sim.devices.supply import worst_hold_up_ns
from sim.devices.supply_part import SUPPLY
from tests.acceptance.playing import play, text_of


def hold_up_ns() -> int:
    """From the interrupt to the brown-out, at the capacitor's worst and with all that the board can draw."""
    return worst_hold_up_ns(SUPPLY, DRAW.most_uw)


@pytest.mark.parametrize("rates", range(1, 9))
def test_twice_the_flash_time_of_the_worst_save(rates):
    geometry = W25Q64.geometry
    pages = batch_pages(
        record_pages(state_bytes(rates), geometry), record_pages(billing_bytes(rates), geometry)
    )
    worst = save_ns(geometry, pages, wait_with_suspend_ns(geometry))
    assert worst > 50 * MS
    assert hold_up_ns() >= 2 * worst


@pytest.mark.parametrize("board", ["soc", "afe"])
def test_twice_the_bound_of_the_task_that_saves(board):
    result = play(text_of("2026-06-15T08:00:00+02:00", "1min", board=board)).result
    bound = next(row.bound_ns for row in result.timing if row.task == "power-fail")
    assert bound is not None
    assert hold_up_ns() >= 2 * bound
