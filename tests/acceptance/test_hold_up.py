"""The hold-up capacitor at the end of its life gives at least twice what the worst save at power fail takes."""

import pytest

from firmware.save import billing_bytes, state_bytes
from firmware.storage.hold_up import record_pages, save_ns, wait_with_suspend_ns
from firmware.storage.power_fail import batch_pages
from hal.units import MS
from sim.devices.flash import W25Q64
from sim.devices.supply import SUPPLY
from sim.physics.capacitor import energy_fj
from tests.acceptance.playing import play, text_of

AGED_PERCENT = 70
"""Of the capacity: an aluminium capacitor counts as worn out at 20 to 30 % less (from memory), tolerance included."""


def hold_up_ns() -> int:
    """From the interrupt to the brown-out, with an aged capacitor that was full, at the board's draw."""
    usable = energy_fj(SUPPLY.capacity_uf, SUPPLY.full_mv) - energy_fj(SUPPLY.capacity_uf, SUPPLY.brown_out_mv)
    return usable * AGED_PERCENT // 100 // SUPPLY.draw_uw - SUPPLY.detection_ns


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
