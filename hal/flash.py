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
    """What can't be put to the part: an address outside the array, no data, or more than a page of it."""


class Flash(Protocol):
    """A serial NOR flash. `program` and `erase` start; `Line.FLASH` says that the operation has ended.

    The part tells nobody that it was asked for nonsense. What it makes of that is said below; a program that is right
    never finds out.
    """

    @property
    def geometry(self) -> FlashGeometry: ...

    def busy(self) -> bool: ...

    def read(self, address: int, length: int) -> bytes:
        """Read bytes: 0xFF while busy, anything inside a sector whose erase is suspended.

        Bits that a power cut or age has damaged may read differently each time.
        """

    def program(self, address: int, data: bytes) -> None:
        """Start to clear bits: 1 to 256 bytes inside one page.

        What runs over the end of the page goes to its beginning; a bit that is zero stays zero. Ignored, and no
        interrupt comes of it: while busy, or in a sector whose erase is suspended.
        """

    def erase(self, sector: int) -> None:
        """Start to set every bit of a sector. Ignored while busy, or while another erase is suspended."""

    def suspend(self) -> None:
        """Suspend a running erase, so that other sectors can be read and programmed; no effect if none runs.

        `busy` stays true for up to `suspend_worst_ns`; `Line.FLASH` then comes as for the end of an operation.
        """

    def resume(self) -> bool:
        """Go on with the suspended erase; False if none was suspended."""
