"""Two profiles of 450 days, 48 half-hours and 14 channels in the board's flash, and what reading of them costs.

With `-s`, or in the report of pytest, the figures: reads, pages and sectors.
"""

from collections.abc import Callable, Iterator

import pytest

from firmware.clock.civil_clock import ClockStatus
from firmware.profile.channel import CHANNELS
from firmware.profile.entries import Entries
from firmware.profile.interval import Layout, ProfileInterval, build_interval
from firmware.profile.profiles import RINGS
from firmware.profile.status import IntervalStatus
from firmware.storage.memory_map import METER, SPARE_LEAST_PERMILLE, plan
from firmware.storage.operation import Erase, Operation, Program
from firmware.storage.ring import Ring
from hal.flash import FlashGeometry
from sim.devices.flash import W25Q64

DAYS = 450
DAY = 48
HALF_HOUR = 1_800
FIRST = 1_767_225_600
"""2026-01-01T00:00Z."""

ENERGIES = Layout(HALF_HOUR, tuple(CHANNELS[f"{what}{name}"] for what in ("", "reading ") for name in
                                   ("A+", "A-", "R1", "R2", "R3", "R4", "S+")), 10**9)  # fmt: skip
MEASURED = Layout(HALF_HOUR, tuple(CHANNELS[f"{what} {name}"] for what in ("mean", "maximum") for name in
                                   ("U1", "U2", "U3", "I1", "I2", "I3", "P")), 10**9)  # fmt: skip


class Part:
    """The board's part as one that is never busy, with a count of what is read."""

    def __init__(self) -> None:
        self.geometry: FlashGeometry = W25Q64.geometry
        self.cells = bytearray(b"\xff" * (self.geometry.sectors * self.geometry.sector_bytes))
        self.begin()

    def begin(self) -> None:
        self.reads = 0
        self.pages: set[int] = set()
        self.sectors: set[int] = set()

    def read(self, address: int, length: int) -> bytes:
        self.reads += 1
        self.pages.update(range(address // 256, (address + length - 1) // 256 + 1))
        self.sectors.add(address // self.geometry.sector_bytes)
        return bytes(self.cells[address : address + length])

    def carry_out(self, operations: Iterator[Operation]) -> None:
        for one in operations:
            if isinstance(one, Erase):
                size = self.geometry.sector_bytes
                self.cells[one.sector * size : (one.sector + 1) * size] = b"\xff" * size
                continue
            assert isinstance(one, Program)
            there = self.cells[one.address : one.address + len(one.data)]
            self.cells[one.address : one.address + len(one.data)] = bytes(map(int.__and__, there, one.data))


def interval(number: int, layout: Layout) -> ProfileInterval:
    values = tuple((number * 7_919 + 31 * channel) % 1_000_000 for channel in range(len(layout.channels)))
    end_s = FIRST + number * HALF_HOUR
    return ProfileInterval(number, end_s, 0, ClockStatus.VALID, IntervalStatus(0), HALF_HOUR, 0, 1, layout, values)


@pytest.fixture(scope="module")
def stored() -> tuple[Part, list[Ring]]:
    """The flash with both profiles full, after a boot."""
    part = Part()
    for name, layout in zip(RINGS, (ENERGIES, MEASURED), strict=True):
        ring = Ring(part, plan(METER, part.geometry).ring(name))  # type: ignore[arg-type]  # it is never written to by itself
        ring.recover()
        for number in range(1, DAYS * DAY + 1):
            part.carry_out(ring.maintenance())
            part.carry_out(ring.append(build_interval(interval(number, layout))))
    rings = [Ring(part, plan(METER, part.geometry).ring(name)) for name in RINGS]  # type: ignore[arg-type]  # as above
    for ring in rings:
        ring.recover()
    return part, rings


def cost(part: Part, look: Callable[[], Iterator[ProfileInterval]]) -> tuple[list[ProfileInterval], dict[str, int]]:
    part.begin()
    found = list(look())
    return found, {"reads": part.reads, "pages": len(part.pages), "sectors": len(part.sectors)}


def test_both_are_there_and_read_back_by_range(stored: tuple[Part, list[Ring]]) -> None:
    part, rings = stored
    map_ = plan(METER, part.geometry)
    assert map_.spare_permille >= SPARE_LEAST_PERMILLE
    for ring, layout in zip(rings, (ENERGIES, MEASURED), strict=True):
        assert ring.region.capacity >= DAYS * DAY
        for first, last in ((1, 1), (1, 480), (10_000, 10_047), (DAYS * DAY - 47, DAYS * DAY)):
            wanted = [interval(number, layout) for number in range(first, last + 1)]
            assert list(Entries(ring).by_number(first, last)) == wanted
            by_time = Entries(ring).by_time(wanted[0].end_s, wanted[-1].end_s)
            assert list(by_time) == wanted
            newest = Entries(ring).by_time(wanted[0].end_s, wanted[-1].end_s, newest_first=True)
            assert list(newest) == wanted[::-1]


def test_a_day_out_of_450_is_read_and_nothing_else(
    stored: tuple[Part, list[Ring]], record_property: Callable[[str, object], None]
) -> None:
    """The meter knows its newest interval; a reader that does not needs one sector more."""
    part, rings = stored
    slots = rings[0].region.slots_per_sector
    for place, (ring, layout) in enumerate(zip(rings, (ENERGIES, MEASURED), strict=True)):
        known = (ring.newest_sequence, interval(DAYS * DAY, layout))
        worst: dict[str, int] = {}
        for day in (0, 1, 200, 449):
            begin = FIRST + day * DAY * HALF_HOUR
            found, seen = cost(
                part,
                lambda ring=ring, known=known, begin=begin: Entries(ring, known).by_time(  # type: ignore[misc]
                    begin + HALF_HOUR, begin + DAY * HALF_HOUR
                ),
            )
            assert [one.number for one in found] == list(range(day * DAY + 1, (day + 1) * DAY + 1))
            needed = {(number - 1) // slots for number in range(day * DAY + 1, (day + 1) * DAY + 1)}
            assert seen["sectors"] == len(needed)
            assert seen["reads"] <= DAY
            worst = max(worst, seen, key=lambda one: one.get("reads", 0))
        record_property(f"profile {place + 1}, a day of 450", worst)
        print(f"profile {place + 1}, a day of 450: {worst} of {ring.region.sectors} sectors")
