"""The tariff and its billing sets as sources of registers.

Energies of the eight measured places, all by rate; maximum demands of active import, the highest one only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from firmware.clock.civil import Zone
from firmware.registers.sources import Excess
from firmware.registers.value import GOOD, Stamp, ValueStatus
from firmware.tariff.demand import DemandState, Maximum
from firmware.tariff.tariff import BillingSet, TariffState
from hal.energy import ENERGY_KINDS

_PLACES: Final = range(len(ENERGY_KINDS))
_HOUR_S: Final = 3_600
_NWH_S_PER_MW_H: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Highest:
    """A maximum; the trust in the clock at its end is not kept."""

    maximum: Maximum

    @property
    def demand_mw(self) -> int:
        return self.maximum.demand_mw

    @property
    def ended(self) -> Stamp:
        return Stamp(self.maximum.utc_s, self.maximum.offset_s)


@dataclass(frozen=True, slots=True)
class HighestDemand:
    """The maximum demand of active import in one rate."""

    rate: int
    highest: Maximum | None

    @property
    def place(self) -> int:
        return 0

    @property
    def ranks(self) -> int:
        return 1

    @property
    def peaks(self) -> Sequence[Highest]:
        return () if self.highest is None else (Highest(self.highest),)

    @property
    def cumulative_mw(self) -> None:
        return None

    @property
    def beside(self) -> Sequence[tuple[int, Sequence[int]]]:
        return ()


class Kept:
    """The registers of the running billing period, as `Tariff.state` gives them, or of a closed one."""

    def __init__(self, kept: TariffState | BillingSet) -> None:
        self._kept = kept

    @property
    def ratio(self) -> Fraction:
        return self._kept.ratio

    @property
    def places(self) -> Sequence[int]:
        return _PLACES

    @property
    def rates(self) -> int:
        return len(self._kept.rates)

    def energy(self, place: int, rate: int) -> int | None:
        kept = self._kept
        if not 0 <= rate <= len(kept.rates) or place not in _PLACES:
            return None
        return kept.totals[place] if rate == 0 else kept.rates[rate - 1][place]

    @property
    def demands(self) -> Sequence[HighestDemand]:
        maxima = self._kept.maxima
        return [HighestDemand(rate, one) for rate, one in enumerate((maxima.total, *maxima.by_rate))]

    def demand(self, place: int, rate: int) -> HighestDemand | None:
        maxima = self._kept.maxima
        if place != 0 or not 0 <= rate <= len(maxima.by_rate):
            return None
        return HighestDemand(rate, maxima.by_rate[rate - 1] if rate else maxima.total)

    @property
    def excesses(self) -> Sequence[Excess]:
        return ()


class ClosedSet(Kept):
    """A billing set. The trust in the clock at its end is not kept."""

    def __init__(self, billing: BillingSet) -> None:
        super().__init__(billing)
        self._closed = Stamp(billing.utc_s, billing.offset_s)

    @property
    def closed(self) -> Stamp:
        return self._closed


@dataclass(frozen=True, slots=True)
class RunningDemand:
    """The demand of the running integration period; what the last one gave is not kept."""

    state: DemandState
    zone: Zone

    @property
    def place(self) -> int:
        return 0

    @property
    def current_mw(self) -> int:
        state = self.state
        return 0 if state.idle else state.energy_nwh * _HOUR_S // (_NWH_S_PER_MW_H * state.length_s)

    @property
    def current_status(self) -> ValueStatus:
        return (ValueStatus.SHORT if self.state.short else GOOD) | (ValueStatus.IDLE if self.state.idle else GOOD)

    @property
    def started(self) -> Stamp:
        return Stamp(self.state.start_s, self.zone.offset(self.state.start_s))

    @property
    def last_mw(self) -> int:
        return 0

    @property
    def last_status(self) -> ValueStatus:
        return ValueStatus.EMPTY

    @property
    def last_ended(self) -> None:
        return None


def closed_periods(history: Sequence[BillingSet], newest: int) -> dict[int, ClosedSet]:
    """The sets by how long ago they were closed: 1 is the set with the number `newest`."""
    return {newest - billing.number + 1: ClosedSet(billing) for billing in history}
