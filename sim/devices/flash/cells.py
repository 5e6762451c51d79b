"""The array of cells: what they hold, which of them are damaged, how often their sectors were erased.

What a cell *holds* is its charge as programs and erases have left it; what it *shows* may differ where it is damaged.
Sectors that hold only ones, and sectors without damage, take no memory; a part without damage loses no time on it.
"""

from collections.abc import Callable
from typing import Final

from sim.devices.flash.cut import EraseCut, ProgramCut, Progress, erase_leavings, program_leavings
from sim.devices.flash.damage import Damage
from sim.devices.flash.part import NorFlashPart
from sim.world import Stream

_WORN_AT_TWICE: Final = 512
"""Stuck bits of a sector (1.6 %) that was erased twice as often as its endurance. Of our own choosing: the data sheet
gives the endurance, and says nothing of what lies beyond."""


class Cells:
    """Addresses lie in the array. `unsteady` draws what weak bits show, `wearing` which bits wear out."""

    def __init__(self, part: NorFlashPart, unsteady: Stream, wearing: Stream) -> None:
        self._size = part.sector_bytes
        self._page = part.page_bytes
        self._endurance = part.endurance_cycles
        self._unsteady = unsteady
        self._wearing = wearing
        self._blank = b"\xff" * part.sector_bytes
        self._held: dict[int, bytearray] = {}
        self._damage: dict[int, Damage] = {}
        self._erases: dict[int, int] = {}
        self.damage_met = 0
        self.meetings: list[Callable[[int, int], None]] = []
        """Told address and length of each access that met damage."""

    @property
    def allocated_sectors(self) -> int:
        """Sectors that hold anything but ones."""
        return len(self._held)

    @property
    def damaged_sectors(self) -> int:
        """Sectors with a bit that is weak, rotten or stuck."""
        return len(self._damage)

    def erases(self, sector: int) -> int:
        """How often its erase was started."""
        return self._erases.get(sector, 0)

    # What is seen

    def held(self, address: int, length: int) -> bytes:
        """The charge of the cells."""
        sector, offset = divmod(address, self._size)
        if offset + length <= self._size:
            held = self._held.get(sector)
            return self._blank[:length] if held is None else bytes(held[offset : offset + length])
        return b"".join(self.held(begin, count) for begin, count in self._spans(address, length))

    def peek(self, address: int, length: int) -> bytes:
        """What the cells show, without a trace; weak bits show what they hold."""
        if not self._damage:
            return self.held(address, length)
        return b"".join(self._shown(begin, count, steady=True) for begin, count in self._spans(address, length))

    def read(self, address: int, length: int) -> bytes:
        """What a read gives: weak bits show anything, and damage has been met."""
        if not self._damage:
            return self.held(address, length)
        spans = self._spans(address, length)
        if any(self._spoiled(begin, count) for begin, count in spans):
            self._meet(address, length)
        return b"".join(self._shown(begin, count, steady=False) for begin, count in spans)

    def _meet(self, address: int, length: int) -> None:
        self.damage_met += 1
        for told in self.meetings:
            told(address, length)

    # What operations do

    def program(self, address: int, data: bytes) -> None:
        """Clear bits, inside one sector."""
        sector, offset = divmod(address, self._size)
        held = self._held.get(sector)
        if held is None:
            held = self._held[sector] = bytearray(self._blank)
        length = len(data)
        wanted = int.from_bytes(data, "little")
        after = int.from_bytes(held[offset : offset + length], "little") & wanted
        held[offset : offset + length] = after.to_bytes(length, "little")
        damage = self._damage.get(sector)
        if damage is not None:
            damage.move(offset, length, ~wanted)
            if damage.shown(after, offset, length) != after:
                self._meet(address, length)

    def cut_program(self, address: int, data: bytes, left: ProgramCut, progress: Progress, draws: Stream) -> None:
        """A program of `data`, inside one sector, was cut."""
        sector, offset = divmod(address, self._size)
        length = len(data)
        old = int.from_bytes(self.held(address, length), "little")
        if sector in self._damage:
            old |= self._damage[sector].weak(offset, length)
        leavings = program_leavings(left, old, data, progress, draws)
        cleared = old & ~leavings.held
        if cleared:
            self.program(address, (cleared ^ _ones(length)).to_bytes(length, "little"))
        if leavings.weak:
            self._damaged(sector).weaken(offset, length, leavings.weak)

    def count_erase(self, sector: int) -> None:
        """An erase begins; beyond the part's endurance it wears bits out, however it ends."""
        erases = self._erases[sector] = self._erases.get(sector, 0) + 1
        if erases > self._endurance:
            self._wear_out(sector, erases - 1, erases)

    def erase(self, sector: int) -> None:
        """Set every bit of a sector."""
        self._held.pop(sector, None)
        damage = self._damage.get(sector)
        if damage is None:
            return
        if damage.erase():
            if damage.shown(_ones(self._size), 0, self._size) != _ones(self._size):
                self._meet(sector * self._size, self._size)
        else:
            del self._damage[sector]

    def cut_erase(self, sector: int, left: EraseCut, progress: Progress, draws: Stream) -> None:
        """The erase of a sector was cut."""
        if left is EraseCut.NOTHING:
            return
        if left is EraseCut.DONE:
            self.erase(sector)
            return
        size = self._size
        old = int.from_bytes(self.held(sector * size, size), "little")
        leavings = erase_leavings(left, old, size, self._page, progress, draws)
        if leavings.held == _ones(size):
            self._held.pop(sector, None)
        else:
            self._held[sector] = bytearray(leavings.held.to_bytes(size, "little"))
        if sector in self._damage:
            self._damage[sector].move(0, size, old ^ leavings.held)
        if leavings.weak:
            self._damaged(sector).weaken(0, size, leavings.weak)

    # What befalls it

    def rot(self, address: int, mask: int) -> int:
        """Bits of one byte that hold 0 leak to 1; how many did. Bits that are stuck don't."""
        sector, offset = divmod(address, self._size)
        leaking = mask & ~self.held(address, 1)[0]
        if sector in self._damage:
            leaking &= ~self._damage[sector].stuck(offset, 1)
        if leaking:
            self._held[sector][offset] |= leaking
            self._damaged(sector).rot(offset, leaking)
        return leaking.bit_count()

    def stick(self, address: int, mask: int, level: int) -> None:
        """Bits of one byte show a level for good."""
        sector, offset = divmod(address, self._size)
        self._damaged(sector).stick(offset, mask, level)

    def weaken(self, address: int, mask: int) -> None:
        """Bits of one byte read differently each time, until they are programmed to 0 or erased."""
        sector, offset = divmod(address, self._size)
        self._damaged(sector).weaken(offset, 1, mask)

    def wear_to(self, sector: int, erases: int) -> None:
        """As if the sector had been erased so often, with the stuck bits that this leaves."""
        before = self._erases.get(sector, 0)
        self._erases[sector] = erases
        self._wear_out(sector, before, erases)

    # Inside

    def _spans(self, address: int, length: int) -> list[tuple[int, int]]:
        """Address and length of the parts of a stretch, each in one sector."""
        spans = []
        while length > 0:
            count = min(length, self._size - address % self._size)
            spans.append((address, count))
            address += count
            length -= count
        return spans

    def _damaged(self, sector: int) -> Damage:
        if sector not in self._damage:
            self._damage[sector] = Damage(self._size)
        return self._damage[sector]

    def _spoiled(self, address: int, length: int) -> bool:
        """Whether a read here may give another value than was programmed."""
        sector, offset = divmod(address, self._size)
        damage = self._damage.get(sector)
        if damage is None:
            return False
        held = int.from_bytes(self.held(address, length), "little")
        unsteady = damage.weak(offset, length) | damage.rotten(offset, length)
        return unsteady != 0 or damage.shown(held, offset, length) != held

    def _shown(self, address: int, length: int, steady: bool) -> bytes:
        sector, offset = divmod(address, self._size)
        damage = self._damage.get(sector)
        if damage is None:
            return self.held(address, length)
        shown = damage.shown(int.from_bytes(self.held(address, length), "little"), offset, length)
        weak = 0 if steady else damage.weak(offset, length)
        if weak:
            shown = shown & ~weak | weak & self._unsteady.bits(8 * length)
        return shown.to_bytes(length, "little")

    def _wear_out(self, sector: int, before: int, erases: int) -> None:
        """Stick the bits that the erases since `before` have worn out: three of four can't be erased any more, the
        fourth not programmed."""
        for _ in range(self._worn_bits(erases) - self._worn_bits(before)):
            place = self._wearing.below(8 * self._size)
            level = 0 if self._wearing.below(4) else 1
            self._damaged(sector).stick(place // 8, 1 << place % 8, level)

    def _worn_bits(self, erases: int) -> int:
        """One with the first erase beyond the endurance, then with the square of the excess."""
        beyond = erases - self._endurance
        return 1 + _WORN_AT_TWICE * beyond * beyond // (self._endurance * self._endurance) if beyond > 0 else 0


def _ones(count: int) -> int:
    return (1 << 8 * count) - 1
