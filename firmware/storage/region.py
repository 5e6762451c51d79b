"""A region of flash that one ring uses: the arithmetic of sectors, slots and sequence numbers.

A sector begins with a header page; slots follow, of whole pages or of an equal part of one, so that a record of less
than a page never lies across two. A sequence number belongs to one slot, for good:
number 1 is the first slot of the first sector, and after the last slot of the last sector the ring goes round. So a
record is found without a search, and a slot lost to a power cut takes its number with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from firmware.storage.record import HEADER_BYTES


@dataclass(frozen=True, slots=True)
class Region:
    """`number` marks what belongs to the region in flash; `ahead_sectors` are kept erased ahead of the next record.
    `mark_bytes` at the end of each slot are left for a mark that is programmed behind a whole record.

    Raises ValueError when the numbers don't make a ring.
    """

    name: str
    number: int
    first_sector: int
    sectors: int
    slot_bytes: int
    page_bytes: int
    sector_bytes: int
    ahead_sectors: int = 1
    mark_bytes: int = 0
    slots_per_sector: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check()
        slots = (self.sector_bytes - self.page_bytes) // self.slot_bytes
        object.__setattr__(self, "slots_per_sector", slots)

    def _check(self) -> None:
        if not 0 <= self.number <= 0xFF:
            raise ValueError(f"region {self.name}: number {self.number} is not within 0 to 255")
        if self.slot_bytes < 1 or (self.slot_bytes % self.page_bytes and self.page_bytes % self.slot_bytes):
            raise ValueError(
                f"region {self.name}: a slot of {self.slot_bytes} bytes is no multiple of a page of {self.page_bytes}, "
                f"nor an equal part of one"
            )
        if self.mark_bytes < 0 or self.payload_bytes < 1:
            raise ValueError(f"region {self.name}: a slot of {self.slot_bytes} bytes leaves no room for a payload")
        if self.slot_bytes > self.sector_bytes - self.page_bytes:
            raise ValueError(
                f"region {self.name}: a slot of {self.slot_bytes} bytes does not fit a sector of {self.sector_bytes} "
                f"behind its header page"
            )
        if self.ahead_sectors < 1:
            raise ValueError(f"region {self.name}: at least one sector must be kept erased ahead")
        if not self.ahead_sectors + 3 <= self.sectors <= 0xFFFF:
            raise ValueError(
                f"region {self.name}: {self.sectors} sectors; a ring with {self.ahead_sectors} erased ahead needs "
                f"{self.ahead_sectors + 3} to 65535"
            )

    @property
    def payload_bytes(self) -> int:
        """The longest payload."""
        return self.slot_bytes - HEADER_BYTES - self.mark_bytes

    @property
    def capacity(self) -> int:
        """Records that are sure to be kept.

        Not counted: the sector being written, those erased ahead, and one sector's worth of slots that power cuts may
        tear. Each slot beyond that, torn or given up among those kept, costs one record, and a sector that the ring
        has to step over costs a sector's worth; never the newest whole record.
        """
        return (self.sectors - 2 - self.ahead_sectors) * self.slots_per_sector

    def first_sequence(self, sequence: int) -> int:
        """The sequence number of the first slot in the sector (and lap) of `sequence`."""
        return sequence - (sequence - 1) % self.slots_per_sector

    def sector_of(self, sequence: int) -> int:
        """The sector's number in the flash."""
        return self.first_sector + (sequence - 1) // self.slots_per_sector % self.sectors

    def sectors_of(self, sequences: Iterable[int]) -> set[int]:
        """The sectors' numbers in the flash."""
        first, slots, sectors = self.first_sector, self.slots_per_sector, self.sectors
        return {first + (sequence - 1) // slots % sectors for sequence in sequences}

    def same_slot(self, one: int, other: int) -> bool:
        """Whether two sequence numbers belong to one slot, on whichever laps."""
        return one > 0 and (one - other) % (self.sectors * self.slots_per_sector) == 0

    def header_address(self, sequence: int) -> int:
        """Where the header page of the sector of `sequence` lies."""
        return self.sector_of(sequence) * self.sector_bytes

    @property
    def first_bytes(self) -> int:
        """What the first program of a record covers at most."""
        return min(self.page_bytes, self.slot_bytes)

    def mark_address(self, sequence: int) -> int:
        """Where the mark behind a record lies."""
        return self.slot_address(sequence) + self.slot_bytes - self.mark_bytes

    def slot_address(self, sequence: int) -> int:
        slot = (sequence - 1) % self.slots_per_sector
        return self.header_address(sequence) + self.page_bytes + slot * self.slot_bytes
