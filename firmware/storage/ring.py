"""A ring of records over the sectors of a region.

Records go to slot after slot, sector after sector; behind the last sector comes the first. The sector that comes next
is always erased ahead (`maintenance`), so that an append only programs pages. Power may fail anywhere, and what it cuts
may read differently at each read until it is programmed again, or erased:

- a record cut on the way leaves a torn slot, which is passed over until its sector is erased;
- an erase cut on the way leaves a sector without the header of its new lap, which is erased again;
- the sector that holds the newest whole record is never erased, even if every slot after it is torn: the ring steps
  over that sector;
- at boot, `settle` makes the one slot and the one header that a cut can have left unsure what they were taken for.

A sector that does not erase clean, or does not take or keep a record, is worn: the ring steps over it from then on,
until hardly a sound one is left (`soundness`). Once that was told the sector is marked, and later lives know.

Nothing here waits. `append` and `maintenance` give the operations one by one; whoever carries them out asks for the
next one only when the last has ended, and by asking confirms it. What has ended is read back then. To give up, close
the iterator.

Reads (`recover`, `read`, `newest_first`) need a flash that is not busy. They may run while an erase that `maintenance`
asked for is suspended: they never touch the sector that is being prepared.
"""

from collections.abc import Iterator

from firmware.storage import record as records
from firmware.storage import sector_header
from firmware.storage.appending import Appending, Steps
from firmware.storage.operation import Erase, Operation, Program
from firmware.storage.record import VOID, Defect, Record
from firmware.storage.recovery import Recovery, find_head, sequences_down
from firmware.storage.region import Region
from firmware.storage.sector_header import SectorHeader
from firmware.storage.slots import Slots
from firmware.storage.soundness import Soundness
from hal.flash import Flash

_SPOILT_MOST = 2
"""Slots of a worn sector that are given up beforehand; one that would lose more is not used."""


class NoSlot(Exception):
    """No slot is erased ahead: `maintenance` has not been carried out in time."""


