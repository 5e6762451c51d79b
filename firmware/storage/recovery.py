"""How a boot finds the newest whole record of a ring, and the next free slot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from firmware.storage.record import SEQUENCE_MOST, Defect, Record
from firmware.storage.region import Region
from firmware.storage.sector_header import HeaderDefect, SectorHeader
from firmware.storage.slots import Slots


@dataclass(frozen=True, slots=True)
class Dropped:
    """A slot that was written to, but holds no whole record."""

    sequence: int
    defect: Defect


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a boot found. `dropped` lists the slots after the newest whole record that hold none, newest first, without
    those that an earlier boot gave up; `reads` counts reads of flash, each of a page or less, or of one record;
    `erase_due` says that a sector ahead must be erased.
    """

    newest: Record | None
    dropped: tuple[Dropped, ...]
    erase_due: bool
    free_slots: int
    reads: int


@dataclass(slots=True)
class Head:
    """Where a ring stands."""

    live: dict[int, int]
    """First sequence number by sector, of those that may be read."""
    erases: dict[int, int]
    """By sector, as far as the headers tell."""
    worn: set[int]
    """Sectors that an earlier life has marked."""
    next: int = 1
    """The number of the next slot, as long as it lies before `end`, the end of the sector being written."""
    end: int = 1
    ready: tuple[int, ...] = ()
    """First sequence numbers of the sectors erased ahead, in the order in which they will be used."""
    spoilt: set[int] = field(default_factory=set)
    """Slots ahead that were given up beforehand."""
    newest: Record | None = None
    dropped: tuple[Dropped, ...] = ()


def find_head(slots: Slots) -> Head:
    """Reads one header a sector, the first page of each slot in the sector being written and in those erased ahead,
    then one or two reads for each slot passed over and for the newest whole record. Where a header may be rotten,
    slots are read up to the first whole record, or the first that is blank.
    """
    region = slots.region
    head = Head({}, {}, set())
    for sector in range(region.first_sector, region.first_sector + region.sectors):
        _read_header(slots, sector, head)
    _find_next(slots, head)
    dropped: list[Dropped] = []
    for sequence in sequences_down(region, head.live, head.next):
        found = slots.record(sequence)
        if isinstance(found, Record):
            head.newest = found
            break
        if found is not Defect.BLANK and found is not Defect.VOID:
            dropped.append(Dropped(sequence, found))
    head.dropped = tuple(dropped)
    return head


def sequences_down(region: Region, live: Mapping[int, int], before: int) -> Iterator[int]:
    """Sequence numbers below `before` that a ring may hold, in falling order."""
    slots = region.slots_per_sector
    for first in sorted(live.values(), reverse=True):
        yield from range(min(first + slots, before) - 1, first - 1, -1)


def _read_header(slots: Slots, sector: int, head: Head) -> None:
    found, worn = slots.header(sector)
    if worn:
        head.worn.add(sector)
    if isinstance(found, SectorHeader):
        head.erases[sector] = found.erases
        head.live[sector] = found.first_sequence
    elif found is HeaderDefect.ROTTEN:
        first = slots.first_of(sector)
        if first is not None:
            head.live[sector] = first


def _find_next(slots: Slots, head: Head) -> None:
    """Find the last slot that was written to, and step over those behind it that were given up; what is blank then, and
    live sectors beyond, is erased ahead. Slots given up among those had not erased clean."""
    count = slots.region.slots_per_sector
    ahead: list[int] = []
    void: set[int] = set()
    for sequence in sequences_down(slots.region, head.live, SEQUENCE_MOST):
        found = slots.first_page(sequence)
        if found is Defect.VOID:
            void.add(sequence)
        elif found is not Defect.BLANK:
            break
        ahead.insert(0, sequence)
    else:
        sequence = 0
    if sequence:
        head.next, head.end = sequence + 1, slots.region.first_sequence(sequence) + count
    while ahead and ahead[0] in void:
        head.next = ahead.pop(0) + 1
        head.end = slots.region.first_sequence(head.next - 1) + count
    head.ready = tuple(first for first in ahead if slots.region.first_sequence(first) == first)
    head.spoilt = {sequence for sequence in ahead if sequence in void}
