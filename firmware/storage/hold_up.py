"""The worst time of the save at power fail, to be held against what the hold-up capacitor gives."""

from firmware.storage.record import HEADER_BYTES
from hal.flash import FlashGeometry


def record_pages(payload_bytes: int, geometry: FlashGeometry) -> int:
    """Pages that a record with this payload programs."""
    return -(-(HEADER_BYTES + payload_bytes) // geometry.page_bytes)


def wait_with_suspend_ns(geometry: FlashGeometry) -> int:
    """The longest that the part is busy when an erase under way is suspended: that, or the end of a program."""
    return max(geometry.suspend_worst_ns, geometry.program_worst_ns)


def settle_pages(rings: int) -> int:
    """The most that a boot programs to make sure what a cut has left: of each ring a sector header and two slots,
    and the end and the mark of the save that it goes on from. Nothing else runs before that, a save at power fail
    neither."""
    return 3 * rings + 2


def needed_ns(geometry: FlashGeometry, rings: int, response_ns: int) -> int:
    """The hold-up that the worst case takes: power fails as a boot begins to settle, and then the task that saves takes
    `response_ns`. That is its response bound: it counts a suspension, all that may be queued, the save, reading back,
    and once another task that has just begun."""
    return save_ns(geometry, settle_pages(rings), wait_with_suspend_ns(geometry)) + response_ns


def save_ns(geometry: FlashGeometry, pages: int, wait_ns: int) -> int:
    """The worst time from the request to the last page's end: `wait_ns`, then `pages` programs. Flash time only."""
    if pages < 1:
        raise ValueError(f"a save of {pages} pages")
    return wait_ns + pages * geometry.program_worst_ns
