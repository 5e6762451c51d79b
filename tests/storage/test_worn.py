"""Sectors that wear out under a ring: they are found, told, stepped over, and cost no record."""

import pytest

from firmware.storage.region import Region
from firmware.storage.ring import Ring
from sim.devices.flash import ProgramCut
from tests.storage.bench import SMALL, Bench, Cut, region


def begun(seed: int = 1, sectors: int = 6) -> tuple[Bench, Ring, list[int]]:
    """With those that nobody was told of yet."""
    bench = Bench(seed)
    ring = Ring(bench.flash, region(sectors=sectors))
    ring.recover()
    return bench, ring, ring.soundness.untold


def tell(ring: Ring) -> list[int]:
    """Those that are told of now."""
    told, ring.soundness.untold[:] = [*ring.soundness.untold], []
    for sector in told:
        ring.soundness.told(sector)
    return told


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
    # It was not told: a later life finds it again by itself, and as soon as its turn comes.
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
    assert not ring.soundness.exhausted
    for number in (0, 1, 4):
        bench.flash.stick((region.first_sector + number) * SMALL.sector_bytes + 777, 0x01, 0)
    # The first slot of each sector has a stuck bit; the two others hold what they are given.
    for number in range(60):
        assert put(bench, ring, bytes([number]) * 900)
    assert ring.soundness.exhausted
    assert not ring.soundness.exhausted_untold, "the sectors come first"
    assert sorted(tell(ring)) == [region.first_sector + number for number in range(region.sectors)]
    assert ring.soundness.exhausted_untold
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
    assert ring.stopped
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


def life(bench: Bench, ring: Ring) -> Ring:
    """The next one."""
    bench.power_cycle(0)
    later = Ring(bench.flash, ring.region)
    later.recover()
    assert bench.settle(later.settle(torn=True))
    return later


@pytest.mark.parametrize("stuck", [(24, 0), (33, 1), (30, 0), (2_000, 0)])
def test_a_worn_sector_that_was_told_is_known_to_every_later_life(stuck: tuple[int, int]) -> None:
    bench, ring, _ = begun()
    region = ring.region
    bad = region.first_sector + 2
    # In the place of the mark, too.
    bench.flash.stick(bad * SMALL.sector_bytes + stuck[0], 0x10, stuck[1])
    bench.flash.stick(bad * SMALL.sector_bytes + 3_000, 0x10, 0)
    for number in range(region.sectors * region.slots_per_sector):
        assert put(bench, ring, bytes([number]))
    assert tell(ring) == [bad]
    bench.run(ring.maintenance())
    for _ in range(3):
        ring = life(bench, ring)
        assert ring.worn == {bad}
        for number in range(2 * region.sectors * region.slots_per_sector):
            assert put(bench, ring, bytes([number]))
        assert tell(ring) == []
    assert bench.flash.wear(bad) == 1
    assert bench.flash.violations == []


def test_no_mark_before_it_was_told_and_a_cut_one_tells_again() -> None:
    for permille in (0, 4, 500, 996):
        bench, ring, told = begun()
        assert put(bench, ring, b"one")
        sector = ring.region.sector_of(ring.newest_sequence)
        ring.rotted(ring.newest_sequence)
        assert told == [sector]
        bench.run(ring.maintenance())
        assert life(bench, ring).worn == set()
        tell(ring)
        bench.run(ring.maintenance(), Cut(0, permille, ProgramCut.METASTABLE))
        later = life(bench, ring)
        assert later.worn <= {sector}
        assert [record.payload for record in later.newest_first()] == [b"one"]
        assert put(bench, later, b"two")
        later.rotted(later.newest_sequence - 1)
        tell(later)
        bench.run(later.maintenance())
        assert life(bench, later).worn <= {sector, later.region.sector_of(later.newest_sequence)}
        assert bench.flash.violations == []


def test_with_worn_sectors_alone_they_stay_known_when_they_are_used_again() -> None:
    bench, ring, _ = begun()
    region = ring.region
    for number in range(region.sectors):
        bench.flash.stick((region.first_sector + number) * SMALL.sector_bytes + 777, 0x01, 0)
    for number in range(20):
        assert put(bench, ring, bytes([number]))
        tell(ring)
    assert len(ring.worn) == region.sectors
    for _ in range(2):
        ring = life(bench, ring)
        assert len(ring.worn) == region.sectors
        assert ring.soundness.exhausted
        assert not ring.soundness.exhausted_untold
        for number in range(40):
            assert put(bench, ring, bytes([number]))
        assert tell(ring) == []


def test_bits_that_stick_in_sectors_erased_ahead_do_not_hide_the_newest_record() -> None:
    bench = Bench()
    ring = Ring(bench.flash, region(sectors=8, ahead=3))
    ring.recover()
    for number in range(5):
        assert put(bench, ring, bytes([number]))
    for first in range(ring.newest_sequence + 1, ring.newest_sequence + 10):
        bench.flash.stick(ring.region.slot_address(first) + 100, 0x03, 0)
    free = ring.free_slots
    later = Ring(bench.flash, ring.region)
    recovery = later.recover()
    assert recovery.newest is not None
    assert recovery.newest.payload == bytes([4])
    assert recovery.dropped == ()
    assert later.free_slots == free


def test_a_dropped_slot_that_was_given_up_is_not_dropped_again() -> None:
    bench, ring, _ = begun()
    for number in range(3):
        assert put(bench, ring, bytes([number]))
    for sequence in (2, 3):
        bench.flash.rot(ring.region.slot_address(sequence), 0xFF)
    bench.flash.stick(ring.region.slot_address(2) + 9, 0x42, 1)
    later = Ring(bench.flash, ring.region)
    dropped = later.recover().dropped
    assert [slot.sequence for slot in dropped] == [3, 2]
    assert list(later.give_up(1)) == [], "a whole one stays"
    for slot in dropped:
        assert bench.settle(later.give_up(slot.sequence))
    again = life(bench, later)
    assert again.recover().dropped == ()
    assert [record.payload for record in again.newest_first()] == [bytes([0])]
    assert put(bench, again, b"more")
    assert list(again.give_up(3)) == [], "nobody looks behind the newest whole one"


def test_a_few_bits_that_stick_do_not_make_or_hide_a_mark_behind_a_save() -> None:
    bench = Bench()
    where = Region("test", 7, 2, 5, 1280, SMALL.page_bytes, SMALL.sector_bytes, 1, 16)
    ring = Ring(bench.flash, where)
    ring.recover()
    for level, marks in ((0, False), (1, True)):
        assert put(bench, ring, b"save")
        bench.flash.stick(where.mark_address(ring.newest_sequence) + 3, 0x84, level)
        assert not ring.marked
        if marks:
            assert bench.settle(ring.mark())
            assert ring.marked
