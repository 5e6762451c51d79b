"""Digital outputs, kept in memory for whoever looks, with a pulse timer on the processor's clock."""

from collections.abc import Sequence
from itertools import pairwise

from hal.outputs import Output, Pulse
from rig.processor import HostProcessor


class BenchOutputs:
    """Implements `hal.outputs.Outputs`; all are off at first.

    A pulse whose instant has passed goes at once: on the host's clock time goes on while firmware computes.
    """

    def __init__(self, processor: HostProcessor) -> None:
        self.on: dict[Output, bool] = dict.fromkeys(Output, False)
        self.pulses: list[tuple[int, Pulse]] = []
        """Pulses sent, with the monotonic instant at which the host came to it: never before the one asked for."""
        self._processor = processor
        self._last: dict[Pulse, int] = {}

    def set(self, which: Output, on: bool) -> None:
        self.on[which] = on

    def pulse(self, which: Pulse, instants_ns: Sequence[int]) -> None:
        order = [self._last.get(which, 0), *instants_ns]
        for earlier, later in pairwise(order):
            if later < earlier:
                raise ValueError(f"a pulse at {later} ns would go before the one at {earlier} ns")
        self._last[which] = order[-1]
        for instant in instants_ns:
            self._processor.at(instant, lambda: self.pulses.append((self._processor.now(), which)))
