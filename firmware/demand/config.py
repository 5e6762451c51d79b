"""What demand is measured, how, and which registers keep what of it."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.demand.period import AfterOutage, OnRateChange, divides_hour
from hal.energy import ENERGY_KINDS

QUANTITIES: Final = len(ENERGY_KINDS) + 3
"""Energy quantities: the eight of `ENERGY_KINDS`, and three sums that the customer defines."""
RATES_MOST: Final = 48
MAXIMA_MOST: Final = 16
COINCIDENTS_MOST: Final = 5
EXCESSES_MOST: Final = 10
"""As the Itron SL7000 has."""
SUBINTERVALS: Final = range(2, 16)
OLDER_MOST: Final = 48
"""Earlier subintervals times quantities: what a save at power fail has room for."""
FORGIVENESS_MOST_S: Final = 255 * 60
"""C12.19, table 13 DEMAND_CONTROL, P_FAIL_EXCLUSION: an 8-bit count of minutes."""
FORGIVENESS_OUTAGE_MOST_S: Final = 86_400
DEMAND_LIMIT_MW: Final = 1 << 47
"""Demands are stored in six bytes, signed."""


class Method(enum.Enum):
    BLOCK = "block"
    SLIDING = "sliding"
    THERMAL = "thermal"


@dataclass(frozen=True, slots=True)
class MaximumDemand:
    """The place of an energy quantity, and the demand rate in which its maximum is kept: 0 for any."""

    quantity: int
    rate: int = 0


@dataclass(frozen=True, slots=True)
class Coincident:
    """The demand of `quantity` at each of the five highest of a maximum, by its place among the maxima."""

    maximum: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ExcessThreshold:
    """A demand of an energy quantity in mW (mvar, mVA) that is to be watched."""

    quantity: int
    threshold_mw: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What the running interval is measured by: method, period in s, subintervals in it (1 if it is not sliding), and
    the places of the quantities integrated, in rising order."""

    method: Method
    period_s: int
    subintervals: int
    quantities: tuple[int, ...]

    @property
    def interval_s(self) -> int:
        """How often a demand is known: each period, subinterval, or minute."""
        return 60 if self.method is Method.THERMAL else self.period_s // self.subintervals


@dataclass(frozen=True, slots=True)
class DemandConfig:
    """Demand of a meter. ValueError with the path of the field, and the rule that it breaks.

    `averages` are quantities whose current and last average are wanted, besides those that registers need. After an
    outage longer than `forgiveness_outage_s` no demand counts for `forgiveness_s` (0: never); both in s.
    """

    period_s: int = 900
    method: Method = Method.BLOCK
    subintervals: int = 1
    after_outage: AfterOutage = AfterOutage.RESUME
    on_rate_change: OnRateChange = OnRateChange.WAIT
    maxima: tuple[MaximumDemand, ...] = (MaximumDemand(0),)
    coincidents: tuple[Coincident, ...] = ()
    excesses: tuple[ExcessThreshold, ...] = ()
    averages: tuple[int, ...] = (0,)
    forgiveness_s: int = 0
    forgiveness_outage_s: int = 0

    def __post_init__(self) -> None:
        self._check_period()
        self._check_registers()
        for place, quantity in enumerate(self.averages):
            _within(f"averages[{place}]", quantity, 0, QUANTITIES - 1)
        quantities = len(self.quantities)
        if not quantities:
            raise ValueError("demand.averages: no quantity is asked for, here or by a register")
        if self.method is Method.SLIDING and (self.subintervals - 1) * quantities > OLDER_MOST:
            raise ValueError(
                f"demand.subintervals: {self.subintervals} of {quantities} quantities: "
                f"{self.subintervals - 1} x {quantities} values are more than {OLDER_MOST}"
            )
        _within("forgiveness_s", self.forgiveness_s, 0, FORGIVENESS_MOST_S)
        _within("forgiveness_outage_s", self.forgiveness_outage_s, 0, FORGIVENESS_OUTAGE_MOST_S)

    def _check_period(self) -> None:
        if not divides_hour(self.period_s):
            raise ValueError(f"demand.period_s: {self.period_s} s is not of whole minutes that divide an hour")
        if self.method is not Method.SLIDING:
            if self.subintervals != 1:
                raise ValueError(f"demand.subintervals: {self.subintervals}; only sliding demand has more than 1")
            return
        _within("subintervals", self.subintervals, SUBINTERVALS.start, SUBINTERVALS.stop - 1)
        if self.period_s % (60 * self.subintervals):
            raise ValueError(f"demand.subintervals: {self.subintervals} in {self.period_s} s are not of whole minutes")

    def _check_registers(self) -> None:
        _few("maxima", self.maxima, MAXIMA_MOST)
        _few("coincidents", self.coincidents, COINCIDENTS_MOST)
        _few("excesses", self.excesses, EXCESSES_MOST)
        for place, maximum in enumerate(self.maxima):
            _within(f"maxima[{place}].quantity", maximum.quantity, 0, QUANTITIES - 1)
            _within(f"maxima[{place}].rate", maximum.rate, 0, RATES_MOST)
        for place, coincident in enumerate(self.coincidents):
            _within(f"coincidents[{place}].maximum", coincident.maximum, 0, len(self.maxima) - 1)
            _within(f"coincidents[{place}].quantity", coincident.quantity, 0, QUANTITIES - 1)
        for place, excess in enumerate(self.excesses):
            _within(f"excesses[{place}].quantity", excess.quantity, 0, QUANTITIES - 1)
            _within(f"excesses[{place}].threshold_mw", excess.threshold_mw, 1, DEMAND_LIMIT_MW - 1)

    @property
    def quantities(self) -> tuple[int, ...]:
        """The places of all quantities that are integrated, in rising order."""
        wanted: set[int] = {*self.averages, *(one.quantity for one in self.coincidents)}
        wanted.update(one.quantity for one in self.maxima)
        wanted.update(one.quantity for one in self.excesses)
        return tuple(sorted(wanted))

    @property
    def shape(self) -> Shape:
        return Shape(self.method, self.period_s, self.subintervals, self.quantities)

    def require_rates(self, rates: int) -> None:
        """ValueError for a register of a demand rate above `rates`, the number that the calendar has."""
        for place, maximum in enumerate(self.maxima):
            _within(f"maxima[{place}].rate", maximum.rate, 0, rates)


def _within(path: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"demand.{path}: {value} is not within {least} to {most}")


def _few(path: str, entries: Sequence[object], most: int) -> None:
    if len(entries) > most:
        raise ValueError(f"demand.{path}: {len(entries)} are more than {most}")
    repeated = _first_repeated(entries)
    if repeated is not None:
        first, again = repeated
        raise ValueError(f"demand.{path}[{again}]: the same as demand.{path}[{first}]")


def _first_repeated(entries: Iterable[object]) -> tuple[int, int] | None:
    seen: dict[object, int] = {}
    for place, entry in enumerate(entries):
        if entry in seen:
            return seen[entry], place
        seen[entry] = place
    return None
