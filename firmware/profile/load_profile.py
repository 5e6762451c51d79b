"""One load profile of a meter: its running interval, and the journal of those that are closed."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.profile.entries import Entries
from firmware.profile.interval import ProfileInterval, parse_interval
from firmware.profile.journal import Journal
from firmware.profile.recorder import PowerDown, ProfileRules, Recorder, overtaken
from firmware.profile.state import ProfileState
from firmware.profile.status import MARKS, IntervalStatus
from firmware.storage.ring import Ring
from firmware.storage.store import Store
from hal.probe import Probe, ProfileRecorded

if TYPE_CHECKING:
    from firmware.metrology.instrumentation import Instrumentation

_TAIL_MOST: Final = 64
"""Records that a boot reads at most to find out what the journal holds that a save knows nothing of."""


class LoadProfile:
    """The profile of a number, 1 or 2, whose records go to a ring. `totals` gives the registers as they stand, in nWh
    in the order of `firmware.registers.energy.ENERGY_QUANTITIES`."""

    def __init__(
        self,
        number: int,
        ring: str,
        rules: ProfileRules,
        store: Store,
        probe: Probe,
        now_ns: Callable[[], int],
        totals: Callable[[], Sequence[int]],
    ) -> None:
        """Not to be used before `begin` or `resume`."""
        self._rules = rules
        self._ring = store.rings[ring]
        self._totals = totals
        self._number = number
        self._probe = probe
        self._newest: tuple[int, ProfileInterval] | None = None
        """The newest record of this life, with its sequence number."""
        self._journal = Journal(store, ring, now_ns, rules.zone, self._whole)
        self._recorder: Recorder
        self._cut: ProfileInterval | None = None
        """The interval that ended in the outage before this life, as long as no save carries it."""
        self._begun = False
        self._early: list[tuple[Event, int]] = []
        """Events of the boot before that."""

    @property
    def entries(self) -> Entries:
        """The intervals that are whole in flash, to be read while it is not busy."""
        return Entries(self._ring, self._newest)

    def _whole(self, interval: ProfileInterval, sequence: int) -> None:
        self._newest = sequence, interval
        self._probe.publish(_told(self._number, interval))

    def begin(self, utc_s: int, clock: ClockStatus) -> None:
        """A meter without a save, or a profile that it did not have: numbers go on behind the journal's, if there is
        one."""
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
        self._cut = closed[0].first if closed and closed[0].first.end_s <= utc_s else None
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

    def programmed(self, utc_s: int, rules: ProfileRules | None = None) -> None:
        """Parameters change at `utc_s`, and all energy before it is counted; `rules` are the profile's own from now on,
        if they are others."""
        if rules is not None:
            self._rules = rules
        self._journal.add(self._recorder.programmed(utc_s, self._totals(), self._journal.room, rules))

    def rescaled(self, before: Sequence[int], factor: Fraction) -> None:
        """The registers stood at `before`, and are expressed anew now. Intervals that are closed stay as they are."""
        self._recorder.rescaled(before, self._totals(), factor)

    def sample(self, now: "Instrumentation") -> None:
        """This is measured now."""
        self._recorder.sample(now)

    def billed(self, scheduled_s: int) -> None:
        """The billing period has ended now; `scheduled_s` is when that was due, 0 if it was not. The interval that the
        outage broke says so too, if it was due in that one, or at its end."""
        self._recorder.mark(IntervalStatus.BILLING_RESET)
        cut = self._cut
        if cut is not None and cut.end_s - cut.layout.period_s < scheduled_s <= cut.end_s:
            self._journal.amend(cut.number, IntervalStatus.BILLING_RESET)

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
            self._recorder.last(mark.of(detail), detail, begins=mark.lasting)

    def _go_on(self) -> None:
        self._begun = True
        while self._early:
            self.heard(*self._early.pop(0))

    def state(self, utc_s: int, totals: Sequence[int]) -> ProfileState:
        """What a save at `utc_s` must keep; `totals` are the registers in it."""
        return self._recorder.state(utc_s, totals, self._journal.pending)

    def saved(self, state: ProfileState) -> None:
        """A save with this state is whole."""
        self._cut = None
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


def _told(profile: int, interval: ProfileInterval) -> ProfileRecorded:
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
        kinds=layout.channels,
        unit_nwh=layout.unit_nwh,
        values=interval.values,
        profile=profile,
    )
