"""All that is kept of demand over a billing period."""

from dataclasses import dataclass
from typing import Self

from firmware.demand.coincident import CoincidentRegister
from firmware.demand.config import Coincident, DemandConfig
from firmware.demand.excess import ExcessRegister
from firmware.demand.interval import Interval
from firmware.demand.maximum import MaximumRegister


@dataclass(frozen=True, slots=True)
class DemandRegisters:
    """Frozen: what a snapshot or a billing set keeps is this object itself.

    A billing set keeps the registers as they stood when billing ended. Its cumulative demand is therefore that of its
    begin, its continuous cumulative demand that of its end.
    """

    maxima: tuple[MaximumRegister, ...]
    coincidents: tuple[CoincidentRegister, ...]
    excesses: tuple[ExcessRegister, ...]

    @classmethod
    def cleared(cls, config: DemandConfig) -> Self:
        """Nothing measured yet."""
        return cls(
            tuple(MaximumRegister(kept) for kept in config.maxima),
            tuple(CoincidentRegister(kept) for kept in config.coincidents),
            tuple(ExcessRegister(kept) for kept in config.excesses),
        )

    def with_interval(self, interval: Interval) -> "DemandRegisters":
        """After one more interval; the same object if it changes nothing. One that is idle or empty is no demand."""
        if interval.idle or interval.empty:
            return self
        places = [maximum.place(interval) for maximum in self.maxima]
        excesses = tuple([excess.with_interval(interval) for excess in self.excesses])
        if all(place is None for place in places):
            same = all(new is old for new, old in zip(excesses, self.excesses, strict=True))
            return self if same else DemandRegisters(self.maxima, self.coincidents, excesses)
        coincidents = []
        for coincident in self.coincidents:
            place = places[coincident.kept.maximum]
            coincidents.append(coincident if place is None else coincident.with_interval(place, interval))
        maxima = tuple([maximum.with_interval(interval) for maximum in self.maxima])
        return DemandRegisters(maxima, tuple(coincidents), excesses)

    def billed(self) -> "DemandRegisters":
        """At the begin of the next billing period: cumulative demands have grown by the maxima, the rest is cleared."""
        return DemandRegisters(
            tuple(maximum.billed() for maximum in self.maxima),
            tuple(coincident.billed() for coincident in self.coincidents),
            tuple(excess.billed() for excess in self.excesses),
        )

    def fitted(self, config: DemandConfig) -> "DemandRegisters":
        """Under another configuration: what it keeps as this one did goes on, the rest begins anew or is gone."""
        if self._keeps(config):
            return self
        maxima = {register.kept: register for register in self.maxima}
        coincidents = {self._named(register.kept): register for register in self.coincidents}
        excesses = {register.kept: register for register in self.excesses}
        kept_coincidents = []
        for coincident in config.coincidents:
            maximum = maxima.get(config.maxima[coincident.maximum], MaximumRegister(config.maxima[coincident.maximum]))
            old = coincidents.get((maximum.kept, coincident.quantity))
            # Its maximum may go on without it: what it was at the ranks there are is not known.
            demands_mw = (0,) * len(maximum.ranks) if old is None else old.demands_mw
            kept_coincidents.append(CoincidentRegister(coincident, demands_mw))
        return DemandRegisters(
            tuple(maxima.get(kept, MaximumRegister(kept)) for kept in config.maxima),
            tuple(kept_coincidents),
            tuple(excesses.get(kept, ExcessRegister(kept)) for kept in config.excesses),
        )

    def _named(self, coincident: Coincident) -> tuple[object, int]:
        return self.maxima[coincident.maximum].kept, coincident.quantity

    def _keeps(self, config: DemandConfig) -> bool:
        """Whether these registers are those of a configuration."""
        return (
            tuple(register.kept for register in self.maxima) == config.maxima
            and tuple(register.kept for register in self.coincidents) == config.coincidents
            and tuple(register.kept for register in self.excesses) == config.excesses
        )
