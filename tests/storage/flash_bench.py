"""A flash on its own: a world, a supply in the test's hands, and all that the part tells."""

from collections.abc import Callable
from dataclasses import replace

from hal.units import MS
from sim.devices.flash import W25Q64, FlashOperation, NorFlash, NorFlashPart, Refusal, Timing
from sim.world import Phase, World

PART = replace(W25Q64, sectors=3)
SIZE = PART.sectors * PART.sector_bytes
PAGE = PART.page_bytes
SECTOR = PART.sector_bytes


class Rig:
    def __init__(self, seed: int = 1, timing: Timing = Timing.TYPICAL, part: NorFlashPart = PART) -> None:
        self.world = World(seed)
        self.interrupts: list[int] = []
        self.flash = NorFlash(self.world, part, lambda: self.interrupts.append(self.world.now), timing=timing)
        self.told: list[FlashOperation] = []
        self.flash.listener = self.told.append
        self.flash.power_up()

    def settle(self) -> None:
        """Until whatever runs has ended."""
        self.world.run_until(self.world.now + 500 * MS)

    def after(self, ns: int) -> None:
        self.world.run_until(self.world.now + ns)

    def do(self, start: Callable[[], None]) -> None:
        """Start an operation, and let it end."""
        start()
        self.settle()

    def program(self, address: int, data: bytes) -> None:
        self.do(lambda: self.flash.program(address, data))

    def erase(self, sector: int) -> None:
        self.do(lambda: self.flash.erase(sector))

    def cut_after(self, ns: int) -> None:
        at = self.world.now + ns
        self.world.at(at, Phase.WORLD, self.flash.power_down)
        self.world.run_until(at)

    def refused(self) -> list[Refusal]:
        return [violation.refusal for violation in self.flash.violations]

    def contents(self) -> bytes:
        return self.flash.peek(0, SIZE)


def filled(seed: int = 1) -> Rig:
    """Sector 1 full of a pattern, its neighbours with a page each."""
    rig = Rig(seed)
    for page in range(SECTOR // PAGE - 1, 2 * SECTOR // PAGE + 1):
        rig.program(page * PAGE, bytes((page * 37 + 11 * i) % 256 for i in range(PAGE)))
    rig.told.clear()
    return rig
