"""A bench: one meter on its board, in its world, with its mains, its load and its log. What a scenario or a test
runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from firmware.config import MeterConfig
from firmware.kernel.errors import TaskFailed
from hal.board import Board
from hal.frontend import Wiring
from hal.processor import Program
from sim.board import BoardParts, SimulatedBoard
from sim.devices.optical_head import OpticalHead
from sim.devices.probe import WorldProbe
from sim.physics.energy import TrueEnergy
from sim.physics.loads.load import Load, LoadOnMains
from sim.physics.mains import Mains
from sim.physics.temperature import Temperature
from sim.trace.canonical import CanonicalLog
from sim.world import Phase, World

Build = Callable[[Board, MeterConfig], Program]
"""What `firmware = "package.module:build"` names."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a bench is made of."""

    seed: int
    start_utc_ns: int
    config: MeterConfig
    parts: BoardParts
    load: Load
    build: Build
    temperature_mc: int = 23_000
    temperature_steps: Sequence[tuple[int, int]] = ()
    """True instants in ns, each with the temperature in thousandths of a degree from there on."""
    log: Path | None = None


class Bench:
    """Everything of a run that is not an observer. The RTC leaves the works set to true time; the flash is virgin."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.world = World(setting.seed, setting.start_utc_ns)
        self.log = CanonicalLog(setting.log, f"seed {setting.seed}")
        self.probe = WorldProbe(self.world, self.log)
        self.temperature = Temperature(setting.temperature_mc)
        self.wiring: Wiring = setting.config.nameplate.wiring
        self.mains = Mains(self.world, self.wiring)
        self.truth = TrueEnergy(self.world, self.mains, self.wiring, setting.config.nameplate.summation)
        self._note_listeners: list[Callable[[int, str, str], None]] = []
        self.board = SimulatedBoard(
            self.world,
            self.mains,
            self.temperature,
            setting.parts,
            self.probe,
            self._build,
            self.note,
        )
        self.board.rtc.preset(setting.start_utc_ns)
        for at_ns, millidegrees in setting.temperature_steps:
            self.world.at(at_ns, Phase.WORLD, partial(self.temperature.change, millidegrees))
        self.head = OpticalHead(self.world, self.board.optical)
        self.load = LoadOnMains(self.world, self.mains, setting.load)

    def _build(self, board: Board) -> Program:
        try:
            program = self.setting.build(board, self.setting.config)
            if not (hasattr(program, "run") and hasattr(program, "interrupt")):
                raise TypeError(f"build gave a {type(program).__name__}, which has no run and interrupt")
            return program
        except Exception as problem:
            raise TaskFailed("the firmware's build", board.processor.now(), problem) from problem

    def note(self, who: str, text: str) -> None:
        """The simulator's own entry in the log."""
        now = self.world.now
        self.log.note(now, who, text)
        for listener in self._note_listeners:
            listener(now, who, text)

    def on_note(self, listener: Callable[[int, str, str], None]) -> None:
        """Hear the simulator's own entries: power, watchdog, faults."""
        self._note_listeners.append(listener)

    def run_until(self, instant_ns: int) -> None:
        """Let the world go on to a true instant."""
        self.world.run_until(instant_ns)
