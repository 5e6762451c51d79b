"""The meter's pulses: each time a quantum of energy has flowed, one instant for the pulse timer."""

from firmware.metrology.increment import Increment
from hal.outputs import Pulse


class PulseOutput:
    """Takes quanta of energy out of increments, and keeps the rest: pulses * quantum + rest is the energy, always.

    Energy flows evenly within an increment, so that the instant at which a quantum is full can be interpolated; it is
    then delayed by a constant latency. A latency of the longest window, a block, and the response time of the task
    that feeds increments leaves no pulse in the past.
    """

    def __init__(self, which: Pulse, pulse_energy_nwh: int, latency_ns: int, spacing_ns: int = 0) -> None:
        """No pulse goes sooner than `spacing_ns` after the one before: what comes faster waits, and none is lost.
        ValueError for a quantum under 1 nWh, or a negative latency or spacing."""
        if pulse_energy_nwh < 1:
            raise ValueError(f"pulse_energy_nwh: {pulse_energy_nwh} is not positive")
        if latency_ns < 0:
            raise ValueError(f"latency_ns: {latency_ns} is negative")
        if spacing_ns < 0:
            raise ValueError(f"spacing_ns: {spacing_ns} is negative")
        self._which = which
        self._quantum = pulse_energy_nwh
        self._latency_ns = latency_ns
        self._rest = 0
        self._spacing_ns = spacing_ns
        self._free_ns = 0
        """When the next pulse may go."""

    @property
    def which(self) -> Pulse:
        return self._which

    def feed(self, increment: Increment, now_ns: int = 0) -> list[int]:
        """The monotonic instants of the pulses that fall into an increment, in order. Pulses that keep a spacing are
        not put before `now_ns`, since one that is late goes at once, and the next would be too near."""
        energy = increment.reactive if self._which is Pulse.REACTIVE else increment.active
        total = self._rest + energy
        if total < self._quantum:
            self._rest = total
            return []
        pulses, rest = divmod(total, self._quantum)
        duration = increment.end_ns - increment.start_ns
        begin = increment.start_ns + self._latency_ns
        missing = self._quantum - self._rest
        self._rest = rest
        instants = [begin - (-(missing + pulse * self._quantum) * duration // energy) for pulse in range(pulses)]
        if self._spacing_ns:
            self._free_ns = max(self._free_ns, now_ns)
            for place, instant in enumerate(instants):
                instants[place] = max(instant, self._free_ns)
                self._free_ns = instants[place] + self._spacing_ns
        return instants
