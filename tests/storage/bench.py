"""A flash on a bench: carries out the operations that storage asks for, and cuts the supply where it is told to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from firmware.storage.operation import Erase, Operation, Program, begin
from firmware.storage.region import Region
from sim.devices.flash import W25Q64, EraseCut, NorFlash, ProgramCut, Timing
from sim.world import Phase, World

SMALL = replace(W25Q64, sectors=16)


def region(sectors: int = 5, slot_bytes: int = 1280, ahead: int = 1, first: int = 2) -> Region:
    return Region("test", 7, first, sectors, slot_bytes, SMALL.page_bytes, SMALL.sector_bytes, ahead)


@dataclass(frozen=True)
class Cut:
    """The supply fails in the operation with this index, after a share of its time (1000: as it would end)."""

    operation: int
    permille: int
    program: ProgramCut = ProgramCut.NOTHING
    erase: EraseCut = EraseCut.NOTHING


class Bench:
    """Times are the typical ones, so that a cut falls where it is asked for."""

    def __init__(self, seed: int = 1) -> None:
        self.world = World(seed)
        self.flash = NorFlash(self.world, SMALL, lambda: None, timing=Timing.TYPICAL)
        self.flash.power_up()
        self.prepared: Counter[int] = Counter()
        """By sector, how often its header was programmed after an erase."""
        self.order: list[int] = []

    def wait(self) -> None:
        """Until the operation has ended for sure."""
        self.world.run_until(self.world.now + SMALL.erase_typical_ns)
        assert not self.flash.busy()

    def do(self, operation: Operation) -> Operation:
        begin(self.flash, operation)
        self.wait()
        self._note(operation)
        return operation

    def _note(self, operation: Operation) -> None:
        if not isinstance(operation, Erase) and operation.address % SMALL.sector_bytes == 0:
            sector = operation.address // SMALL.sector_bytes
            self.prepared[sector] += 1
            self.order.append(sector)

    def settle(self, programs: Iterable[Program], cut: Cut | None = None) -> bool:
        """What a boot makes solid; False if the supply was cut on the way. No sector counts as prepared by it."""
        for index, program in enumerate(programs):
            if cut is not None and cut.operation == index:
                self.cut(program, cut, note=False)
                return False
            begin(self.flash, program)
            self.wait()
        return True

    def cut(self, operation: Operation, cut: Cut, note: bool = True) -> None:
        """Start an operation, cut the supply inside it, and bring the supply back."""
        begin(self.flash, operation)
        typical = SMALL.erase_typical_ns if isinstance(operation, Erase) else SMALL.program_typical_ns
        self.power_cycle(typical * cut.permille // 1000, cut.program, cut.erase)
        if note and not isinstance(operation, Erase) and cut.program is ProgramCut.DONE:
            self._note(operation)

    def power_cycle(
        self, after_ns: int, program: ProgramCut = ProgramCut.NOTHING, erase: EraseCut = EraseCut.NOTHING
    ) -> None:
        self.flash.forced_program_cut = program
        self.flash.forced_erase_cut = erase
        at = self.world.now + after_ns
        self.world.at(at, Phase.WORLD, self.flash.power_down)
        self.world.run_until(at)
        self.world.run_until(at + 10**9)
        self.flash.power_up()

    def run(self, operations: Iterable[Operation], cut: Cut | None = None) -> bool:
        """Carry out all; False if the supply was cut on the way."""
        for index, operation in enumerate(operations):
            if cut is not None and cut.operation == index:
                self.cut(operation, cut)
                return False
            self.do(operation)
        return True
