"""A serial NOR flash: what the part does with time, nonsense, cut operations and damaged cells.

States and commands are those of `hal.flash_states`. A `program` or `erase` that finds no row there is recorded.

Left out: program time does not depend on the number of bytes, nor any time on wear; a suspended program (the HAL has
none); reads take no time of the part's (the caller charges the bus through `work`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn

from hal.flash import FlashError, FlashGeometry
from hal.flash_states import IDLE_STATES, NEXT_STATE, FlashCommand, FlashState
from sim.devices.flash.cells import Cells
from sim.devices.flash.cut import EraseCut, ProgramCut, Progress
from sim.devices.flash.part import NorFlashPart, Timing
from sim.devices.flash.report import FlashOperation, Kind, Refusal, Stage, Violation
from sim.world import Phase, World

_HELD: Final = frozenset({FlashState.SUSPENDING, FlashState.SUSPENDED, FlashState.PROGRAMMING_SUSPENDED})


@dataclass(slots=True)
class _Program:
    address: int
    data: bytes
    start_ns: int
    duration_ns: int

    def progress(self, now_ns: int) -> Progress:
        return Progress(now_ns - self.start_ns, self.duration_ns)


@dataclass(slots=True)
class _Erase:
    sector: int
    start_ns: int
    duration_ns: int
    end_ns: int
    """When it will end if nothing holds it; from the suspension on, counted from 0: the time that it still needs."""
    resumed_ns: int | None = None

    def progress(self, now_ns: int, held: bool) -> Progress:
        remaining = self.end_ns if held else self.end_ns - now_ns
        return Progress(self.duration_ns - remaining, self.duration_ns)


class NorFlash:
    """Implements `hal.flash.Flash`. Without supply until `power_up`; the array keeps what it holds.

    `interrupt` is called in the DEVICES phase at the end of each operation and of each suspension. Times come from the
    stream `<name>.time`, what a cut leaves from `<name>.cut`, what metastable bits show from `<name>.weak`, which bits
    wear out from `<name>.wear`. `forced_program_cut` and `forced_erase_cut` take the place of the second where they are
    set. `listener` is told each `FlashOperation` at its instant; so is whoever has called `subscribe`.
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
        self._bytes = part.sectors * part.sector_bytes
        self._times = world.stream(f"{name}.time")
        self._cuts = world.stream(f"{name}.cut")
        self._unsteady = world.stream(f"{name}.weak")
        self._cells = Cells(part, self._unsteady, world.stream(f"{name}.wear"))
        self._listeners: list[Callable[[FlashOperation], None]] = []
        self._witnesses: list[Callable[[Violation], None]] = []
        self._state = FlashState.OFF
        self._program: _Program | None = None
        self._erase: _Erase | None = None
        self._generation = 0

    # What the HAL asks for.

    @property
    def geometry(self) -> FlashGeometry:
        return self._geometry

    def busy(self) -> bool:
        return self._state not in IDLE_STATES

    def read(self, address: int, length: int) -> bytes:
        self._check_range("read", address, length)
        if self._state is FlashState.READY:
            return self._cells.read(address, length)
        if self._state is not FlashState.SUSPENDED:
            self._violate(Refusal.BUSY, address, "read")
            return b"\xff" * length
        data = self._cells.read(address, length)
        size = self.part.sector_bytes
        first = self._erasing.sector * size
        begin, end = max(address, first), min(address + length, first + size)
        if begin >= end:
            return data
        self._violate(Refusal.SUSPENDED_SECTOR, address, "read")
        anything = self._unsteady.bits(8 * (end - begin)).to_bytes(end - begin, "little")
        return data[: begin - address] + anything + data[end - address :]

    def program(self, address: int, data: bytes) -> None:
        self._check_range("program", address, len(data))
        page = self.part.page_bytes
        if not 1 <= len(data) <= page:
            self._refuse(Refusal.LENGTH, address, f"program of {len(data)} bytes")
        after = NEXT_STATE.get((self._state, FlashCommand.PROGRAM))
        if after is None:
            self._violate(Refusal.BUSY, address, "program")
            return
        if self._erase is not None and address // self.part.sector_bytes == self._erase.sector:
            self._violate(Refusal.SUSPENDED_SECTOR, address, "program")
            return
        room = page - address % page
        if len(data) > room:
            self._violate(Refusal.PAGE_CROSSED, address, f"program of {len(data)} bytes")
            begin, first, rest = address - address % page, data[:room], data[room:]
            if not (self._takes(address, first) and self._takes(begin, rest)):
                self._violate(Refusal.NOT_ERASED, address, "program")
            address, data = begin, rest + b"\xff" * (page - len(data)) + first
        elif not self._takes(address, data):
            self._violate(Refusal.NOT_ERASED, address, "program")
        duration = self._duration(self.part.program_typical_ns, self.part.program_worst_ns)
        self._state = after
        self._program = _Program(address, bytes(data), self._world.now, duration)
        self.programs += 1
        self._tell(self._program, Stage.STARTED)
        self._end_in(duration)

    def erase(self, sector: int) -> None:
        address = sector * self.part.sector_bytes
        self._check_range("erase", address, self.part.sector_bytes)
        after = NEXT_STATE.get((self._state, FlashCommand.ERASE))
        if after is None:
            self._violate(Refusal.BUSY if self.busy() else Refusal.SUSPENDED_ERASE, address, "erase")
            return
        duration = self._duration(self.part.erase_typical_ns, self.part.erase_worst_ns)
        self._state = after
        self._erase = _Erase(sector, self._world.now, duration, self._world.now + duration)
        self.erases += 1
        self._cells.count_erase(sector)
        self._tell(self._erase, Stage.STARTED)
        self._end_in(duration)

    def suspend(self) -> None:
        after = NEXT_STATE.get((self._state, FlashCommand.SUSPEND))
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
        after = NEXT_STATE.get((self._state, FlashCommand.RESUME))
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
        if self._state is FlashState.OFF:
            self._state = FlashState.READY

    def power_down(self) -> None:
        """Cut what is under way; to be called in the WORLD phase, so that it beats a completion at the same instant."""
        if self._state is FlashState.OFF:
            return
        now, held = self._world.now, self._state in _HELD
        self._state = FlashState.OFF
        self._generation += 1
        program, self._program = self._program, None
        erase, self._erase = self._erase, None
        if program is not None:
            self.cuts_in_program += 1
            left = self.forced_program_cut or tuple(ProgramCut)[self._cuts.below(len(ProgramCut))]
            self._cells.cut_program(program.address, program.data, left, program.progress(now), self._cuts)
            self._tell(program, Stage.CUT, left)
        if erase is not None:
            self.cuts_in_erase += 1
            half = self.forced_erase_cut or tuple(EraseCut)[self._cuts.below(len(EraseCut))]
            self._cells.cut_erase(erase.sector, half, erase.progress(now, held), self._cuts)
            self._tell(erase, Stage.CUT, half)

    # What observers may see.

    def peek(self, address: int, length: int) -> bytes:
        """What the cells show, whatever the part is doing, and without a trace.

        A sector that is being erased shows what it held before, a metastable bit always the same.
        """
        return self._cells.peek(address, length)

    def wear(self, sector: int) -> int:
        """Erases of a sector that were started, those that were cut included."""
        return self._cells.erases(sector)

    @property
    def damage_met(self) -> int:
        """How often damage made a difference since the start: reads of a bit that was metastable, rotten or stuck at
        what it did not hold, and programs and erases of one that would not move.

        An operation that heals a bit, a program or an erase of a metastable or rotten one, does not count.
        """
        return self._cells.damage_met

    @property
    def allocated_sectors(self) -> int:
        """Sectors that hold anything but ones; only these, and damaged ones, take memory."""
        return self._cells.allocated_sectors

    @property
    def damaged_sectors(self) -> int:
        """Sectors with a bit that is metastable, rotten or stuck."""
        return self._cells.damaged_sectors

    def subscribe(self, listener: Callable[[FlashOperation], None]) -> None:
        """Have a listener told each step of an operation at its instant, beside `listener`."""
        self._listeners.append(listener)

    def subscribe_violations(self, listener: Callable[[Violation], None]) -> None:
        """Have a listener told each violation at its instant, before the call that made it returns."""
        self._witnesses.append(listener)

    def subscribe_damage(self, listener: Callable[[int, int], None]) -> None:
        """Have a listener told address and length of each access that `damage_met` counts."""
        self._cells.meetings.append(listener)

    @property
    def ends_ns(self) -> int | None:
        """The true instant at which what is under way will end, if nothing holds it; None if nothing is."""
        if self._program is not None:
            return self._program.start_ns + self._program.duration_ns
        if self._erase is None or self._state in _HELD:
            return None
        return self._erase.end_ns

    # What faults do to it, with supply or without. ValueError for what is no bit of the array.

    def rot(self, address: int, mask: int) -> int:
        """Charge leaks: bits of `mask`, in the byte at `address`, that are 0 become 1. How many did."""
        self._check_bits(address, mask)
        return self._cells.rot(address, mask)

    def stick(self, address: int, mask: int, level: int) -> None:
        """These bits read, and stay, `level` (0 or 1) for good."""
        self._check_bits(address, mask)
        if level not in (0, 1):
            raise ValueError(f"{self.part.name}: a bit sticks at 0 or 1, not at {level}")
        self._cells.stick(address, mask, level)

    def weaken(self, address: int, mask: int) -> None:
        """These bits become metastable: each read draws them anew, until programmed to 0 or erased."""
        self._check_bits(address, mask)
        self._cells.weaken(address, mask)

    def wear_to(self, sector: int, erases: int) -> None:
        """As if the sector had been erased so often before, which must not be less often than it has been.

        Erases beyond the part's endurance leave stuck bits, one at first, then more and more.
        """
        if not 0 <= sector < self.part.sectors:
            raise ValueError(f"{self.part.name}: no sector {sector}, there are {self.part.sectors}")
        if erases < self.wear(sector):
            raise ValueError(f"{self.part.name}: sector {sector} was erased {self.wear(sector)} times, not {erases}")
        self._cells.wear_to(sector, erases)

    # Inside.

    @property
    def _erasing(self) -> _Erase:
        assert self._erase is not None, "every state that leads here has an erase"
        return self._erase

    def _takes(self, address: int, data: bytes) -> bool:
        """Whether the cells can take these data: what is to be 1 is 1."""
        held = int.from_bytes(self._cells.held(address, len(data)), "little")
        return not int.from_bytes(data, "little") & ~held

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
        self._world.at(self._world.now + duration_ns, Phase.DEVICES, partial(self._end, self._generation))

    def _end(self, generation: int) -> None:
        if generation != self._generation:
            return
        ended = self._state
        self._state = NEXT_STATE[ended, FlashCommand.END]
        if ended is FlashState.SUSPENDING:
            self._tell(self._erasing, Stage.SUSPENDED)
        elif ended is FlashState.ERASING:
            erase, self._erase = self._erasing, None
            self._cells.erase(erase.sector)
            self._tell(erase, Stage.DONE)
        else:
            program, self._program = self._program, None
            assert program is not None
            self._cells.program(program.address, program.data)
            self._tell(program, Stage.DONE)
        self._interrupt()

    def _check_bits(self, address: int, mask: int) -> None:
        if not 0 <= address < self._bytes:
            raise ValueError(f"{self.part.name}: no byte {address:#x}, there are {self._bytes:#x}")
        if not 1 <= mask <= 0xFF:
            raise ValueError(f"{self.part.name}: {mask:#x} is no mask of bits in a byte")

    def _check_range(self, what: str, address: int, length: int) -> None:
        if self._state is FlashState.OFF:
            self._refuse(Refusal.UNPOWERED, address, what)
        if address < 0 or length < 0 or address + length > self._bytes:
            self._refuse(Refusal.RANGE, address, f"{what} of {length} bytes")

    def _refuse(self, refusal: Refusal, address: int, what: str) -> NoReturn:
        raise FlashError(self._violate(refusal, address, what))

    def _violate(self, refusal: Refusal, address: int, what: str) -> str:
        text = f"{self.part.name}: {what} at {address:#x} {refusal.value}"
        violation = Violation(self._world.now, refusal, address, text)
        self.violations.append(violation)
        for witness in self._witnesses:
            witness(violation)
        return text

    def _tell(self, operation: _Program | _Erase, stage: Stage, left: ProgramCut | EraseCut | None = None) -> None:
        if self.listener is None and not self._listeners:
            return
        if isinstance(operation, _Program):
            kind, address, length = Kind.PROGRAM, operation.address, len(operation.data)
        else:
            kind, address, length = Kind.ERASE, operation.sector * self.part.sector_bytes, self.part.sector_bytes
        told = FlashOperation(kind, address, length, stage, operation.start_ns, self._world.now, left)
        if self.listener is not None:
            self.listener(told)
        for listener in self._listeners:
            listener(told)
