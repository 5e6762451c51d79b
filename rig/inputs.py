"""Digital inputs that a person at the bench, or a test, moves by hand."""

from hal.inputs import Input
from hal.processor import Line
from rig.processor import HostProcessor


class BenchInputs:
    """Implements `hal.inputs.Inputs`; all are false at first."""

    def __init__(self, processor: HostProcessor) -> None:
        self._processor = processor
        self._on: set[Input] = set()

    def state(self, which: Input) -> bool:
        return which in self._on

    def change(self, which: Input, on: bool) -> None:
        """Move one; the interrupt comes if it was not there already."""
        if on == (which in self._on):
            return
        self._on ^= {which}
        self._processor.interrupt(Line.INPUTS)
