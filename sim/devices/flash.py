"""A serial NOR flash: what the part does with time, wear, refusals and cut operations.

States and commands, one table (`_NEXT`). A `program` or `erase` that finds no row is refused as busy; a `suspend` or
`resume` without one has no effect, as the part ignores it (W25Q64JV data sheet, "Erase / Program Suspend (75h)").

Left out: program time does not depend on the number of bytes, nor any time on wear; a suspended program (the HAL has
none); reads take no time of the part's (the caller charges the bus through `work`).
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from hal.flash import FlashError, FlashGeometry
from hal.units import MS, US
from sim.world import Phase, World


@dataclass(frozen=True, slots=True)
class NorFlashPart:
    """The figures of a part. All times in ns; `endurance_cycles` counts erases a sector."""

    name: str
    page_bytes: int
    sector_bytes: int
    sectors: int
    program_typical_ns: int
    program_worst_ns: int
    erase_typical_ns: int
    erase_worst_ns: int
    suspend_worst_ns: int
    resume_to_suspend_ns: int
    endurance_cycles: int

    @property
    def geometry(self) -> FlashGeometry:
        """What the HAL tells of it: a suspend that follows a resume waits until the part takes it."""
        return FlashGeometry(
            page_bytes=self.page_bytes,
            sector_bytes=self.sector_bytes,
            sectors=self.sectors,
            program_worst_ns=self.program_worst_ns,
            erase_worst_ns=self.erase_worst_ns,
            suspend_worst_ns=self.suspend_worst_ns + self.resume_to_suspend_ns,
        )


W25Q64: Final = NorFlashPart(
    name="W25Q64",
    page_bytes=256,
    sector_bytes=4096,
    sectors=2048,
    program_typical_ns=400 * US,
    program_worst_ns=3 * MS,
    erase_typical_ns=45 * MS,
    erase_worst_ns=400 * MS,
    suspend_worst_ns=20 * US,
    resume_to_suspend_ns=20 * US,
    endurance_cycles=100_000,
)
"""Winbond W25Q64JV, 8 MiB; data sheet, AC electrical characteristics (tPP, tSE, tSUS) and features (endurance)."""


class Timing(enum.Enum):
    """How long operations take."""

    TYPICAL = "typical"
    """Always the typical time."""
    SPREAD = "spread"
    """Within a quarter of the typical time, but one in 64 anywhere up to the worst. The data sheet gives no shape."""
    WORST = "worst"
    """Always the worst time."""


class Kind(enum.Enum):
    """The operations that take time."""

    PROGRAM = "program"
    ERASE = "erase"


class ProgramCut(enum.Enum):
    """What a power cut leaves of a program."""

    NOTHING = "nothing"
    """No bit was cleared."""
    DONE = "done"
    """All bits were cleared, only nobody was told."""
    PREFIX = "prefix"
    """The first bytes, at least one and not all, are programmed."""
    RANDOM_BITS = "random-bits"
    """Each bit to be cleared is or is not, at random."""


class EraseCut(enum.Enum):
    """What a power cut leaves of an erase."""

    NOTHING = "nothing"
    """The sector is as before."""
    DONE = "done"
    """The sector is blank, only nobody was told."""
    PRE_PROGRAMMED = "pre-programmed"
    """Bits that were one are zero, at random: an erase begins by clearing all cells to the same level."""
    HALF = "half"
    """Bits that were zero are one, at random."""
    PAGES = "pages"
    """Some pages are blank, the others as before: cells of one row are faster than those of another."""


class Stage(enum.Enum):
    """What a listener is told of an operation."""

    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    DONE = "done"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class FlashOperation:
    """A step in the life of an operation. Instants are true ns; `left` says what a cut left."""

    kind: Kind
    address: int
    length: int
    stage: Stage
    start_ns: int
    at_ns: int
    left: ProgramCut | EraseCut | None = None


class Refusal(enum.Enum):
    """Why the part refused."""

    UNPOWERED = "without supply"
    BUSY = "busy"
    RANGE = "outside the array"
    PAGE_CROSSED = "across a page"
    NOT_ERASED = "a bit from zero back to one"
    SUSPENDED_SECTOR = "in a sector whose erase is suspended"
    SUSPENDED_ERASE = "an erase while another is suspended"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that a correct program never asks of the part, for an oracle. `at_ns` is a true instant."""

    at_ns: int
    refusal: Refusal
    address: int
    text: str


