"""Demand registers hold what the intervals of their billing period gave.

- An interval's demand is its energy over the nominal period: of a whole sliding demand, with that of the subintervals
  before it; a thermal demand goes its share of the way to the power of its minute.
- No set's maximum lies below an interval that was closed in its period, in its rate. If the meter was up from the
  period's begin to its end, the five highest are those of its intervals, with their times and what was coincident; a
  cut may leave an interval closed that nobody was told of.
- Cumulative demand grows by the maximum of each period.
"""

from dataclasses import dataclass, field

from firmware.config import Settings
from firmware.demand.config import DemandConfig, Method
from hal.probe import BillingClosed, Booted, IntervalClosed, RegistersSaved
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle

_RANKS = 5
_NWH_S_A_MW_H = 10**6
_THERMAL_MW = 2
"""Rounding of a level, and of its image in whole mW."""


@dataclass(slots=True)
class _Period:
    """A billing period as far as it has been told."""

    intervals: list[IntervalClosed] = field(default_factory=list)
    whole: bool = True
    """The meter was up from its begin to its end."""
    closed: BillingClosed | None = None
    counted: bool = False
    """A save has been whole that counts the set; what ended with the period is told right behind it."""


class Demand(Oracle):
    name = "demand"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._earlier: DemandConfig | None = None
        """What held for intervals up to `_until_s`, by the meter's time; None if that is known to be over."""
        self._until_s: int | None = None
        self._periods = [_Period(whole=False)]
        """Those closed and not judged yet, and the running one. An interval is told with the save that has seen it end:
        that may be behind the set of its period, and behind the next set too."""
        self._told = 0
        """The number of the newest set that is known of."""
        self._sets = 0
        self._last: list[IntervalClosed] = []
        """The newest intervals in a row, each beginning where the one before ended."""
        self._before: BillingClosed | None = None

    def watch(self, bench: Bench) -> None:
        self._config = bench.setting.config.demand
        follow(bench, self._agreed, self._programmed)
        bench.probe.subscribe(IntervalClosed, self._interval)
        bench.probe.subscribe(BillingClosed, self._billed)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._boot)

    def _programmed(self, before: Settings, after: Settings) -> None:
        """Intervals of the settings before may be told behind this."""
        if after.demand != self._config:
            self._earlier, self._config, self._until_s = before.demand, after.demand, None

    def _boot(self, at_ns: int, booted: Booted) -> None:
        self._last = []
        for period in self._periods:
            period.whole = False
        self._judge(at_ns, len(self._periods) - 1)

    def _interval(self, at_ns: int, interval: IntervalClosed) -> None:
        if self._last and self._last[-1].utc_s != interval.start_s:
            self._last = []
        self._last = [*self._last, interval][-max(self._config.subintervals, 2) :]
        self._look_at(at_ns, interval)
        period = next(
            (found for found in self._periods if found.closed is not None and interval.utc_s <= found.closed.utc_s),
            self._periods[-1],
        )
        _keep(period.intervals, interval)

    def _look_at(self, at_ns: int, interval: IntervalClosed) -> None:
        """Whether the demands of an interval follow from energies."""
        config, energies = self._of(interval), interval.energies
        if config.method is Method.THERMAL:
            self._look_at_minute(at_ns, interval)
            return
        if config.method is Method.SLIDING:
            if interval.short or len(self._last) < config.subintervals:
                return
            energies = tuple(map(sum, zip(*(one.energies for one in self._last[-config.subintervals :]), strict=True)))
        demands = tuple(energy * 3_600 // (_NWH_S_A_MW_H * config.period_s) for energy in energies)
        if demands != interval.demands_mw:
            self.breaks(at_ns, f"an interval's demands are {interval.demands_mw} mW, by its energy {demands} mW")

    def _of(self, interval: IntervalClosed) -> DemandConfig:
        """What it was measured by."""
        if self._earlier is not None and (self._until_s is None or interval.utc_s <= self._until_s):
            return self._earlier
        self._earlier = None
        return self._config

    def _look_at_minute(self, at_ns: int, minute: IntervalClosed) -> None:
        """Whether a thermal demand has gone from that of the minute before toward the power of this one."""
        if len(self._last) < 2 or self._last[0].quantities != minute.quantities:
            return
        kept = 10.0 ** (-60 / self._of(minute).period_s)
        for before_mw, demand_mw, energy in zip(
            self._last[0].demands_mw, minute.demands_mw, minute.energies, strict=True
        ):
            expected_mw = kept * before_mw + (1 - kept) * energy * 60 / _NWH_S_A_MW_H
            if abs(demand_mw - expected_mw) > _THERMAL_MW:
                self.breaks(at_ns, f"a thermal demand is {demand_mw} mW, expected was {expected_mw:.1f} mW")

    def _billed(self, at_ns: int, closed: BillingClosed) -> None:
        self._told = closed.number
        self._periods[-1].closed = closed
        self._periods.append(_Period())
        before, self._before = self._before, closed
        if before is None or before.number != closed.number - 1 or before.kept != closed.kept:
            return
        grown = tuple(map(int.__add__, before.cumulative, before.maxima))
        if closed.cumulative != grown:
            self.breaks(at_ns, f"billing set {closed.number}: cumulative demands {closed.cumulative}, not {grown} mW")

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        if self._earlier is not None and self._until_s is None:
            self._until_s = saved.utc_s
        if saved.billing > self._told:
            # A cut in its last moment left a set whole that nobody was told of: what was told may be of its period.
            self._told = saved.billing
            self._periods[-1] = _Period(whole=False)
        if len(self._periods) == 1:
            return
        self._judge(at_ns, sum(period.counted for period in self._periods))
        for period in self._periods:
            period.counted = period.closed is not None and saved.billing >= period.closed.number

    def finish(self, bench: Bench) -> None:
        for period in self._periods:
            period.whole = False
        self._judge(bench.world.now, len(self._periods) - 1)

    def _judge(self, at_ns: int, count: int) -> None:
        """All intervals of the first `count` periods have been told."""
        judged, self._periods = self._periods[:count], self._periods[count:]
        for period in judged:
            assert period.closed is not None, "only the last period is still open"
            self._sets += 1
            for register in range(len(period.closed.kept)):
                self._judge_register(at_ns, period, period.closed, register)

    def _judge_register(self, at_ns: int, period: _Period, closed: BillingClosed, register: int) -> None:
        quantity, rate = closed.kept[register]
        expected = _highest(period.intervals, quantity, rate)
        what = f"billing set {closed.number}, maximum {register + 1} (energy {quantity}, rate {rate})"
        maximum = closed.maxima[register]
        highest = expected[0][0] if expected else 0
        if maximum < highest:
            self.breaks(at_ns, f"{what} is {maximum} mW, an interval had {highest} mW")
        if not period.whole:
            return
        found = closed.ranked[register]
        if found != tuple((demand_mw, interval.utc_s) for demand_mw, interval in expected):
            self.breaks(at_ns, f"{what} has {found}, its intervals have {[demand_mw for demand_mw, _ in expected]} mW")
        for (of, other), demands_mw in zip(closed.beside, closed.coincident, strict=True):
            beside = tuple(_demand(interval, other) for _, interval in expected)
            if of == register and demands_mw != beside:
                self.breaks(at_ns, f"{what}: {demands_mw} mW of energy {other} beside it, its intervals have {beside}")

    @property
    def message(self) -> str:
        return f"{self._sets} billing sets with the maximum demands of their period"


def _demand(interval: IntervalClosed, quantity: int) -> int:
    return interval.demands_mw[interval.quantities.index(quantity)]


def _highest(intervals: list[IntervalClosed], quantity: int, rate: int) -> list[tuple[int, IntervalClosed]]:
    """The five highest demands, of equal ones the earlier first."""
    counted = [one for one in intervals if rate in (0, one.rate) and quantity in one.quantities]
    ranked = sorted(counted, key=lambda one: -_demand(one, quantity))
    return [(_demand(one, quantity), one) for one in ranked[:_RANKS] if _demand(one, quantity) > 0]


def _keep(intervals: list[IntervalClosed], interval: IntervalClosed) -> None:
    """Add one, and let those go that are not among the five highest of anything."""
    intervals.append(interval)
    if len(intervals) < 2_000:
        return
    kept: set[int] = set()
    for quantity in {quantity for one in intervals for quantity in one.quantities}:
        for rate in {0, *(one.rate for one in intervals)}:
            kept |= {id(one) for _, one in _highest(intervals, quantity, rate)}
    intervals[:] = [one for one in intervals if id(one) in kept]
