"""Bits that rot, stick, weaken and wear out: what is read, what is counted, what is refused."""

from dataclasses import replace

import pytest

from hal.units import MS
from sim.devices.flash import W25Q64, EraseCut
from tests.storage.flash_bench import PAGE, PART, SECTOR, SIZE, Rig

WORN = replace(PART, endurance_cycles=100)


def stuck(rig: Rig, sector: int) -> tuple[int, int]:
    """How many bits of a sector can't be set, and how many can't be cleared. Takes two erases."""
    blank = (1 << 8 * SECTOR) - 1
    rig.erase(sector)
    low = blank ^ int.from_bytes(rig.flash.peek(sector * SECTOR, SECTOR), "little")
    for address in range(sector * SECTOR, (sector + 1) * SECTOR, PAGE):
        rig.program(address, bytes(PAGE))
    high = int.from_bytes(rig.flash.peek(sector * SECTOR, SECTOR), "little")
    return low.bit_count(), high.bit_count()


def test_zeros_rot_and_ones_do_not() -> None:
    rig = Rig()
    rig.program(7, b"\x0f")
    assert rig.flash.rot(7, 0x3C) == 2
    assert rig.flash.read(7, 1) == rig.flash.peek(7, 1) == b"\x3f"
    assert rig.flash.rot(7, 0x3C) == 0
    assert rig.flash.rot(8, 0xFF) == 0
    rig.program(7, b"\x0f")
    assert rig.flash.read(7, 1) == b"\x0f"
    assert rig.flash.violations == []
    assert rig.flash.damaged_sectors == 1
    rig.erase(0)
    assert (rig.flash.damaged_sectors, rig.flash.allocated_sectors) == (0, 0)


def test_a_weak_zero_that_rots_is_a_solid_one() -> None:
    rig = Rig()
    rig.program(7, b"\x00")
    rig.flash.weaken(7, 0xFF)
    assert rig.flash.rot(7, 0x0F) == 4
    reads = [rig.flash.read(7, 1)[0] for _ in range(40)]
    assert {read & 0x0F for read in reads} == {0x0F}
    assert len(set(reads)) > 4


def test_an_erase_ends_the_rot_even_where_other_bits_are_stuck() -> None:
    rig = Rig()
    rig.program(7, b"\x00")
    rig.flash.rot(7, 0xFF)
    rig.flash.stick(900, 1, 1)
    rig.erase(0)
    rig.flash.read(7, 1)
    assert (rig.flash.damage_met, rig.flash.damaged_sectors) == (0, 1)


def test_damage_is_met_when_it_makes_a_difference() -> None:
    rig = Rig()
    rig.program(7, b"\x0f")
    assert rig.flash.damage_met == 0
    rig.flash.stick(100, 0x80, 1)  # blank there, so nothing to see
    rig.flash.rot(7, 0xF0)
    rig.flash.weaken(SECTOR, 1)
    heard: list[tuple[int, int]] = []
    rig.flash.subscribe_damage(lambda address, length: heard.append((address, length)))
    for address, length, met in ((8, 500, 0), (0, 7, 0), (7, 1, 1), (0, SIZE, 1), (SECTOR + 1, 5, 0), (SECTOR, 1, 1)):
        before = rig.flash.damage_met
        rig.flash.peek(address, length)
        rig.flash.read(address, length)
        assert rig.flash.damage_met - before == met
    assert heard == [(7, 1), (0, SIZE), (SECTOR, 1)]
    rig.program(100, b"\x7f")
    assert heard[3:] == [(100, 1)]
    rig.flash.read(90, 20)  # 0 was programmed there, 1 is read
    assert heard[4:] == [(90, 20)]
    rig.program(7, b"\x00")  # heals
    rig.program(SECTOR, b"\xfe")  # heals
    assert rig.flash.read(0, 50) + rig.flash.read(SECTOR, 50) == rig.flash.peek(0, 50) + rig.flash.peek(SECTOR, 50)
    assert len(heard) == rig.flash.damage_met == 5
    rig.flash.stick(200, 0x01, 0)
    rig.erase(0)
    assert heard[5:] == [(0, SECTOR)]


def test_stuck_bits_stay_whatever_is_done() -> None:
    rig = Rig()
    rig.flash.stick(3, 0x0C, 0)
    rig.flash.stick(3, 0x30, 1)
    for data in (b"\xff", b"\xcf", b"\x00"):
        rig.program(3, data)
        assert rig.flash.read(3, 1)[0] == data[0] & 0xC3 | 0x30
    assert rig.flash.rot(3, 0x3C) == 0
    rig.flash.weaken(3, 0x3C)
    rig.erase(0)
    assert {rig.flash.read(3, 1) for _ in range(20)} == {b"\xf3"}
    rig.flash.stick(3, 0x08, 1)
    assert rig.flash.read(3, 1) == b"\xfb"
    assert rig.flash.violations == []


def test_a_program_over_bits_that_are_stuck_low_is_no_fault_of_the_program() -> None:
    rig = Rig()
    rig.flash.stick(3, 0x0C, 0)
    rig.erase(0)
    rig.program(3, b"\xff")
    assert rig.flash.violations == []


