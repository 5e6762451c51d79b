"""The load profile of a meter: its running interval, and the journal of those that are closed."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.profile.interval import ProfileInterval, parse_interval
from firmware.profile.journal import RING, Journal
from firmware.profile.recorder import PowerDown, ProfileRules, Recorder, overtaken
from firmware.profile.state import ProfileState
from firmware.profile.status import MARKS, IntervalStatus
from firmware.storage.ring import Ring
from firmware.storage.store import Store
from hal.probe import Probe, ProfileRecorded

_TAIL_MOST: Final = 64
"""Records that a boot reads at most to find out what the journal holds that a save knows nothing of."""


class LoadProfile:
    """One profile. `totals` gives the registers as they stand, in nWh in the order of `hal.energy.ENERGY_KINDS`."""

    def __init__(
        self,
        rules: ProfileRules,
        store: Store,
        probe: Probe,
        now_ns: Callable[[], int],
        totals: Callable[[], Sequence[int]],
    ) -> None:
        """Not to be used before `begin` or `resume`."""
        self._rules = rules
        self._ring = store.rings[RING]
        self._totals = totals
        self._journal = Journal(store, now_ns, rules.zone, lambda interval: probe.publish(_told(interval)))
        self._recorder: Recorder
        self._begun = False
        self._early: list[tuple[Event, int]] = []
        """Events of the boot before that."""

    def begin(self, utc_s: int, clock: ClockStatus) -> None:
        """A meter without a save: a virgin one, or one that has lost them all. Numbers go on behind the journal's."""
        self._recorder = Recorder(self._rules, utc_s, self._totals(), clock)
        held = _tail(self._ring, 1, 1)
        if held:
            self._recorder.behind(held[0])
        self._go_on()

    def resume(self, state: ProfileState, down: PowerDown, utc_s: int, clock: ClockStatus) -> None:
        """Go on after an outage; `clock` is the trust in `utc_s`."""
        held = _tail(self._ring, state.number, _TAIL_MOST)
        ahead = [interval for interval in held if interval.number >= state.number]
        if ahead:
            state = overtaken(state, ahead)
        self._journal.take_over(state.pending, held[0].number if held else 0)
        places = self._journal.places
        self._recorder, closed = Recorder.resume(self._rules, state, down, utc_s, self._totals(), places)
        self._recorder.seen(clock)
        self._journal.add(closed)
        self._go_on()

    def next_end(self, utc_s: int) -> int:
        """The first second after `utc_s` at which an interval ends."""
        return self._recorder.next_end(utc_s)

    def boundary(self, utc_s: int, clock: ClockStatus) -> None:
        """The clock shows `utc_s`, and all energy before it is counted."""
        self._recorder.seen(clock)
        self._journal.add(self._recorder.boundary(utc_s, self._totals(), self._journal.room))

    def clock_set(self, before_s: int, after_s: int, clock: ClockStatus) -> None:
        """The clock was set by more than may be slewed; `clock` is the trust in it now."""
        self._journal.add(self._recorder.clock_set(before_s, after_s, clock, self._totals(), self._journal.room))

    def programmed(self, utc_s: int) -> None:
        """Parameters change at `utc_s`, and all energy before it is counted."""
        self._journal.add(self._recorder.programmed(utc_s, self._totals(), self._journal.room))

    def rescaled(self, before: Sequence[int], factor: Fraction) -> None:
        """The registers stood at `before`, and are expressed anew now. Intervals that are closed stay as they are."""
        self._recorder.rescaled(before, self._totals(), factor)

    def mark(self, status: IntervalStatus) -> None:
        """This was the matter in the running interval."""
        self._recorder.mark(status)

    def heard(self, event: Event, detail: int) -> None:
        """An event was logged: what it means for the running interval, and for those to come."""
        mark = MARKS.get(event)
        if mark is None:
            return
        if not self._begun:
            self._early.append((event, detail))
            return
        if mark.lasting is None:
            self._recorder.mark(mark.status)
        else:
            self._recorder.last(mark.status, detail, begins=mark.lasting)

    def _go_on(self) -> None:
        self._begun = True
        while self._early:
            self.heard(*self._early.pop(0))

    def state(self, utc_s: int, totals: Sequence[int]) -> ProfileState:
        """What a save at `utc_s` must keep; `totals` are the registers in it."""
        return self._recorder.state(utc_s, totals, self._journal.pending)

    def saved(self, state: ProfileState) -> None:
        """A save with this state is whole."""
        self._journal.saved(state.closed)


def _tail(ring: Ring, least: int, most: int) -> list[ProfileInterval]:
    """The newest intervals of a journal, newest first, down to the one before number `least`; `most` at most."""
    found: list[ProfileInterval] = []
    for record in ring.newest_first():
        try:
            interval = parse_interval(record.payload)
        except ValueError:
            continue
        found.append(interval)
        if interval.number < least or len(found) == most:
            break
    return found


def _told(interval: ProfileInterval) -> ProfileRecorded:
    layout = interval.layout
    return ProfileRecorded(
        number=interval.number,
        utc_s=interval.end_s,
        offset_s=interval.offset_s,
        clock=interval.clock.value,
        status=interval.status.names,
        length_s=interval.length_s,
        period_s=layout.period_s,
        missed=interval.missed,
        kinds=layout.kinds,
        unit_nwh=layout.unit_nwh,
        values=interval.values,
    )
