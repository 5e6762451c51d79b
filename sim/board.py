"""The simulated board: all device models, wired to each other and to one CPU.

What crosses from a device to the CPU is an interrupt line, what crosses from the CPU to a device is a call through a
handle of the present life. Power goes from the mains through the supply to everything else.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hal.board import Board
from hal.display import Display
from hal.entropy import Entropy
from hal.flash import Flash
from hal.frontend import MeteringFrontEnd, SampledFrontEnd
from hal.inputs import Inputs
from hal.outputs import Outputs
from hal.power import Battery, Supply
from hal.probe import Probe
from hal.processor import Line, Processor, Program, ResetCause
from hal.rtc import Rtc
from hal.serial import SerialPort
from hal.watchdog import Watchdog
from sim.devices.backup_part import BackupPart, CellPart
from sim.devices.battery import Backup, Cell, SuperCapacitor
from sim.devices.cpu import Cpu
from sim.devices.display import DotMatrix
from sim.devices.draw import DRAW, Activity, BoardDraw, DrawPart, FlashActivity
from sim.devices.entropy import SeededEntropy
from sim.devices.flash import W25Q64, NorFlash
from sim.devices.inputs import DigitalInputs
from sim.devices.metering_ic import MeteringIc
from sim.devices.oscillator import AtCutCrystal, Quartz
from sim.devices.outputs import DigitalOutputs
from sim.devices.relay import DisconnectRelay
from sim.devices.rtc import Crystal, RealTimeClock
from sim.devices.supply import MeterSupply, SupplyLines
from sim.devices.supply_part import SUPPLY, SupplyPart
from sim.devices.uart import Uart
from sim.devices.watchdog import WindowedWatchdog
from sim.life import Life
from sim.physics.mains import Mains
from sim.physics.temperature import Temperature
from sim.world import World

if TYPE_CHECKING:
    from sim.devices.adc import Adc

CPU_HZ = 50_000_000
"""A Cortex-M class core at 50 MHz: a cycle is 20 ns."""


class FrontEndKind(enum.Enum):
    SAMPLED = "soc"
    METERING_IC = "afe"


@dataclass(frozen=True, slots=True)
class BoardParts:
    """What may differ from board to board."""

    front_end: FrontEndKind
    voltage_peak_uv: int
    current_peak_na: int
    cpu_hz: int = CPU_HZ
    cpu_offset_ppb: int = 0
    random_execution: bool = True
    """Draw execution times between best and worst, by seed; else always the worst."""
    cpu_crystal: AtCutCrystal = field(default_factory=AtCutCrystal)
    crystal: Crystal = field(default_factory=Crystal)
    supply: SupplyPart = SUPPLY
    draw: DrawPart = DRAW
    backup: BackupPart = field(default_factory=CellPart)
    """What keeps the RTC without mains."""
    rate_hz: int = 4_000
    voltage_gain_ppm: int = 0
    current_gain_ppm: int = 0
    noise_millicounts: int = 0
    relay: bool = False
    """Whether a disconnect relay lies between the meter and its load."""


@dataclass(frozen=True, slots=True)
class _Handles:
    """A board as one life of the firmware sees it."""

    processor: Processor
    front_end: SampledFrontEnd | MeteringFrontEnd
    rtc: Rtc
    flash: Flash
    optical: SerialPort
    supply: Supply
    battery: Battery
    inputs: Inputs
    outputs: Outputs
    display: Display
    watchdog: Watchdog
    entropy: Entropy
    probe: Probe


Note = Callable[[str, str], None]
"""(what, text): something that the board has to say for the log."""


class SimulatedBoard:
    """A meter's board in the world. `program` makes the firmware for each life; `note` hears what the board reports."""

    def __init__(
        self,
        world: World,
        mains: Mains,
        temperature: Temperature,
        parts: BoardParts,
        probe: Probe,
        program: Callable[[Board], Program],
        note: Note,
    ) -> None:
        self.world = world
        self.parts = parts
        self._probe = probe
        self._program = program
        self._note = note
        self.life = Life(0)
        self._rail = False
        self.kernel: Program | None = None
        """The program of the present life."""
        self.quartz = Quartz(parts.cpu_crystal, parts.cpu_offset_ppb, temperature.millidegrees)
        """What the CPU's oscillator runs on."""
        self.cpu = Cpu(
            world,
            self.quartz.oscillator,
            parts.cpu_hz,
            world.stream("cpu.execution") if parts.random_execution else None,
        )
        self.flash = NorFlash(world, W25Q64, self._line(Line.FLASH))
        self.rtc = RealTimeClock(world, parts.crystal, temperature.millidegrees, self._line(Line.RTC_ALARM))
        self.cell: Backup = self._backup(temperature)
        """The RTC's backup, a cell or a super-capacitor."""
        self.optical = Uart(world, self._line(Line.OPTICAL_RECEIVED), self._line(Line.OPTICAL_SENT))
        self.optical.listener = lambda data: note("optical", data.hex())
        self.inputs = DigitalInputs(world, self._line(Line.INPUTS))
        self.outputs = DigitalOutputs(self.cpu.now, note)
        self.relay = DisconnectRelay(world, mains, note) if parts.relay else None
        if self.relay is not None:
            self.outputs.on_set(self.relay.drive)
        self.display = DotMatrix(note, self._line(Line.DISPLAY))
        self.watchdog = WindowedWatchdog(world, self._bitten)
        self.entropy = SeededEntropy(world.stream("entropy"))
        self.front_end: Adc | MeteringIc = self._front_end(mains)
        self.draw = self._draw()
        self.supply = MeterSupply(
            world,
            parts.supply,
            SupplyLines(
                power_up=lambda: self._power_up(ResetCause.POWER_ON),
                brown_out=self._power_down,
                power_fail=lambda: self._power_line("fail", Line.POWER_FAIL),
                power_good=lambda: self._power_line("good", Line.POWER_GOOD),
            ),
            self.draw.drawn_fj,
            parts.draw.most_uw,
        )
        temperature.subscribe(self.rtc.temperature)
        temperature.subscribe(self.cell.temperature)
        temperature.subscribe(lambda millidegrees: self.quartz.temperature(world.now, millidegrees))
        self.cell.subscribe(lambda _alive: self._keep_time())
        mains.subscribe(lambda _before, after: self.supply.feed(max(wave.rms for wave in after.voltages)))
        self.optical.power_down()
        self._keep_time()

    def _draw(self) -> BoardDraw:
        flash = FlashActivity(self.world)
        self.flash.subscribe(flash.follow)
        return BoardDraw(
            self.world, self.parts.draw, Activity(self.cpu.spent_ns, flash.active_ns, self.optical.sent_for_ns)
        )

    def _backup(self, temperature: Temperature) -> Backup:
        part = self.parts.backup
        if isinstance(part, CellPart):
            return Cell(self.world, part, temperature.millidegrees)
        return SuperCapacitor(self.world, part, temperature.millidegrees)

    def _front_end(self, mains: Mains) -> "Adc | MeteringIc":
        if self.parts.front_end is FrontEndKind.METERING_IC:
            gain_ppm = self.parts.voltage_gain_ppm + self.parts.current_gain_ppm
            return MeteringIc(self.world, mains, self._line(Line.FRONT_END), gain_ppm=gain_ppm, mono=self.cpu.now)
        # Imported here: numba takes its time, and a board with a metering IC has no use for it.
        from sim.devices.adc import Adc, ChannelError

        noise = self.parts.noise_millicounts
        voltage = ChannelError(gain_ppm=self.parts.voltage_gain_ppm, noise_millicounts=noise)
        current = ChannelError(gain_ppm=self.parts.current_gain_ppm, noise_millicounts=noise)

        converter = Adc(
            self.world,
            mains,
            self.cpu.now,
            self.cpu.oscillator.true_of,
            self._line(Line.SAMPLES),
            current_peak_na=self.parts.current_peak_na,
            voltage_peak_uv=self.parts.voltage_peak_uv,
            rate_hz=self.parts.rate_hz,
            block_samples=self.parts.rate_hz // 5,
            errors=(voltage,) * 3 + (current,) * 4,
        )
        self.cpu.oscillator.follow(converter.retime)
        return converter

    def _line(self, line: Line) -> Callable[[], None]:
        """What a device calls to raise a line: the CPU serves it in the interrupts' phase of the same instant."""
        return partial(self.cpu.raise_line, line)

    # Power

    def _power_line(self, text: str, line: Line) -> None:
        self._note("power", text)
        self._line(line)()

    def _power_up(self, cause: ResetCause) -> None:
        self._note("power", f"up {cause.value}")
        self.flash.power_up()
        self.optical.power_up()
        self.front_end.power_up()
        self.life = Life(self.life.number + 1)
        self._rail = True
        self.draw.power_up()
        self._keep_time()
        self.cpu.reset_cause = cause
        self.cpu.oscillator.restart(self.world.now)
        self.kernel = self._program(self._handles(self.life))
        self.cpu.power_up(self.kernel, cause)

    def _power_down(self) -> None:
        """Handles first, then the coroutines, then what the supply fed."""
        life = self.life
        life.end()
        try:
            self.cpu.power_down()
        except ExceptionGroup as problems:
            for problem in problems.exceptions:
                self._note("closing", f"{type(problem).__name__}: {problem}")
        for call in life.unheard:
            self._note("unheard", call)
        for device in (self.flash, self.optical, self.front_end, self.outputs, self.display, self.watchdog):
            device.power_down()
        self._note("power", "down")
        self.draw.power_down()
        self._rail = False
        self._keep_time()

    def _bitten(self, reason: str) -> None:
        """The watchdog resets the processor, and what the reset line reaches; the supply is not asked."""
        self._note("watchdog", reason)
        self._power_down()
        self._power_up(ResetCause.WATCHDOG)

    def _keep_time(self) -> None:
        """The RTC lives on the rail while there is one, else on its backup."""
        self.rtc.keep(self._rail or self.cell.alive)
        self.cell.rail(self._rail)

    def _handles(self, life: Life) -> Board:
        lend = life.lend
        front_end: SampledFrontEnd | MeteringFrontEnd
        if isinstance(self.front_end, MeteringIc):
            front_end = lend("front_end", self.front_end, MeteringFrontEnd)
        else:
            front_end = lend("front_end", self.front_end, SampledFrontEnd)
        return _Handles(
            processor=lend("processor", self.cpu, Processor),
            front_end=front_end,
            rtc=lend("rtc", self.rtc, Rtc),
            flash=lend("flash", self.flash, Flash),
            optical=lend("optical", self.optical, SerialPort),
            supply=lend("supply", self.supply, Supply),
            battery=lend("battery", self.cell, Battery),
            inputs=lend("inputs", self.inputs, Inputs),
            outputs=lend("outputs", self.outputs, Outputs),
            display=lend("display", self.display, Display),
            watchdog=lend("watchdog", self.watchdog, Watchdog),
            entropy=lend("entropy", self.entropy, Entropy),
            probe=lend("probe", self._probe, Probe),
        )
