"""Each scheduled end of billing comes exactly once, by the meter's own time.

- An end of billing that is made for a scheduled instant (a date, the begin of a season) is made for one that stands in
  the calendar, names what it was made for, and never twice for the same; not before it, and at once if the meter's
  clock ran then.
- In each save of a tariff that is not frozen, the last scheduled instant that the meter's clock has passed has had its
  end of billing; of several that it passed at once (an outage, a clock that was set) only the last one needs to.

Instants that pass while the tariff is frozen are not made up for. Nor is any that a clock passes over that is set for
the first time: the meter can't say that it lived through it, and makes no end of billing for it.
"""

from firmware.config import Settings
from firmware.tariff.billing import BillingSource
from hal.probe import BillingClosed, Booted, ClockChanged, ClockSighted, RegistersSaved
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.clerk import latest_billing_date, latest_season
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle
from sim.oracles.reread import reread

_NO_TIME = "invalid"
"""The status of a clock that has never been set."""

_LATE_S = 2
"""A save may be laid out between the scheduled second and its being seen to: energy before it comes 0.4 s late."""


class Billing(Oracle):
    name = "billing"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._programme = 0
        self._made: dict[int, int] = {}
        """Number of the end of billing by the scheduled instant that it was made for."""
        self._excused_s: int | None = None
        """Scheduled instants up to here owe nothing: the meter had not begun, or was frozen."""
        self._running_since_s: int | None = None
        """The meter's time of the first save since a boot, or since its clock was moved."""
        self._knows = True
        """The meter's clock has some time, right or wrong."""
        self._strange: tuple[int, int] = (0, 0)
        """What a clock that had no time passed over when it was set."""

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        self._take(bench.setting.config)
        follow(bench, self._agreed, self._programmed)
        bench.probe.subscribe(BillingClosed, self._closed)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._booted)
        bench.probe.subscribe(ClockSighted, self._sighted)
        bench.probe.subscribe(ClockChanged, self._clock_changed)

    def _take(self, settings: Settings) -> None:
        self._zone = settings.clock.zone
        self._dates = settings.billing.dates
        self._by_date = BillingSource.DATE in settings.billing.sources
        self._by_season = BillingSource.SEASON in settings.billing.sources

    def _programmed(self, before: Settings, after: Settings) -> None:
        """Instants that other settings name owe nothing before."""
        if (before.clock.zone, before.billing) != (after.clock.zone, after.billing):
            self._take(after)
            self._excused_s = None

    def _latest(self, utc_s: int) -> int:
        """The last scheduled instant up to one, UTC in s: a date, or the begin of a season; 0 for none."""
        date_s = latest_billing_date(self._dates, self._zone, utc_s) if self._by_date else 0
        return max(date_s, self._season(utc_s))

    def _season(self, utc_s: int) -> int:
        """When the season began that holds at an instant, if that ends billing; else 0."""
        terms = self._agreed.at(self._programme, utc_s) if self._by_season else None
        return 0 if terms is None else latest_season(terms.calendar, self._zone, utc_s)

    def _owed(self, scheduled_s: int) -> dict[BillingSource, bool]:
        """Which scheduled causes an instant has."""
        date_s = latest_billing_date(self._dates, self._zone, scheduled_s)
        return {
            BillingSource.DATE: self._by_date and date_s == scheduled_s,
            BillingSource.SEASON: self._season(scheduled_s) == scheduled_s,
        }

    def _booted(self, at_ns: int, booted: Booted) -> None:
        self._running_since_s = None
        # A cut in the last moment of its last page may leave a set whole that nobody was told of.
        for scheduled_s, number in reread(self._bench.board.flash).scheduled.items():
            self._made.setdefault(scheduled_s, number)

    def _sighted(self, at_ns: int, sighted: ClockSighted) -> None:
        self._knows = sighted.clock != _NO_TIME

    def _clock_changed(self, at_ns: int, changed: ClockChanged) -> None:
        self._running_since_s = None
        if changed.reason == "set" and not self._knows:
            self._strange = changed.before_s, changed.after_s
            self._excused_s = changed.after_s
        elif changed.after_s < self._strange[1]:
            self._strange = self._strange[0], changed.after_s
        if self._excused_s is not None and changed.after_s < self._excused_s:
            # Set back behind where the meter began: it begins there.
            self._excused_s = changed.after_s

    def _closed(self, at_ns: int, closed: BillingClosed) -> None:
        scheduled_s = closed.scheduled_s
        if not scheduled_s:
            return
        if self._latest(scheduled_s) != scheduled_s:
            self.breaks(at_ns, f"end of billing {closed.number} is for {scheduled_s} s, which is no scheduled instant")
        if self._strange[0] < scheduled_s <= self._strange[1] and scheduled_s not in self._made:
            self.breaks(at_ns, f"end of billing {closed.number} is for {scheduled_s} s, before the meter had a time")
        for cause, owed in self._owed(scheduled_s).items():
            alone = closed.utc_s == scheduled_s
            named = cause.value in closed.causes
            if (owed and not named) or (alone and named and not owed):
                self.breaks(at_ns, f"end of billing {closed.number} was caused by {', '.join(closed.causes)}")
        if closed.utc_s < scheduled_s:
            self.breaks(at_ns, f"end of billing {closed.number} comes {scheduled_s - closed.utc_s} s before its time")
        since_s = self._running_since_s
        if since_s is not None and since_s < scheduled_s < closed.utc_s - _LATE_S:
            self.breaks(at_ns, f"end of billing {closed.number} comes {closed.utc_s - scheduled_s} s late")
        before = self._made.setdefault(scheduled_s, closed.number)
        if before != closed.number:
            self.breaks(at_ns, f"ends of billing {before} and {closed.number} are both for {scheduled_s} s")

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        self._programme = saved.programme
        if self._running_since_s is None:
            self._running_since_s = saved.utc_s
        if self._excused_s is None or saved.frozen:
            self._excused_s = saved.utc_s
            return
        due_s = self._latest(saved.utc_s - _LATE_S)
        if due_s > self._excused_s and due_s not in self._made:
            self.breaks(at_ns, f"the meter's clock has passed {due_s} s, and no end of billing was made for it")

    @property
    def message(self) -> str:
        return f"{len(self._made)} scheduled ends of billing, each once"
