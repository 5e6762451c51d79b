"""Digital outputs: pulse LEDs, relay, lamps."""

import enum
from collections.abc import Sequence
from typing import Protocol


class Pulse(enum.Enum):
    """The meter's metrological outputs: a pulse each time a quantum of energy has flowed."""

    ACTIVE = "active"
    REACTIVE = "reactive"


class Output(enum.Enum):
    RELAY = "relay"
    """True: the load is connected."""
    ALARM = "alarm"


class Outputs(Protocol):
    def set(self, which: Output, on: bool) -> None: ...

    def pulse(self, which: Pulse, instants_ns: Sequence[int]) -> None:
        """Have the pulse timer send one pulse at each monotonic instant, in order; one that has passed goes at once.

        ValueError if an instant lies before the last one.
        """
