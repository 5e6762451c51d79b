"""The memory map of the meter and what it refuses; the time of a save at power fail."""

from dataclasses import replace
from typing import Any

import pytest

from firmware.storage import hold_up
from firmware.storage.memory_map import (
    ERASES_MOST,
    LIFE_DAYS,
    METER,
    MemoryMapError,
    Reservation,
    RingLayout,
    erases_in_life,
    plan,
)
from firmware.storage.region import Region
from hal.units import MS, US
from sim.devices.flash import W25Q64

GEOMETRY = W25Q64.geometry


def test_the_meters_map_keeps_its_promises() -> None:
    plan_ = plan(METER, GEOMETRY)
    assert W25Q64.endurance_cycles == 2 * ERASES_MOST
    assert LIFE_DAYS >= 20 * 365
    taken: list[int] = []
    for layout, region in zip(METER, plan_.regions, strict=True):
        assert layout.name == region.name
        taken += range(region.first_sector, region.first_sector + region.sectors)
        if isinstance(layout, RingLayout):
            assert isinstance(region, Region)
            assert plan_.ring(layout.name) is region
            assert region.payload_bytes >= layout.payload_bytes
            assert region.capacity >= layout.records
            assert region.ahead_sectors * region.slots_per_sector >= layout.urgent_records
            writes = 20 * 365 * layout.writes_per_day
            assert writes / (region.sectors * region.slots_per_sector) <= W25Q64.endurance_cycles / 2
            assert erases_in_life(layout, region) <= ERASES_MOST
        else:
            assert region.sectors * W25Q64.sector_bytes >= layout.size_bytes
    assert sorted(taken) == list(range(plan_.used_sectors))
    assert plan_.spare_permille >= 100
    assert len({region.number for region in plan_.regions if isinstance(region, Region)}) == len(METER)


@pytest.mark.parametrize(("payload", "slot"), [(112, 128), (113, 256), (48, 64), (49, 128), (240, 256), (241, 512)])
def test_short_records_share_a_page_and_none_crosses_one(payload: int, slot: int) -> None:
    region = plan([RingLayout("short", 9, payload, records=100, writes_per_day=1)], GEOMETRY).ring("short")
    assert region.slot_bytes == slot
    assert region.payload_bytes >= payload
    assert region.capacity >= 100
    if slot <= 256:
        for sequence in range(1, 100):
            address = region.slot_address(sequence)
            assert address // 256 == (address + slot - 1) // 256
            assert address % 4096 >= 256


def test_a_ring_written_often_is_as_wide_as_wear_asks() -> None:
    often = RingLayout("saves", 1, payload_bytes=3_800, records=1, writes_per_day=96 * 4)
    region = plan([often], GEOMETRY).ring("saves")
    assert region.sectors == -(-96 * 4 * 7_305 // 50_000)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payload_bytes": 3_825}, "billing: a record of 3825 bytes does not fit a sector; at most 3824 bytes do"),
        ({"records": 0}, "billing: records is 0"),
        ({"writes_per_day": -1}, "billing: writes_per_day is -1"),
        ({"number": 300}, "billing: number 300"),
        ({"number": 1}, "registers and billing share the number 1"),
        ({"name": "profile"}, "two regions are called profile"),
        ({"records": 2_000 * 2}, "sectors used, of which 205 must stay spare: registers"),
    ],
)
def test_a_map_that_does_not_fit_says_why(change: dict[str, Any], words: str) -> None:
    layouts = [
        replace(layout, **change) if isinstance(layout, RingLayout) and layout.name == "billing" else layout
        for layout in METER
    ]
    with pytest.raises(MemoryMapError, match=words):
        plan(layouts, GEOMETRY)


def test_a_tenth_stays_spare_to_the_sector() -> None:
    most = (2048 - 205) * 4096
    assert plan([Reservation("profile", most)], GEOMETRY).spare_permille == 100
    with pytest.raises(MemoryMapError, match="profile 1844"):
        plan([Reservation("profile", most + 1)], GEOMETRY)


def test_unknown_rings() -> None:
    plan_ = plan((*METER, Reservation("later", 4_096)), GEOMETRY)
    for name in ("nowhere", "later"):
        with pytest.raises(KeyError, match=name):
            plan_.ring(name)


def test_the_worst_save() -> None:
    """By hand: a program under way takes 3 ms, ten pages 30 ms."""
    pages = hold_up.record_pages(2_500, GEOMETRY)
    assert pages == 10
    assert hold_up.save_ns(GEOMETRY, pages, hold_up.wait_with_suspend_ns(GEOMETRY)) == 33 * MS
    slow = replace(GEOMETRY, suspend_worst_ns=5 * MS)
    assert hold_up.wait_with_suspend_ns(slow) == 5 * MS
    assert GEOMETRY.suspend_worst_ns == 40 * US
    assert [hold_up.record_pages(size, GEOMETRY) for size in (0, 240, 241)] == [1, 1, 2]
    # Five rings: a header and two slots of each, the save's end and its mark; 17 pages behind a program under way.
    assert hold_up.needed_ns(GEOMETRY, 5, 400 * MS) == (18 * 3 + 400) * MS
    with pytest.raises(ValueError, match="0 pages"):
        hold_up.save_ns(GEOMETRY, 0, 0)
