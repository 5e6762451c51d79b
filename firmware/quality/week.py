"""The week of EN 50160: counters of the values that kept each limit, and the verdict over them.

A week begins on Monday, 00:00 UTC. What was not measured (an outage, a clock that was set) is missing, what was flagged
is left out; both are counted, and neither is judged. The counters are all that a week holds: a save of them lets it go
on after an outage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firmware.quality.config import WeekLimits
from firmware.quality.interval import LENGTH_S, TenMinutes
from hal.frontend import Wiring

WEEK_S: Final = 7 * 86_400
INTERVALS: Final = WEEK_S // LENGTH_S
FREQUENCY_S: Final = 10
FREQUENCIES: Final = WEEK_S // FREQUENCY_S
_MONDAY_S: Final = 4 * 86_400
"""1970-01-05, the first Monday."""
_THOUSAND: Final = 1_000

COUNTERS: Final = 3 * 5 + 2 + 3 + 2
"""Of each element: voltages, those within each of two limits, THD values, those within; of unbalance: values, those
within; of the frequency: values, those within each of two limits; flagged intervals, flagged frequencies."""


def week_of(utc_s: int) -> int:
    """Mondays since the first of 1970."""
    return (utc_s - _MONDAY_S) // WEEK_S


@dataclass(frozen=True, slots=True)
class WeekState:
    """All that a week holds; its size is the same for every configuration."""

    week: int
    counters: tuple[int, ...] = (0,) * COUNTERS

    def __post_init__(self) -> None:
        if len(self.counters) != COUNTERS:
            raise ValueError(f"a week has {COUNTERS} counters, not {len(self.counters)}")


@dataclass(frozen=True, slots=True)
class Criterion:
    """How many values were judged, how many kept the limit, and how many in a thousand must."""

    judged: int
    kept: int
    share_permille: int

    @property
    def held(self) -> bool | None:
        """None if nothing was judged."""
        return self.kept * _THOUSAND >= self.judged * self.share_permille if self.judged else None


@dataclass(frozen=True, slots=True)
class WeekVerdict:
    """A week, begun at a UTC second. One entry for each element in use, where there are several."""

    begin_utc_s: int
    voltage: tuple[Criterion, ...]
    """Within 10 % for most of the time."""
    voltage_always: tuple[Criterion, ...]
    thd: tuple[Criterion, ...]
    unbalance: Criterion
    frequency: Criterion
    frequency_always: Criterion
    flagged: int
    """10-minute intervals with a dip, a swell or an interruption."""
    missing: int
    """10-minute intervals that were not measured, or not all of them."""

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        one = (self.unbalance, self.frequency, self.frequency_always)
        return (*self.voltage, *self.voltage_always, *self.thd, *one)

    @property
    def held(self) -> bool | None:
        """Whether all that could be judged was kept; None if nothing could."""
        verdicts = [criterion.held for criterion in self.criteria if criterion.held is not None]
        return all(verdicts) if verdicts else None


class Week:
    """Counts one week after the other."""

    def __init__(
        self, limits: WeekLimits, wiring: Wiring, nominal_uv: int, nominal_uhz: int, state: WeekState | None = None
    ) -> None:
        """Goes on from a state, if there is one."""
        self._limits = limits
        self._elements = wiring.elements
        self._nominal_uv = nominal_uv
        self._nominal_uhz = nominal_uhz
        self._week: int | None = None if state is None else state.week
        self._counters = [0] * COUNTERS if state is None else list(state.counters)
        self.last: WeekVerdict | None = None
        """Of the last week that has ended."""

    @property
    def state(self) -> WeekState | None:
        """None before the first value."""
        return None if self._week is None else WeekState(self._week, tuple(self._counters))

    @property
    def verdict(self) -> WeekVerdict | None:
        """Of the week so far."""
        return None if self._week is None else self._judged(self._week)

    def interval(self, values: TenMinutes) -> None:
        """Count the values of an interval. One that is not whole counts for nothing."""
        self._turn(values.end_utc_s - 1)
        if not values.whole:
            return
        if values.flagged:
            self._counters[_FLAGGED] += 1
            return
        limits = self._limits
        for element in self._elements:
            astray = values.voltages_uv[element] - self._nominal_uv
            within = abs(astray) * _THOUSAND <= limits.voltage_permille * self._nominal_uv
            always = self._between(
                astray, self._nominal_uv, limits.voltage_below_permille, limits.voltage_above_permille
            )
            self._count(_VOLTAGE + 3 * element, (within, always))
            thd_ppm = values.thd_ppm[element]
            if thd_ppm is not None:
                self._count(_THD + 2 * element, (thd_ppm <= limits.thd_ppm,))
        if values.unbalance_ppm is not None:
            self._count(_UNBALANCE, (values.unbalance_ppm <= limits.unbalance_ppm,))

    def frequency(self, end_utc_s: int, frequency_uhz: int, flagged: bool) -> None:
        """Count a 10-second value."""
        self._turn(end_utc_s - 1)
        if flagged:
            self._counters[_FLAGGED + 1] += 1
            return
        limits, nominal = self._limits, self._nominal_uhz
        astray = frequency_uhz - nominal
        within = abs(astray) * _THOUSAND <= limits.frequency_permille * nominal
        always = self._between(astray, nominal, limits.frequency_below_permille, limits.frequency_above_permille)
        self._count(_FREQUENCY, (within, always))

    def _between(self, astray: int, nominal: int, below_permille: int, above_permille: int) -> bool:
        return -below_permille * nominal <= astray * _THOUSAND <= above_permille * nominal

    def _count(self, first: int, kept: Sequence[bool]) -> None:
        self._counters[first] += 1
        for place, one in enumerate(kept, first + 1):
            self._counters[place] += one

    def _turn(self, utc_s: int) -> None:
        """Another week begins: the last one is judged."""
        week = week_of(utc_s)
        if week != self._week:
            if self._week is not None:
                self.last = self._judged(self._week)
            self._week = week
            self._counters = [0] * COUNTERS

    def _judged(self, week: int) -> WeekVerdict:
        limits, counters = self._limits, self._counters

        def criterion(first: int, kept: int, share_permille: int) -> Criterion:
            return Criterion(counters[first], counters[first + kept], share_permille)

        voltages = [_VOLTAGE + 3 * element for element in self._elements]
        return WeekVerdict(
            week * WEEK_S + _MONDAY_S,
            tuple(criterion(first, 1, limits.voltage_share_permille) for first in voltages),
            tuple(criterion(first, 2, _THOUSAND) for first in voltages),
            tuple(criterion(_THD + 2 * element, 1, limits.thd_share_permille) for element in self._elements),
            criterion(_UNBALANCE, 1, limits.unbalance_share_permille),
            criterion(_FREQUENCY, 1, limits.frequency_share_permille),
            criterion(_FREQUENCY, 2, _THOUSAND),
            counters[_FLAGGED],
            INTERVALS - counters[_FLAGGED] - counters[voltages[0]],
        )


_VOLTAGE: Final = 0
_THD: Final = 9
_UNBALANCE: Final = 15
_FREQUENCY: Final = 17
_FLAGGED: Final = 20
