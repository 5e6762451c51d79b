"""Faults of the processor: its oscillator, what it runs, and what keeps it from running."""

from collections.abc import Sequence
from typing import Final

from firmware.events.codes import Event
from hal.inputs import Input
from hal.probe import EventLogged
from hal.units import HOUR, MINUTE, MS, S
from sim.bench import Bench
from sim.faults.fault import Fault, Lasting
from sim.faults.owed import Owed
from sim.faults.tamper import SEEN_NS, SWITCHED, awake
from sim.oracles.input_limit import ENTRIES_MOST, SUM_WITHIN_NS, number_of
from sim.oracles.premise import Premise
from sim.scenario import processor_faults as tables
from sim.world import Phase

_SETTLING_NS: Final = 10 * S
"""Jobs that were held up end late, and hold up others."""

_ALL_SEEN_NS: Final = 500 * MS
"""Each state of an input that lasts for so long is seen: the deadline of the task that looks."""

_ACCURATE_PPB: Final = 100_000
"""The energy oracle allows for oscillators up to 100 ppm off."""


class CpuDrift(Lasting):
    """The processor ran, at another frequency than its own.

    A meter may take the difference between its clocks for a fault of its RTC; which of them is wrong it can't tell.
    """

    given: tables.CpuDrift
    suspends = ("energy", "events")

    def watch(self, bench: Bench) -> None:
        self.on_settled(bench, lambda: self.look(bench))

    def begin(self, bench: Bench) -> None:
        bench.board.quartz.retune(bench.world.now, self.given.offset_ppb)
        self.look(bench)

    def look(self, bench: Bench) -> None:
        apart = self.given.offset_ppb != bench.setting.parts.cpu_offset_ppb
        if self.begun and not self.over and apart and bench.board.cpu.powered:
            self.effect = "the processor ran at another frequency"

    def end(self, bench: Bench) -> None:
        bench.board.quartz.retune(bench.world.now, bench.setting.parts.cpu_offset_ppb)

    def premises(self) -> Sequence[Premise]:
        if abs(self.given.offset_ppb) <= _ACCURATE_PPB:
            return ()
        return [*self.gone("energy", 5 * S), *self.gone("events", 0)]


class TaskOverrun(Lasting):
    """A stretch took longer than its declared worst.

    The meter counts what it does, not how long that takes, and can't tell. A save at power fail may come too late.
    """

    given: tables.TaskOverrun
    suspends = ("timing", "hold-up")

    def begin(self, bench: Bench) -> None:
        self._before = bench.board.cpu.stretched
        bench.board.cpu.stretch(self.given.stretch_permille)

    def look(self, bench: Bench) -> None:
        stretched = bench.board.cpu.stretched - self._before
        if stretched:
            self.effect = f"{stretched} stretches took longer than their worst"

    def end(self, bench: Bench) -> None:
        bench.board.cpu.stretch(1_000)

    def premises(self) -> Sequence[Premise]:
        return [*self.gone("timing", _SETTLING_NS), *self.gone("hold-up", _SETTLING_NS)]


class TaskHang(Fault):
    """Something ran and never ended; whether the watchdog bit, the effect says.

    Nothing is saved until the reset, not at power fail either, so that the last save is older then than it may be
    otherwise.
    """

    given: tables.TaskHang
    owes = (Event.WATCHDOG_RESET,)
    suspends = ("timing", "durability", "hold-up")

    def __init__(self, given: tables.TaskHang) -> None:
        super().__init__(given)
        self._before = 0
        self._bitten_ns: int | None = None
        self._over_ns: int | None = None

    def watch(self, bench: Bench) -> None:
        def heard(at_ns: int, who: str, text: str) -> None:
            if not self.begun or self._over_ns is not None:
                return
            if who == "watchdog" and bench.board.cpu.hung > self._before:
                self._bitten_ns = at_ns
                self.effect = "a task never yielded, and the watchdog bit"
            elif who == "power" and text == "down":
                self.look(bench)
                self._over_ns = at_ns

        bench.on_note(heard)

    def begin(self, bench: Bench) -> None:
        self._before = bench.board.cpu.hung
        bench.board.cpu.hang()

    def look(self, bench: Bench) -> None:
        if not self.effect and bench.board.cpu.hung > self._before:
            self.effect = "a task never yielded, and the power went before the watchdog bit"

    def events(self) -> Sequence[Owed]:
        if self._bitten_ns is None:
            return ()
        return [Owed(Event.WATCHDOG_RESET, self._bitten_ns, MINUTE, unbroken_ns=5 * S)]

    def premises(self) -> Sequence[Premise]:
        if not self.begun:
            return ()
        until_ns = None if self._over_ns is None else self._over_ns + _SETTLING_NS
        return [
            Premise("timing", self.at_ns, until_ns),
            Premise("hold-up", self.at_ns, until_ns),
            Premise("durability", self.at_ns, until_ns, claim="age"),
        ]


