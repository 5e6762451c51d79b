"""A ring on the simulated part: what is kept, what a cut costs, what an urgent record may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.storage import sector_header
from firmware.storage.operation import Erase, Program, begin
from firmware.storage.record import Defect, Record, build
from firmware.storage.region import Region
from firmware.storage.ring import NoSlot, Ring
from sim.devices.flash import EraseCut, ProgramCut
from tests.storage.bench import SMALL, Bench, Cut, region

SECTOR = SMALL.sector_bytes


def booted(bench: Bench, where: Region, torn: bool = False) -> Ring:
    ring = Ring(bench.flash, where)
    ring.recover()
    bench.run(ring.settle(torn))
    return ring


def kept(ring: Ring) -> list[bytes]:
    return [record.payload for record in ring.newest_first()]


def append(bench: Bench, ring: Ring, payload: bytes, kind: int = 0) -> int:
    bench.run(ring.maintenance())
    assert bench.run(ring.append(payload, kind))
    return ring.newest_sequence


def cut_append(bench: Bench, where: Region, ring: Ring) -> Ring:
    """Tear one slot, and boot again."""
    bench.run(ring.maintenance())
    bench.run(ring.append(b"torn"), Cut(0, 500, ProgramCut.PREFIX))
    return booted(bench, where, torn=True)


regions = st.builds(
    lambda slots, ahead, more: region(ahead + 3 + more, {1: 3840, 2: 1792, 3: 1280, 7: 512, 15: 256}[slots], ahead),
    st.sampled_from([1, 2, 3, 7, 15]),
    st.integers(1, 3),
    st.integers(0, 3),
)


@given(regions, st.integers(0, 90), st.data())
def test_the_newest_records_are_kept_over_any_number_of_laps(where: Region, count: int, data: st.DataObject) -> None:
    bench = Bench()
    ring = booted(bench, where)
    reference: list[tuple[int, bytes, int]] = []
    for number in range(count):
        payload = bytes([number]) * data.draw(st.sampled_from([0, 1, 239, 240, 241, where.payload_bytes]))
        if len(payload) > where.payload_bytes:
            payload = payload[: where.payload_bytes]
        sequence = append(bench, ring, payload, kind=number % 256)
        assert sequence == number + 1
        reference.insert(0, (number % 256, payload, sequence))
        sector = where.slot_address(sequence) // SECTOR
        assert where.first_sector <= sector < where.first_sector + where.sectors
    rebooted = Ring(bench.flash, where)
    recovery = rebooted.recover()
    for either in (ring, rebooted):
        found = [(record.kind, record.payload, record.sequence) for record in either.newest_first()]
        assert found == reference[: len(found)]
        assert len(found) >= min(count, where.capacity)
        assert either.newest_sequence == count
        for kind, payload, sequence in found:
            assert either.read(sequence) == Record(where.number, kind, sequence, payload)
        assert either.free_slots == ring.free_slots
    assert (recovery.newest is None) is (count == 0)
    assert recovery.dropped == ()
    if count > 1:
        assert next(rebooted.newest_first(before=count)).sequence == count - 1
    wear = [bench.flash.wear(where.first_sector + i) for i in range(where.sectors)]
    assert max(wear) - min(wear) <= 1
    assert all(rebooted.erases(where.first_sector + i) == wear[i] for i in range(where.sectors))
    assert bench.flash.violations == []


@given(regions, st.integers(0, 60))
def test_recovery_reads_few_pages(where: Region, count: int) -> None:
    bench = Bench()
    ring = booted(bench, where)
    for _ in range(count):
        append(bench, ring, b"x" * 300 if where.payload_bytes >= 300 else b"x")
    recovery = Ring(bench.flash, where).recover()
    assert recovery.reads <= where.sectors + (where.ahead_sectors + 1) * where.slots_per_sector + 2


def test_sequence_numbers_that_the_ring_does_not_hold() -> None:
    bench, where = Bench(), region()
    ring = booted(bench, where)
    assert ring.read(1) is Defect.GONE
    for number in range(20):
        append(bench, ring, bytes([number]))
    assert ring.read(0) is ring.read(1) is ring.read(1000) is Defect.GONE
    assert ring.read(21) is Defect.BLANK
    assert isinstance(ring.read(20), Record)


def test_an_append_never_erases_and_fails_when_nothing_is_erased_ahead() -> None:
    bench, where = Bench(), region()
    ring = booted(bench, where)
    with pytest.raises(NoSlot, match="test"):
        ring.append(b"")
    bench.run(ring.maintenance())
    for _ in range(where.slots_per_sector):
        operations = [bench.do(operation) for operation in ring.append(b"x" * 1000)]
        assert [type(operation) for operation in operations] == [Program] * 4
    assert ring.free_slots == 0
    with pytest.raises(NoSlot):
        ring.append(b"")
    with pytest.raises(ValueError, match="1265 bytes, at most 1264"):
        ring.append(b"x" * 1265)


def test_a_record_counts_only_once_its_last_operation_is_confirmed() -> None:
    bench, where = Bench(), region()
    ring = booted(bench, where)
    bench.run(ring.maintenance())
    operations = ring.append(b"x" * 500)
    for _ in range(3):
        bench.do(next(operations))
        assert ring.newest_sequence == 0
    assert next(operations, None) is None
    assert ring.newest_sequence == operations.sequence == 1


def test_appends_may_overlap_and_be_given_up() -> None:
    bench, where = Bench(), region()
    ring = booted(bench, where)
    bench.run(ring.maintenance())
    slow = ring.append(b"slow" * 100)
    bench.do(next(slow))
    assert bench.run(ring.append(b"urgent"))
    assert ring.newest_sequence == 2
    given_up = ring.append(b"given up" * 60)
    assert (slow.sequence, given_up.sequence) == (1, 3)
    bench.do(next(given_up))
    given_up.close()
    assert list(given_up) == []
    assert bench.run(slow)
    assert ring.newest_sequence == 2
    assert kept(ring) == kept(booted(bench, where)) == [b"urgent", b"slow" * 100]
    recovery = Ring(bench.flash, where).recover()
    assert [(dropped.sequence, dropped.defect) for dropped in recovery.dropped] == [(3, Defect.CRC)]


def test_only_one_maintenance_at_a_time() -> None:
    bench, where = Bench(), region()
    ring = booted(bench, where)
    two = ring.maintenance()
    one = ring.maintenance()
    bench.do(next(one))
    with pytest.raises(RuntimeError, match="test"):
        ring.maintenance()
    with pytest.raises(RuntimeError, match="test"):
        next(two)
    del one
    assert bench.run(ring.maintenance())
    assert ring.free_slots == where.slots_per_sector
    assert not ring.erase_due
    assert list(ring.maintenance()) == []


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("erase", list(EraseCut))
def test_an_urgent_record_while_an_erase_is_suspended(goes_on: bool, erase: EraseCut) -> None:
    bench, where = Bench(), region()
    ring = booted(bench, where)
    for number in range(13):  # the last one opens a sector, so the next one is to be erased
        append(bench, ring, bytes([number]))
    maintenance = ring.maintenance()
    begin(bench.flash, next(maintenance))
    assert bench.flash.erases == 6
    bench.world.run_until(bench.world.now + 1_000_000)
    bench.flash.suspend()
    bench.wait()
    before = kept(ring)  # reads while suspended touch no page of the sector being erased
    assert before[0] == bytes([12])
    assert len(before) >= where.capacity
    assert bench.run(ring.append(b"power fail"))
    if goes_on:
        assert bench.flash.resume()
        bench.wait()
        assert bench.run(maintenance)
    else:
        bench.power_cycle(1000, erase=erase)
    ring = booted(bench, where)
    after = kept(ring)
    expected = [b"power fail", *before]
    assert after[: len(expected)] == expected
    # Where the cut left the sector as it was, its records are whole still; where it touched some of it, some may be.
    survivors, erased = after[len(expected) :], [b"\x02", b"\x01", b"\x00"]
    if goes_on or erase is EraseCut.DONE:
        assert survivors == []
    elif erase is EraseCut.NOTHING:
        assert survivors == erased
    else:
        assert survivors == [payload for payload in erased if payload in survivors]
    assert ring.erase_due is not goes_on
    bench.run(ring.maintenance())
    assert ring.free_slots >= where.slots_per_sector
    assert bench.flash.violations == []


def test_a_sector_that_looks_erased_but_is_not_is_erased_again() -> None:
    """The erase was cut so that the old header stayed and the slots turned blank: one page-wise cut in 2**16."""
    where, bench = region(), Bench()
    ring = booted(bench, where)
    for number in range(16):
        append(bench, ring, bytes([number]))
    erase = next(ring.maintenance())
    assert isinstance(erase, Erase)
    # The same flash, with nothing but the header page in that sector.
    other = Bench()
    for address in range(0, SMALL.sectors * SECTOR, SMALL.page_bytes):
        if address // SECTOR != erase.sector or address % SECTOR == 0:
            other.do(Program(address, bench.flash.peek(address, SMALL.page_bytes)))
    ring = Ring(other.flash, where)
    recovery = ring.recover()
    assert recovery.newest is not None
    assert recovery.newest.payload == bytes([15])
    assert recovery.erase_due
    assert next(ring.maintenance()) == erase


@pytest.mark.parametrize("left", list(ProgramCut))
def test_a_torn_header_is_not_taken_for_erased(left: ProgramCut) -> None:
    where, bench = region(), Bench()
    ring = booted(bench, where)
    operations = ring.maintenance()
    assert isinstance(bench.do(next(operations)), Erase)
    header = next(operations)
    assert isinstance(header, Program)
    bench.cut(header, Cut(1, 500, left))
    ring = booted(bench, where)
    assert ring.erase_due or left in (ProgramCut.DONE, ProgramCut.METASTABLE)
    bench.run(ring.maintenance())
    append(bench, ring, b"first")
    assert bench.flash.violations == []


@pytest.mark.parametrize("slot_bytes", [3840, 1280, 256])
@pytest.mark.parametrize("ahead", [1, 2])
def test_however_many_appends_are_torn_the_newest_whole_record_stays(slot_bytes: int, ahead: int) -> None:
    where = region(sectors=ahead + 3, slot_bytes=slot_bytes, ahead=ahead)
    bench = Bench()
    ring = booted(bench, where)
    for number in range(5):
        append(bench, ring, b"whole" + bytes([number]))
    for _ in range(3 * where.sectors * where.slots_per_sector):
        ring = cut_append(bench, where, ring)
        assert kept(ring)[0] == b"whole\x04"
    assert Ring(bench.flash, where).recover().newest is not None
    append(bench, ring, b"again")
    assert kept(booted(bench, where))[:2] == [b"again", b"whole\x04"]
    assert bench.flash.violations == []


@given(st.lists(st.booleans(), max_size=60), st.sampled_from([3840, 1280, 512]))
def test_capacity_holds_with_a_sectors_worth_of_torn_slots(torn: list[bool], slot_bytes: int) -> None:
    where = region(slot_bytes=slot_bytes, sectors=6)
    bench = Bench()
    ring = booted(bench, where)
    whole: list[bytes] = []
    torn_since: list[int] = []  # by record, how many slots after it were torn
    for number, cut in enumerate(torn):
        if cut:
            ring = cut_append(bench, where, ring)
            torn_since = [count + 1 for count in torn_since]
        else:
            append(bench, ring, bytes([number]))
            whole.insert(0, bytes([number]))
            torn_since.insert(0, 0)
    sure = [count <= where.slots_per_sector for count in torn_since[: where.capacity]].count(True)
    found = kept(booted(bench, where))
    assert found == whole[: len(found)]
    assert len(found) >= sure


def test_a_rotten_record_is_passed_over_and_the_older_one_taken() -> None:
    where, bench = region(), Bench()
    ring = booted(bench, where)
    append(bench, ring, b"older")
    append(bench, ring, b"newer")
    bench.do(Program(where.slot_address(2) + 20, b"\x00"))
    recovery = Ring(bench.flash, where).recover()
    assert recovery.newest is not None
    assert recovery.newest.payload == b"older"
    assert [(dropped.sequence, dropped.defect) for dropped in recovery.dropped] == [(2, Defect.CRC)]
    ring = booted(bench, where)
    assert append(bench, ring, b"newest") == 3


def test_what_a_boot_has_found_stays_found_until_it_is_settled() -> None:
    """A record of which a bit reads differently each time is the newest, or is none: not now this and now that."""
    found = set()
    for seed in range(1, 13):
        bench, where = Bench(seed), region(slot_bytes=128)
        ring = booted(bench, where)
        append(bench, ring, b"whole")
        sequence = append(bench, ring, bytes(100))
        bench.flash.weaken(where.slot_address(sequence) + 99, 1)
        again = Ring(bench.flash, where)
        newest = again.recover().newest
        assert newest is not None
        found.add(newest.payload)
        for _ in range(20):
            assert next(iter(again.newest_first())) == newest
        bench.run(again.settle(torn=True))
        last = Ring(bench.flash, where)
        assert last.recover().newest == newest
    assert found == {b"whole", bytes(100)}


def test_a_record_of_another_place_is_not_taken() -> None:
    where, bench = region(), Bench()
    ring = booted(bench, where)
    append(bench, ring, b"first")
    bench.do(Program(where.slot_address(2), build(Record(where.number, 0, 1, b"stray"))))
    bench.do(Program(where.slot_address(3), build(Record(where.number + 1, 0, 3, b"stray"))))
    ring = Ring(bench.flash, where)
    recovery = ring.recover()
    assert kept(ring) == [b"first"]
    assert {dropped.defect for dropped in recovery.dropped} == {Defect.MISPLACED}


def test_headers_of_another_layout_or_place_are_foreign() -> None:
    where = region()
    header = sector_header.SectorHeader(first_sequence=4, erases=5)
    page = sector_header.write(where, header).data
    assert len(page) == sector_header.HEADER_BYTES
    assert sector_header.parse(page, where, where.first_sector + 1) == header
    assert sector_header.parse(page, where, where.first_sector) is sector_header.HeaderDefect.FOREIGN
    for other in (region(sectors=6), region(slot_bytes=1024)):
        assert sector_header.parse(page, other, other.first_sector + 1) is sector_header.HeaderDefect.FOREIGN


def test_flash_with_something_else_in_it_is_erased_first() -> None:
    where, bench = region(), Bench()
    for sector in range(where.sectors):
        for page in range(16):
            bench.do(Program((where.first_sector + sector) * SECTOR + page * 256, bytes(256)))
    ring = booted(bench, where)
    for number in range(40):
        append(bench, ring, bytes([number]))
    assert kept(booted(bench, where))[0] == bytes([39])
    assert bench.flash.violations == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slot_bytes": 300}, "no multiple of a page"),
        ({"slot_bytes": 0}, "no multiple of a page"),
        ({"slot_bytes": 4096}, "does not fit"),
        ({"sectors": 3}, "needs 4"),
        ({"sectors": 4, "ahead": 2}, "needs 5"),
        ({"ahead": 0}, "ahead"),
    ],
)
def test_regions_that_make_no_ring(change: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        region(**change)


def test_a_region_outside_the_part_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        Ring(Bench().flash, region(first=12))
