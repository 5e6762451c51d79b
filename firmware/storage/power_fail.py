"""The power-fail save: what must be kept is in flash before the hold-up is spent."""

from dataclasses import dataclass

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.save import SaveReason
from firmware.storage.flash_port import PAGE_COST, READ_COST, FlashUser
from firmware.storage.store import CAPACITY, TRIES, Outcome, Request
from hal.processor import Line
from hal.units import MS

_FAIL = 1
_GOOD = 2
_CAPTURE = Cost(20_000, 60_000)
"""Cycles to close the window of samples in progress and to lay the state out; an estimate of ours."""

_PAGE_NS = 16 * MS
"""A page's share of the spacing of two jobs: its program, and a block of samples measured meanwhile, with as much
again. Mains that come and go faster are seen together; a job's worst response must be shorter (`response_bounds`)."""


@dataclass(slots=True)
class _Mains:
    """What the comparator has said so far."""

    failing: bool = False
    failures: int = 0


def batch_pages(save_pages: int, billing_pages: int) -> int:
    """The most that may have to be programmed at power fail: what is queued, what was begun, and the save; that once
    more, if it met a worn sector, and what gives the slot up; and the mark if the mains return."""
    return CAPACITY["events"] + (CAPACITY["billing"] + 1) * billing_pages + 2 * save_pages + 2


def add_power_fail(kernel: Kernel, priority: int, core: Core, pages: int, longest: int) -> None:
    """`pages` as `batch_pages` tells; the longest record has `longest` pages."""
    flags = kernel.flags()
    port, store = core.port, core.store
    mains = _Mains()

    async def write_all(task: Task) -> None:
        """What the store had begun or queued and can't be made again, then the save."""
        begun, store.writing = store.writing, None
        if begun is not None:
            store.put_back(begun)
        while (request := store.take_urgent()) is not None:
            if await store.write(task, FlashUser.POWER_FAIL, request) is Outcome.REFUSED:
                store.try_again(request)
        for _ in range(TRIES):
            if not store.save_ready:
                return
            payload, written = core.capture(SaveReason.POWER_FAIL)
            request = Request("registers", payload, written)
            if await store.write(task, FlashUser.POWER_FAIL, request) is Outcome.WHOLE:
                return

    async def go_on(task: Task) -> None:
        """The mains are back: the save at power fail is not the last word any more, and is marked so."""
        port.open_batch()
        for operation in store.rings["registers"].mark():
            await port.program(task, FlashUser.POWER_FAIL, operation)
        store.yielding = False
        port.close_batch(task.now)
        store.look(task.now)

    async def save(task: Task) -> None:
        saved = 0
        if not core.board.supply.mains_good():
            # The watchdog bit in the hold-up: what the comparator said then was told to the life before.
            failed(task.now)
        while True:
            await task.release_on(flags.any_of(_FAIL | _GOOD))
            # Without a slot the save waits; the store tells once there is one. A failure that has its save needs none.
            if mains.failing and saved != mains.failures and store.save_ready:
                saved, store.yielding = mains.failures, True
                port.open_batch()
                await task.work(_CAPTURE)
                core.metering.flush(core.accounting, task.now)
                core.accounting.settle()
                while store.busy:
                    await port.event(task, FlashUser.POWER_FAIL)
                await write_all(task)
                port.close_batch(task.now)
            if store.yielding and not mains.failing:
                await go_on(task)

    def failed(at_ns: int) -> None:
        mains.failing = True
        mains.failures += 1
        flags.set(_FAIL, at_ns)

    def good(at_ns: int) -> None:
        mains.failing = False
        flags.set(_GOOD, at_ns)

    def prepared(now_ns: int) -> None:
        if mains.failing:
            flags.set(_FAIL, now_ns)

    store.prepared = prepared
    flash = port.flash.geometry
    spec = TaskSpec(
        "power-fail",
        priority,
        Sporadic(pages * _PAGE_NS),
        1_000 * MS,
        (Segment(_CAPTURE + PAGE_COST, calls=2), *[Segment(PAGE_COST + READ_COST * longest, calls=2)] * (pages + 2)),
        (max(flash.program_worst_ns, flash.suspend_worst_ns),) * (pages + 2),
    )
    kernel.add(spec, save)
    kernel.attach(InterruptSpec(Line.POWER_FAIL, exactly(100), 20 * MS), failed)
    kernel.attach(InterruptSpec(Line.POWER_GOOD, exactly(100), 20 * MS), good)
    kernel.attach(InterruptSpec(Line.FLASH, exactly(100), 20_000), port.ended)
