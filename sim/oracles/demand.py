"""The maximum demand in a billing set is that of the highest interval of its period.

No set's maximum lies below an interval that was closed in its period. Nor does it lie above all of them, unless the
meter was down in between: a cut may leave an interval closed that nobody was told of.
"""

from dataclasses import dataclass

from hal.probe import BillingClosed, Booted, IntervalClosed, RegistersSaved
from sim.bench import Bench
from sim.oracles.oracle import Oracle


@dataclass(slots=True)
class _Period:
    """A billing period as far as it has been told."""

    highest_mw: int = 0
    whole: bool = True
    """The meter was up from its begin to its end."""
    closed: BillingClosed | None = None
    counted: bool = False
    """A save has been whole that counts the set; what ended with the period is told right behind it."""


class Demand(Oracle):
    name = "demand"

    def __init__(self) -> None:
        super().__init__()
        self._periods = [_Period(whole=False)]
        """Those closed and not judged yet, and the running one. An interval is told with the save that has seen it end:
        that may be behind the set of its period, and behind the next set too."""
        self._told = 0
        """The number of the newest set that is known of."""
        self._sets = 0

    def watch(self, bench: Bench) -> None:
        bench.probe.subscribe(IntervalClosed, self._interval)
        bench.probe.subscribe(BillingClosed, self._billed)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._boot)

    def _boot(self, at_ns: int, booted: Booted) -> None:
        for period in self._periods:
            period.whole = False
        self._judge(at_ns, len(self._periods) - 1)

    def _interval(self, at_ns: int, interval: IntervalClosed) -> None:
        period = next(
            (found for found in self._periods if found.closed is not None and interval.utc_s <= found.closed.utc_s),
            self._periods[-1],
        )
        period.highest_mw = max(period.highest_mw, interval.demand_mw)

    def _billed(self, at_ns: int, closed: BillingClosed) -> None:
        self._told = closed.number
        self._periods[-1].closed = closed
        self._periods.append(_Period())

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
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
            maximum = period.closed.maxima[0]
            told = f"billing set {period.closed.number} has a maximum of {maximum} mW"
            if maximum < period.highest_mw:
                self.breaks(at_ns, f"{told}, an interval had {period.highest_mw} mW")
            if period.whole and maximum > period.highest_mw:
                self.breaks(at_ns, f"{told}, no interval had more than {period.highest_mw} mW")

    @property
    def message(self) -> str:
        return f"{self._sets} billing sets with the maximum demand of their period"
