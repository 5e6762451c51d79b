"""The rig under contract: the bench of `rig.bench` on a pseudo-terminal, in real time."""

import os
import select
import time
import tty
from pathlib import Path

from hal.board import Board
from hal.display import Symbol
from hal.flash import FlashGeometry
from hal.inputs import Input
from hal.outputs import Output, Pulse
from hal.processor import Line, Program
from hal.serial import LineSettings
from hal.units import MS, US
from rig.bench import CLOCK_FILE, Bench
from rig.processor import ProcessorReset
from rig.serial_port import pseudo_terminal
from tests.hal_contract.harness import Feature, Harness

SMALL = FlashGeometry(256, 4096, 16, 3 * MS, 400 * MS, 40 * US)
"""A corner of the part, so that a test does not write megabytes."""


class _Terminal:
    """The far end: the other side of a pseudo-terminal, which has no format."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def configure(self, settings: LineSettings) -> None:
        """Nothing to do."""

    def send(self, data: bytes) -> None:
        assert os.write(self._fd, data) == len(data)

    def received(self) -> bytes:
        # What has been written to a pseudo-terminal takes the host a moment to come through.
        data = b""
        while select.select([self._fd], [], [], 0.02)[0]:
            data += os.read(self._fd, 1 << 16)
        return data


class RigBoard(Harness):
    """The rig's bench."""

    absent = {  # noqa: RUF012  # declared as a Mapping in the base class
        Feature.SAMPLED_FRONT_END: "nothing is connected to the rig's front end yet",
        Feature.LOAD: "nothing is connected to the rig's front end yet",
        Feature.PART_TIMES: "a file takes the time that the host takes",
        Feature.LINE_FORMAT: "a pseudo-terminal has neither speed nor format",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        tty.setraw(self._slave)
        self._program: Program | None = None
        self._handles: Board | None = None
        self._bench = self._open()

    def _open(self) -> Bench:
        path = os.ttyname(self._slave)
        return Bench(self.folder, lambda processor: pseudo_terminal(processor, path), geometry=SMALL)

    # Time

    def boot(self, program: Program) -> None:
        self._program = program
        self._boot(program)

    def _boot(self, program: Program) -> None:
        def build(handles: Board) -> Program:
            self._handles = handles
            return program

        self._bench.boot(build)

    def advance(self, duration_ns: int) -> None:
        processor = self._bench.processor
        end = processor.now() + duration_ns
        while not self.bites and processor.now() < end:
            try:
                processor.run(end)
            except ProcessorReset as reset:
                self.bites.append(str(reset))

    def advance_until_served(self, limit_ns: int) -> None:
        self._bench.processor.run(self._bench.processor.now() + limit_ns)

    def wake(self) -> None:
        self._bench.processor.stop()

    def close(self) -> None:
        self._bench.close()
        os.close(self._slave)
        os.close(self._master)

    def raise_line(self, line: Line) -> None:
        self._bench.processor.interrupt(line)

    # Devices

    def board(self) -> Board:
        assert self._handles is not None, "it has not been booted"
        return self._handles

    def far_end(self) -> _Terminal:
        return _Terminal(self._master)

    # Hands

    def power_cycle(self, off_ns: int) -> None:
        self._bench.close()
        self._restore(off_ns)

    def lose_backup(self, off_ns: int) -> None:
        self._bench.close()
        (self.folder / CLOCK_FILE).unlink()
        self._restore(off_ns)

    def _restore(self, off_ns: int) -> None:
        assert self._program is not None
        time.sleep(off_ns / 1_000_000_000)
        self.raised.clear()
        self._bench = self._open()
        self._boot(self._program)

    def move_input(self, which: Input, state: bool) -> None:
        self._bench.inputs.change(which, state)

    def output(self, which: Output) -> bool:
        return self._bench.outputs.on[which]

    def pulses(self, which: Pulse) -> list[int]:
        return [instant for instant, sent in self._bench.outputs.pulses if sent is which]

    def shown(self, line: int) -> str:
        return self._bench.display.lines[line].rstrip()

    def lit(self) -> frozenset[Symbol]:
        return self._bench.display.lit

    def look(self) -> None:
        self._bench.display.look()

    def feed(self, mains: bool) -> None:
        self._bench.supply.change(mains)

    def kill_cell(self) -> None:
        self._bench.battery.cell_mv = 0
