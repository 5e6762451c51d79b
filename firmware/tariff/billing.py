"""Ends of billing: what causes one, what locks the next one out, and the historical set that is left."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from firmware.clock.civil import Zone
from firmware.clock.dst import DAY_S
from firmware.demand.registers import DemandRegisters
from firmware.tariff.billing_dates import BillingDates
from firmware.tariff.daily import next_midnight
from hal.inputs import Input

BILLED: Final = 4
"""Scheduled instants that are remembered, so that a clock set back over one does not bring it again."""


class BillingSource(enum.Enum):
    """What caused an end of billing; several may at one instant. (The A1700 has a bit for each, too.)"""

    POWER_UP = "power-up"
    """The power-up itself if that is configured, the response to a lost clock, or one that was missed in an outage."""
    DATE = "billing-date"
    SEASON = "season"
    TARIFF_CHANGE = "tariff-change"
    """The passive calendar took over."""
    PROGRAMMING = "programming"
    """The meter was programmed. Another ratio or registration always ends billing."""
    BUTTON = "button"
    OPTICAL = "optical"
    """A command at the optical port."""
    SERIAL = "serial"
    """A command at another port. Reserved: this meter has none."""
    INPUT = "input"


_ORDER: Final = tuple(BillingSource)

CONFIGURABLE: Final = frozenset(BillingSource) - {BillingSource.SERIAL}

ASKED: Final = frozenset({BillingSource.BUTTON, BillingSource.OPTICAL, BillingSource.SERIAL, BillingSource.INPUT})
"""Sources that the lock-out holds off: what somebody asks for."""


def in_order(causes: Iterable[BillingSource]) -> tuple[BillingSource, ...]:
    """Causes without repetition, in the order of `BillingSource`; the first is the one that is named where there is
    room for one."""
    found = set(causes)
    return tuple(source for source in _ORDER if source in found)


def to_bits(causes: Iterable[BillingSource]) -> int:
    """A bit for each."""
    return sum(1 << _ORDER.index(cause) for cause in set(causes))


def from_bits(bits: int) -> tuple[BillingSource, ...]:
    """What `to_bits` gave; ValueError for bits that mean nothing, and for none."""
    if not 0 < bits < 1 << len(_ORDER):
        raise ValueError(f"causes of an end of billing: {bits:#x}")
    return tuple(source for place, source in enumerate(_ORDER) if bits >> place & 1)


@dataclass(frozen=True, slots=True)
class BillingConfig:
    """Which sources end billing, and for how long an end of billing locks out those that somebody asks for:
    `lockout_s`, None for until the next local midnight. `input` is the one that ends billing when it is energised.

    ValueError with the path of the field, and the rule that it breaks.
    """

    dates: BillingDates = field(default_factory=BillingDates)
    sources: tuple[BillingSource, ...] = (BillingSource.DATE, BillingSource.BUTTON, BillingSource.OPTICAL)
    lockout_s: int | None = 900
    input: Input | None = None

    def __post_init__(self) -> None:
        for at, source in enumerate(self.sources):
            if source not in CONFIGURABLE:
                raise ValueError(f"billing.sources[{at}]: {source.value} is reserved: the meter has no such port")
            if source in self.sources[:at]:
                raise ValueError(f"billing.sources[{at}]: {source.value} is there twice")
        if self.input not in (None, Input.CONTROL_1, Input.CONTROL_2):
            raise ValueError("billing.input: it is no control input")
        if (self.input is None) is (BillingSource.INPUT in self.sources):
            raise ValueError("billing.input: it is named if, and only if, an input is among billing.sources")
        if self.lockout_s is not None and self.lockout_s < 0:
            raise ValueError(f"billing.lockout_s: {self.lockout_s} s is negative")

    def locked_s(self, utc_s: int, zone: Zone) -> int:
        """For how many seconds an end of billing at `utc_s` locks others out."""
        return next_midnight(utc_s, zone) - utc_s if self.lockout_s is None else self.lockout_s

    @property
    def longest_lock_s(self) -> int:
        """The longest of these; a day of two hours more."""
        return DAY_S + 7_200 if self.lockout_s is None else self.lockout_s


@dataclass(frozen=True, slots=True)
class BillingSet:
    """A historical set: the registers at an end of billing. Energies in nWh, secondary: eleven totals, and those of
    `registered` places for each rate; `ratio` is what to view them with.

    `clock_lost` marks the end of billing that answers to a lost clock; it is made once for each battery failure.
    `scheduled_s` is the scheduled instant that it was made for, be it later than that; 0 if it was not scheduled.
    `demand` holds the demand registers as they stood.
    """

    number: int
    causes: tuple[BillingSource, ...]
    clock_lost: bool
    scheduled_s: int
    utc_s: int
    offset_s: int
    totals: tuple[int, ...]
    registered: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    demand: DemandRegisters
    ratio: Fraction = Fraction(1)

    @property
    def source(self) -> BillingSource:
        """The first of the causes."""
        return self.causes[0]
