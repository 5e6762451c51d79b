"""Energy counts in the rate that the calendar names for the meter's own time, and so does demand in its own.

- Each save of a tariff that is not frozen bears the rates that a clerk reads in the calendar at the time of the save;
  one that inputs switch, the rate that they selected within the last seconds.
- Between two saves of one life, with the clock running on, only rates grow that the calendar names in between.
- A frozen tariff keeps its rate.

The calendar is the one that was agreed under the number that the save bears, or its passive tariff's from its time on.
That the meter's own time is right is another's business.
"""

from firmware.config import Settings
from firmware.tariff.calendar import Calendar
from firmware.tariff.config import RateSource
from hal.probe import Booted, ClockChanged, RegistersSaved
from hal.units import S
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.clerk import Clerk, wall_time
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle
from sim.oracles.ratio import expressed, factor

_LATE_S = 2
"""A save may be laid out between the second of a switch and its being seen to: energy before it comes 0.4 s late."""


class Rates(Oracle):
    name = "rates"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._clerks: list[tuple[Calendar, Clerk]] = []
        self._before: RegistersSaved | None = None
        self._frozen_rate: int | None = None
        self._saves = 0
        self._rate_selected = 1
        """What the inputs select now; before, each until an instant."""
        self._lately: list[tuple[int, int]] = []

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        config = bench.setting.config
        self._inputs = config.tariff.inputs(config.calendar.rates)
        self._by_inputs = config.tariff.source is RateSource.INPUTS
        if self._by_inputs:
            bench.probe.subscribe(RegistersSaved, self._selected)
            bench.board.inputs.on_change(self._moved)
            return
        self._zone = config.clock.zone
        follow(bench, self._agreed, self._programmed)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, lambda _at, _booted: self._begin_anew())
        bench.probe.subscribe(ClockChanged, lambda _at, _changed: self._begin_anew())

    def _programmed(self, _before: Settings, after: Settings) -> None:
        if after.clock.zone != self._zone:
            self._zone = after.clock.zone
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Time or registers have jumped: growth is counted from the next save on."""
        self._before = None

    def _moved(self, at_ns: int) -> None:
        """An input changes: what was selected before holds for some time."""
        self._lately = [(at, rate) for at, rate in self._lately if at_ns - at < _LATE_S * S]
        self._lately.append((at_ns, self._rate_selected))
        states = [self._bench.board.inputs.state(which) for which in self._inputs]
        self._rate_selected = 1 + sum(2**place for place, state in enumerate(states) if state)

    def _selected(self, at_ns: int, saved: RegistersSaved) -> None:
        self._saves += 1
        lately = {rate for at, rate in self._lately if at_ns - at < _LATE_S * S}
        allowed = {self._rate_selected, *lately}
        if not saved.frozen and not {saved.rate, saved.demand_rate} <= allowed:
            self.breaks(at_ns, f"rate {saved.rate} counts, demand in {saved.demand_rate}; inputs select {allowed}")

    def _named(self, number: int, utc_s: int) -> int:
        """The rate at a time of the meter's clock under a programme's number; 0 if there is no such programme."""
        terms = self._agreed.at(number, utc_s)
        return 0 if terms is None else self._clerk(terms.calendar).rate(wall_time(self._zone, utc_s))

    def _named_of_demand(self, number: int, utc_s: int) -> int:
        terms = self._agreed.at(number, utc_s)
        return 0 if terms is None else self._clerk(terms.calendar).demand_rate(wall_time(self._zone, utc_s))

    def _clerk(self, calendar: Calendar) -> Clerk:
        for known, clerk in self._clerks:
            if known is calendar:
                return clerk
        self._clerks.append((calendar, Clerk(calendar)))
        return self._clerks[-1][1]

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        self._saves += 1
        if saved.frozen:
            if self._frozen_rate is None:
                self._frozen_rate = saved.rate
            if saved.rate != self._frozen_rate:
                self.breaks(at_ns, f"the tariff is frozen in rate {self._frozen_rate}, and rate {saved.rate} counts")
        else:
            self._frozen_rate = None
            late = self._named(saved.programme, saved.utc_s - _LATE_S)
            named = self._named(saved.programme, saved.utc_s)
            if saved.rate not in (named, late):
                wall = wall_time(self._zone, saved.utc_s)
                self.breaks(at_ns, f"rate {saved.rate} counts at {wall} local time, the calendar names rate {named}")
            of_demand = {
                self._named_of_demand(saved.programme, utc_s) for utc_s in (saved.utc_s - _LATE_S, saved.utc_s)
            }
            if saved.demand_rate not in of_demand:
                self.breaks(at_ns, f"demand counts in rate {saved.demand_rate}, the calendar names {of_demand}")
            self._look_at_growth(at_ns, saved, named)
        self._before = saved

    def _look_at_growth(self, at_ns: int, saved: RegistersSaved, named: int) -> None:
        before = self._before
        if before is None or before.frozen or len(before.rates) != len(saved.rates):
            return
        by = factor(before.ratio, saved.ratio)
        begun = before.rates if by == 1 else tuple(expressed(rate, by) for rate in before.rates)
        if before.rate == saved.rate == named and self._only_grew(begun, saved, named):
            return
        begin, end = before.utc_s - _LATE_S, saved.utc_s
        seconds = (*range(begin, end, 60), end)
        numbers = {before.programme, saved.programme}
        allowed = {self._named(number, utc_s) for number in numbers for utc_s in seconds} | {before.rate, saved.rate}
        for number, (old, new) in enumerate(zip(begun, saved.rates, strict=True), start=1):
            for place, after, earlier in zip(saved.registered, new, old, strict=True):
                if after != earlier and number not in allowed:
                    self.breaks(at_ns, f"energy {place} counts in rate {number}, the calendar names {sorted(allowed)}")

    @staticmethod
    def _only_grew(begun: tuple[tuple[int, ...], ...], saved: RegistersSaved, rate: int) -> bool:
        """Whether no other rate's registers changed."""
        pairs = zip(begun, saved.rates, strict=True)
        return all(number == rate or old == new for number, (old, new) in enumerate(pairs, start=1))

    @property
    def message(self) -> str:
        return f"the calendar's rate counted in {self._saves} saves"