class Ring:
    """Not to be used before `recover`, which also makes sense of a virgin or foreign flash."""

    def __init__(self, flash: Flash, region: Region) -> None:
        geometry = flash.geometry
        if (geometry.page_bytes, geometry.sector_bytes) != (region.page_bytes, region.sector_bytes):
            raise ValueError(f"region {region.name} was laid out for a part with other pages or sectors")
        if region.first_sector + region.sectors > geometry.sectors:
            raise ValueError(f"region {region.name} ends outside the flash of {geometry.sectors} sectors")
        self.region = region
        self.soundness = Soundness(region.sectors, region.ahead_sectors)
        self.held: frozenset[int] = frozenset()
        """Records, by their sequence numbers, whose sectors are not erased whatever their age."""
        self.wanted: frozenset[int] = frozenset()
        """The same, but only as long as there are sound sectors enough."""
        self._slots = Slots(flash, region)
        self._live: dict[int, int] = {}
        """First sequence number by sector, of those that may be read."""
        self._erases: dict[int, int] = {}
        self._spoilt: set[int] = set()
        """Slots of worn sectors that did not erase clean, and were given up."""
        self._next = 1
        """The number of the next slot, as long as it lies before `_end`, the end of the sector being written."""
        self._end = 1
        self._ready: list[int] = []
        """First sequence numbers of the sectors erased ahead, in the order in which they will be used."""
        self._newest = 0
        self._found: Record | None = None
        self._longest = region.first_bytes
        """Of a slot, the bytes that a record has taken so far at most, and the page that is looked at anyway."""
        self._preparing = False

    @property
    def newest_sequence(self) -> int:
        """The number of the newest whole record; 0 if there is none."""
        return self._newest

    @property
    def last_sequence(self) -> int:
        """The number of the slot that was taken last, be its record whole, torn or given up."""
        return self._next - 1

    @property
    def free_slots(self) -> int:
        """Records that can be appended before a sector must be erased."""
        spoilt = sum(sequence >= self._next for sequence in self._spoilt)
        return self._end - self._next + len(self._ready) * self.region.slots_per_sector - spoilt

    @property
    def erase_due(self) -> bool:
        """Whether fewer sectors than wanted are erased ahead, and one can be."""
        return len(self._ready) < self.region.ahead_sectors and self._following() is not None

    @property
    def maintenance_due(self) -> bool:
        """Whether `maintenance` has something to do."""
        return self.erase_due or bool(self.soundness.unmarked)

    @property
    def stopped(self) -> bool:
        """Whether no slot is left, nor a sector that may be erased for one: nothing more can be written."""
        return not self.free_slots and self._following() is None

    @property
    def worn(self) -> frozenset[int]:
        """Sectors that were found worn, in this life or an earlier one, by their numbers in the flash."""
        return frozenset(self.soundness.worn)

    # Boot

    def recover(self) -> Recovery:
        """Find the newest whole record, the next free slot, and which sectors are worn; see `find_head`."""
        self._slots.reads = 0
        head = find_head(self._slots)
        self._live, self._erases = head.live, head.erases
        self._next, self._end, self._ready = head.next, head.end, list(head.ready)
        self._found = head.newest
        self._newest = 0 if head.newest is None else head.newest.sequence
        self._spoilt = head.spoilt
        self.soundness.recovered(head.worn)
        if self._next < self._end and not self.soundness.usable(self.region.sector_of(self._next)):
            self._next = self._end
        return Recovery(self._found, head.dropped, self.erase_due, self.free_slots, self._slots.reads)

    def settle(self, torn: bool) -> tuple[Program, ...]:
        """The programs, right after `recover` and before any other of this ring, that leave nothing unsure.

        One operation at a time is under way when power is cut. Of a ring it can have been the header of the sector
        prepared last, the record in the slot written to last, or one in the slot that follows and that looks blank.
        The header is programmed again, which makes its zeros solid. If `torn`, so is the end of the record if it is
        whole, or else its slot is given up, and so is the slot that follows: `VOID` fits over anything.
        """
        programs: list[Program] = []
        if self._ready:
            programs.append(self._header(self._ready[-1]))
        if not torn:
            return tuple(programs)
        head = self._next - 1
        if head and head == self._newest:
            programs += self.refresh()
        elif self._holds(head):
            programs.append(self._void(head))
        if self.free_slots:
            programs.append(self._void(self._take()))
        return tuple(programs)

    def refresh(self) -> tuple[Program, ...]:
        """Right after `recover`: the newest whole record's last program again. Those before it were confirmed."""
        if self._found is None:
            return ()
        data = records.build(self._found)
        offset = (len(data) - 1) // self.region.page_bytes * self.region.page_bytes
        return (Program(self.region.slot_address(self._found.sequence) + offset, data[offset:]),)

    # Writing

    def append(self, payload: bytes, kind: int = 0) -> Appending:
        """The programs of a new record, page by page; it is committed once the last one is confirmed and read back.

        Takes its slot at once, so appends may overlap: an urgent one may run while another waits, or is given up. But
        its first program goes before any other append's: `settle` looks after one slot that seems blank, not two.
        `NoSlot` if nothing is erased ahead; a ValueError for a payload that is too long.
        """
        if len(payload) > self.region.payload_bytes:
            raise ValueError(
                f"region {self.region.name}: a payload of {len(payload)} bytes, at most {self.region.payload_bytes} fit"
            )
        if not self.free_slots:
            raise NoSlot(f"region {self.region.name}: no slot is erased ahead")
        sequence = self._take()
        data = records.build(Record(self.region.number, kind, sequence, payload))
        self._longest = max(self._longest, len(data))
        return Appending(sequence, data, self._programs)

    def mark(self) -> tuple[Program, ...]:
        """The program of the mark behind the newest whole record; none without one."""
        if not self._newest:
            return ()
        return (Program(self.region.mark_address(self._newest), bytes(self.region.mark_bytes)),)

    @property
    def marked(self) -> bool:
        """Whether the mark is behind the newest whole record: most of its bits are zero, although some may stick. Where
        its program was cut either answer is right, since nothing was written after it."""
        if not self._newest:
            return False
        data = self._slots.read(self.region.mark_address(self._newest), self.region.mark_bytes)
        return 2 * int.from_bytes(data, "little").bit_count() < 8 * len(data)

    def maintenance(self) -> Iterator[Operation]:
        """The operations that mark worn sectors, and erase sectors ahead; none if enough are.

        One such iterator at a time: a RuntimeError if another one is under way.
        """
        if self._preparing:
            raise RuntimeError(f"region {self.region.name}: maintenance is already under way")
        return self._prepare()

    # Reading

    @property
    def sectors_held(self) -> tuple[int, ...]:
        """The first sequence number of each sector that may be read and begins no later than the newest whole record,
        oldest first."""
        return tuple(sorted([first for first in self._live.values() if first <= self._newest]))

    def read(self, sequence: int) -> Record | Defect:
        """The record of a sequence number, found without a search, or the reason why there is none."""
        return self._slots.record(sequence) if self._holds(sequence) else Defect.GONE

    def newest_first(self, before: int | None = None) -> Iterator[Record]:
        """The whole records, newest first, from the one before the sequence number `before` on.

        Each step reads its own slot only. The ring may go on meanwhile; records that it erases are left out. What
        `recover` has decided stays: the newest record is the one that it found, whatever the same slot, or one passed
        over, may read another time before it is settled.
        """
        begin = self._newest + 1 if before is None else before
        for sequence in sequences_down(self.region, self._live, begin):
            known = self._found is not None and sequence == self._found.sequence
            found = self._found if known else self.read(sequence)
            if isinstance(found, Record):
                yield found

    def rotted(self, sequence: int) -> None:
        """A record did not stay whole for long: its sector is worn."""
        if self._holds(sequence):
            self._retire(self.region.sector_of(sequence))

    def give_up(self, sequence: int) -> tuple[Program, ...]:
        """The program after which no boot counts a slot as dropped any more; none if something newer is whole, since
        nobody looks behind that."""
        return (self._void(sequence),) if sequence > self._newest and self._holds(sequence) else ()

    def erases(self, sector: int) -> int:
        """How often a sector of the region (by its number in the flash) was erased, as far as its headers tell."""
        return self._erases.get(sector, 0)

    # Inside

    def _holds(self, sequence: int) -> bool:
        """Whether the slot of a sequence number may be read."""
        region = self.region
        return sequence > 0 and self._live.get(region.sector_of(sequence)) == region.first_sequence(sequence)

    def _take(self) -> int:
        """The next free slot; there must be one."""
        while True:
            if self._next == self._end:
                self._next = self._ready.pop(0)
                self._end = self._next + self.region.slots_per_sector
            self._next += 1
            if self._next - 1 not in self._spoilt:
                return self._next - 1

    def _void(self, sequence: int) -> Program:
        return Program(self.region.slot_address(sequence), VOID)

    def _programs(self, appending: Appending) -> Steps:
        address, data = self.region.slot_address(appending.sequence), appending.data
        page = self.region.page_bytes
        for offset in range(0, len(data), page):
            yield Program(address + offset, data[offset : offset + page])
        appending.whole = self._slots.read(address, len(data)) == data
        if appending.whole:
            self._newest = max(self._newest, appending.sequence)
            return
        self._retire(self.region.sector_of(appending.sequence))
        yield self._void(appending.sequence)

    def _prepare(self) -> Steps:
        while self.maintenance_due:
            if self._preparing:
                raise RuntimeError(f"region {self.region.name}: maintenance is already under way")
            self._preparing = True
            try:
                yield from self._mark_worn()
                if self.erase_due and (first := self._following()) is not None:
                    yield from self._prepare_sector(first)
            finally:
                self._preparing = False

    def _mark_worn(self) -> Steps:
        unmarked = self.soundness.unmarked
        while unmarked:
            sector = unmarked[0]
            yield sector_header.mark(self.region, sector)
            if sector in unmarked:
                unmarked.remove(sector)

    def _prepare_sector(self, first: int) -> Steps:
        sector = self.region.sector_of(first)
        self._live.pop(sector, None)
        yield Erase(sector)
        erases = 1 + self._erases.get(sector, self._erases_unknown(first))
        self._erases[sector] = erases
        size = self.region.sector_bytes
        data = self._slots.read(sector * size, size)
        clean = data.count(0xFF) == size
        if not clean:
            self.soundness.unclean(sector)
            if not self.soundness.exhausted:
                return
        header = self._header(first)
        yield header
        said = self._slots.read(header.address, sector_header.HEADER_BYTES)
        if said != header.data[: sector_header.HEADER_BYTES]:
            self._retire(sector)
            return
        if not clean:
            spoilt = self._unclean(first, data)
            if len(spoilt) > min(_SPOILT_MOST, self.region.slots_per_sector - 1):
                self._retire(sector)
                return
            yield from map(self._void, spoilt)
            self._spoilt = {slot for slot in self._spoilt if slot >= self._next} | {*spoilt}
        self._live[sector] = first
        self._ready.append(first)

    def _header(self, first: int) -> Program:
        """The program of a sector's header. An erase takes the mark of a worn one, which then comes again."""
        sector = self.region.sector_of(first)
        header = sector_header.write(self.region, SectorHeader(first, self.erases(sector)))
        return sector_header.with_mark(header) if sector in self.soundness.known else header

    def _unclean(self, first: int, data: bytes) -> list[int]:
        """The slots of an erased sector that are not blank as far as records reach."""
        region, unclean = self.region, []
        for slot in range(first, first + region.slots_per_sector):
            begin = region.slot_address(slot) - region.header_address(slot)
            found = data[begin : begin + self._longest]
            if found.count(0xFF) != len(found):
                unclean.append(slot)
        return unclean

    def _retire(self, sector: int) -> None:
        """Nothing more is written to a worn sector; what is whole in it stays until the ring would have come by."""
        if self._next < self._end and self.region.sector_of(self._next) == sector:
            self._next = self._end
        self.soundness.failed(sector)

    def _following(self) -> int | None:
        """The first sequence number of the next sector to be erased ahead; None if all that are left are needed."""
        region = self.region
        wanted = frozenset() if self.soundness.exhausted else self.wanted
        needed = region.sectors_of((*self._ready, *self.held, *wanted))
        if self._newest:
            needed.add(region.sector_of(self._newest))
        if self._next < self._end:
            needed.add(region.sector_of(self._next))
        first = self._ready[-1] + region.slots_per_sector if self._ready else self._end
        for _ in range(region.sectors):
            sector = region.sector_of(first)
            if self.soundness.usable(sector) and sector not in needed:
                return first
            first += region.slots_per_sector
        return None

    def _erases_unknown(self, first: int) -> int:
        """Erases so far of a sector without a header: one each lap, and the one that took the header with it."""
        laps = (first - 1) // (self.region.slots_per_sector * self.region.sectors)
        return laps + 1 if laps else 0
