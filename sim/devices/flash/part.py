"""The figures of a serial NOR flash."""

import enum
from dataclasses import dataclass
from typing import Final

from hal.flash import FlashGeometry
from hal.units import MS, US


@dataclass(frozen=True, slots=True)
class NorFlashPart:
    """The figures of a part. All times in ns; `endurance_cycles` counts erases a sector."""

    name: str
    page_bytes: int
    sector_bytes: int
    sectors: int
    program_typical_ns: int
    program_worst_ns: int
    erase_typical_ns: int
    erase_worst_ns: int
    suspend_worst_ns: int
    resume_to_suspend_ns: int
    endurance_cycles: int

    @property
    def geometry(self) -> FlashGeometry:
        """What the HAL tells of it: a suspend that follows a resume waits until the part takes it."""
        return FlashGeometry(
            page_bytes=self.page_bytes,
            sector_bytes=self.sector_bytes,
            sectors=self.sectors,
            program_worst_ns=self.program_worst_ns,
            erase_worst_ns=self.erase_worst_ns,
            suspend_worst_ns=self.suspend_worst_ns + self.resume_to_suspend_ns,
        )


W25Q64: Final = NorFlashPart(
    name="W25Q64",
    page_bytes=256,
    sector_bytes=4096,
    sectors=2048,
    program_typical_ns=400 * US,
    program_worst_ns=3 * MS,
    erase_typical_ns=45 * MS,
    erase_worst_ns=400 * MS,
    suspend_worst_ns=20 * US,
    resume_to_suspend_ns=20 * US,
    endurance_cycles=100_000,
)
"""Winbond W25Q64JV, 8 MiB; data sheet, AC electrical characteristics (tPP, tSE, tSUS) and features (endurance, at
least 100,000 cycles). The figures are from memory; the rules (page wrap, what is ignored, tSUS after a resume) were
read in the data sheets of the same family: W25Q16BV and W25Q32BV."""


class Timing(enum.Enum):
    """How long operations take."""

    TYPICAL = "typical"
    """Always the typical time."""
    SPREAD = "spread"
    """Within a quarter of the typical time, but one in 64 anywhere up to the worst. The data sheet gives no shape."""
    WORST = "worst"
    """Always the worst time."""
