"""The running interval: sums energy, and says what demand it came to when it ends.

It never reads a clock. Whoever drives it calls `boundary` at `next_s`, when all energy before that has been added, and
at each change of the demand rate. Whatever method, an interval is the time between two instants at which a demand is
known: a period of block demand, a subinterval of sliding demand, a minute of thermal demand.

After a long outage, and until the next whole period if the meter is to synchronise, demand waits: energy that flows
then is no demand's. It is in no interval and no average; the registers of energy have it.
"""

from collections.abc import Sequence
from typing import Self

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus
from firmware.demand.averaging import Averaging
from firmware.demand.config import DemandConfig, Shape
from firmware.demand.interval import Interval
from firmware.demand.period import AfterOutage, EndCause, IntegrationPeriod, OnRateChange
from firmware.demand.stamp import Stamp
from firmware.demand.state import Averages, IntegrationState, LastAverage, last_of, nothing_past
from hal.energy import ENERGY_KINDS


class Integration:
    """Demand rates are numbered from 1. An interval counts in the rate in which it began; see `Window.rate` for the
    window of a sliding demand."""

    def __init__(self, config: DemandConfig, zone: Zone, utc_s: int, rate: int) -> None:
        """Begin an interval at `utc_s`; short from the start unless one begins there."""
        self._config = config
        self._zone = zone
        self._shape: Shape = config.shape
        self._period = IntegrationPeriod(self._shape.interval_s, zone)
        self._past: Averaging = nothing_past(self._shape)
        self._last: LastAverage | None = None
        self._rate = rate
        self._until_s = 0
        self._counted, self._waiting = True, False
        self._begin(utc_s, rate)

    @classmethod
    def restored(cls, config: DemandConfig, zone: Zone, state: IntegrationState) -> Self:
        """Exactly as it was when `state` was taken, measured as it was then, whatever `config` asks for now."""
        running = cls(config, zone, state.start_s, state.rate)
        running._shape = state.shape
        running._period = IntegrationPeriod(state.shape.interval_s, zone)
        running._past, running._last = state.past, state.last
        running._end_s = running._period.next_end(state.start_s)
        running._energies = list(state.energies)
        running._until_s = state.until_s
        running._short, running._counted, running._waiting = state.short, state.counted, state.waiting
        return running

    @classmethod
    def resume(
        cls,
        config: DemandConfig,
        zone: Zone,
        state: IntegrationState,
        utc_s: int,
        rate: int,
        clock: ClockStatus,
        outage_s: int | None,
    ) -> tuple[Self, Interval | None]:
        """Go on after an outage of `outage_s`, None if nobody knows how long, with the state saved at its begin.

        `utc_s` is the clock now, `rate` the one in force, `clock` for the stamp of the broken interval. That is given
        back closed, short, with what was measured, unless it goes on; none is invented that lay wholly in the outage.
        It bears the stamp of its nominal end, or that of the save before it; store it if the clock is still right.

        The save that holds the state must also hold all earlier intervals, or the last would be closed twice.
        """
        broken = cls.restored(config, zone, state)
        went_back = utc_s < state.at_s
        after = config.after_outage
        if rate != state.rate and config.on_rate_change is OnRateChange.END:
            after = AfterOutage.RESTART if after is AfterOutage.RESUME else after
        goes_on = state.shape == config.shape and not went_back and after is AfterOutage.RESUME
        period = IntegrationPeriod(config.shape.interval_s, zone)
        until_s = _waits_until(config, period, state, utc_s, after, outage_s)

        measured = state.at_s != state.start_s or any(state.energies)
        if goes_on and measured and utc_s < broken._end_s:
            broken._go_on(utc_s, rate, until_s)
            if outage_s is None:
                broken._past = broken._past.cleared()
            return broken, None

        interval = None
        passed = (broken._period.next_end(utc_s) - broken._end_s) // broken._period.length_s
        if state.counted and measured:
            end_s = broken._end_s if utc_s >= broken._end_s else state.at_s
            broken._short = True
            interval = broken._ended(broken.within(end_s), clock, EndCause.POWER_FAILURE)
            passed -= 1
        running = cls(config, zone, utc_s, rate)
        if state.shape == config.shape:
            running._last = broken._last
        if goes_on and outage_s is not None:
            running._past = broken._past.lost(max(passed, 0))
        running._wait(utc_s, until_s)
        return running, interval

    @property
    def end_s(self) -> int:
        """When the running interval ends, UTC in s."""
        return self._end_s

    @property
    def next_s(self) -> int:
        """When `boundary` is to be called next, at the latest, UTC in s."""
        return min(self._end_s, self._until_s) if self._waiting else self._end_s

    def next_after(self, utc_s: int) -> int:
        """The first second after `utc_s` at which `boundary` is to be called, though it may not have been told of
        `utc_s` yet: energy comes later than time."""
        end_s = self._period.next_end(utc_s)
        return min(end_s, self._until_s) if self._until_s > utc_s else end_s

    @property
    def waiting(self) -> bool:
        """Whether what flows now is no demand."""
        return self._waiting

    def state(self, at_s: int) -> IntegrationState:
        """What a save at `at_s`, UTC in s, must keep."""
        return IntegrationState(
            shape=self._shape,
            at_s=at_s,
            start_s=self._start_s,
            until_s=self._until_s,
            rate=self._rate,
            short=self._short,
            counted=self._counted,
            waiting=self._waiting,
            energies=tuple(self._energies),
            past=self._past,
            last=self._last,
        )

    def averages(self) -> Averages:
        """Of what has been added so far."""
        shape, last = self._shape, self._last
        start_s = self._start_s
        if self._past.held:
            start_s = max(0, self._end_s - (self._past.held + 1) * self._period.length_s)
        none = (0,) * len(shape.quantities)
        return Averages(
            quantities=shape.quantities,
            current_mw=self._past.demands_mw(self._energies),
            last_mw=none if last is None else last.demands_mw,
            start_s=start_s,
            start_offset_s=self._zone.offset(start_s),
            captured=None if last is None else last.stamp,
            current_short=self._short or not self._past.whole,
            current_idle=not self._counted,
            last_short=last is not None and last.short,
            last_idle=last is not None and last.idle,
            period_s=shape.period_s // shape.subintervals,
            periods=shape.subintervals,
        )

    # What happens to it

    def add(self, energies: Sequence[int]) -> None:
        """Energy of every quantity has flowed in the running interval, in nWh (nvarh, nVAh), in the order of
        `hal.energy.ENERGY_KINDS` and the customer's sums. ValueError if one is negative that is no sum."""
        if self._waiting:
            return
        running = self._energies
        for place, quantity in enumerate(self._shape.quantities):
            energy = energies[quantity]
            if energy:
                if energy < 0 and quantity < len(ENERGY_KINDS):
                    raise ValueError(f"demand: energy {energy} nWh of {ENERGY_KINDS[quantity]} is negative")
                running[place] += energy

    def boundary(self, utc_s: int, rate: int, clock: ClockStatus) -> Interval | None:
        """The clock shows `utc_s`, `rate` is in force from now on, and all energy before has been added: what ends."""
        interval = None
        fresh = utc_s <= self._start_s and not any(self._energies)
        ends = rate != self._rate and self._config.on_rate_change is OnRateChange.END
        if utc_s >= self._end_s:
            interval = self._ended(self._end_s, clock, EndCause.PERIOD)
            self._begin(self._end_s, rate)
        elif ends and self._counted and not fresh:
            interval = self._ended(utc_s, clock, EndCause.RATE_CHANGE)
            self._begin(utc_s, rate)
        if ends:
            self._past = self._past.cleared()
        if ends or fresh:
            self._rate = rate
        if self._waiting and utc_s >= self._until_s:
            self._count(rate)
        return interval

    def within(self, utc_s: int) -> int:
        """The second of the running interval nearest to `utc_s`: a clock that was slewed back may stand before the
        interval's begin for some seconds."""
        return max(self._start_s, min(utc_s, self._end_s))

    def clock_set(self, before_s: int, after_s: int, rate: int, clock: ClockStatus) -> Interval:
        """The clock was set from `before_s` to `after_s` by more than may be slewed: end the interval by the old clock,
        flagged short, and begin one by the new clock. The rest of a forgiveness goes on by the new clock. ValueError
        if `before_s` is outside the interval."""
        rest_s = min(self._until_s - before_s, self._config.forgiveness_s) if self._waiting else 0
        interval = self._ended(before_s, clock, EndCause.TIME_CHANGE)
        self._break(after_s, rate)
        until_s = after_s + rest_s
        if rest_s > 0 and self._config.after_outage is AfterOutage.SYNCHRONISE:
            until_s = _whole_from(self._period, until_s)
        self._wait(after_s, until_s)
        return interval

    def end_period(self, utc_s: int, rate: int, clock: ClockStatus, cause: EndCause) -> Interval:
        """End the running interval at `utc_s` and begin another there, of which the one before is no part: a
        synchronisation from outside, another configuration. ValueError outside the interval."""
        interval = self._ended(utc_s, clock, cause)
        until_s = self._until_s if self._waiting else 0
        self._break(utc_s, rate)
        self._wait(utc_s, until_s)
        return interval

    def under(self, config: DemandConfig, zone: Zone, utc_s: int, rate: int) -> Self:
        """Another configuration, whose first interval begins at `utc_s`. What forgiveness is left goes on."""
        running = type(self)(config, zone, utc_s, rate)
        if self._waiting:
            running._wait(utc_s, min(self._until_s, utc_s + config.forgiveness_s))
        return running

    def _break(self, utc_s: int, rate: int) -> None:
        ends = rate != self._rate and self._config.on_rate_change is OnRateChange.END
        self._past = self._past.cleared() if ends else self._past.broken()
        self._until_s = 0
        self._begin(utc_s, rate)

    def _begin(self, utc_s: int, rate: int) -> None:
        self._start_s = utc_s
        self._end_s = self._period.next_end(utc_s)
        self._rate = rate
        self._energies = [0] * len(self._shape.quantities)
        self._short = not self._period.begins(utc_s)
        self._counted, self._waiting = True, False
        self._wait(utc_s, self._until_s)

    def _wait(self, utc_s: int, until_s: int) -> None:
        """Nothing has been added yet in the interval that began at `utc_s`: it counts from `until_s` on."""
        self._until_s = until_s if utc_s < until_s else 0
        if self._until_s:
            self._counted, self._waiting, self._short = False, True, True

    def _go_on(self, utc_s: int, rate: int, until_s: int) -> None:
        """Back within the interval that an outage broke."""
        self._short, self._until_s = True, until_s
        self._waiting = utc_s < until_s
        if not self._waiting:
            self._count(rate)

    def _count(self, rate: int) -> None:
        """Demand counts from now on; in an interval where it has not yet, in the rate of now."""
        self._waiting, self._until_s = False, 0
        if not self._counted:
            self._counted, self._rate = True, rate

    def _ended(self, utc_s: int, clock: ClockStatus, cause: EndCause) -> Interval:
        if not self._start_s <= utc_s <= self._end_s:
            raise ValueError(f"demand: {utc_s} s is not within the interval {self._start_s} to {self._end_s} s")
        whole = utc_s == self._end_s and not self._short
        energies, past = tuple(self._energies), self._past
        interval = Interval(
            start_s=self._start_s,
            stamp=Stamp(utc_s, self._zone.offset(max(self._start_s, utc_s - 1)), clock),
            length_s=self._period.length_s,
            rate=past.rate(self._rate),
            quantities=self._shape.quantities,
            energies=energies,
            demands_mw=past.demands_mw(energies),
            cause=cause,
            short=not (whole and past.whole),
            idle=not self._counted,
        )
        if not interval.empty:
            self._last = last_of(interval)
            self._past = past.taken(energies, self._rate, whole) if self._counted else past.lost(1)
        return interval


def _whole_from(period: IntegrationPeriod, utc_s: int) -> int:
    """The first begin of a period at or after `utc_s`."""
    return utc_s if period.begins(utc_s) else period.next_end(utc_s)


def _waits_until(
    config: DemandConfig,
    period: IntegrationPeriod,
    state: IntegrationState,
    utc_s: int,
    after: AfterOutage,
    outage_s: int | None,
) -> int:
    """From when on demand counts after an outage; no later than `utc_s` if it does at once.

    An outage of unknown length was long: an RTC keeps the time over a short one.
    """
    until_s = utc_s
    if outage_s is None or outage_s > config.forgiveness_outage_s:
        until_s += config.forgiveness_s
    if state.waiting and utc_s >= state.at_s:
        until_s = max(until_s, state.until_s)
    return _whole_from(period, until_s) if after is AfterOutage.SYNCHRONISE else until_s
