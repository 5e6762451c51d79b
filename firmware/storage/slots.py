"""What the headers and the slots of a region show, read without a search."""

from firmware.storage import record as records
from firmware.storage import sector_header
from firmware.storage.record import Defect, Record
from firmware.storage.region import Region
from firmware.storage.sector_header import HeaderDefect, SectorHeader
from hal.flash import Flash


class Slots:
    """The slots of one region; `reads` counts reads of flash, each of a page or less, or of one record."""

    def __init__(self, flash: Flash, region: Region) -> None:
        self.region = region
        self.reads = 0
        self._flash = flash

    def read(self, address: int, length: int) -> bytes:
        """Bytes of the flash, which must not be busy."""
        self.reads += 1
        return self._flash.read(address, length)

    def header(self, sector: int) -> tuple[SectorHeader | HeaderDefect, bool]:
        """What a sector's header says, and whether the sector was marked as worn."""
        data = self.read(sector * self.region.sector_bytes, sector_header.HEADER_BYTES + sector_header.MARK_BYTES)
        said, mark = data[: sector_header.HEADER_BYTES], data[sector_header.HEADER_BYTES :]
        return sector_header.parse(said, self.region, sector), sector_header.marked(mark)

    def record(self, sequence: int) -> Record | Defect:
        """The record in the slot of a sequence number, or the reason why there is none."""
        found = self._parse(self.region.slot_address(sequence))
        if isinstance(found, Record) and (found.region, found.sequence) != (self.region.number, sequence):
            return Defect.MISPLACED
        return found

    def first_of(self, sector: int) -> int | None:
        """The first sequence number of a sector whose header can't tell it, but whose records can."""
        region = self.region
        for slot in range(region.slots_per_sector):
            place = 1 + (sector - region.first_sector) * region.slots_per_sector + slot
            found = self._parse(region.slot_address(place))
            if found is Defect.BLANK:
                return None
            if isinstance(found, Record) and found.region == region.number and region.same_slot(found.sequence, place):
                return found.sequence - slot
        return None

    def first_page(self, sequence: int) -> Record | Defect:
        """What the first page of a slot tells, which is always programmed first: `BLANK` if nothing was written to it,
        `VOID` if it was given up. A longer record is a `LENGTH`."""
        return records.parse(self.read(self.region.slot_address(sequence), self.region.first_bytes))

    def _parse(self, address: int) -> Record | Defect:
        first = self.region.first_bytes
        data = self.read(address, first)
        length = records.bytes_of(data)
        if first < length <= self.region.slot_bytes:
            data += self.read(address + first, length - first)
        return records.parse(data)
