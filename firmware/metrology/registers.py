"""The chain of a metering IC: its counters in, increments of energy out."""

from typing import Final

from firmware.metrology.increment import Increment
from hal.energy import EnergyCounters
from hal.frontend import MeteringFrontEnd

NO_ENERGY: Final = EnergyCounters(0, 0, 0, 0, 0, 0, 0, 0)


class RegisterChain:
    """Turns the cumulated registers of a metering front end into increments, as the sampled chain delivers them."""

    def __init__(self, front_end: MeteringFrontEnd, start_ns: int, counted: EnergyCounters = NO_ENERGY) -> None:
        """`counted` is what the registers showed at `start_ns`: nothing, if the front end was reset with the CPU."""
        self._front_end = front_end
        self._at_ns = start_ns
        self._counted = counted.values()
        self._resets = 0

    @property
    def resets(self) -> int:
        """How often the registers fell: the front end was reset by itself, and what it had not delivered is gone."""
        return self._resets

    def advance(self, now_ns: int) -> Increment:
        """The energy since the last call, or since the start; ValueError if `now_ns` lies before that."""
        if now_ns < self._at_ns:
            raise ValueError(f"now_ns: {now_ns} lies before the last reading at {self._at_ns}")
        counters = self._front_end.energy().values()
        if any(now < before for now, before in zip(counters, self._counted, strict=True)):
            self._resets += 1
            self._counted = NO_ENERGY.values()
        energies = tuple(now - before for now, before in zip(counters, self._counted, strict=True))
        increment = Increment(self._at_ns, now_ns, energies)
        self._at_ns = now_ns
        self._counted = counters
        return increment
