"""NOR flash in a file.

What a file has no need of, the device adds: bits are only cleared, erasing is by sector, one operation runs at a time.
An operation takes effect and ends at the next turn of the processor's loop; until then the part is busy. An operation
that the end of the process cuts has not begun. The file outlives the process; against a power cut of the host it is as
safe as the host's own cache.

A command that finds no row in the table of states and commands (`hal.flash_states`) is ignored, as the part does.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from hal.flash import FlashError, FlashGeometry
from hal.flash_states import IDLE_STATES, NEXT_STATE, FlashCommand, FlashState
from hal.processor import Line
from hal.units import MS, US
from rig.processor import HostProcessor

W25Q64: Final = FlashGeometry(
    page_bytes=256,
    sector_bytes=4096,
    sectors=2048,
    program_worst_ns=3 * MS,
    erase_worst_ns=400 * MS,
    suspend_worst_ns=40 * US,
)
"""Winbond W25Q64JV, 8 MiB (data sheet, AC electrical characteristics): shape, and times that firmware plans with."""

_BLANK: Final = 0xFF


class FlashFile:
    """Implements `hal.flash.Flash`. A file that is not there is made, blank; one of another size is a ValueError.

    The file is locked while it is open: BlockingIOError if another process has it.
    """

    def __init__(self, processor: HostProcessor, path: Path, geometry: FlashGeometry = W25Q64) -> None:
        self._processor = processor
        self._geometry = geometry
        self._size = geometry.sectors * geometry.sector_bytes
        self._state = FlashState.READY
        self._program: tuple[int, bytes] | None = None
        self._erasing: int | None = None
        self._turn = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = os.fstat(self._fd).st_size
            if found == 0:
                for sector in range(geometry.sectors):
                    self._blank(sector)
            elif found != self._size:
                raise ValueError(f"{path}: {found} bytes, where the flash has {self._size}")
        except BaseException:
            os.close(self._fd)
            raise

    def close(self) -> None:
        """Give the file back, as a power cut would: an operation under way has not begun. Nothing may follow."""
        self._turn += 1
        os.close(self._fd)

    @property
    def geometry(self) -> FlashGeometry:
        return self._geometry

    def busy(self) -> bool:
        return self._state not in IDLE_STATES

    def read(self, address: int, length: int) -> bytes:
        self._check_range("read", address, length)
        if self.busy():
            return bytes([_BLANK]) * length
        return os.pread(self._fd, length, address)

    def program(self, address: int, data: bytes) -> None:
        self._check_range("program", address, len(data))
        page = self._geometry.page_bytes
        if not 1 <= len(data) <= page:
            raise FlashError(f"program of {len(data)} bytes at {address:#x} refused: 1 to {page} make a program")
        after = NEXT_STATE.get((self._state, FlashCommand.PROGRAM))
        if after is None or address // self._geometry.sector_bytes == self._erasing:
            return
        offset = address % page
        held = bytearray(os.pread(self._fd, page, address - offset))
        for index, byte in enumerate(data):
            held[(offset + index) % page] &= byte
        self._program = (address - offset, bytes(held))
        self._enter(after)

    def erase(self, sector: int) -> None:
        self._check_range("erase", sector * self._geometry.sector_bytes, self._geometry.sector_bytes)
        after = NEXT_STATE.get((self._state, FlashCommand.ERASE))
        if after is None:
            return
        self._erasing = sector
        self._enter(after)

    def suspend(self) -> None:
        after = NEXT_STATE.get((self._state, FlashCommand.SUSPEND))
        if after is not None:
            self._enter(after)

    def resume(self) -> bool:
        after = NEXT_STATE.get((self._state, FlashCommand.RESUME))
        if after is None:
            return False
        self._enter(after)
        return True

    def _enter(self, state: FlashState) -> None:
        """Begin what the next turn of the loop ends."""
        self._state = state
        self._turn += 1
        turn = self._turn
        self._processor.at(self._processor.now(), lambda: self._end(turn))

    def _end(self, turn: int) -> None:
        if turn != self._turn:
            return
        ended = self._state
        self._state = NEXT_STATE[ended, FlashCommand.END]
        if ended is FlashState.ERASING:
            assert self._erasing is not None
            self._blank(self._erasing)
            self._erasing = None
        elif self._program is not None:
            (address, data), self._program = self._program, None
            os.pwrite(self._fd, data, address)
        self._processor.interrupt(Line.FLASH)

    def _blank(self, sector: int) -> None:
        size = self._geometry.sector_bytes
        os.pwrite(self._fd, bytes([_BLANK]) * size, sector * size)

    def _check_range(self, what: str, address: int, length: int) -> None:
        if address < 0 or length < 0 or address + length > self._size:
            raise FlashError(f"{what} of {length} bytes at {address:#x} refused: outside the array")
