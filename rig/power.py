"""Supply and battery of a bench: the host has mains, and its cell is good, until somebody says otherwise."""

from typing import Final

from hal.processor import Line
from rig.processor import HostProcessor

HOLD_UP_MV: Final = 12_000
CELL_MV: Final = 3_000
"""A lithium cell's nominal voltage."""


class BenchSupply:
    """Implements `hal.power.Supply`. The capacitor never empties: the host's own supply stands behind it."""

    def __init__(self, processor: HostProcessor) -> None:
        self._processor = processor
        self._good = True

    def mains_good(self) -> bool:
        return self._good

    def hold_up_mv(self) -> int:
        return HOLD_UP_MV

    def change(self, mains_good: bool) -> None:
        """Have the mains fail or return, as the firmware sees them; the interrupt comes if that is a change."""
        if mains_good == self._good:
            return
        self._good = mains_good
        self._processor.interrupt(Line.POWER_GOOD if mains_good else Line.POWER_FAIL)


class BenchBattery:
    """Implements `hal.power.Battery`; `cell_mv` is what the next test finds."""

    def __init__(self, cell_mv: int = CELL_MV) -> None:
        self.cell_mv = cell_mv

    def test(self) -> int:
        return self.cell_mv
