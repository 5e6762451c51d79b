"""The power-fail save: what must be kept is in flash before the hold-up is spent.

While it is made, the ceiling of its task keeps whatever is less urgent than the store from being dispatched: such a
task is in the way once, at the beginning, and not after each page.
"""

from typing import Final

from firmware.core import Core
from firmware.kernel.kernel import Kernel
from firmware.kernel.sources import EventFlags, FlagsWait
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.save import SaveReason
from firmware.storage.flash_port import PAGE_COST, READ_COST, FlashUser
from firmware.storage.store import CAPACITY, Outcome, Request
from hal.flash import FlashGeometry
from hal.processor import Line
from hal.units import MS, US

DAILY_PAGES: Final = 3
"""Of a daily freeze at most; it is never longer than a billing set."""

_FAIL = 1
_GOOD = 2
_CAPTURE = Cost(20_000, 60_000)
"""Cycles to close the window of samples in progress and to lay the state out; an estimate of ours."""

_PAGE_NS: Final = 13 * MS
"""A page's share of the spacing of two jobs: its program, and three times as much for those who have waited meanwhile,
so that the eraser too has a bound. Mains that come and go faster are seen together."""

_FLASH = InterruptSpec(Line.FLASH, exactly(100), 150 * US, burst=2)
"""An erase may end, or be suspended, right after a program; then the next program takes 0.3 ms at least (three quarters
of the typical time in the data sheet of the Winbond W25Q64)."""


class _Mains:
    """What the comparator has said so far; wakes the task that saves."""

    def __init__(self, flags: EventFlags) -> None:
        self.failing = False
        self.failures = 0
        self._flags = flags

    def change(self) -> FlagsWait:
        return self._flags.any_of(_FAIL | _GOOD)

    def failed(self, at_ns: int) -> None:
        self.failing = True
        self.failures += 1
        self._flags.set(_FAIL, at_ns)

    def good(self, at_ns: int) -> None:
        self.failing = False
        self._flags.set(_GOOD, at_ns)

    def prepared(self, now_ns: int) -> None:
        """There is a slot that the save may have waited for."""
        if self.failing:
            self._flags.set(_FAIL, now_ns)


class _Save:
    """Makes the save, of `pages` programs at most; the longest record has `longest` pages."""

    def __init__(self, core: Core, pages: int, longest: int) -> None:
        self._core = core
        self._port = core.port
        self._store = core.store
        self._pages = pages
        self._longest = longest

    async def make(self, task: Task) -> None:
        core, store = self._core, self._store
        store.yielding = True
        self._port.open_batch()
        await task.work(_CAPTURE)
        core.metering.flush(core.accounting, task.now)
        core.accounting.settle()
        while store.busy:
            await self._port.event(task, FlashUser.POWER_FAIL)
        await self._write_all(task)
        self._port.close_batch(task.now)

    async def _write_all(self, task: Task) -> None:
        """What the store had begun or queued and can't be made again, then the save. What a worn sector does not take
        goes to the next, as long as the pages that the hold-up was computed for are enough. A save without a billing
        set that it counts would lose the set: then none is made, and the next life ends the billing period again."""
        store, first = self._store, self._port.programs

        def left() -> int:
            return self._pages - 1 - (self._port.programs - first)

        begun, store.writing = store.writing, None
        if begun is not None:
            store.put_back(begun)
        while left() > 2 * self._longest + 1 and (request := store.take_urgent()) is not None:
            if await store.write(task, FlashUser.POWER_FAIL, request) is Outcome.REFUSED:
                store.try_again(request)
        while store.save_ready and left() > self._longest and not store.waits("billing"):
            payload, written = self._core.capture(SaveReason.POWER_FAIL)
            request = Request("registers", payload, written)
            if await store.write(task, FlashUser.POWER_FAIL, request) is Outcome.WHOLE:
                return

    async def go_on(self, task: Task) -> None:
        """The mains are back: the save at power fail is not the last word any more, and is marked so."""
        self._port.open_batch()
        for operation in self._store.rings["registers"].mark():
            await self._port.program(task, FlashUser.POWER_FAIL, operation)
        self._store.yielding = False
        self._port.close_batch(task.now)
        self._store.look(task.now)


def batch_pages(save_pages: int, billing_pages: int) -> int:
    """The most that may have to be programmed at power fail: what is queued, what was begun, and the save; that once
    more, if it met a worn sector, and what gives the slot up; and the mark if the mains return."""
    days = CAPACITY["daily"] * min(billing_pages, DAILY_PAGES)
    return CAPACITY["events"] + days + (CAPACITY["billing"] + 1) * billing_pages + 2 * save_pages + 2


def power_fail_spec(priority: int, ceiling: int, geometry: FlashGeometry, pages: int) -> TaskSpec:
    """A job programs so many pages at most, and reads each back. An erase may have to be suspended before, and a
    page of the store's to be ended."""
    spacing_ns = pages * _PAGE_NS
    wait_ns = max(geometry.program_worst_ns, geometry.suspend_worst_ns)
    page = Segment(PAGE_COST + READ_COST, calls=2)
    return TaskSpec(
        "power-fail",
        priority,
        Sporadic(spacing_ns),
        spacing_ns,
        (Segment(_CAPTURE + PAGE_COST, calls=2), *[page] * (pages + 2)),
        (wait_ns,) * (pages + 2),
        ceiling=ceiling,
    )


def add_power_fail(kernel: Kernel, priority: int, core: Core, pages: int, longest: int, ceiling: int) -> None:
    """`pages` as `batch_pages` tells; the longest record has `longest` pages. The `ceiling` is the priority of the
    store's task: the record that it is at must come to the end of a page."""
    mains = _Mains(kernel.flags())
    making = _Save(core, pages, longest)

    async def save(task: Task) -> None:
        saved = 0
        if not core.board.supply.mains_good():
            # The watchdog bit in the hold-up: what the comparator said then was told to the life before.
            mains.failed(task.now)
        while True:
            await task.release_on(mains.change())
            # Without a slot the save waits; the store tells once there is one. A failure that has its save needs none.
            if mains.failing and saved != mains.failures and core.store.save_ready:
                saved = mains.failures
                await making.make(task)
            if core.store.yielding and not mains.failing:
                await making.go_on(task)

    core.store.prepared = mains.prepared
    kernel.add(power_fail_spec(priority, ceiling, core.port.flash.geometry, pages), save)
    kernel.attach(InterruptSpec(Line.POWER_FAIL, exactly(100), 20 * MS), mains.failed)
    kernel.attach(InterruptSpec(Line.POWER_GOOD, exactly(100), 20 * MS), mains.good)
    kernel.attach(_FLASH, core.port.ended)
