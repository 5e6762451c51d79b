"""What a register is: the one name of a quantity. Codes of protocols are mappings over it.

OBIS can't name five ranked maxima, C12.19 no phase angles between currents, neither a customer's sum; so none of them
is the identity.
"""

import enum
from typing import Final, NamedTuple

PERIODS_MOST: Final = 36
"""Closed billing periods that a meter keeps."""

DAYS_MOST: Final = 62
"""Daily freezes that a meter keeps."""

RANKS_MOST: Final = 5
"""Of a maximum demand the highest five are kept."""

ORDERS_MOST: Final = 40
"""The highest harmonic that is measured."""


class Quantity(enum.IntEnum):
    """What is measured or counted. Powers and their energies share a quantity; the kind tells them apart."""

    ACTIVE = 0
    REACTIVE = 1
    APPARENT = 2
    CUSTOMER_1 = 3
    """A sum that the customer has defined; so are the next two."""
    CUSTOMER_2 = 4
    CUSTOMER_3 = 5
    VOLTAGE = 6
    CURRENT = 7
    POWER_FACTOR = 8
    FREQUENCY = 9
    VOLTAGE_ANGLE = 10
    """Of a phase voltage to that of L1."""
    CURRENT_ANGLE = 11
    """Of a phase current to the voltage of its own phase; of the neutral current to the voltage of L1."""
    THD_VOLTAGE = 12
    """Total harmonic distortion."""
    THD_CURRENT = 13
    HARMONIC_VOLTAGE = 14
    """One harmonic; `RegisterId.order` says which."""
    HARMONIC_CURRENT = 15
    VOLTAGE_UNBALANCE = 16
    CURRENT_UNBALANCE = 17
    PHASE_SEQUENCE = 18
    BILLING = 19
    """Ends of billing: their count, the instant of one."""
    ENERGY_RATE = 20
    """The rate in force for energy."""
    DEMAND_RATE = 21
    PROGRAMMING = 22
    """Programmings: their count, the instant of the last."""
    STATUS = 23
    """The system status word."""
    ALARM = 24
    """The alarm register."""
    POWER_FAILURE = 25
    OPERATING_TIME = 26
    BATTERY = 27
    TEMPERATURE = 28


class Phase(enum.IntEnum):
    """Of which conductor."""

    TOTAL = 0
    L1 = 1
    L2 = 2
    L3 = 3
    NEUTRAL = 4


class Direction(enum.IntEnum):
    """Which way it flows, or in which quadrants. Reactive import is quadrants I and II, export III and IV."""

    NONE = 0
    IMPORT = 1
    EXPORT = 2
    Q1 = 3
    Q2 = 4
    Q3 = 5
    Q4 = 6
    NET = 7
    """Import less export, signed."""
    ABSOLUTE = 8
    """Import and export added."""


class Kind(enum.IntEnum):
    """What is made of a quantity."""

    ENERGY = 0
    """The integral over time, for ever."""
    AVERAGE_DEMAND = 1
    """Of the running integration period."""
    LAST_AVERAGE = 2
    """Of the last closed integration period."""
    MAXIMUM_DEMAND = 3
    """Since the last end of billing; `RegisterId.rank` counts from the highest, 1."""
    CUMULATIVE_DEMAND = 4
    """The maxima of all billing periods that were closed, added."""
    CONTINUOUS_CUMULATIVE_DEMAND = 5
    """The same and the maximum of the running period."""
    COINCIDENT_DEMAND = 6
    """In the interval of another quantity's maximum; `RegisterId.beside` says whose."""
    INSTANTANEOUS = 7
    MINIMUM = 8
    """The least mean since the last end of billing."""
    MAXIMUM = 9
    """The greatest mean since the last end of billing."""
    MEAN = 10
    """Of the last closed measuring interval."""
    COUNT = 11
    DURATION = 12
    UNDER_COUNT = 13
    """How often a quantity was under its limit; then how long, and how far the last time."""
    UNDER_DURATION = 14
    UNDER_MAGNITUDE = 15
    OVER_COUNT = 16
    """Over it; of a demand, too. `RegisterId.rank` is the number of the threshold, where there are several."""
    OVER_DURATION = 17
    OVER_MAGNITUDE = 18
    MISSING_COUNT = 19
    MISSING_DURATION = 20
    MISSING_MAGNITUDE = 21
    STATE = 22
    TIME = 23
    """An instant, UTC in s."""


class RegisterId(NamedTuple):
    """The identity of a register. A tuple, since it is the key of every look-up.

    `rate` 0 is the total. `period` 0 is the running billing period, 1 the last closed one, up to `PERIODS_MOST`; `day`
    counts daily freezes back in the same way, and is 0 for what is none. `order` is that of a harmonic. `beside` is the
    energy, as a place in `firmware.registers.energy.ENERGY_QUANTITIES`, to whose maximum a coincident demand belongs;
    `rate` and `rank` are then those of that maximum.
    """

    quantity: Quantity
    phase: Phase
    direction: Direction
    kind: Kind
    rate: int = 0
    period: int = 0
    rank: int = 1
    order: int = 0
    day: int = 0
    beside: int | None = None

    @property
    def text(self) -> str:
        """For people: "maximum demand, active import, rate 2, period 1, rank 3"."""
        what = _words(self.quantity)
        if self.direction:
            what += f" {_words(self.direction)}"
        parts = [_words(self.kind), what]
        if self.phase:
            parts.append(self.phase.name if self.phase is not Phase.NEUTRAL else "neutral")
        for name in ("rate", "period", "order", "day"):
            if getattr(self, name):
                parts.append(f"{name} {getattr(self, name)}")
        if self.rank != 1:
            parts.append(f"rank {self.rank}")
        if self.beside is not None:
            parts.append(f"beside energy {self.beside}")
        return ", ".join(parts)


def _words(member: enum.IntEnum) -> str:
    return member.name.lower().replace("_", " ")


class NoSuchRegister(KeyError):
    """There is no register with this identity."""

    def __init__(self, identity: RegisterId) -> None:
        super().__init__(identity)
        self.identity = identity

    def __str__(self) -> str:
        return f"no such register: {self.identity.text}"
