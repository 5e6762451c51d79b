"""The meter's pulses: each time a quantum of energy has flowed, one instant for the pulse timer."""

from firmware.metrology.increment import Increment
from hal.outputs import Pulse


class PulseOutput:
    """Takes quanta of energy out of increments, and keeps the rest: pulses * quantum + rest is the energy, always.

    Energy flows evenly within an increment, so that the instant at which a quantum is full can be interpolated; it is
    then delayed by a constant latency. A latency of the longest window, a block, and the response time of the task
    that feeds increments leaves no pulse in the past.
    """

    def __init__(self, which: Pulse, pulse_energy_nwh: int, latency_ns: int) -> None:
        """ValueError for a quantum under 1 nWh, or a negative latency."""
        if pulse_energy_nwh < 1:
            raise ValueError(f"pulse_energy_nwh: {pulse_energy_nwh} is not positive")
        if latency_ns < 0:
            raise ValueError(f"latency_ns: {latency_ns} is negative")
        self._which = which
        self._quantum = pulse_energy_nwh
        self._latency_ns = latency_ns
        self._rest = 0

    @property
    def which(self) -> Pulse:
        return self._which

    @property
    def rest_nwh(self) -> int:
        """Energy since the last pulse, less than a quantum."""
        return self._rest

    def feed(self, increment: Increment) -> list[int]:
        """The monotonic instants of the pulses that fall into an increment, in order."""
        energy = increment.active if self._which is Pulse.ACTIVE else increment.reactive
        total = self._rest + energy
        if total < self._quantum:
            self._rest = total
            return []
        pulses, rest = divmod(total, self._quantum)
        duration = increment.end_ns - increment.start_ns
        begin = increment.start_ns + self._latency_ns
        missing = self._quantum - self._rest
        self._rest = rest
        return [begin - (-(missing + pulse * self._quantum) * duration // energy) for pulse in range(pulses)]
