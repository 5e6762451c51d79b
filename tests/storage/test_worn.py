"""Sectors that wear out under a ring: they are found, told, stepped over, and cost no record."""

import pytest

from firmware.storage.ring import Ring
from tests.storage.bench import SMALL, Bench, region


def begun(seed: int = 1, sectors: int = 6) -> tuple[Bench, Ring, list[int]]:
    bench, told = Bench(seed), list[int]()
    ring = Ring(bench.flash, region(sectors=sectors))
    ring.recover()
    ring.soundness.retired = told.append
    return bench, ring, told


def put(bench: Bench, ring: Ring, payload: bytes) -> bool:
    """Written, and again if it did not come back; False without a slot."""
    for _ in range(4):
        bench.run(ring.maintenance())
        if not ring.free_slots:
            return False
        appending = ring.append(payload)
        assert bench.run(appending)
        if appending.whole:
            return True
    raise AssertionError("one worn sector after another")


def kept(bench: Bench, ring: Ring) -> list[bytes]:
    again = Ring(bench.flash, ring.region)
    again.recover()
    found = [record.payload for record in again.newest_first()]
    assert found == [record.payload for record in ring.newest_first()]
    return found


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("offset", [0, 4, 300, 1_000])
def test_a_record_that_does_not_come_back_is_written_elsewhere(level: int, offset: int) -> None:
    bench, ring, told = begun()
    assert put(bench, ring, b"first")
    sector = ring.region.sector_of(ring.newest_sequence + ring.region.slots_per_sector)
    address = ring.region.slot_address(ring.newest_sequence + ring.region.slots_per_sector)
    bench.run(ring.maintenance())
    bench.flash.stick(address + offset, 0xFF, level)
    payloads = [bytes([number]) * 1_200 for number in range(0x40, 0x4C)]
    for payload in payloads:
        assert put(bench, ring, payload)
    assert told == [sector] == sorted(ring.worn)
    assert kept(bench, ring)[: ring.region.capacity] == payloads[::-1][: ring.region.capacity]
    assert bench.flash.violations == []


@pytest.mark.parametrize("page", [0, 1, 15])
def test_a_sector_that_does_not_erase_clean_is_stepped_over_for_good(page: int) -> None:
    bench, ring, told = begun()
    region = ring.region
    bad = region.first_sector + 2
    bench.flash.stick(bad * SMALL.sector_bytes + page * SMALL.page_bytes + 3, 0x04, 0)
    for number in range(3 * region.sectors * region.slots_per_sector):
        assert put(bench, ring, bytes([number]))
    assert told == [bad]
    assert bench.flash.wear(bad) == 1, "it is not erased again in this life"
    wear = [bench.flash.wear(sector) for sector in range(region.first_sector, region.first_sector + region.sectors)]
    del wear[2]
    assert max(wear) - min(wear) <= 1
    # A later life finds it again by itself, and as soon as its turn comes.
    later = Ring(bench.flash, region)
    later.recover()
    bench.settle(later.settle(torn=False))
    for number in range(region.sectors * region.slots_per_sector):
        assert put(bench, later, bytes([number]))
    assert later.worn == {bad}


def test_with_no_sound_sector_left_the_ring_goes_on_with_worn_ones_until_they_hold_nothing() -> None:
    bench, ring, told = begun()
    region = ring.region
    assert put(bench, ring, b"first")
    for number in range(region.sectors):
        address = (region.first_sector + number) * SMALL.sector_bytes
        if number not in (0, 1, 4):
            bench.flash.stick(address + 777, 0x01, 0)
    for number in range(30):
        assert put(bench, ring, bytes([number]))
    assert len(told) == 3
    assert kept(bench, ring)[0] == bytes([29])
    exhausted: list[int] = []
    ring.soundness.worn_out = lambda: exhausted.append(len(told))
    for number in (0, 1, 4):
        bench.flash.stick((region.first_sector + number) * SMALL.sector_bytes + 777, 0x01, 0)
    # The first slot of each sector has a stuck bit; the two others hold what they are given.
    for number in range(60):
        assert put(bench, ring, bytes([number]) * 900)
    assert exhausted == [4]
    assert sorted(told) == [region.first_sector + number for number in range(region.sectors)]
    assert kept(bench, ring)[0] == bytes([59]) * 900
    wear = [bench.flash.wear(sector) for sector in range(region.first_sector, region.first_sector + region.sectors)]
    assert sum(wear) <= 60, "an erase for two records, and some to find out"
    later = Ring(bench.flash, region)
    later.recover()
    bench.settle(later.settle(torn=False))
    assert put(bench, later, b"later")
    assert kept(bench, later)[0] == b"later"
    ring = later
    for number in range(region.sectors):
        for offset in range(4):
            bench.flash.stick((region.first_sector + number) * SMALL.sector_bytes + offset, 0xFF, 0)
    written = 0
    while written < 100 and put(bench, ring, b"more"):
        written += 1
    assert written < 20
    assert not ring.erase_due
    assert list(ring.maintenance()) == []
    # What was whole before is not erased to make room.
    assert next(record.payload for record in ring.newest_first()) == b"more"
    assert bench.flash.violations == []


def test_a_part_worn_beyond_its_endurance_loses_nothing_that_was_whole() -> None:
    for seed in range(4):
        bench, ring, told = begun(seed, sectors=8)
        region = ring.region
        for sector in range(region.first_sector, region.first_sector + region.sectors - 3):
            bench.flash.wear_to(sector, SMALL.endurance_cycles + 20_000)
        payloads = [bytes([number]) * 1_000 for number in range(60)]
        for payload in payloads:
            assert put(bench, ring, payload)
        assert told
        found = kept(bench, ring)
        assert found == payloads[::-1][: len(found)]
        assert found


def test_a_record_that_rots_soon_takes_its_sector_out() -> None:
    bench, ring, told = begun()
    assert put(bench, ring, b"one")
    sector = ring.region.sector_of(ring.newest_sequence)
    bench.flash.rot(ring.region.slot_address(ring.newest_sequence), 0xFF)
    ring.rotted(ring.newest_sequence)
    ring.rotted(10_000)
    assert told == [sector]
    assert put(bench, ring, b"two")
    assert ring.region.sector_of(ring.newest_sequence) != sector
