"""The tasks of storage: one writes what is queued, one erases ahead."""

from typing import Final

from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from firmware.storage.flash_port import CHECK_COST, PAGE_COST, READ_COST, FlashPort, FlashUser
from firmware.storage.store import ERASER_OPERATIONS, RE_READ, Outcome, Store
from hal.flash import FlashGeometry
from hal.units import MS

BOOT_COST = Cost(400_000, 600_000)
"""Cycles to read the heads of the rings at boot; an estimate of ours."""

_PAGE_CPU_NS: Final = 2 * MS
"""What comes to a page's program in a batch, of the CPU and of whom it is shared with."""

_ERASER_NS: Final = 3_000 * MS
_BATCHES: Final = 10
"""Of the longest batch, that a job is apart from the next at least: its own share of them, and that of whoever else
waits for the flash."""


def store_spec(priority: int, geometry: FlashGeometry, pages: int) -> TaskSpec:
    """A job writes one record of so many pages at most, reads it back, and gives its slot up if it did not come back.
    Before the first page, an erase may have to be suspended."""
    longest = max(geometry.program_worst_ns, geometry.suspend_worst_ns)
    waits = (longest,) * (pages + 2)
    segments = (Segment(PAGE_COST + READ_COST, calls=2),) * (pages + 3)
    spacing_ns = max(150 * MS, 20 * MS * len(segments))
    return TaskSpec("store", priority, Sporadic(spacing_ns), spacing_ns, segments, waits)


def eraser_spec(priority: int, geometry: FlashGeometry, pages: int, longest: int) -> TaskSpec:
    """A job erases a sector, writes its header and gives up what did not erase clean; a batch of `pages` programs may
    come before each operation. Then some records of up to `longest` pages are re-read."""
    batch = pages * (geometry.program_worst_ns + _PAGE_CPU_NS) + geometry.suspend_worst_ns
    waits = (max(batch, geometry.erase_worst_ns),) * (2 * ERASER_OPERATIONS)
    # An erase that is suspended goes on where it was.
    most = geometry.erase_worst_ns + ERASER_OPERATIONS * (batch + geometry.program_worst_ns)
    segment = Segment(PAGE_COST + CHECK_COST + READ_COST * (longest * RE_READ), calls=3)
    segments = (segment,) * (len(waits) + 1)
    spacing_ns = max(_ERASER_NS, _BATCHES * batch)
    return TaskSpec("eraser", priority, Sporadic(spacing_ns), spacing_ns, segments, waits, waits_most_ns=most)


def add_store(kernel: Kernel, priority: int, store: Store, port: FlashPort, pages: int) -> None:
    """`pages` is the length of the longest record that will be written."""

    async def tidy(task: Task) -> None:
        store.busy = True
        port.open_batch()
        await store.give_up(task)
        store.busy = False
        port.close_batch(task.now)
        store.look(task.now)

    async def write(task: Task) -> None:
        await task.work(BOOT_COST)
        port.open_batch()
        await store.settle(task)
        store.busy = False
        port.close_batch(task.now)
        store.look(task.now)
        while True:
            await task.release_on(store.work)
            # Without a slot, or at power fail, somebody else raises the signal again.
            request = None if store.yielding else store.take()
            if request is None:
                if store.untidy and not store.yielding:
                    await tidy(task)
                continue
            store.writing, store.busy = request, True
            port.open_batch()
            outcome = await store.write(task, FlashUser.STORE, request)
            if outcome is not Outcome.GAVE_WAY:
                store.writing = None
            if outcome is Outcome.REFUSED:
                store.try_again(request)
            store.busy = False
            port.close_batch(task.now)
            store.look(task.now)

    kernel.add(store_spec(priority, port.flash.geometry, pages), write)


def add_eraser(kernel: Kernel, priority: int, store: Store, port: FlashPort, pages: int, longest: int) -> None:
    """`pages` is the length of the longest batch that may come between, `longest` that of the longest record."""

    async def erase(task: Task) -> None:
        while not store.life_ready and store.erase_due:
            await store.erase_ahead(task)
        store.look(task.now)
        while True:
            await task.release_on(store.erase)
            await store.erase_ahead(task)
            await store.scrub(task)
            store.look(task.now)

    kernel.add(eraser_spec(priority, port.flash.geometry, pages, longest), erase)