def test_weak_bits_read_anew_until_written() -> None:
    rig = Rig()
    rig.flash.weaken(2, 0xFF)
    reads = [rig.flash.read(2, 1)[0] for _ in range(200)]
    for bit in range(8):
        assert 60 < sum(read >> bit & 1 for read in reads) < 140
    assert {rig.flash.peek(2, 1) for _ in range(20)} == {b"\xff"}
    rig.program(2, b"\xf0")
    assert {read & 0x0F for read in rig.flash.read(2, 1) + rig.flash.read(2, 1)} == {0}
    assert len({rig.flash.read(2, 1)[0] & 0xF0 for _ in range(40)}) > 4
    assert rig.flash.violations == []
    rig.erase(0)
    assert {rig.flash.read(2, 1) for _ in range(20)} == {b"\xff"}


@pytest.mark.parametrize("left", [EraseCut.HALF, EraseCut.METASTABLE])
def test_an_erase_cut_late_brings_most_weak_bits_back(left: EraseCut) -> None:
    rig = Rig()
    rig.program(0, bytes(PAGE))
    for address in range(PAGE):
        rig.flash.weaken(address, 0xFF)
    rig.flash.forced_erase_cut = left
    rig.flash.erase(0)
    rig.cut_after(45 * MS)
    rig.flash.power_up()
    reads = [rig.flash.read(0, PAGE) for _ in range(20)]
    assert sum(len({read[place] for read in reads}) > 1 for place in range(PAGE)) < PAGE // 8


def test_damage_survives_power_and_comes_without_it() -> None:
    rig = Rig()
    rig.program(0, b"\x00")
    rig.flash.power_down()
    assert rig.flash.rot(0, 1) == 1
    rig.flash.stick(1, 1, 0)
    rig.flash.power_up()
    assert rig.flash.read(0, 2) == b"\x01\xfe"


def test_a_sector_is_whole_up_to_its_endurance_and_wears_out_beyond() -> None:
    rig = Rig(part=WORN)
    for _ in range(99):
        rig.erase(1)
    assert stuck(rig, 1) == (0, 0)
    assert (rig.flash.wear(1), rig.flash.damaged_sectors) == (100, 0)
    low, high = stuck(rig, 1)
    assert low + high == 1
    for _ in range(18):
        rig.erase(1)
    few = sum(stuck(rig, 1))
    assert 10 <= few <= 25
    assert sum(stuck(rig, 2)) == 0


def test_wear_grows_faster_than_the_erases_and_most_of_it_can_not_be_set() -> None:
    found = []
    for erases in (100, 110, 150, 200, 300):
        rig = Rig(part=WORN)
        rig.flash.wear_to(0, erases)
        assert rig.flash.wear(0) == erases
        found.append(stuck(rig, 0))
    totals = [low + high for low, high in found]
    assert totals[0] <= 1
    assert totals[1] < 10 < totals[2] < 200 < totals[3] < 600 < totals[4]
    low, high = found[4]
    assert 2 * high < low < 5 * high
    assert high > 0


@pytest.mark.parametrize("left", list(EraseCut))
def test_an_erase_that_is_cut_wears_as_much(left: EraseCut) -> None:
    rig = Rig(part=WORN)
    rig.flash.wear_to(0, 100)
    rig.flash.forced_erase_cut = left
    for _ in range(30):
        rig.flash.erase(0)
        rig.cut_after(MS)
        rig.flash.power_up()
    rig.flash.forced_erase_cut = None
    assert rig.flash.wear(0) == 130
    assert sum(stuck(rig, 0)) > 30


def test_the_same_seed_wears_the_same_bits() -> None:
    def run(seed: int, reads: int) -> bytes:
        rig = Rig(seed, part=WORN)
        rig.flash.weaken(0, 1)
        for _ in range(reads):
            rig.flash.read(0, 10)
        rig.flash.wear_to(1, 200)
        return rig.flash.peek(SECTOR, SECTOR)

    assert run(1, 0) == run(1, 7)
    assert run(1, 0) != run(2, 0)


def test_a_new_part_holds_what_the_data_sheet_says() -> None:
    rig = Rig()
    rig.flash.wear_to(0, W25Q64.endurance_cycles)
    assert rig.flash.damaged_sectors == 0
    rig.erase(0)
    assert rig.flash.damaged_sectors == 1


def test_what_is_no_bit_of_the_array_is_refused() -> None:
    flash = Rig().flash
    for address in (-1, SIZE):
        with pytest.raises(ValueError, match="no byte"):
            flash.rot(address, 1)
    for mask in (0, 256, -1):
        with pytest.raises(ValueError, match="no mask"):
            flash.weaken(0, mask)
    with pytest.raises(ValueError, match="at 0 or 1"):
        flash.stick(0, 1, 2)
    for sector in (-1, PART.sectors):
        with pytest.raises(ValueError, match="no sector"):
            flash.wear_to(sector, 1)
    flash.wear_to(0, 5)
    with pytest.raises(ValueError, match="erased 5 times"):
        flash.wear_to(0, 4)
    assert flash.damaged_sectors == 0
