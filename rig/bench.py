"""The board of the rig: the host's devices together, and a program on them.

What a folder of the host keeps (flash, the clock's offset) is what a meter keeps without power: open a bench on the
same folder again, and the meter has its past. Nothing is connected to its front end yet.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from hal.board import Board
from hal.display import Display
from hal.entropy import Entropy
from hal.flash import Flash, FlashGeometry
from hal.frontend import MeteringFrontEnd, SampledFrontEnd
from hal.inputs import Inputs
from hal.outputs import Outputs
from hal.power import Battery, Supply
from hal.probe import Probe
from hal.processor import Line, Processor, Program, ResetCause
from hal.rtc import Rtc
from hal.serial import SerialPort
from hal.watchdog import Watchdog
from rig.clock import SystemClockRtc
from rig.display import BenchDisplay
from rig.entropy import HostEntropy
from rig.flash_file import W25Q64, FlashFile
from rig.handles import lend
from rig.inputs import BenchInputs
from rig.outputs import BenchOutputs
from rig.power import BenchBattery, BenchSupply
from rig.probe import SilentProbe
from rig.processor import NOMINAL_HZ, HostProcessor
from rig.unconnected_front_end import UnconnectedFrontEnd
from rig.watchdog import SoftwareWatchdog

FLASH_FILE: Final = "flash.bin"
CLOCK_FILE: Final = "rtc-offset"

Device = TypeVar("Device")


class OpenPort(SerialPort, Protocol):
    """A serial port that is given back at the end."""

    def close(self) -> None: ...


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


class Bench:
    """One life of a meter's board. `connect` opens the optical port, `rig.serial_port.open_port` for instance.

    The devices are here with what a hand at the bench can do to them; firmware gets the handles of `board`.

    Use it as a context manager, or `close` it. ValueError if a file of the folder does not fit; OSError if in use.
    """

    def __init__(
        self,
        folder: Path,
        connect: Callable[[HostProcessor], OpenPort],
        *,
        hz: int = NOMINAL_HZ,
        geometry: FlashGeometry = W25Q64,
        reset_cause: ResetCause = ResetCause.POWER_ON,
        probe: Callable[[HostProcessor], Probe] = lambda _processor: SilentProbe(),
    ) -> None:
        self.processor = HostProcessor(hz, reset_cause)
        self.probe = probe(self.processor)
        self.front_end = UnconnectedFrontEnd()
        self.rtc = SystemClockRtc(self.processor, folder / CLOCK_FILE)
        self.supply = BenchSupply(self.processor)
        self.battery = BenchBattery()
        self.inputs = BenchInputs(self.processor)
        self.outputs = BenchOutputs(self.processor)
        self.display = BenchDisplay(interrupt=lambda: self.processor.interrupt(Line.DISPLAY))
        self.watchdog = SoftwareWatchdog(self.processor)
        self.entropy = HostEntropy()
        self._closing: list[Callable[[], None]] = [self.processor.power_down]
        try:
            self.flash = FlashFile(self.processor, folder / FLASH_FILE, geometry)
            self._closing.append(self.flash.close)
            self._port = connect(self.processor)
            self._closing.append(self._port.close)
        except BaseException:
            self.close()
            raise

    def board(self) -> Board:
        """Handles for this life."""

        def lent(device: Device, protocol: type) -> Device:
            return lend(self.processor, device, protocol)

        return _Handles(
            processor=lent(self.processor, Processor),
            front_end=lent(self.front_end, MeteringFrontEnd),
            rtc=lent(self.rtc, Rtc),
            flash=lent(self.flash, Flash),
            optical=lent(self._port, SerialPort),
            supply=lent(self.supply, Supply),
            battery=lent(self.battery, Battery),
            inputs=lent(self.inputs, Inputs),
            outputs=lent(self.outputs, Outputs),
            display=lent(self.display, Display),
            watchdog=lent(self.watchdog, Watchdog),
            entropy=lent(self.entropy, Entropy),
            probe=lent(self.probe, Probe),
        )

    def boot(self, build: Callable[[Board], Program]) -> None:
        """Have the program made for this board, `firmware.meter.build` or another, and give it to the processor."""
        self.processor.boot(build(self.board()))

    def run(self, until_ns: int | None = None) -> None:
        """Run what was booted; see `HostProcessor.run`."""
        self.processor.run(until_ns)

    def close(self) -> None:
        """Power off: tasks are closed, then the devices given back."""
        with ExitStack() as stack:
            for give_back in reversed(self._closing):
                stack.callback(give_back)
        self._closing.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
