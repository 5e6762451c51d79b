"""Where everything lies in flash, computed from what must be kept, how often it is written, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firmware.events.codes import LogName
from firmware.storage.record import HEADER_BYTES
from firmware.storage.region import Region
from hal.flash import FlashGeometry

LIFE_DAYS: Final = 7_305
"""20 years, the retention that the data sheet of the Winbond W25Q64JV gives, with their leap days."""

ERASES_MOST: Final = 50_000
"""Half the 100,000 cycles that the same data sheet gives a sector (features, endurance)."""

SPARE_LEAST_PERMILLE: Final = 100

MARK_BYTES: Final = 16
"""Behind a record, for a mark: the same as a record's header takes."""


class MemoryMapError(ValueError):
    """The layouts do not fit the part; the text names which, and by how much."""


@dataclass(frozen=True, slots=True)
class RingLayout:
    """What a ring must hold: records of up to `payload_bytes`, the newest `records` of them for sure.

    `urgent_records` must find erased slots at any time, as the saves at power fail and after it. `number` marks the
    region in flash and must never be given to another. `marked`: a mark may follow a record, see `ring`.
    """

    name: str
    number: int
    payload_bytes: int
    records: int
    writes_per_day: int
    urgent_records: int = 1
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Reservation:
    """Bytes kept free for something that brings its own layout."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """Sectors of a reservation."""

    name: str
    first_sector: int
    sectors: int


@dataclass(frozen=True, slots=True)
class MemoryMap:
    """Regions one behind the other from sector 0, then the spare sectors."""

    regions: tuple[Region | Reserved, ...]
    sectors: int
    """Of the part."""

    def ring(self, name: str) -> Region:
        """The region of a ring; a KeyError for an unknown one."""
        for region in self.regions:
            if isinstance(region, Region) and region.name == name:
                return region
        raise KeyError(f"no ring {name} in the memory map")

    @property
    def used_sectors(self) -> int:
        return sum(region.sectors for region in self.regions)

    @property
    def spare_permille(self) -> int:
        """The share of the part that nothing uses, rounded down."""
        return (self.sectors - self.used_sectors) * 1000 // self.sectors


METER: Final[tuple[RingLayout | Reservation, ...]] = (
    # A save each 15 min, and 6 a day for power failures and boots. A life too short to erase ahead uses three slots, a
    # dip one; erasing gives one back in 3 s.
    RingLayout("registers", 1, payload_bytes=3_800, records=2, writes_per_day=102, urgent_records=48, marked=True),
    # 64 time-of-use registers, 16 maxima with their five highest, five coincident demands and ten thresholds: 9 pages.
    RingLayout("billing", 2, payload_bytes=2_288, records=40, writes_per_day=4, urgent_records=16),
    # Number 3 was the one log of earlier firmware.
    # A programme of 18 records, and the next one; the 18 are written without a pause. No longer than a save, or the
    # store's task would need more time.
    RingLayout("configuration", 4, payload_bytes=1_776, records=36, writes_per_day=6, urgent_records=19),
    # 62 days, and as many again for a clock that is set to and fro; 3 pages.
    RingLayout("daily", 8, payload_bytes=752, records=124, writes_per_day=2, urgent_records=8),
    # 450 days of 30 min; two records a page.
    RingLayout("profile", 5, payload_bytes=112, records=21_600, writes_per_day=100, urgent_records=30),
    # The same again, for a second load profile.
    RingLayout("profile-2", 6, payload_bytes=112, records=21_600, writes_per_day=100, urgent_records=30),
    # A thousand entries of each log for sure, although a boot after a cut gives up a slot or two; four entries a page.
    # Two sectors ahead, so that a worn one holds nothing up.
    *(
        RingLayout(log.ring, 16 + place, payload_bytes=48, records=1_200, writes_per_day=200, urgent_records=120)
        for place, log in enumerate(LogName)
    ),
)


def plan(layouts: Sequence[RingLayout | Reservation], geometry: FlashGeometry) -> MemoryMap:
    """Lay the regions out; a MemoryMapError names what is wrong with which."""
    _check_names(layouts)
    regions: list[Region | Reserved] = []
    first = 0
    for layout in layouts:
        region = _region(layout, geometry, first)
        regions.append(region)
        first += region.sectors
    least = -(-geometry.sectors * SPARE_LEAST_PERMILLE // 1000)
    if geometry.sectors - first < least:
        sizes = ", ".join(f"{region.name} {region.sectors}" for region in regions)
        raise MemoryMapError(
            f"memory map: {first} of {geometry.sectors} sectors used, of which {least} must stay spare: {sizes}"
        )
    return MemoryMap(tuple(regions), geometry.sectors)


def erases_in_life(layout: RingLayout, region: Region) -> int:
    """Erases of each sector over the meter's life, rounded up."""
    return -(-layout.writes_per_day * LIFE_DAYS // (region.slots_per_sector * region.sectors))


def _check_names(layouts: Sequence[RingLayout | Reservation]) -> None:
    names: set[str] = set()
    numbers: dict[int, str] = {}
    for layout in layouts:
        if layout.name in names:
            raise MemoryMapError(f"memory map: two regions are called {layout.name}")
        names.add(layout.name)
        if isinstance(layout, RingLayout):
            if layout.number in numbers:
                raise MemoryMapError(
                    f"memory map: {numbers[layout.number]} and {layout.name} share the number {layout.number}"
                )
            numbers[layout.number] = layout.name


def _region(layout: RingLayout | Reservation, geometry: FlashGeometry, first: int) -> Region | Reserved:
    least = {"size_bytes": layout.size_bytes} if isinstance(layout, Reservation) else _sizes(layout)
    for name, value in least.items():
        if value < 1:
            raise MemoryMapError(f"memory map: {layout.name}: {name} is {value}, at least 1 is needed")
    if isinstance(layout, Reservation):
        return Reserved(layout.name, first, -(-layout.size_bytes // geometry.sector_bytes))
    slot_bytes = _slot_bytes(layout, geometry)
    slots = (geometry.sector_bytes - geometry.page_bytes) // slot_bytes
    ahead = -(-layout.urgent_records // slots)
    for_records = -(-layout.records // slots) + 2 + ahead
    for_wear = -(-layout.writes_per_day * LIFE_DAYS // (slots * ERASES_MOST))
    try:
        return Region(
            name=layout.name,
            number=layout.number,
            first_sector=first,
            sectors=max(for_records, for_wear),
            slot_bytes=slot_bytes,
            page_bytes=geometry.page_bytes,
            sector_bytes=geometry.sector_bytes,
            ahead_sectors=ahead,
            mark_bytes=MARK_BYTES if layout.marked else 0,
        )
    except ValueError as error:
        raise MemoryMapError(f"memory map: {error}") from None


def _slot_bytes(layout: RingLayout, geometry: FlashGeometry) -> int:
    """The slot of a record: an equal part of a page for a short one, else whole pages. What a sector has left over goes
    to its slots, so that records may grow without a new map."""
    page = geometry.page_bytes
    around = HEADER_BYTES + (MARK_BYTES if layout.marked else 0)
    needed = around + layout.payload_bytes
    parts = page // needed
    if parts > 1:
        return page // (1 << parts.bit_length() - 1)
    pages_free = geometry.sector_bytes // page - 1
    pages = -(-needed // page)
    if pages > pages_free:
        raise MemoryMapError(
            f"memory map: {layout.name}: a record of {layout.payload_bytes} bytes does not fit a sector; at most "
            f"{pages_free * page - around} bytes do"
        )
    return pages_free // (pages_free // pages) * page


def _sizes(layout: RingLayout) -> dict[str, int]:
    return {
        "payload_bytes": layout.payload_bytes,
        "records": layout.records,
        "writes_per_day": layout.writes_per_day,
        "urgent_records": layout.urgent_records,
    }