class InputChatter(Lasting):
    """Changes came faster than the inputs' line tells them, or left as many entries as an input may in an hour.

    To a meter that was awake it owes the event of each input, once at least, and the sum of those beyond the limit if
    each change is there for long enough to be seen.
    """

    given: tables.InputChatter
    owes = (Event.TERMINAL_COVER_OPENED, Event.MAIN_COVER_OPENED, Event.MAGNET_DETECTED, Event.INPUT_CHATTER)

    def __init__(self, given: tables.InputChatter) -> None:
        super().__init__(given)
        self._before = 0
        self._waited = 0
        self._changes = 0
        self._entries = 0
        self._watched = 0
        """Changes under the eyes of a meter that has been awake for a while."""
        self._awake_ns: int | None = None
        self._seen_ns: int | None = None

    def watch(self, bench: Bench) -> None:
        names = {event.text for which in self.given.inputs for event in SWITCHED[Input(which)]}

        def logged(_at: int, entry: EventLogged) -> None:
            if self.begun and not self.over and entry.event in names:
                self._entries += 1

        bench.probe.subscribe(EventLogged, logged)

    def begin(self, bench: Bench) -> None:
        self._before = bench.board.inputs.waited
        self._toggle(bench)

    def _toggle(self, bench: Bench) -> None:
        if self.over:
            return
        self._changes += 1
        self._look_at_meter(bench)
        for which in self.given.inputs:
            bench.board.inputs.put(Input(which), self._changes % 2 == 1)
        bench.world.at(bench.world.now + self.given.period_ns, Phase.WORLD, lambda: self._toggle(bench))

    def _look_at_meter(self, bench: Bench) -> None:
        now = bench.world.now
        if not awake(bench):
            self._awake_ns, self._watched = None, 0
        elif self._awake_ns is None:
            self._awake_ns = now
        elif now - self._awake_ns >= SEEN_NS:
            self._watched += 1
            self._seen_ns = self._awake_ns if self._seen_ns is None else self._seen_ns

    def look(self, bench: Bench) -> None:
        if not self.over:
            self._waited = bench.board.inputs.waited - self._before
        if self._waited or self._entries >= ENTRIES_MOST:
            waited = f"{self._waited} of them waited for the line"
            self.effect = f"{self._changes} changes, {waited}; {self._entries} entries were left"

    def end(self, bench: Bench) -> None:
        for which in self.given.inputs:
            bench.board.inputs.put(Input(which), False)

    def events(self) -> Sequence[Owed]:
        if not self.effect or self._seen_ns is None:
            return ()
        seen_ns, inputs = self._seen_ns, [Input(which) for which in self.given.inputs]
        first = [Owed(SWITCHED[which][0], seen_ns, MINUTE, unbroken_ns=5 * S) for which in inputs]
        return [*first, *(self._sum(which, seen_ns) for which in inputs if self._surely_too_many)]

    @property
    def _surely_too_many(self) -> bool:
        """Whether so many changes were there for long enough, all within an hour and in one life."""
        period_ns = self.given.period_ns
        return self._watched > ENTRIES_MOST + 1 and _ALL_SEEN_NS <= period_ns < HOUR // (ENTRIES_MOST + 2)

    def _sum(self, which: Input, seen_ns: int) -> Owed:
        within_ns = (ENTRIES_MOST + 2) * self.given.period_ns + SUM_WITHIN_NS
        return Owed(Event.INPUT_CHATTER, seen_ns, within_ns, number_of(SWITCHED[which][0]), unbroken_ns=within_ns)
