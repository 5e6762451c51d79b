"""A ring of records over the sectors of a region.

Records go to slot after slot, sector after sector; behind the last sector comes the first. The sector that comes next
is always erased ahead (`maintenance`), so that an append only programs pages. Power may fail anywhere:

- a record cut on the way leaves a torn slot, which is passed over until its sector is erased;
- an erase cut on the way leaves a sector without the header of its new lap, which is erased again;
- the sector that holds the newest whole record is never erased, even if every slot after it is torn: the ring steps
  over that sector.

Nothing here waits. `append` and `maintenance` give the operations one by one; whoever carries them out asks for the
next one only when the last has ended, and by asking confirms it. To give up, close the iterator.

Reads (`recover`, `read`, `newest_first`) need a flash that is not busy. They may run while an erase that `maintenance`
asked for is suspended: they never touch the sector that is being prepared.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from firmware.storage import record as records
from firmware.storage import sector_header
from firmware.storage.operation import Erase, Operation, Program
from firmware.storage.record import Defect, Record
from firmware.storage.region import Region
from firmware.storage.sector_header import SectorHeader
from hal.flash import Flash


class NoSlot(Exception):
    """No slot is erased ahead: `maintenance` has not been carried out in time."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A slot that was written to, but holds no whole record."""

    sequence: int
    defect: Defect


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a boot found. `dropped` lists the slots after the newest whole record, newest first; `reads` counts reads of
    flash, each of a page or less, or of one record; `erase_due` says that a sector ahead must be erased.
    """

    newest: Record | None
    dropped: tuple[Dropped, ...]
    erase_due: bool
    free_slots: int
    reads: int


class Appending:
    """The programs of one record, page by page, and the sequence number that it has when the last one is confirmed."""

    def __init__(self, sequence: int, programs: Generator[Operation, None, None]) -> None:
        self.sequence = sequence
        self._programs = programs

    def __iter__(self) -> Iterator[Operation]:
        return self._programs

    def __next__(self) -> Operation:
        return next(self._programs)

    def close(self) -> None:
        """Give up; the slot stays torn."""
        self._programs.close()


class Ring:
    """Not to be used before `recover`, which also makes sense of a virgin or foreign flash."""

    def __init__(self, flash: Flash, region: Region) -> None:
        geometry = flash.geometry
        if (geometry.page_bytes, geometry.sector_bytes) != (region.page_bytes, region.sector_bytes):
            raise ValueError(f"region {region.name} was laid out for a part with other pages or sectors")
        if region.first_sector + region.sectors > geometry.sectors:
            raise ValueError(f"region {region.name} ends outside the flash of {geometry.sectors} sectors")
        self.region = region
        self._flash = flash
        self._live: dict[int, int] = {}
        """First sequence number by sector, of those that may be read."""
        self._erases: dict[int, int] = {}
        self._next = 1
        """The number of the next slot, as long as it lies before `_end`, the end of the sector being written."""
        self._end = 1
        self._ready: list[int] = []
        """First sequence numbers of the sectors erased ahead, in the order in which they will be used."""
        self._newest = 0
        self._preparing = False
        self._reads = 0

    @property
    def newest_sequence(self) -> int:
        """The number of the newest whole record; 0 if there is none."""
        return self._newest

    @property
    def free_slots(self) -> int:
        """Records that can be appended before a sector must be erased."""
        return self._end - self._next + len(self._ready) * self.region.slots_per_sector

    @property
    def erase_due(self) -> bool:
        """Whether fewer sectors than wanted are erased ahead, so that `maintenance` has something to do."""
        return len(self._ready) < self.region.ahead_sectors

    def recover(self) -> Recovery:
        """Find the newest whole record and the next free slot.

        Reads one header a sector, the first page of each slot in the sector being written and in those erased ahead,
        then one or two reads for each slot passed over and for the newest whole record.
        """
        self._reads = 0
        self._live.clear()
        self._erases.clear()
        self._ready.clear()
        self._next, self._end, self._newest = 1, 1, 0
        for sector in range(self.region.first_sector, self.region.first_sector + self.region.sectors):
            self._recover_header(sector)
        self._recover_head()
        newest: Record | None = None
        dropped: list[Dropped] = []
        for sequence in self._sequences_down(self._next):
            found = self.read(sequence)
            if isinstance(found, Record):
                newest = found
                self._newest = found.sequence
                break
            if found is not Defect.BLANK:
                dropped.append(Dropped(sequence, found))
        return Recovery(newest, tuple(dropped), self.erase_due, self.free_slots, self._reads)

    def append(self, payload: bytes, kind: int = 0) -> Appending:
        """The programs of a new record, page by page; it is committed once the last one is confirmed.

        Takes its slot at once, so appends may overlap: an urgent one may run while another waits, or is given up.
        `NoSlot` if nothing is erased ahead; a ValueError for a payload that is too long.
        """
        if len(payload) > self.region.payload_bytes:
            raise ValueError(
                f"region {self.region.name}: a payload of {len(payload)} bytes, at most {self.region.payload_bytes} fit"
            )
        if not self.free_slots:
            raise NoSlot(f"region {self.region.name}: no slot is erased ahead")
        sequence = self._next if self._next < self._end else self._ready[0]
        data = records.build(Record(self.region.number, kind, sequence, payload))
        if self._next == self._end:
            self._end = self._ready.pop(0) + self.region.slots_per_sector
        self._next = sequence + 1
        return Appending(sequence, self._programs(sequence, data))

    def maintenance(self) -> Iterator[Operation]:
        """The operations that erase sectors ahead; none if enough are.

        One such iterator at a time: a RuntimeError if another one is under way.
        """
        if self._preparing:
            raise RuntimeError(f"region {self.region.name}: maintenance is already under way")
        return self._prepare()

    def read(self, sequence: int) -> Record | Defect:
        """The record of a sequence number, found without a search, or the reason why there is none."""
        region = self.region
        if sequence < 1 or self._live.get(region.sector_of(sequence)) != region.first_sequence(sequence):
            return Defect.GONE
        address = region.slot_address(sequence)
        data = self._read(address, region.page_bytes)
        length = records.bytes_of(data)
        if region.page_bytes < length <= region.slot_bytes:
            data += self._read(address + region.page_bytes, length - region.page_bytes)
        found = records.parse(data)
        if isinstance(found, Record) and (found.region, found.sequence) != (region.number, sequence):
            return Defect.MISPLACED
        return found

    def newest_first(self, before: int | None = None) -> Iterator[Record]:
        """The whole records, newest first, from the one before the sequence number `before` on.

        Each step reads its own slot only. The ring may go on meanwhile; records that it erases are left out.
        """
        for sequence in self._sequences_down(self._next if before is None else before):
            found = self.read(sequence)
            if isinstance(found, Record):
                yield found

    def erases(self, sector: int) -> int:
        """How often a sector of the region (by its number in the flash) was erased, as far as its headers tell."""
        return self._erases.get(sector, 0)

    def _programs(self, sequence: int, data: bytes) -> Generator[Operation, None, None]:
        address = self.region.slot_address(sequence)
        page = self.region.page_bytes
        for offset in range(0, len(data), page):
            yield Program(address + offset, data[offset : offset + page])
        self._newest = max(self._newest, sequence)

    def _prepare(self) -> Generator[Operation, None, None]:
        while self.erase_due:
            if self._preparing:
                raise RuntimeError(f"region {self.region.name}: maintenance is already under way")
            self._preparing = True
            try:
                yield from self._prepare_sector(self._following())
            finally:
                self._preparing = False

    def _prepare_sector(self, first: int) -> Generator[Operation, None, None]:
        sector = self.region.sector_of(first)
        self._live.pop(sector, None)
        yield Erase(sector)
        erases = 1 + self._erases.get(sector, self._erases_unknown(first))
        yield sector_header.write(self.region, SectorHeader(first, erases))
        self._erases[sector] = erases
        self._live[sector] = first
        self._ready.append(first)

    def _following(self) -> int:
        """The first sequence number of the next sector to be erased ahead."""
        slots = self.region.slots_per_sector
        first = self._ready[-1] + slots if self._ready else self._end
        if self._newest and self.region.sector_of(first) == self.region.sector_of(self._newest):
            first += slots
        return first

    def _erases_unknown(self, first: int) -> int:
        """Erases so far of a sector without a header: one each lap, and the one that took the header with it."""
        laps = (first - 1) // (self.region.slots_per_sector * self.region.sectors)
        return laps + 1 if laps else 0

    def _sequences_down(self, before: int) -> Iterator[int]:
        """Sequence numbers below `before` that the ring may hold, in falling order."""
        slots = self.region.slots_per_sector
        for first in sorted(self._live.values(), reverse=True):
            yield from range(min(first + slots, before) - 1, first - 1, -1)

    def _recover_header(self, sector: int) -> None:
        address = sector * self.region.sector_bytes
        found = sector_header.parse(self._read(address, sector_header.HEADER_BYTES), self.region, sector)
        if isinstance(found, SectorHeader):
            self._erases[sector] = found.erases
            self._live[sector] = found.first_sequence

    def _recover_head(self) -> None:
        """Find the last slot that was written to; live sectors beyond it are those erased ahead."""
        slots = self.region.slots_per_sector
        for first in sorted(self._live.values(), reverse=True):
            for slot in reversed(range(slots)):
                if not self._blank(first + slot):
                    self._next = first + slot + 1
                    self._end = first + slots
                    return
            self._ready.insert(0, first)

    def _blank(self, sequence: int) -> bool:
        # The first page is always programmed first: a slot is untouched if, and only if, that page is.
        data = self._read(self.region.slot_address(sequence), self.region.page_bytes)
        return data.count(0xFF) == len(data)

    def _read(self, address: int, length: int) -> bytes:
        self._reads += 1
        return self._flash.read(address, length)