class _State(enum.Enum):
    OFF = enum.auto()
    READY = enum.auto()
    PROGRAMMING = enum.auto()
    ERASING = enum.auto()
    SUSPENDING = enum.auto()
    SUSPENDED = enum.auto()
    PROGRAMMING_SUSPENDED = enum.auto()


class _Command(enum.Enum):
    PROGRAM = enum.auto()
    ERASE = enum.auto()
    SUSPEND = enum.auto()
    RESUME = enum.auto()
    END = enum.auto()


_NEXT: Final = {
    (_State.READY, _Command.PROGRAM): _State.PROGRAMMING,
    (_State.READY, _Command.ERASE): _State.ERASING,
    (_State.PROGRAMMING, _Command.END): _State.READY,
    (_State.ERASING, _Command.END): _State.READY,
    (_State.ERASING, _Command.SUSPEND): _State.SUSPENDING,
    (_State.SUSPENDING, _Command.END): _State.SUSPENDED,
    (_State.SUSPENDED, _Command.PROGRAM): _State.PROGRAMMING_SUSPENDED,
    (_State.SUSPENDED, _Command.RESUME): _State.ERASING,
    (_State.PROGRAMMING_SUSPENDED, _Command.END): _State.SUSPENDED,
}

_IDLE: Final = frozenset({_State.READY, _State.SUSPENDED, _State.OFF})


@dataclass(slots=True)
class _Program:
    address: int
    data: bytes
    start_ns: int


@dataclass(slots=True)
class _Erase:
    sector: int
    start_ns: int
    end_ns: int
    """When it will end if nothing holds it; while suspended, counted from 0: the time that it still needs."""
    resumed_ns: int | None = None


