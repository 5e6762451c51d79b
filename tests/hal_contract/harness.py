"""What a board brings to stand under the contract suite: its devices, and hands that move the world around them.

A board under contract subclasses `Harness`, is entered into `boards.BOARDS`, and nothing else changes. What it can't do
it declares in `absent`, with the reason; the tests that need it are then skipped, and say so.
"""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Protocol, Self

from hal.board import Board
from hal.display import Display, Symbol
from hal.entropy import Entropy
from hal.flash import Flash
from hal.frontend import MeteringFrontEnd, SampledFrontEnd
from hal.inputs import Input, Inputs
from hal.outputs import Output, Outputs, Pulse
from hal.power import Battery, Supply
from hal.probe import Probe
from hal.processor import Busy, Idle, Line, Processor, Program
from hal.rtc import Rtc
from hal.serial import LineSettings, SerialPort
from hal.watchdog import Watchdog

PATIENCE_NS = 30_000_000_000
"""How long a board may take for what has no time limit of its own; only a broken one takes it."""


class Feature(enum.Enum):
    """A device of a board, or something that its harness can do to it."""

    FLASH = "flash"
    RTC = "rtc"
    SERIAL = "serial port"
    SAMPLED_FRONT_END = "sampled front end"
    METERING_FRONT_END = "metering front end"
    SUPPLY = "supply"
    BATTERY = "battery"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    DISPLAY = "display"
    WATCHDOG = "watchdog"
    ENTROPY = "entropy"
    PROBE = "probe"
    POWER_CYCLE = "the board's power can be cut and restored"
    PART_TIMES = "operations take the times of a part"
    BACKUP_LOSS = "the RTC can lose its backup supply"
    LINE_FORMAT = "speed and format matter on the line"
    LOAD = "known mains and load can be applied"
    MAINS = "the mains of the supply can fail and return"
    CELL = "the cell can die"


@dataclass(frozen=True, slots=True)
class Interrupt:
    """One that the program has served, at a monotonic instant."""

    line: enum.Enum
    at_ns: int


class Recorder:
    """The program that the boards run here: it sleeps, and notes interrupts."""

    def __init__(self, served: Callable[[Interrupt], None]) -> None:
        self._served = served

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        while True:
            yield Idle(None)

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        self._served(Interrupt(line, at_ns))
        return Busy(0, 0)


class FarEnd(Protocol):
    """What sits at the other end of the optical port's line."""

    def configure(self, settings: LineSettings) -> None: ...

    def send(self, data: bytes) -> None: ...

    def received(self) -> bytes:
        """All that has come since the last call."""


class Harness(ABC):
    """A board, switched on by `boot`. Device methods are called between stretches of time, as a program's would be."""

    absent: Mapping[Feature, str]
    """What the board has not got or its harness can't do, each with the reason."""

    def __init__(self, folder: Path) -> None:
        """`folder` is empty, and outlives a power cycle."""
        self.folder = folder
        self.raised: list[Interrupt] = []
        """Interrupts served that no `expect` has taken, in their order."""
        self.bites: list[str] = []
        """Resets by the watchdog; nothing runs after one."""
        self.awaited: enum.Enum | None = None

    # Time

    @abstractmethod
    def boot(self, program: Program) -> None:
        """Switch on, with this program; once."""

    @abstractmethod
    def advance(self, duration_ns: int) -> None:
        """Let at least this monotonic time pass."""

    @abstractmethod
    def advance_until_served(self, limit_ns: int) -> None:
        """Let time pass until an interrupt of `self.awaited` is served; at the latest for about `limit_ns`."""

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def raise_line(self, line: Line) -> None:
        """Raise an interrupt now, as a device would."""

    def recorder(self) -> Recorder:
        return Recorder(self._note)

    def expect(self, line: enum.Enum, limit_ns: int = PATIENCE_NS) -> int:
        """Wait for an interrupt, and take it; its instant. One that has been served and not taken is taken at once."""
        if not self.pending(line):
            self.awaited = line
            self.advance_until_served(limit_ns)
            self.awaited = None
        found = self.pending(line)
        assert found, f"no interrupt {line.value} within {limit_ns} ns"
        self.raised.remove(found[0])
        return found[0].at_ns

    def pending(self, line: enum.Enum) -> list[Interrupt]:
        return [interrupt for interrupt in self.raised if interrupt.line is line]

    def _note(self, interrupt: Interrupt) -> None:
        self.raised.append(interrupt)
        if interrupt.line is self.awaited:
            self.awaited = None
            self.wake()

    @abstractmethod
    def wake(self) -> None:
        """End `advance_until_served` early."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Devices, as the program that runs now sees them

    @abstractmethod
    def board(self) -> Board: ...

    def processor(self) -> Processor:
        return self.board().processor

    def flash(self) -> Flash:
        return self.board().flash

    def rtc(self) -> Rtc:
        return self.board().rtc

    def serial(self) -> SerialPort:
        return self.board().optical

    def far_end(self) -> FarEnd:
        self._missing(Feature.SERIAL)

    def sampled_front_end(self) -> SampledFrontEnd:
        front_end = self.board().front_end
        assert isinstance(front_end, SampledFrontEnd)
        return front_end

    def metering_front_end(self) -> MeteringFrontEnd:
        front_end = self.board().front_end
        assert isinstance(front_end, MeteringFrontEnd)
        return front_end

    def supply(self) -> Supply:
        return self.board().supply

    def battery(self) -> Battery:
        return self.board().battery

    def inputs(self) -> Inputs:
        return self.board().inputs

    def outputs(self) -> Outputs:
        return self.board().outputs

    def display(self) -> Display:
        return self.board().display

    def watchdog(self) -> Watchdog:
        return self.board().watchdog

    def entropy(self) -> Entropy:
        return self.board().entropy

    def probe(self) -> Probe:
        return self.board().probe

    # Hands

    def power_cycle(self, off_ns: int) -> None:
        """Cut the power at once, and restore it later; handles must be fetched anew, and `raised` is empty."""
        self._missing(Feature.POWER_CYCLE)

    def lose_backup(self, off_ns: int) -> None:
        """A power cycle in which the RTC's backup fails too."""
        self._missing(Feature.BACKUP_LOSS)

    def move_input(self, which: Input, state: bool) -> None:
        self._missing(Feature.INPUTS)

    def output(self, which: Output) -> bool:
        self._missing(Feature.OUTPUTS)

    def pulses(self, which: Pulse) -> list[int]:
        """Monotonic instants at which pulses have gone, or will go if they are the timer's already."""
        self._missing(Feature.OUTPUTS)

    def shown(self, line: int) -> str:
        """What the display shows, without the blanks at its end."""
        self._missing(Feature.DISPLAY)

    def lit(self) -> frozenset[Symbol]:
        self._missing(Feature.DISPLAY)

    def look(self) -> None:
        """Have the display ask to be drawn, as its refresh does."""
        self._missing(Feature.DISPLAY)

    def load(self, voltage_uv: int, current_na: int, lag: int) -> None:
        """Apply three equal phases: rms values, and by how much currents lag, in 2**48ths of a turn. 50 Hz.

        Until the first call there is no load; without voltage for longer than the hold-up lasts, the board goes off.
        """
        self._missing(Feature.LOAD)

    def feed(self, mains: bool) -> None:
        """Have the supply's mains fail or return."""
        self._missing(Feature.MAINS)

    def kill_cell(self) -> None:
        self._missing(Feature.CELL)

    def _missing(self, feature: Feature) -> NoReturn:
        raise AssertionError(f"{type(self).__name__} has no {feature.value}, and does not declare it absent")
