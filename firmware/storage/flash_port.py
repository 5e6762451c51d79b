"""One flash, four users: the power-fail save, the store, whoever reads, and the erasing ahead.

Programs go before erases: whoever has something to program suspends an erase under way, and it goes on once the last
batch of programs has ended. At power fail the store gives way: it finishes the page under way, and no more.
"""

import enum
from collections.abc import Awaitable

from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost
from firmware.kernel.task import Task
from firmware.storage.operation import Operation, begin
from hal.flash import Flash

PAGE_COST = Cost(2_000, 5_000)
"""Cycles to start a program: command, address and 256 bytes by DMA. An estimate of ours."""


READ_COST = Cost(2_000, 5_000)
"""Cycles to read a page back and compare it: as long on the bus as to send one. An estimate of ours."""

SECTOR_PAGES = 16

CHECK_COST = READ_COST * SECTOR_PAGES
"""Cycles to see that a sector is blank."""


class FlashUser(enum.IntFlag):
    """Who waits for the flash; a flag each."""

    POWER_FAIL = 1
    STORE = 2
    ERASER = 4
    READER = 8


_PROGRAMMERS = FlashUser.POWER_FAIL | FlashUser.STORE | FlashUser.READER


class FlashPort:
    """Access to the flash, operation by operation."""

    def __init__(self, kernel: Kernel, flash: Flash) -> None:
        self.flash = flash
        self._flags = kernel.flags()
        self._batches = 0
        self.programs = 0
        """Programs started in batches since the start."""

    @property
    def idle(self) -> bool:
        """Nobody programs or is about to, and no operation is under way: the part can be read until the next await."""
        return not self._batches and not self.flash.busy()

    def ended(self, at_ns: int) -> None:
        """`Line.FLASH`: an operation has ended, or an erase is suspended. A batch keeps the eraser asleep."""
        self._flags.set(_PROGRAMMERS if self._batches else FlashUser.ERASER, at_ns)

    def open_batch(self) -> None:
        """Programs are coming: an erase stays suspended until the last batch is closed."""
        self._batches += 1

    def close_batch(self, at_ns: int) -> None:
        """The other users may look again."""
        self._batches -= 1
        self._flags.set(_PROGRAMMERS if self._batches else FlashUser.ERASER, at_ns)

    async def program(self, task: Task, user: FlashUser, operation: Operation) -> None:
        """Start a program as soon as the part lets, and wait for its end. Inside a batch only."""
        self.programs += 1
        await task.work(PAGE_COST)
        await self._free(task, user)
        begin(self.flash, operation)
        await self._free(task, user)

    async def readable(self, task: Task) -> None:
        """Wait until the part can be read; it can be until the next await. Inside a batch only."""
        await self._free(task, FlashUser.READER)

    async def erase_ahead(self, task: Task, operation: Operation) -> None:
        """The eraser's operations: give way to every batch, and go on with what one has suspended."""
        await task.work(PAGE_COST)
        while self._batches or self.flash.busy():
            await self.event(task, FlashUser.ERASER)
        begin(self.flash, operation)
        while True:
            await self.event(task, FlashUser.ERASER)
            if self._batches or self.flash.busy() or self.flash.resume():
                continue
            return

    def event(self, task: Task, user: FlashUser) -> Awaitable[int | None]:
        """The next end of an operation, or of a batch."""
        self._flags.clear(user)
        return task.wait_for(self._flags.any_of(user))

    async def _free(self, task: Task, user: FlashUser) -> None:
        while self.flash.busy():
            self.flash.suspend()
            await self.event(task, user)
