"""Digital outputs: pulse LEDs, relay, lamps."""

import enum
from collections.abc import Sequence
from typing import Protocol


class Pulse(enum.Enum):
    """The meter's metrological outputs: a pulse each time a quantum of energy has flowed."""

    ACTIVE = "active"
    REACTIVE = "reactive"
    S0 = "s0"
    """Active energy again, at the S0 terminals and with a constant of its own; none if the meter has no such output."""


class Output(enum.Enum):
    RELAY = "relay"
    """The disconnect relay: True drives it to connect the load, False to disconnect it. It is bistable: without power
    it stays where it is, and each call drives it anew."""
    ALARM = "alarm"
    LOAD_CONTROL = "load-control"
    """True: a load that waits for it may run. It falls off with the power."""


class Outputs(Protocol):
    def set(self, which: Output, on: bool) -> None: ...

    def pulse(self, which: Pulse, instants_ns: Sequence[int]) -> None:
        """Have the pulse timer send one pulse at each monotonic instant, in order; one that has passed goes at once.

        ValueError if an instant lies before the last one.
        """
