"""NOR flash: programming only clears bits, erasing is by sector, and both take time."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FlashGeometry:
    """Shape and worst times of a part; the figures of a real one stand with its device."""

    page_bytes: int
    sector_bytes: int
    sectors: int
    program_worst_ns: int
    erase_worst_ns: int
    suspend_worst_ns: int


class FlashError(Exception):
    """The part was asked for what it refuses: busy, outside the array, across a page, or bits set back to one."""


class Flash(Protocol):
    """A serial NOR flash. `program` and `erase` start; `Line.FLASH` says that the operation has ended."""

    @property
    def geometry(self) -> FlashGeometry: ...

    def busy(self) -> bool: ...

    def read(self, address: int, length: int) -> bytes:
        """Read bytes; a FlashError while busy, or inside a sector whose erase is suspended."""

    def program(self, address: int, data: bytes) -> None:
        """Start to clear bits: 1 to 256 bytes inside one page."""

    def erase(self, sector: int) -> None:
        """Start to set every bit of a sector."""

    def suspend(self) -> None:
        """Suspend a running erase, so that other sectors can be read and programmed; no effect if none runs.

        `busy` stays true for up to `suspend_worst_ns`; `Line.FLASH` then comes as for the end of an operation.
        """

    def resume(self) -> bool:
        """Go on with the suspended erase; False if none was suspended."""