class NorFlash:
    """Implements `hal.flash.Flash`. Without supply until `power_up`; the array keeps what it holds.

    `interrupt` is called in the DEVICES phase at the end of each operation and of each suspension. Times come from the
    stream `<name>.time`, what a cut leaves from `<name>.cut`. `forced_program_cut` and `forced_erase_cut` take the
    place of the second where they are set. `listener` is told each `FlashOperation` at its instant.
    """

    def __init__(
        self,
        world: World,
        part: NorFlashPart,
        interrupt: Callable[[], None],
        name: str = "flash",
        timing: Timing = Timing.SPREAD,
    ) -> None:
        self.part: Final = part
        self.timing = timing
        self.listener: Callable[[FlashOperation], None] | None = None
        self.forced_program_cut: ProgramCut | None = None
        self.forced_erase_cut: EraseCut | None = None
        self.violations: list[Violation] = []
        self.programs = 0
        """Programs started."""
        self.erases = 0
        """Erases started."""
        self.cuts_in_program = 0
        self.cuts_in_erase = 0
        """Power cuts that hit a running or suspended erase."""
        self._world = world
        self._interrupt = interrupt
        self._geometry = part.geometry
        self._times = world.stream(f"{name}.time")
        self._cuts = world.stream(f"{name}.cut")
        self._state = _State.OFF
        self._program: _Program | None = None
        self._erase: _Erase | None = None
        self._array: dict[int, bytearray] = {}  # a sector that is not there is blank
        self._wear: dict[int, int] = {}
        self._generation = 0

    # What the HAL asks for.

    @property
    def geometry(self) -> FlashGeometry:
        return self._geometry

    def busy(self) -> bool:
        return self._state not in _IDLE

    def read(self, address: int, length: int) -> bytes:
        self._check_range("read", address, length)
        if self.busy():
            self._refuse(Refusal.BUSY, address, "read")
        if self._state is _State.SUSPENDED:
            last = (address + max(length, 1) - 1) // self.part.sector_bytes
            if address // self.part.sector_bytes <= self._erasing.sector <= last:
                self._refuse(Refusal.SUSPENDED_SECTOR, address, "read")
        return self.peek(address, length)

    def program(self, address: int, data: bytes) -> None:
        self._check_range("program", address, len(data))
        after = _NEXT.get((self._state, _Command.PROGRAM))
        if after is None:
            self._refuse(Refusal.BUSY, address, "program")
        if not 1 <= len(data) <= self.part.page_bytes - address % self.part.page_bytes:
            self._refuse(Refusal.PAGE_CROSSED, address, f"program of {len(data)} bytes")
        if self._erase is not None and address // self.part.sector_bytes == self._erase.sector:
            self._refuse(Refusal.SUSPENDED_SECTOR, address, "program")
        old = int.from_bytes(self.peek(address, len(data)), "little")
        if int.from_bytes(data, "little") & ~old:
            self._refuse(Refusal.NOT_ERASED, address, "program")
        self._state = after
        self._program = _Program(address, bytes(data), self._world.now)
        self.programs += 1
        self._tell(self._program, Stage.STARTED)
        self._end_in(self._duration(self.part.program_typical_ns, self.part.program_worst_ns))

    def erase(self, sector: int) -> None:
        address = sector * self.part.sector_bytes
        self._check_range("erase", address, self.part.sector_bytes)
        after = _NEXT.get((self._state, _Command.ERASE))
        if after is None:
            self._refuse(Refusal.BUSY if self.busy() else Refusal.SUSPENDED_ERASE, address, "erase")
        duration = self._duration(self.part.erase_typical_ns, self.part.erase_worst_ns)
        self._state = after
        self._erase = _Erase(sector, self._world.now, self._world.now + duration)
        self.erases += 1
        self._wear[sector] = self._wear.get(sector, 0) + 1
        self._tell(self._erase, Stage.STARTED)
        self._end_in(duration)

    def suspend(self) -> None:
        after = _NEXT.get((self._state, _Command.SUSPEND))
        if after is None:
            return
        erase = self._erasing
        taken = self._world.now
        if erase.resumed_ns is not None:
            taken = max(taken, erase.resumed_ns + self.part.resume_to_suspend_ns)
        worst = self.part.suspend_worst_ns
        held = taken + (self._times.between(worst // 4, worst) if self.timing is Timing.SPREAD else worst)
        if erase.end_ns <= held:
            return  # it ends before the suspension could take hold
        self._state = after
        erase.end_ns -= held
        self._end_in(held - self._world.now)

    def resume(self) -> bool:
        after = _NEXT.get((self._state, _Command.RESUME))
        if after is None:
            return False
        erase = self._erasing
        self._state = after
        remaining = erase.end_ns
        erase.resumed_ns = self._world.now
        erase.end_ns = self._world.now + remaining
        self._tell(erase, Stage.RESUMED)
        self._end_in(remaining)
        return True

    # The supply.

    def power_up(self) -> None:
        """Ready, with nothing under way; a suspended erase is forgotten."""
        if self._state is _State.OFF:
            self._state = _State.READY

    def power_down(self) -> None:
        """Cut what is under way; to be called in the WORLD phase, so that it beats a completion at the same instant."""
        if self._state is _State.OFF:
            return
        self._state = _State.OFF
        self._generation += 1
        program, self._program = self._program, None
        erase, self._erase = self._erase, None
        if program is not None:
            self.cuts_in_program += 1
            left = self.forced_program_cut or tuple(ProgramCut)[self._cuts.below(len(ProgramCut))]
            self._cut_program(program, left)
            self._tell(program, Stage.CUT, left)
        if erase is not None:
            self.cuts_in_erase += 1
            half = self.forced_erase_cut or tuple(EraseCut)[self._cuts.below(len(EraseCut))]
            self._cut_erase(erase, half)
            self._tell(erase, Stage.CUT, half)

    # What observers may see.

    def peek(self, address: int, length: int) -> bytes:
        """The array's contents, whatever the part is doing; a sector that is being erased shows what it held before."""
        data = bytearray()
        while length > 0:
            sector, offset = divmod(address, self.part.sector_bytes)
            count = min(length, self.part.sector_bytes - offset)
            held = self._array.get(sector)
            data += b"\xff" * count if held is None else held[offset : offset + count]
            address += count
            length -= count
        return bytes(data)

    def wear(self, sector: int) -> int:
        """Erases of a sector that were started, those that were cut included."""
        return self._wear.get(sector, 0)

    @property
    def allocated_sectors(self) -> int:
        """Sectors that hold anything but ones; only these take memory."""
        return len(self._array)

    # Inside.

    @property
    def _erasing(self) -> _Erase:
        assert self._erase is not None, "every state that leads here has an erase"
        return self._erase

    def _duration(self, typical_ns: int, worst_ns: int) -> int:
        if self.timing is Timing.TYPICAL:
            return typical_ns
        if self.timing is Timing.WORST:
            return worst_ns
        if self._times.below(64) == 0:
            return self._times.between(typical_ns, worst_ns)
        return min(self._times.between(typical_ns * 3 // 4, typical_ns * 5 // 4), worst_ns)

    def _end_in(self, duration_ns: int) -> None:
        self._generation += 1
        generation = self._generation
        self._world.at(self._world.now + duration_ns, Phase.DEVICES, lambda: self._end(generation))

    def _end(self, generation: int) -> None:
        if generation != self._generation:
            return
        ended = self._state
        self._state = _NEXT[ended, _Command.END]
        if ended is _State.SUSPENDING:
            self._tell(self._erasing, Stage.SUSPENDED)
        elif ended is _State.ERASING:
            erase, self._erase = self._erasing, None
            self._array.pop(erase.sector, None)
            self._tell(erase, Stage.DONE)
        else:
            program, self._program = self._program, None
            assert program is not None
            self._clear_bits(program.address, program.data)
            self._tell(program, Stage.DONE)
        self._interrupt()

    def _clear_bits(self, address: int, data: bytes) -> None:
        sector, offset = divmod(address, self.part.sector_bytes)
        held = self._array.get(sector)
        if held is None:
            held = self._array[sector] = bytearray(b"\xff" * self.part.sector_bytes)
        old = int.from_bytes(held[offset : offset + len(data)], "little")
        new = old & int.from_bytes(data, "little")
        held[offset : offset + len(data)] = new.to_bytes(len(data), "little")

    def _cut_program(self, program: _Program, left: ProgramCut) -> None:
        data = program.data
        match left:
            case ProgramCut.NOTHING:
                return
            case ProgramCut.DONE:
                pass
            case ProgramCut.PREFIX:
                data = data[: self._cuts.between(1, len(data) - 1)] if len(data) > 1 else b""
            case ProgramCut.RANDOM_BITS:
                kept = self._cuts.bits(8 * len(data))
                data = (int.from_bytes(data, "little") | kept).to_bytes(len(data), "little")
        if data:
            self._clear_bits(program.address, data)

    def _cut_erase(self, erase: _Erase, left: EraseCut) -> None:
        size = self.part.sector_bytes
        old = int.from_bytes(self.peek(erase.sector * size, size), "little")
        new = old
        match left:
            case EraseCut.NOTHING:
                return
            case EraseCut.DONE:
                new = (1 << 8 * size) - 1
            case EraseCut.PRE_PROGRAMMED:
                new = old & self._cuts.bits(8 * size)
            case EraseCut.HALF:
                new = old | self._cuts.bits(8 * size)
            case EraseCut.PAGES:
                page_bits = 8 * self.part.page_bytes
                for page in range(size // self.part.page_bytes):
                    if self._cuts.bits(1):
                        new |= ((1 << page_bits) - 1) << (page * page_bits)
        if new == (1 << 8 * size) - 1:
            self._array.pop(erase.sector, None)
        else:
            self._array[erase.sector] = bytearray(new.to_bytes(size, "little"))

    def _check_range(self, what: str, address: int, length: int) -> None:
        if self._state is _State.OFF:
            self._refuse(Refusal.UNPOWERED, address, what)
        if address < 0 or length < 0 or address + length > self.part.sectors * self.part.sector_bytes:
            self._refuse(Refusal.RANGE, address, f"{what} of {length} bytes")

    def _refuse(self, refusal: Refusal, address: int, what: str) -> NoReturn:
        text = f"{self.part.name}: {what} at {address:#x} refused: {refusal.value}"
        self.violations.append(Violation(self._world.now, refusal, address, text))
        raise FlashError(text)

    def _tell(self, operation: _Program | _Erase, stage: Stage, left: ProgramCut | EraseCut | None = None) -> None:
        if self.listener is None:
            return
        if isinstance(operation, _Program):
            kind, address, length = Kind.PROGRAM, operation.address, len(operation.data)
        else:
            kind, address, length = Kind.ERASE, operation.sector * self.part.sector_bytes, self.part.sector_bytes
        self.listener(FlashOperation(kind, address, length, stage, operation.start_ns, self._world.now, left))
