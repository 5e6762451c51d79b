"""Damaged cells and cut operations against a model of single bits, which knows nothing of how the device keeps them.

The model knows of each bit what it holds, whether it is stuck, and whether it may read differently each time. A part
of tiny sectors, so that everything meets everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hal.units import MS, US
from sim.devices.flash import W25Q64, EraseCut, ProgramCut, Refusal
from tests.storage.flash_bench import Rig

TINY = replace(W25Q64, page_bytes=8, sector_bytes=32, sectors=3)
SIZE = TINY.sectors * TINY.sector_bytes

addresses = st.integers(6, 9) | st.integers(0, SIZE - 1)
masks = st.integers(1, 255)
sectors = st.integers(0, TINY.sectors - 1)


@dataclass
class Cell:
    holds: int = 1
    stuck: int | None = None
    weak: bool = False

    def may_show(self) -> set[int]:
        if self.stuck is not None:
            return {self.stuck}
        return {0, 1} if self.weak else {self.holds}

    def move(self, level: int) -> None:
        self.holds, self.weak = level, False


class CellsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.rig = Rig(part=TINY)
        self.flash = self.rig.flash
        self.cells = [Cell() for _ in range(8 * SIZE)]
        self.refused: list[Refusal] = []

    def byte(self, address: int, mask: int = 255) -> Iterator[Cell]:
        return (self.cells[8 * address + bit] for bit in range(8) if mask >> bit & 1)

    def cleared(self, address: int, data: bytes) -> list[Cell]:
        """The cells that a program is to clear."""
        page = address - address % TINY.page_bytes
        places = [page + (address + i) % TINY.page_bytes for i in range(len(data))]
        if places[-1] < address:
            self.refused.append(Refusal.PAGE_CROSSED)
        kept = [cell for place, byte in zip(places, data, strict=True) for cell in self.byte(place, byte)]
        if any(not cell.holds for cell in kept):
            self.refused.append(Refusal.NOT_ERASED)
        return [cell for place, byte in zip(places, data, strict=True) for cell in self.byte(place, byte ^ 255)]

    def sector(self, sector: int) -> list[Cell]:
        return self.cells[8 * TINY.sector_bytes * sector :][: 8 * TINY.sector_bytes]

    @rule(address=addresses, data=st.binary(min_size=1, max_size=TINY.page_bytes))
    def program(self, address: int, data: bytes) -> None:
        data = data[: SIZE - address]
        for cell in self.cleared(address, data):
            cell.move(0)
        self.rig.program(address, data)

    @rule(sector=sectors)
    def erase(self, sector: int) -> None:
        for cell in self.sector(sector):
            cell.move(1)
        self.rig.erase(sector)

    @rule(address=addresses, mask=masks)
    def rot(self, address: int, mask: int) -> None:
        leaking = [cell for cell in self.byte(address, mask) if not cell.holds and cell.stuck is None]
        assert self.flash.rot(address, mask) == len(leaking)
        for cell in leaking:
            cell.move(1)

    @rule(address=addresses, mask=masks, level=st.integers(0, 1))
    def stick(self, address: int, mask: int, level: int) -> None:
        self.flash.stick(address, mask, level)
        for cell in self.byte(address, mask):
            cell.stuck = level

    @rule(address=addresses, mask=masks)
    def weaken(self, address: int, mask: int) -> None:
        self.flash.weaken(address, mask)
        for cell in self.byte(address, mask):
            cell.weak = True

    @rule(
        address=addresses,
        data=st.binary(min_size=1, max_size=TINY.page_bytes),
        left=st.sampled_from(list(ProgramCut)),
        after_ns=st.integers(0, 400 * US),
    )
    def cut_program(self, address: int, data: bytes, left: ProgramCut, after_ns: int) -> None:
        data = data[: SIZE - address]
        concerned = self.cleared(address, data)
        self.flash.forced_program_cut = left
        self.flash.program(address, data)
        self.rig.cut_after(after_ns)
        self.flash.power_up()
        if left is ProgramCut.DONE:
            for cell in concerned:
                cell.move(0)
        elif left is not ProgramCut.NOTHING:
            self.adopt(concerned, 0, weaker=left is ProgramCut.METASTABLE)

    @rule(sector=sectors, left=st.sampled_from(list(EraseCut)), after_ns=st.integers(0, 45 * MS))
    def cut_erase(self, sector: int, left: EraseCut, after_ns: int) -> None:
        self.flash.forced_erase_cut = left
        self.flash.erase(sector)
        self.rig.cut_after(after_ns)
        self.flash.power_up()
        if left is EraseCut.DONE:
            for cell in self.sector(sector):
                cell.move(1)
        elif left is not EraseCut.NOTHING:
            target = 0 if left is EraseCut.PRE_PROGRAMMED else 1
            self.adopt(self.sector(sector), target, weaker=left is EraseCut.METASTABLE)

    def adopt(self, concerned: list[Cell], target: int, weaker: bool) -> None:
        """Take over what was left to chance: each cell has moved, or not, or is between, and that shows in reads."""
        reads = [int.from_bytes(self.flash.read(0, SIZE), "little") for _ in range(24)]
        fixed = int.from_bytes(self.flash.peek(0, SIZE), "little")
        ours = {id(cell) for cell in concerned}
        for place, cell in enumerate(self.cells):
            if id(cell) not in ours or cell.stuck is not None:
                continue
            shown = {read >> place & 1 for read in reads}
            if len(shown) == 2:
                assert cell.weak or (weaker and cell.holds != target)
                cell.holds, cell.weak = fixed >> place & 1, True
            else:
                assert shown <= {cell.holds, target}
                cell.move(shown.pop())

    @rule()
    def power_cycle(self) -> None:
        self.flash.power_down()
        self.flash.power_up()

    @invariant()
    def it_shows_what_the_cells_may_show(self) -> None:
        seen = [self.flash.read(0, SIZE), self.flash.read(0, SIZE), self.flash.peek(0, SIZE), self.flash.peek(0, SIZE)]
        assert seen[2] == seen[3]
        for data in seen:
            bits = int.from_bytes(data, "little")
            assert all(bits >> place & 1 in cell.may_show() for place, cell in enumerate(self.cells))

    @invariant()
    def it_recorded_what_was_wrong(self) -> None:
        assert self.rig.refused() == self.refused

    def teardown(self) -> None:
        """Erases bring back all that is not stuck."""
        for sector in range(TINY.sectors):
            self.erase(sector)
        self.it_shows_what_the_cells_may_show()
        assert self.flash.damaged_sectors == sum(
            any(cell.stuck is not None for cell in self.sector(sector)) for sector in range(TINY.sectors)
        )


TestCells = CellsMachine.TestCase
TestCells.settings = settings(max_examples=40, stateful_step_count=25)
