"""The tariff, its billing sets and its daily freezes as sources of registers."""

from collections.abc import Sequence
from fractions import Fraction

from firmware.clock.dst import DAY_S
from firmware.registers.demand import KeptDemands, NumberedExcess, RankedMaximum
from firmware.registers.identity import DAYS_MOST
from firmware.registers.value import Stamp
from firmware.tariff.billing import BillingSet
from firmware.tariff.daily import DailyFreeze
from firmware.tariff.tariff import TariffState


class _Energies:
    """Energy registers; `energies` of the eleven are kept."""

    def __init__(self, kept: TariffState | BillingSet | DailyFreeze, energies: int) -> None:
        self._kept = kept
        self._places = range(energies)

    @property
    def ratio(self) -> Fraction:
        return self._kept.ratio

    @property
    def places(self) -> Sequence[int]:
        return self._places

    @property
    def rates(self) -> int:
        return len(self._kept.rates)

    def energy(self, place: int, rate: int) -> int | None:
        kept = self._kept
        if place not in self._places or not 0 <= rate <= len(kept.rates):
            return None
        if rate == 0:
            return kept.totals[place]
        return kept.rates[rate - 1][kept.registered.index(place)] if place in kept.registered else None


class Kept(_Energies):
    """The registers of the running billing period, as `Tariff.state` gives them, or of a closed one."""

    def __init__(self, kept: TariffState | BillingSet, energies: int) -> None:
        super().__init__(kept, energies)
        registers = kept.demand if isinstance(kept, BillingSet) else kept.demand.registers
        self._demands = KeptDemands(registers)

    @property
    def demands(self) -> Sequence[RankedMaximum]:
        return self._demands.demands

    def demand(self, place: int, rate: int) -> RankedMaximum | None:
        return self._demands.demand(place, rate)

    @property
    def excesses(self) -> Sequence[NumberedExcess]:
        return self._demands.excesses


class ClosedSet(Kept):
    """A billing set. The trust in the clock at its end is not kept."""

    def __init__(self, billing: BillingSet, energies: int) -> None:
        super().__init__(billing, energies)
        self._closed = Stamp(billing.utc_s, billing.offset_s)

    @property
    def closed(self) -> Stamp:
        return self._closed


class FrozenDay(_Energies):
    """A daily freeze."""

    def __init__(self, freeze: DailyFreeze, energies: int) -> None:
        super().__init__(freeze, energies)
        self._closed = Stamp(freeze.utc_s, freeze.offset_s, freeze.clock)

    @property
    def closed(self) -> Stamp:
        return self._closed

    @property
    def demands(self) -> Sequence[RankedMaximum]:
        return ()

    def demand(self, place: int, rate: int) -> RankedMaximum | None:
        return None

    @property
    def excesses(self) -> Sequence[NumberedExcess]:
        return ()


def closed_periods(history: Sequence[BillingSet], newest: int, energies: int) -> dict[int, ClosedSet]:
    """The sets by how long ago they were closed: 1 is the set with the number `newest`."""
    return {newest - billing.number + 1: ClosedSet(billing, energies) for billing in history}


def frozen_days(days: Sequence[DailyFreeze], energies: int, now: Stamp) -> dict[int, FrozenDay]:
    """The freezes, oldest first, by how many days ago the day was that ended with them: 1 is yesterday's.

    Of two for one day the newer counts.
    """
    today = (now.utc_s + now.offset_s) // DAY_S
    found = {today - (day.utc_s + day.offset_s - 1) // DAY_S: FrozenDay(day, energies) for day in days}
    return {back: day for back, day in found.items() if 1 <= back <= DAYS_MOST}
