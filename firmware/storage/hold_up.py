"""The worst time of the save at power fail, to be held against what the hold-up capacitor gives."""

from firmware.storage.record import HEADER_BYTES
from hal.flash import FlashGeometry


def record_pages(payload_bytes: int, geometry: FlashGeometry) -> int:
    """Pages that a record with this payload programs."""
    return -(-(HEADER_BYTES + payload_bytes) // geometry.page_bytes)


def wait_with_suspend_ns(geometry: FlashGeometry) -> int:
    """The longest that the part is busy when an erase under way is suspended: that, or the end of a program."""
    return max(geometry.suspend_worst_ns, geometry.program_worst_ns)


def wait_without_suspend_ns(geometry: FlashGeometry) -> int:
    """The longest that the part is busy when an erase under way must end first."""
    return max(geometry.erase_worst_ns, geometry.program_worst_ns)


def save_ns(geometry: FlashGeometry, pages: int, wait_ns: int) -> int:
    """The worst time from the request to the last page's end: `wait_ns`, then `pages` programs. Flash time only."""
    if pages < 1:
        raise ValueError(f"a save of {pages} pages")
    return wait_ns + pages * geometry.program_worst_ns
