"""The energy registers: eleven totals, and the time-of-use registers of those that are registered by rate.

The rates of an energy sum to its total, to the nWh, whatever happens. Registers of customer's sums are signed.
"""

from collections.abc import Sequence
from fractions import Fraction

from firmware.registers.energy import ENERGY_QUANTITIES, CustomerSum, extended
from firmware.tariff.config import TariffConfig


class Accounts:
    """`totals` has a register for each of `ENERGY_QUANTITIES`; `rates[r]` those of `registered` places in rate r + 1.
    All in nWh (nvarh, nVAh), secondary."""

    def __init__(self, config: TariffConfig, rates: int) -> None:
        """At zero."""
        self.registered = config.registers
        self._sums: tuple[CustomerSum, ...] = config.sums
        self._places = tuple(enumerate(config.registers))
        self.totals = [0] * len(ENERGY_QUANTITIES)
        self.rates = [[0] * len(config.registers) for _ in range(rates)]

    def count(self, energies: Sequence[int], rate: int) -> Sequence[int]:
        """The eight measured energies have flowed, all in one rate; these, and the customer's sums if there are any."""
        eleven = extended(energies, self._sums) if self._sums else energies
        totals, by_rate = self.totals, self.rates[rate - 1]
        for place, energy in enumerate(eleven):
            if energy:
                totals[place] += energy
        for at, place in self._places:
            by_rate[at] += eleven[place]
        return eleven

    def take(self, totals: Sequence[int], registered: Sequence[int], rates: Sequence[Sequence[int]]) -> None:
        """Go on from registers that may have been kept under another configuration.

        New rates begin at zero, energy of a rate that is gone counts in the last one. An energy that was not registered
        by rate before counts in rate 1 so far.
        """
        self.totals = list(totals)
        kept = {place: at for at, place in enumerate(registered)}
        count = len(self.rates)
        self.rates = [[0] * len(self.registered) for _ in range(count)]
        for at, place in self._places:
            if place not in kept:
                self.rates[0][at] = self.totals[place]
                continue
            for rate, row in enumerate(rates):
                self.rates[min(rate, count - 1)][at] += row[kept[place]]

    def rescale(self, factor: Fraction) -> None:
        """Multiply each register by a factor, cut off to a whole nWh; a total is still the sum of its rates."""
        numerator, denominator = factor.numerator, factor.denominator
        totals, self.rates = rescaled(self.rates, factor)
        self.totals = [total * numerator // denominator for total in self.totals]
        for at, place in self._places:
            self.totals[place] = totals[at]


def rescaled(rates: Sequence[Sequence[int]], factor: Fraction) -> tuple[list[int], list[list[int]]]:
    """Totals and rates, each rate's register multiplied and cut off to a whole nWh; the total is still their sum."""
    numerator, denominator = factor.numerator, factor.denominator
    scaled = [[register * numerator // denominator for register in rate] for rate in rates]
    return [sum(kind) for kind in zip(*scaled, strict=True)], scaled
