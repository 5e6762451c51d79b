"""Tampering: what somebody does to the case. A meter that is awake sees it, or sees at power-up that it has been.

Awake is a meter on mains whose tasks go on. On its hold-up it has made its last save, and hears of nothing any more
that it could still keep.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from firmware.events.codes import Event
from firmware.tariff.billing import BillingSource
from hal.inputs import Input
from hal.probe import BillingClosed, EventLogged
from hal.units import MINUTE, MS, S
from sim.bench import Bench
from sim.devices.supply import Rail
from sim.faults.fault import Lasting
from sim.faults.owed import Owed
from sim.scenario import tamper_faults as tables
from sim.scenario.fault_base import FaultBase

SWITCHED: Final[Mapping[Input, tuple[Event, Event]]] = {
    Input.TERMINAL_COVER: (Event.TERMINAL_COVER_OPENED, Event.TERMINAL_COVER_CLOSED),
    Input.MAIN_COVER: (Event.MAIN_COVER_OPENED, Event.MAIN_COVER_CLOSED),
    Input.MAGNET: (Event.MAGNET_DETECTED, Event.MAGNET_GONE),
}
"""What an input leaves in the log when it becomes true, and when it becomes false."""

SEEN_NS: Final = 100 * MS
"""A meter that is awake for so long while the input is true has seen it. One that tells of it sooner has, too."""

_TOLD_NS: Final = 2 * S
"""It comes to flash so soon after the input is at rest again; an end of billing waits for its energy first."""


def awake(bench: Bench) -> bool:
    """Whether the meter is on mains, and its tasks go on."""
    return bench.board.supply.rail is Rail.FED and not bench.board.cpu.hangs


class _Switched(Lasting):
    """An input that was at rest is true for a while, under the eyes of a meter that is awake, or that tells of it."""

    which: Input

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self._put = False
        self._awake_ns: int | None = None
        """Since when the meter has been awake to see it, in its present life."""
        self._seen_ns: int | None = None
        """The first time that it was awake for long enough."""

    def watch(self, bench: Bench) -> None:
        self.on_settled(bench, lambda: self.look(bench))

        def logged(at_ns: int, entry: EventLogged) -> None:
            if entry.event == SWITCHED[self.which][0].text:
                self.told(at_ns)

        if self.which in SWITCHED:
            bench.probe.subscribe(EventLogged, logged)

    def told(self, at_ns: int) -> None:
        """The meter tells of it. What it tells much later is about another time."""
        if self._put and self._seen_ns is None and at_ns - (self.end_ns or at_ns) <= _TOLD_NS:
            self._seen_ns = self.at_ns if self._awake_ns is None else self._awake_ns
            self.effect = f"the input {self.which.value} became true, and the meter told so"

    def begin(self, bench: Bench) -> None:
        self._put = not bench.board.inputs.state(self.which)
        bench.board.inputs.put(self.which, True)
        self.look(bench)

    def look(self, bench: Bench) -> None:
        if not self._put or self.over:
            return
        now = bench.world.now
        if self._awake_ns is not None and self._seen_ns is None and now - self._awake_ns >= SEEN_NS:
            self._seen_ns = self._awake_ns
            self.effect = f"the input {self.which.value} became true, and the meter was awake"
        if not awake(bench):
            self._awake_ns = None
        elif self._awake_ns is None:
            self._awake_ns = now

    def end(self, bench: Bench) -> None:
        bench.board.inputs.put(self.which, False)

    def events(self) -> Sequence[Owed]:
        if self._seen_ns is None:
            return ()
        owed = [Owed(SWITCHED[self.which][0], self._seen_ns, MINUTE)]
        if self.over and self.end_ns is not None:
            owed.append(Owed(SWITCHED[self.which][1], self.end_ns, MINUTE))
        return owed


class TerminalCoverOpen(_Switched):
    """The switch was closed, and the meter awake to see it open."""

    given: tables.TerminalCoverOpen
    owes = SWITCHED[Input.TERMINAL_COVER]
    which = Input.TERMINAL_COVER


class MainCoverOpen(_Switched):
    """The switch was closed, and the meter awake to see it open."""

    given: tables.MainCoverOpen
    owes = SWITCHED[Input.MAIN_COVER]
    which = Input.MAIN_COVER


class MagnetHeld(_Switched):
    """There was no magnet, and the meter was awake to feel one."""

    given: tables.MagnetHeld
    owes = SWITCHED[Input.MAGNET]
    which = Input.MAGNET


class ResetPress(_Switched):
    """The button was not down, and the meter was awake when it was pressed.

    It owes an end of billing unless there was one less than the lock-out ago.
    """

    given: tables.ResetPress
    owes = (Event.END_OF_BILLING,)
    which = Input.RESET_BUTTON

    def __init__(self, given: tables.ResetPress) -> None:
        super().__init__(given)
        self._closed_ns: int | None = None
        self._owes = False

    def watch(self, bench: Bench) -> None:
        super().watch(bench)

        def closed(at_ns: int, billing: BillingClosed) -> None:
            if not self.begun:
                self._closed_ns = at_ns
            elif billing.source == BillingSource.BUTTON.value:
                self.told(at_ns)

        bench.probe.subscribe(BillingClosed, closed)

    def begin(self, bench: Bench) -> None:
        super().begin(bench)
        free_ns = (bench.setting.config.billing.longest_lock_s + 1) * S
        self._owes = self._closed_ns is None or self.at_ns - self._closed_ns > free_ns

    def events(self) -> Sequence[Owed]:
        if not self.effect or not self._owes:
            return ()
        return [Owed(Event.END_OF_BILLING, self.at_ns, MINUTE, unbroken_ns=S)]
