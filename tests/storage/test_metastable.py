"""Bits that read differently each time, left by a cut: what a boot has taken them for is what they are from then on."""

import pytest

from firmware.storage.record import Record
from firmware.storage.region import Region
from firmware.storage.ring import Ring
from sim.devices.flash import EraseCut, ProgramCut
from tests.storage.bench import Bench, Cut, region

SEEDS = 24
READS = 12
"""A bit that is still unsure would show in one of so many boots, but for one time in 4,000."""

EARLY, LATE = 4, 996
"""Of 1,000 parts of a program: few bits are between then, and a read may find none of them."""


def boot(bench: Bench, where: Region, torn: bool = True) -> Ring:
    ring = Ring(bench.flash, where)
    ring.recover()
    assert bench.settle(ring.settle(torn))
    return ring


def begun(seed: int, where: Region) -> tuple[Bench, Ring]:
    """A ring with two whole records."""
    bench = Bench(seed)
    ring = boot(bench, where)
    for payload in (b"one", b"two"):
        bench.run(ring.maintenance())
        assert bench.run(ring.append(payload))
    return bench, ring


def payloads(bench: Bench, where: Region) -> list[bytes]:
    """As any later boot would find them."""
    ring = Ring(bench.flash, where)
    ring.recover()
    return [record.payload for record in ring.newest_first()]


@pytest.mark.parametrize("slot_bytes", [128, 256, 1280])
@pytest.mark.parametrize("permille", [EARLY, 500, LATE])
def test_a_record_that_was_cut_is_whole_for_good_or_never(permille: int, slot_bytes: int) -> None:
    where, taken = region(slot_bytes=slot_bytes), set()
    for seed in range(SEEDS):
        bench, ring = begun(seed, where)
        bench.run(ring.append(b"three"), Cut(0, permille, ProgramCut.METASTABLE))
        ring = boot(bench, where)
        found = [record.payload for record in ring.newest_first()]
        assert found in ([b"two", b"one"], [b"three", b"two", b"one"])
        assert all(payloads(bench, where) == found for _ in range(READS))
        taken.add(len(found))
    assert taken == ({2, 3} if permille == LATE else {2})


@pytest.mark.parametrize("slot_bytes", [128, 256, 1280, 3840])
def test_a_slot_that_looks_blank_is_not_written_to(slot_bytes: int) -> None:
    where, blank = region(slot_bytes=slot_bytes), 0
    for seed in range(SEEDS):
        bench, ring = begun(seed, where)
        bench.run(ring.maintenance())
        cut = ring.append(b"\xff" * 90)
        bench.run(cut, Cut(0, EARLY, ProgramCut.METASTABLE))
        ring = Ring(bench.flash, where)
        recovery = ring.recover()
        blank += not recovery.dropped
        assert bench.settle(ring.settle(torn=True))
        bench.run(ring.maintenance())
        kept = ring.append(b"\xff" * 100)
        assert bench.run(kept)
        assert kept.sequence > cut.sequence
        assert all(payloads(bench, where)[0] == b"\xff" * 100 for _ in range(READS))
    assert blank, "no slot looked blank: this test shows nothing"


@pytest.mark.parametrize("permille", [EARLY, 500, LATE])
def test_a_sector_whose_header_was_cut_is_not_trusted(permille: int) -> None:
    where, whole = region(), 0
    for seed in range(2 * SEEDS):
        bench, ring = begun(seed, where)
        while not ring.erase_due:
            bench.run(ring.append(b"filling"))
        bench.run(ring.maintenance(), Cut(1, permille, ProgramCut.METASTABLE))
        # Nothing else was under way, but a boot can't know which.
        ring = boot(bench, where)
        whole += not ring.erase_due
        bench.run(ring.maintenance())
        expected = [record.payload for record in ring.newest_first()]
        while not ring.erase_due:
            expected.insert(0, b"behind it")
            bench.run(ring.append(b"behind it"))
        assert all(payloads(bench, where) == expected for _ in range(READS))
    assert whole if permille == LATE else not whole


@pytest.mark.parametrize("permille", [EARLY, 500, LATE])
def test_a_sector_whose_erase_was_cut_is_erased_again(permille: int) -> None:
    where = region(sectors=4)
    for seed in range(SEEDS // 4):
        bench, ring = begun(seed, where)
        for number in range(14):
            bench.run(ring.maintenance())
            assert bench.run(ring.append(bytes([number]) * 50))
        while not ring.erase_due:
            assert bench.run(ring.append(b"filling"))
        bench.run(ring.maintenance(), Cut(0, permille, erase=EraseCut.METASTABLE))
        ring = boot(bench, where)
        assert ring.erase_due
        kept = list(ring.newest_first())[: where.capacity]
        for number in range(2 * where.sectors * where.slots_per_sector):
            bench.run(ring.maintenance())
            appending = ring.append(bytes([number]) * 60)
            assert bench.run(appending)
            kept.insert(0, Record(where.number, 0, appending.sequence, bytes([number]) * 60))
            again = Ring(bench.flash, where)
            again.recover()
            found = list(again.newest_first())
            assert found[: where.capacity] == kept[: where.capacity]
        assert bench.flash.violations == []


@pytest.mark.parametrize("step", ["head", "next", "header"])
def test_a_cut_while_settling_leaves_nothing_unsure(step: str) -> None:
    """What a boot programs to make things sure is cut in turn, at any of its operations."""
    where = region()
    from_end = {"header": 3, "head": 2, "next": 1}[step]
    for seed in range(SEEDS):
        bench, ring = begun(seed, where)
        bench.run(ring.append(b"three"), Cut(0, LATE, ProgramCut.METASTABLE))
        ring = Ring(bench.flash, where)
        ring.recover()
        programs = ring.settle(torn=True)
        for permille in (LATE, EARLY, 500):
            bench.settle(programs, Cut(max(len(programs) - from_end, 0), permille, ProgramCut.METASTABLE))
            ring = Ring(bench.flash, where)
            ring.recover()
            programs = ring.settle(torn=True)
        assert bench.settle(programs)
        found = [record.payload for record in ring.newest_first()]
        assert found in ([b"two", b"one"], [b"three", b"two", b"one"])
        assert all(payloads(bench, where) == found for _ in range(READS))
        bench.run(ring.maintenance())
        assert bench.run(ring.append(b"\xff" * 100))
        assert all(payloads(bench, where) == [b"\xff" * 100, *found] for _ in range(READS))
        assert bench.flash.violations == []
