"""Sector headers from which charge has leaked: what stands behind them is found all the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.storage.ring import Ring
from sim.devices.flash import ProgramCut
from tests.storage.bench import SMALL, Bench, Cut, region

HEADER = 24

bits = st.tuples(st.integers(0, HEADER - 1), st.integers(1, 0xFF))


def booted(bench: Bench, slot_bytes: int) -> Ring:
    ring = Ring(bench.flash, region(sectors=7, slot_bytes=slot_bytes, ahead=2))
    ring.recover()
    assert bench.settle(ring.settle(torn=False))
    return ring


def put(bench: Bench, ring: Ring, payload: bytes) -> None:
    bench.run(ring.maintenance())
    assert bench.run(ring.append(payload))


def kept(ring: Ring) -> list[bytes]:
    return [record.payload for record in ring.newest_first()]


slots = st.sampled_from([3840, 1280, 256, 128])


@given(slots, st.integers(1, 40), st.lists(bits, min_size=1, max_size=3), st.booleans())
def test_no_header_is_a_single_point_of_failure(
    slot_bytes: int, count: int, rot: list[tuple[int, int]], before: bool
) -> None:
    """The header of the sector that is written to next rots before its first record, or after its last."""
    bench = Bench()
    ring = booted(bench, slot_bytes)
    bench.run(ring.maintenance())

    def leak() -> None:
        address = ring.region.header_address(ring.last_sequence + (1 if before else 0))
        for offset, mask in rot:
            bench.flash.rot(address + offset, mask)

    for number in range(count):
        put(bench, ring, bytes([number]) * 30)
    leak()
    if before:
        put(bench, ring, b"behind a rotten header")
    found = kept(ring)
    again = booted(bench, slot_bytes)
    assert kept(again)[: again.region.capacity] == found[: again.region.capacity]
    assert again.newest_sequence == ring.newest_sequence
    for number in range(3 * again.region.sectors * again.region.slots_per_sector):
        put(bench, again, bytes([number % 251]))
    assert kept(again)[0] == bytes([number % 251])
    assert bench.flash.violations == []


@pytest.mark.parametrize("offset", [0, 4, 6, 8, 12, 16, 20])
def test_a_rotten_header_before_a_cut_record_costs_that_record_only(offset: int) -> None:
    bench = Bench()
    ring = booted(bench, 3840)
    for number in range(9):
        put(bench, ring, bytes([number]))
    bench.run(ring.maintenance())
    bench.flash.rot(ring.region.header_address(ring.last_sequence + 1) + offset, 0xFF)
    bench.run(ring.append(b"torn" * 200), Cut(1, 500, ProgramCut.PREFIX))
    again = Ring(bench.flash, ring.region)
    again.recover()
    bench.settle(again.settle(torn=True))
    assert kept(again)[0] == bytes([8])
    put(bench, again, b"next")
    assert kept(again)[:2] == [b"next", bytes([8])]
    assert bench.flash.violations == []


def test_rot_costs_few_reads_and_rubbish_none() -> None:
    bench = Bench()
    ring = booted(bench, 128)
    for number in range(30 * 6):
        put(bench, ring, bytes([number]))
    calm = Ring(bench.flash, ring.region)
    reads = calm.recover().reads
    for sector in range(ring.region.first_sector, ring.region.first_sector + ring.region.sectors):
        bench.flash.rot(sector * SMALL.sector_bytes + 12, 0xFF)
    assert Ring(bench.flash, ring.region).recover().reads <= reads + ring.region.sectors
    for sector in range(ring.region.first_sector, ring.region.first_sector + ring.region.sectors):
        for offset in range(4):
            bench.flash.stick(sector * SMALL.sector_bytes + offset, 0xFF, 0)
    assert Ring(bench.flash, ring.region).recover().reads == ring.region.sectors
