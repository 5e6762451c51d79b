"""Faults of the measuring front end. Nothing that was measured meanwhile can be held against what flowed."""

from collections.abc import Sequence
from typing import Final

from firmware.events.codes import Event
from hal.frontend import CHANNELS
from hal.units import MINUTE, S
from sim.bench import Bench
from sim.devices.disturbance import Disturbance
from sim.faults.fault import Lasting
from sim.faults.owed import Owed
from sim.oracles.premise import Premise
from sim.scenario import measuring_faults as tables
from sim.scenario.fault_base import FaultBase

SETTLING_NS: Final = 5 * S
"""What was sampled during the fault is still on its way, and a save of that time too."""

_LASTS_NS: Final = 30 * S
_LOGGED_NS: Final = MINUTE
_VOLTAGES: Final = 3

Channelled = (
    tables.FrontEndStuck
    | tables.FrontEndSaturated
    | tables.FrontEndOffset
    | tables.FrontEndMissing
)


class _Disturbed(Lasting):
    """A disturbance of the front end, from begin to end; it acts on a powered meter."""

    how: Disturbance
    silent = False
    """It acts on a channel without a signal too."""
    suspends = ("energy",)

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self._since: int | None = None
        self._seen_ns: int | None = None

    @property
    def channel(self) -> int:
        """As the front end counts them."""
        return 0

    @property
    def amount(self) -> int:
        return 0

    @property
    def doing(self) -> str:
        """The effect, in words."""
        return f"channel {CHANNELS[self.channel]} was {self.how.value}"

    def watch(self, bench: Bench) -> None:
        bench.mains.subscribe(lambda _before, _after: self._changed(bench))
        self.on_settled(bench, lambda: self._changed(bench))

    def begin(self, bench: Bench) -> None:
        bench.board.front_end.disturb(self.channel, self.how, self.amount)
        self._changed(bench)

    def look(self, bench: Bench) -> None:
        self._changed(bench)
        self._last(bench, False)

    def end(self, bench: Bench) -> None:
        bench.board.front_end.settle(self.channel, self.how)

    def sounding(self, bench: Bench) -> bool:
        """Whether there is anything to disturb: a signal on a channel that the meter uses."""
        segment = bench.mains.segment
        used = self.channel == len(CHANNELS) - 1 or self.channel % _VOLTAGES in bench.wiring.elements
        return used and (self.silent or (*segment.voltages, *segment.currents)[self.channel].rms > 0)

    def _changed(self, bench: Bench) -> None:
        if not self.begun or self.over:
            return
        acts = bench.board.cpu.powered and self.sounding(bench)
        if acts:
            self.effect = self.doing
        self._last(bench, acts and self.shows(bench))

    def shows(self, bench: Bench) -> bool:
        """Whether nothing lies over it that hides it from the meter."""
        return not bench.board.front_end.disturbed.frozen

    def _last(self, bench: Bench, acts: bool) -> None:
        """It acts from now on, or not; that which acted until now may have lasted."""
        now = bench.world.now
        if self._since is not None and now - self._since >= _LASTS_NS and self._seen_ns is None:
            self._seen_ns = self._since
        if not acts:
            self._since = None
        elif self._since is None:
            self._since = now

    def premises(self) -> Sequence[Premise]:
        return self.gone("energy", SETTLING_NS)


class _Channel(_Disturbed):
    given: Channelled

    @property
    def channel(self) -> int:
        return CHANNELS.index(self.given.channel)


class _Flagged(_Channel):
    """A converter at one value is told by its stuck-signal detector."""

    def events(self) -> Sequence[Owed]:
        if self._seen_ns is None:
            return ()
        return [Owed(Event.FRONT_END_FAILED, self._seen_ns, _LOGGED_NS, self.channel + 1)]


class FrontEndStuck(_Flagged):
    """There was a signal, and the meter was up to measure it."""

    given: tables.FrontEndStuck
    owes = (Event.FRONT_END_FAILED,)
    how = Disturbance.STUCK


class FrontEndSaturated(_Flagged):
    """The meter was up to measure it."""

    given: tables.FrontEndSaturated
    owes = (Event.FRONT_END_FAILED,)
    how = Disturbance.SATURATED
    silent = True


class FrontEndOffset(_Channel):
    """The meter was up to measure it.

    An offset looks like a signal, and a window of whole cycles takes it out of the power: no meter tells.
    """

    given: tables.FrontEndOffset
    how = Disturbance.OFFSET
    silent = True

    @property
    def amount(self) -> int:
        return self.given.amount_ppm

    @property
    def doing(self) -> str:
        return f"channel {CHANNELS[self.channel]} had an offset"


class FrontEndMissing(_Channel):
    """There was a signal, and the meter was up to measure it.

    A missing voltage looks like a lost phase, and is told as one; a missing current looks like no load, and isn't told.
    """

    given: tables.FrontEndMissing
    how = Disturbance.MISSING

    @property
    def doing(self) -> str:
        return f"the signal of channel {CHANNELS[self.channel]} was missing"


class FrontEndFrozen(_Disturbed):
    """There was a voltage, and the meter was up to measure it."""

    given: tables.FrontEndFrozen
    owes = (Event.FRONT_END_FAILED,)
    how = Disturbance.FROZEN

    @property
    def doing(self) -> str:
        return "the front end gave nothing new"

    def sounding(self, bench: Bench) -> bool:
        return any(wave.rms for wave in bench.mains.segment.voltages)

    def shows(self, bench: Bench) -> bool:
        return True

    def events(self) -> Sequence[Owed]:
        return [] if self._seen_ns is None else [Owed(Event.FRONT_END_FAILED, self._seen_ns, _LOGGED_NS, 0)]
