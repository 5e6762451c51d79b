"""What energy is registered by rate, and what selects the rate."""

import enum
from dataclasses import dataclass
from typing import Final

from firmware.registers.energy import ENERGY_QUANTITIES, MEASURED, SUMS_MOST, CustomerSum
from firmware.registers.view import Registration
from hal.inputs import Input

TOU_MOST: Final = 64
"""Time-of-use registers: energies that are registered by rate, times rates."""

INPUT_RATES_MOST: Final = 4
"""Rates that two control inputs tell apart."""


class RateSource(enum.Enum):
    """What selects the rates of energy and of demand."""

    CALENDAR = "calendar"
    INPUTS = "inputs"
    """Control inputs 1 and 2: rate 1, and 1 more for the first and 2 more for the second if they are energised."""


@dataclass(frozen=True, slots=True)
class TariffConfig:
    """`registers` are the places of the energies that have a register for each rate, in rising order; `sums` are the
    customer's. ValueError with the path of the field, and the rule that it breaks."""

    registers: tuple[int, ...] = tuple(range(MEASURED))
    sums: tuple[CustomerSum, ...] = ()
    source: RateSource = RateSource.CALENDAR
    registration: Registration = Registration.PRIMARY
    """A change ends the interval and the billing period, as one of the transformers' ratio does; registers go on where
    they stood."""

    def __post_init__(self) -> None:
        if len(self.sums) > SUMS_MOST:
            raise ValueError(f"tariff.sums: {len(self.sums)} are more than {SUMS_MOST}")
        for at, place in enumerate(self.registers):
            if not 0 <= place < len(ENERGY_QUANTITIES):
                raise ValueError(f"tariff.registers[{at}]: {place} is no place of an energy")
            if place >= MEASURED + len(self.sums):
                raise ValueError(f"tariff.registers[{at}]: {ENERGY_QUANTITIES[place]} is not defined")
            if at and place <= self.registers[at - 1]:
                raise ValueError(f"tariff.registers[{at}]: {ENERGY_QUANTITIES[place]} is out of order, or there twice")

    @property
    def energies(self) -> int:
        """How many energies there are: the measured ones, and the sums that are defined."""
        return MEASURED + len(self.sums)

    def require_rates(self, rates: int) -> None:
        """ValueError if the calendar has more rates than there are registers for, or inputs can select."""
        count = len(self.registers) * rates
        if count > TOU_MOST:
            kept = len(self.registers)
            raise ValueError(f"calendar.rates: {rates} rates of {kept} energies are over {TOU_MOST} registers")
        if self.source is RateSource.INPUTS and rates > INPUT_RATES_MOST:
            raise ValueError(f"tariff.source: two inputs can't select {rates} rates, at most {INPUT_RATES_MOST}")

    def inputs(self, rates: int) -> tuple[Input, ...]:
        """The inputs that select among so many rates."""
        if self.source is RateSource.CALENDAR:
            return ()
        return (Input.CONTROL_1,) if rates <= 2 else (Input.CONTROL_1, Input.CONTROL_2)
