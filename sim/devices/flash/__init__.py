"""A serial NOR flash, after a named part.

`part` has its figures, `nor_flash` the states and commands, `cells` the array, `cut` what a power cut leaves, `damage`
the bits that are weak, rotten or stuck, `report` what listeners are told.
"""

from sim.devices.flash.cut import EraseCut, ProgramCut
from sim.devices.flash.nor_flash import NorFlash
from sim.devices.flash.part import W25Q64, NorFlashPart, Timing
from sim.devices.flash.report import FlashOperation, Kind, Refusal, Stage, Violation

__all__ = [
    "W25Q64",
    "EraseCut",
    "FlashOperation",
    "Kind",
    "NorFlash",
    "NorFlashPart",
    "ProgramCut",
    "Refusal",
    "Stage",
    "Timing",
    "Violation",
]
