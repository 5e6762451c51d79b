"""Block demand: the energy of an integration period divided by its nominal length, and the maximum of that.

Periods are aligned to the hour of local time, and so to the day; daylight saving moves the clock by whole hours and
never cuts one: a day of 23 h has 46 half-hours, one of 25 h has 50. A short period is flagged and its energy still
divided by the nominal length, never scaled up; so no outage, clock set or reset can inflate a maximum.
"""

import enum
from dataclasses import dataclass
from typing import Final, Self

from firmware.clock.civil import Zone
from firmware.clock.dst import HOUR_S

_STATE_LENGTH: Final = 6
_MAXIMUM_LENGTH: Final = 3
_NWH_S_PER_MW_H: Final = 1_000_000
"""A mW for an hour is 10**6 nWh."""


class AfterOutage(enum.Enum):
    """What becomes of the integration period that an outage broke (the choice of the Itron ACE6000; how we read it)."""

    RESTART = "restart"
    """It ends with the outage, short, and another begins at power-up, as long as is left of the period."""
    RESUME = "resume"
    """Back within it, it goes on; but where a rate change ends it and the rate has changed, it is as for RESTART."""
    SYNCHRONISE = "synchronise"
    """It ends with the outage, short; demand counts again from the begin of the next whole period."""


class OnRateChange(enum.Enum):
    """What becomes of the integration period inside which the rate changes."""

    END = "end"
    """It ends there, short."""
    WAIT = "wait"
    """It goes on to its end, in the rate in which it began."""


