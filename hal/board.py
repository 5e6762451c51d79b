"""A meter's board: its devices together."""

from typing import Protocol

from hal.display import Display
from hal.entropy import Entropy
from hal.flash import Flash
from hal.frontend import MeteringFrontEnd, SampledFrontEnd
from hal.inputs import Inputs
from hal.outputs import Outputs
from hal.power import Battery, Supply
from hal.probe import Probe
from hal.processor import Processor
from hal.rtc import Rtc
from hal.serial import SerialPort
from hal.watchdog import Watchdog


class Board(Protocol):
    """Handles to the devices, good for one life of the CPU: after a power loss they do nothing."""

    @property
    def processor(self) -> Processor: ...
    @property
    def front_end(self) -> SampledFrontEnd | MeteringFrontEnd: ...
    @property
    def rtc(self) -> Rtc: ...
    @property
    def flash(self) -> Flash: ...
    @property
    def optical(self) -> SerialPort: ...
    @property
    def supply(self) -> Supply: ...
    @property
    def battery(self) -> Battery: ...
    @property
    def inputs(self) -> Inputs: ...
    @property
    def outputs(self) -> Outputs: ...
    @property
    def display(self) -> Display: ...
    @property
    def watchdog(self) -> Watchdog: ...
    @property
    def entropy(self) -> Entropy: ...
    @property
    def probe(self) -> Probe: ...
