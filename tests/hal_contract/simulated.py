"""The simulated boards under contract, wired as `sim.board` wires them, through the handles that firmware gets."""

from collections.abc import Callable, Sequence
from pathlib import Path

from hal.board import Board
from hal.display import Symbol
from hal.inputs import Input
from hal.outputs import Output, Pulse
from hal.probe import Record
from hal.processor import Line, Program
from hal.serial import LineSettings
from hal.units import TURN, S
from sim.board import BoardParts, FrontEndKind, SimulatedBoard
from sim.devices.rtc import Crystal
from sim.devices.uart import Uart
from sim.physics.mains import Mains
from sim.physics.temperature import Temperature
from sim.physics.waves import SILENT, Segment, Wave
from sim.world import Phase, World
from tests.hal_contract.harness import Feature, Harness

NOMINAL_UV = 230_000_000


class _Head:
    """The far end: a UART of the world."""

    def __init__(self, uart: Uart) -> None:
        self._uart = uart

    def configure(self, settings: LineSettings) -> None:
        self._uart.configure(settings)

    def send(self, data: bytes) -> None:
        self._uart.write(data)

    def received(self) -> bytes:
        return self._uart.read().data


class _Deaf:
    """Stands where the canonical log does."""

    def publish(self, record: Record) -> None:
        """Let it go."""


class SimulatedHarness(Harness):
    """A board in a world of its own; the CPU's oscillator and the crystal are a little off, in opposite directions."""

    kind: FrontEndKind

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        world = self.world = World(1)
        self._mains = Mains(world)
        parts = BoardParts(
            front_end=self.kind,
            voltage_peak_uv=600_000_000,
            current_peak_na=20_000_000_000,
            cpu_offset_ppb=37_000,
            crystal=Crystal(-12_000),
        )
        self._program: Program | None = None
        self._handles: Board | None = None
        self._board = SimulatedBoard(world, self._mains, Temperature(), parts, _Deaf(), self._build, self._noted)
        self._head = Uart(world, lambda: None, lambda: None)
        self._board.optical.connect(self._head)
        self._pulses: dict[Pulse, list[int]] = {which: [] for which in Pulse}
        self._board.outputs.subscribe(self._pulsed)

    def _build(self, handles: Board) -> Program:
        assert self._program is not None
        self._handles = handles
        return self._program

    def _noted(self, what: str, text: str) -> None:
        if what == "watchdog":
            self.bites.append(text)

    def _pulsed(self, which: Pulse, instants_ns: Sequence[int]) -> None:
        self._pulses[which] += instants_ns

    # Time

    def boot(self, program: Program) -> None:
        self._program = program
        self.load(NOMINAL_UV, 0, 0)
        self._until_powered()

    def advance(self, duration_ns: int) -> None:
        cpu = self._board.cpu
        self._run(cpu.oscillator.true_of(cpu.now() + duration_ns))

    def advance_until_served(self, limit_ns: int) -> None:
        cpu = self._board.cpu
        end = cpu.oscillator.true_of(cpu.now() + limit_ns)
        while self.awaited is not None and self.world.now < end:
            self.world.run_until(end)

    def wake(self) -> None:
        # When the instant has settled: `stop` in the midst of it would cut the CPU's own bookkeeping.
        self.world.at(self.world.now, Phase.OBSERVERS, self.world.stop)

    def close(self) -> None:
        self._board.cpu.power_down()

    def raise_line(self, line: Line) -> None:
        self.world.at(self.world.now, Phase.DEVICES, self._board._line(line))

    def _run(self, instant_ns: int) -> None:
        while self.world.now < instant_ns:
            self.world.run_until(instant_ns)

    def _cause(self, action: Callable[[], None]) -> None:
        """Have the world do something at this instant, and all that follows from it."""
        self.world.at(self.world.now, Phase.WORLD, action)
        self.world.run_until(self.world.now)

    def _until_powered(self) -> None:
        """Until the capacitor has been charged, and the program runs."""
        while not self._board.cpu.powered:
            self._run(self.world.now + S // 1_000)

    # Devices

    def board(self) -> Board:
        assert self._handles is not None, "it has not been booted"
        return self._handles

    def far_end(self) -> _Head:
        return _Head(self._head)

    # Hands

    def power_cycle(self, off_ns: int) -> None:
        self._cause(self._cut)
        self._run(self.world.now + off_ns)
        self._restore()

    def lose_backup(self, off_ns: int) -> None:
        self._cause(self._cut)
        self._cause(self._board.cell.fail)
        self._run(self.world.now + off_ns)
        self._cause(self._board.cell.replace)
        self._restore()

    def _cut(self) -> None:
        self._mains.fail()
        self._board.supply.cut()

    def _restore(self) -> None:
        self.raised.clear()
        self._cause(self._mains.restore)
        self._until_powered()

    def move_input(self, which: Input, state: bool) -> None:
        self._cause(lambda: self._board.inputs.put(which, state))

    def output(self, which: Output) -> bool:
        return self._board.outputs.state(which)

    def pulses(self, which: Pulse) -> list[int]:
        return list(self._pulses[which])

    def shown(self, line: int) -> str:
        return self._board.display.lines[line].rstrip()

    def lit(self) -> frozenset[Symbol]:
        return self._board.display.lit

    def look(self) -> None:
        self._cause(self._board.display.look)

    def load(self, voltage_uv: int, current_na: int, lag: int) -> None:
        thirds = tuple(-n * TURN // 3 for n in range(3))
        u1, u2, u3 = (Wave(voltage_uv, angle) for angle in thirds)
        i1, i2, i3 = (Wave(current_na, angle - lag) for angle in thirds)
        segment = Segment(50_000_000, (u1, u2, u3), (i1, i2, i3, SILENT))
        self._cause(lambda: self._mains.demand(segment))

    def feed(self, mains: bool) -> None:
        if mains != self._mains.fed:
            self._cause(self._mains.restore if mains else self._mains.fail)

    def kill_cell(self) -> None:
        self._cause(self._board.cell.fail)


class SocBoard(SimulatedHarness):
    """The board `soc`: samples."""

    kind = FrontEndKind.SAMPLED
    absent = {Feature.METERING_FRONT_END: "the board `soc` samples"}  # noqa: RUF012  # a Mapping in the base class


class AfeBoard(SimulatedHarness):
    """The board `afe`: a metering IC."""

    kind = FrontEndKind.METERING_IC
    absent = {Feature.SAMPLED_FRONT_END: "the board `afe` has a metering IC"}  # noqa: RUF012  # as above