@dataclass(frozen=True, slots=True)
class IntegrationPeriod:
    """A length in s and the zone to whose hours it is aligned.

    ValueError unless the length is whole minutes that divide the hour: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60 min.
    """

    length_s: int
    zone: Zone

    def __post_init__(self) -> None:
        if self.length_s <= 0 or self.length_s % 60 or HOUR_S % self.length_s:
            raise ValueError(f"integration period: {self.length_s} s is not of whole minutes that divide an hour")

    def next_end(self, utc_s: int) -> int:
        """The first period end after `utc_s`. An instant on a boundary belongs to the period that begins there."""
        # Standard time will do: daylight saving shifts local time by whole hours.
        offset_s = self.zone.standard_offset_s
        return ((utc_s + offset_s) // self.length_s + 1) * self.length_s - offset_s

    def begins(self, utc_s: int) -> bool:
        """Whether a period begins (and the last one ends) exactly at `utc_s`."""
        return self.next_end(utc_s) - utc_s == self.length_s


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed demand interval, stamped at its end: UTC in s, and the local offset in its last second.

    So one that ends at 24:00 has the offset, and belongs to the day, that ends. `length_s` is the nominal length.
    `rate` is the one in which it began. `short`: it covers less than its nominal length, or an outage cut it. `idle`:
    it is the rest of a period before demand counts again; it is no demand, whatever it holds.
    """

    start_s: int
    end_s: int
    offset_s: int
    length_s: int
    rate: int
    energy_nwh: int
    short: bool
    idle: bool = False

    @property
    def empty(self) -> bool:
        """Whether it was ended in the second in which it began, with nothing measured: there is nothing to store."""
        return self.start_s == self.end_s and self.energy_nwh == 0

    @property
    def demand_mw(self) -> int:
        """Energy over the nominal length, truncated (mvar or mVA if the energy is nvarh or nVAh)."""
        return self.energy_nwh * HOUR_S // (_NWH_S_PER_MW_H * self.length_s)


@dataclass(frozen=True, slots=True)
class DemandState:
    """The running interval, as a save at `at_s` keeps it. `short` is set once it can no longer be whole."""

    at_s: int
    start_s: int
    length_s: int
    rate: int
    energy_nwh: int
    short: bool
    idle: bool = False

    def to_ints(self) -> tuple[int, ...]:
        """Six ints, none negative: save and start in s, length in s, rate, energy in nWh, 1 if short and 2 if idle."""
        flags = self.short | self.idle << 1
        return self.at_s, self.start_s, self.length_s, self.rate, self.energy_nwh, flags

    @classmethod
    def from_ints(cls, values: tuple[int, ...]) -> Self:
        """What `to_ints` gave; ValueError for another count of values."""
        if len(values) != _STATE_LENGTH:
            raise ValueError(f"demand state: {_STATE_LENGTH} values, not {len(values)}")
        at_s, start_s, length_s, rate, energy_nwh, flags = values
        return cls(at_s, start_s, length_s, rate, energy_nwh, flags & 1 != 0, flags & 2 != 0)


class BlockDemand:
    """Sums energy over the running interval. It never reads a clock: whoever drives it closes intervals at their ends.

    An interval counts in the rate in which it began. A rate that changes inside one may end it (`close` at the switch)
    or wait for its end (name the new rate at the next `close`); with switches on period boundaries both are the same.
    """

    def __init__(self, period: IntegrationPeriod, utc_s: int, rate: int) -> None:
        """Begin an interval at `utc_s`; short from the start unless a period begins there."""
        self._period = period
        self._begin(utc_s, rate)

    @classmethod
    def resume(
        cls,
        period: IntegrationPeriod,
        state: DemandState,
        utc_s: int,
        rate: int,
        after: AfterOutage = AfterOutage.RESUME,
    ) -> tuple[Self, Interval | None]:
        """Go on after an outage with the state saved at its begin; `utc_s` is the clock now, `rate` the one in force.

        Back within the same interval, it goes on in its own rate, flagged short, if `after` says so. If not, it is
        given back closed, short, with what was measured, and a new one begins; nothing measured before goes into that,
        or a maximum could hold the energy of two. The closed one bears the stamp of its nominal end, or that of the
        save before it; store it if the clock is still right. None is invented that lay wholly in the outage.

        The save that holds the state must also hold all earlier closed intervals, or the last would be closed twice.
        """
        demand = cls(period, utc_s, rate)
        end_s = IntegrationPeriod(state.length_s, period.zone).next_end(state.start_s)
        within = state.length_s == period.length_s and state.at_s <= utc_s < end_s
        if within and (after is AfterOutage.RESUME or state.idle):
            demand._idle = state.idle
            demand._start_s, demand._rate, demand._energy_nwh = state.start_s, state.rate, state.energy_nwh
            demand._end_s, demand._short = end_s, True
            return demand, None
        demand._idle = after is AfterOutage.SYNCHRONISE and demand._short
        if state.idle or (state.at_s == state.start_s and state.energy_nwh == 0):
            return demand, None
        if utc_s < end_s:
            end_s = min(state.at_s, end_s)
        return demand, _closed(period.zone, state, end_s, short=True)

    @property
    def idle(self) -> bool:
        """Whether what flows now is no demand: the next whole period is waited for."""
        return self._idle

    @property
    def end_s(self) -> int:
        """When the running interval ends, UTC in s."""
        return self._end_s

    def state(self, at_s: int) -> DemandState:
        """What a save at `at_s`, UTC in s, must keep of the running interval."""
        return DemandState(
            at_s, self._start_s, self._period.length_s, self._rate, self._energy_nwh, self._short, self._idle
        )

    def add(self, energy_nwh: int) -> None:
        """Count energy that flowed in the running interval; ValueError if it is negative."""
        if energy_nwh < 0:
            raise ValueError(f"demand: energy {energy_nwh} nWh is negative")
        self._energy_nwh += energy_nwh

    def close(self, utc_s: int, rate: int) -> Interval:
        """End the running interval at `utc_s` and begin the next one there, in `rate`.

        Before `end_s` (a rate that changes, a forced end of demand) both come out short. ValueError outside the
        interval.
        """
        interval = self._ended(utc_s)
        self._begin(utc_s, rate)
        return interval

    def within(self, utc_s: int) -> int:
        """The second of the running interval nearest to `utc_s`: a clock that was slewed back may stand before the
        interval's begin for some seconds."""
        return max(self._start_s, min(utc_s, self._end_s))

    def clock_set(self, before_s: int, after_s: int, rate: int) -> Interval:
        """The clock was set from `before_s` to `after_s` by more than may be slewed: end the interval by the old clock,
        flagged short, and begin one by the new clock. ValueError if `before_s` is outside the interval."""
        interval = self._ended(before_s)
        self._begin(after_s, rate)
        return interval

    def _begin(self, utc_s: int, rate: int) -> None:
        self._start_s = utc_s
        self._end_s = self._period.next_end(utc_s)
        self._rate = rate
        self._energy_nwh = 0
        self._short = not self._period.begins(utc_s)
        self._idle = False

    def _ended(self, utc_s: int) -> Interval:
        if not self._start_s <= utc_s <= self._end_s:
            raise ValueError(f"demand: {utc_s} s is not within the interval {self._start_s} to {self._end_s} s")
        return _closed(self._period.zone, self.state(utc_s), utc_s, short=self._short or utc_s < self._end_s)


def _closed(zone: Zone, state: DemandState, end_s: int, *, short: bool) -> Interval:
    offset_s = zone.offset(max(state.start_s, end_s - 1))
    return Interval(state.start_s, end_s, offset_s, state.length_s, state.rate, state.energy_nwh, short, state.idle)


@dataclass(frozen=True, slots=True)
class Maximum:
    """A maximum demand and the stamp of its interval's end: UTC in s, and the local offset then."""

    demand_mw: int
    utc_s: int
    offset_s: int


@dataclass(frozen=True, slots=True)
class Maxima:
    """The maximum demand over all, and in each rate (`by_rate[0]` is rate 1), since they were last cleared.

    None where no demand above zero has been seen. Of equal demands the first stays.
    """

    total: Maximum | None
    by_rate: tuple[Maximum | None, ...]

    @classmethod
    def cleared(cls, rates: int) -> Self:
        """No maximum yet, for a number of rates: the begin of a billing period."""
        return cls(None, (None,) * rates)

    def with_interval(self, interval: Interval) -> "Maxima":
        """These maxima after one more interval, unless it is idle; ValueError if its rate is none of theirs."""
        if not 1 <= interval.rate <= len(self.by_rate):
            raise ValueError(f"maximum demand: rate {interval.rate} is not within 1 to {len(self.by_rate)}")
        if interval.idle:
            return self
        place = interval.rate - 1
        total, in_rate = _higher(self.total, interval), _higher(self.by_rate[place], interval)
        return Maxima(total, (*self.by_rate[:place], in_rate, *self.by_rate[place + 1 :]))

    def to_ints(self) -> tuple[int, ...]:
        """Demand in mW, UTC in s and offset in s of the total and of each rate; three zeros for none."""
        flat: list[int] = []
        for maximum in (self.total, *self.by_rate):
            flat += (0, 0, 0) if maximum is None else (maximum.demand_mw, maximum.utc_s, maximum.offset_s)
        return tuple(flat)

    @classmethod
    def from_ints(cls, values: tuple[int, ...]) -> Self:
        """What `to_ints` gave; ValueError for a count of values that it can't have given."""
        if len(values) % _MAXIMUM_LENGTH or len(values) < 2 * _MAXIMUM_LENGTH:
            raise ValueError(f"maximum demand: {len(values)} values are not three for the total and each rate")
        read = [
            Maximum(*values[at : at + _MAXIMUM_LENGTH]) if values[at] else None
            for at in range(0, len(values), _MAXIMUM_LENGTH)
        ]
        return cls(read[0], tuple(read[1:]))


def _higher(maximum: Maximum | None, interval: Interval) -> Maximum | None:
    demand_mw = interval.demand_mw
    if demand_mw <= (0 if maximum is None else maximum.demand_mw):
        return maximum
    return Maximum(demand_mw, interval.end_s, interval.offset_s)
