"""The running interval: when it ends, what it then holds, and what its status says.

Pure, as the tariff is: it is told the seconds at which something ends, with the registers as they then stand. What an
interval holds is a matter of `Gathering`; here is when it ends, and what is said of it.

Intervals are aligned to the hour of local standard time, and so to the day; daylight saving cuts none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from firmware.clock.civil import Zone
from firmware.clock.civil_clock import ClockStatus
from firmware.demand.period import IntegrationPeriod
from firmware.profile.channel import Method, channel_of
from firmware.profile.config import Missed
from firmware.profile.gathering import Gathering
from firmware.profile.interval import SHORT_MOST, Layout, ProfileInterval
from firmware.profile.state import PENDING_MOST, RUN_MOST, ProfileState, Run
from firmware.profile.status import LASTING, IntervalStatus, clock_mark, uneven

if TYPE_CHECKING:
    from firmware.metrology.instrumentation import Instrumentation

NOTHING: Final = IntervalStatus(0)

FILLED_MOST: Final = 21_600
"""Missed periods that are filled after one outage: as many as the journal keeps for sure (450 days at 30 min). Those
before them are only counted."""


@dataclass(frozen=True, slots=True)
class PowerDown:
    """How the meter went down: the time and the trust in it of the save that it goes on from, the registers in it, and
    whether it was the whole save of a power failure. `alive_s` is the last time at which it is known to have worked."""

    utc_s: int
    alive_s: int
    clock: ClockStatus
    totals: tuple[int, ...]
    clean: bool


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """The layout of new intervals, the zone to whose hours they are aligned, and what becomes of missed ones."""

    layout: Layout
    zone: Zone
    missed: Missed


class Recorder:
    """The running interval of one profile."""

    def __init__(self, rules: ProfileRules, utc_s: int, totals: Sequence[int], clock: ClockStatus) -> None:
        """A meter that never had a profile: an interval begins at `utc_s`."""
        self._rules = rules
        self._zone = rules.zone
        self._number = self._turn = 1
        self._last_s = self._latest_s = self._stamp_s = 0
        self._length_s = 0
        self._status = NOTHING
        self._clock = clock
        self._lasting = [0] * len(LASTING)
        self._use(Gathering(rules.layout, totals))
        self._start(utc_s, clock, IntervalStatus.POWER_UP)

    @classmethod
    def resume(
        cls,
        rules: ProfileRules,
        state: ProfileState,
        down: PowerDown,
        utc_s: int,
        totals: Sequence[int],
        places: int = PENDING_MOST,
    ) -> "tuple[Recorder, list[Run]]":
        """Go on after an outage, at `utc_s`: the recorder, and what closed meanwhile, no more than there are `places`.
        `totals` are the registers now; tell `seen` how far the clock is trusted now.

        Back within the interval, it goes on, and says that power went and came. If it ended in the outage it is closed,
        stamped at its end, with what was measured; periods that lay wholly in the outage are missed, and no energy is
        made up for them. A clock that has gone back ends it at the power-down.
        """
        recorder = cls(rules, utc_s, totals, down.clock)
        return recorder, recorder._resume(state, down, utc_s, totals, places) if state.layout.channels else []

    @property
    def number(self) -> int:
        """The number that the running interval will have."""
        return self._number

    def next_end(self, utc_s: int) -> int:
        """The first second after `utc_s` at which an interval ends, whatever the recorder has been told of so far."""
        return self._period.next_end(utc_s)

    def state(self, utc_s: int, totals: Sequence[int], pending: tuple[Run, ...]) -> ProfileState:
        """What a save at `utc_s` must keep, with the registers as they stand in it."""
        return ProfileState(
            number=self._number,
            end_s=self._end_s,
            length_s=self._length(min(utc_s, self._end_s)),
            status=self._status,
            last_s=self._last_s,
            latest_s=self._latest_s,
            stamp_s=self._stamp_s,
            turn=self._turn,
            layout=self._gathering.layout,
            lasting=tuple(self._lasting),
            kept=self._gathering.kept(totals),
            pending=pending,
        )

    def mark(self, status: IntervalStatus) -> None:
        """This was the matter in the running interval."""
        self._status |= status

    def last(self, status: IntervalStatus, detail: int, *, begins: bool) -> None:
        """A condition begins or ends; while it lasts, every interval that it touches bears it. `detail` tells several
        of one kind apart, 0 to 7."""
        bit = 1 << (detail & 7)
        for place in [place for place, one in enumerate(LASTING) if one & status]:
            self._last(place, bit, begins)
        if begins:
            self._status |= status

    def _last(self, place: int, bit: int, begins: bool) -> None:
        if begins:
            self._lasting[place] |= bit
        else:
            self._lasting[place] &= ~bit

    def sample(self, now: "Instrumentation") -> None:
        """This is measured now."""
        self._gathering.sample(now)

    def seen(self, clock: ClockStatus) -> None:
        """The clock is trusted so far now."""
        if clock is not self._clock:
            self._clock = clock
            self._status |= clock_mark(clock)

    def boundary(self, utc_s: int, totals: Sequence[int], room: bool) -> list[Run]:
        """The clock shows `utc_s`, all energy before it is in `totals`: what ends there. Without `room` for another,
        the interval goes on to the next end."""
        if utc_s < self._end_s:
            return []
        end_s = self._end_s
        closed = self._stop(end_s, totals, room)
        self._start(end_s, self._clock)
        return closed

    def clock_set(
        self, before_s: int, after_s: int, clock: ClockStatus, totals: Sequence[int], room: bool
    ) -> list[Run]:
        """The clock was set: the interval ends where the old clock stood, and one begins where the new one stands,
        trusted as `clock` says. Periods passed over are missed; energy of one that comes again is not counted twice."""
        self._status |= IntervalStatus.CLOCK_ADJUSTED
        closed = self._stop(min(before_s, self._end_s), totals, room)
        if self._clock is ClockStatus.INVALID:
            # Stamps without a time tell of no periods up to one with a time.
            self._last_s = 0
        self._start(after_s, clock, IntervalStatus.CLOCK_ADJUSTED)
        return closed

    def programmed(self, utc_s: int, totals: Sequence[int], room: bool, rules: ProfileRules | None = None) -> list[Run]:
        """Parameters change: the interval ends, and another begins; both say so. `rules` are those of the profile from
        now on, if they are others."""
        self._status |= IntervalStatus.PARAMETER_CHANGED
        closed = self._stop(min(utc_s, self._end_s), totals, room)
        if rules is not None and rules != self._rules:
            self._rules, self._zone = rules, rules.zone
            self._use(Gathering(rules.layout, totals, self._gathering.told))
        self._start(utc_s, self._clock, IntervalStatus.PARAMETER_CHANGED)
        return closed

    def rescaled(self, before: Sequence[int], after: Sequence[int], factor: Fraction) -> None:
        """The registers are expressed anew, by a factor: so is what is not reported yet, cut off to a whole nWh."""
        self._gathering.rescale(before, after, factor)

    def behind(self, newest: ProfileInterval) -> None:
        """The journal holds this interval, and no save tells of it: go on after it."""
        self._number, self._turn = newest.number + 1, newest.turn
        self._last_s = self._latest_s = self._stamp_s = newest.end_s
        self._status |= OVERTAKEN

    def _resume(
        self, state: ProfileState, down: PowerDown, utc_s: int, totals: Sequence[int], places: int
    ) -> list[Run]:
        self._number, self._last_s, self._latest_s = state.number, state.last_s, state.latest_s
        self._stamp_s, self._turn = state.stamp_s, state.turn
        self._lasting = list(state.lasting)
        self._end_s = state.end_s
        after_save_s = min(down.alive_s, state.end_s) - min(down.utc_s, state.end_s)
        self._length_s = state.length_s + max(after_save_s, 0)
        self._use(Gathering.resumed(state.layout, down.totals, state.kept))
        self._status = state.status | IntervalStatus.POWER_DOWN
        if not down.clean:
            self._status |= IntervalStatus.DATA_INVALID
        same = state.layout == self._rules.layout
        if same and down.utc_s <= utc_s < state.end_s:
            self._from_s = utc_s
            self._status |= IntervalStatus.POWER_UP
            return []
        forward = utc_s >= state.end_s
        if forward and IntervalStatus.POWER_UP in state.status and OVERTAKEN not in state.status:
            # Power came in this interval, be it for less than a second, and nothing tells of that yet.
            self._length_s = max(self._length_s, 1)
        # Nothing was measured after the power-down.
        self._from_s = stamp_s = state.end_s if forward else min(down.utc_s, state.end_s)
        runs = self._stop(stamp_s, totals, room=places > 0)
        if len(runs) < places and forward and self._rules.missed is Missed.FILL:
            runs += self._fill(utc_s, totals)
        changed = NOTHING if same else IntervalStatus.PARAMETER_CHANGED
        self._use(Gathering(self._rules.layout, totals, self._gathering.told) if runs or not same else self._gathering)
        self._start(utc_s, down.clock, IntervalStatus.POWER_UP | changed)
        return runs

    def _use(self, gathering: Gathering) -> None:
        """New intervals are gathered in this."""
        self._gathering = gathering
        self._period = IntegrationPeriod(gathering.layout.period_s, self._zone)

    def _start(self, utc_s: int, clock: ClockStatus, cause: IntervalStatus = NOTHING) -> None:
        """Measuring goes on from `utc_s`, in a new interval unless the last one could not be ended."""
        self._from_s = utc_s
        self._end_s = self._period.next_end(utc_s)
        self._clock = clock
        self._status |= cause | clock_mark(clock)
        for status, details in zip(LASTING, self._lasting, strict=True):
            if details:
                self._status |= status

    def _length(self, utc_s: int) -> int:
        return self._length_s + max(utc_s - self._from_s, 0)

    def _stop(self, stamp_s: int, totals: Sequence[int], room: bool) -> list[Run]:
        """End the interval, if it has lasted at all and there is room for it; else what is in it goes into the next."""
        self._length_s, self._from_s = self._length(stamp_s), stamp_s
        if not room or not self._length_s:
            return []
        if stamp_s <= self._stamp_s:
            self._turn = self._number
        interval = ProfileInterval(
            number=self._number,
            end_s=stamp_s,
            offset_s=self._zone.offset(max(stamp_s - 1, 0)),
            clock=self._clock,
            status=self._status | self._found(stamp_s),
            length_s=min(self._length_s, SHORT_MOST),
            missed=self._missed(stamp_s),
            turn=self._turn,
            layout=self._gathering.layout,
            values=self._gathering.close(totals, self._length_s),
        )
        self._number += 1
        self._last_s = self._stamp_s = stamp_s
        self._latest_s = max(self._latest_s, stamp_s)
        self._length_s, self._status = 0, NOTHING
        return [Run(interval)]

    def _found(self, stamp_s: int) -> IntervalStatus:
        """What only the end of an interval tells."""
        found = season(self._zone, stamp_s)
        if stamp_s <= self._latest_s:
            found |= IntervalStatus.REPEATED
        return found | uneven(self._period.length_s, self._length_s, self._missed(stamp_s))

    def _missed(self, stamp_s: int) -> int:
        """Periods between the last interval's and that of a stamp."""
        if not self._last_s:
            return 0
        apart_s = self._period.next_end(stamp_s - 1) - self._period.next_end(self._last_s - 1)
        return min(max(apart_s // self._period.length_s - 1, 0), SHORT_MOST)

    def _fill(self, utc_s: int, totals: Sequence[int]) -> list[Run]:
        """Intervals without energy in the place of those missed, up to the one that `utc_s` falls into. What comes
        again, since the clock had gone back, has an interval already."""
        length_s = self._period.length_s
        begin_s = self._period.next_end(utc_s) - length_s
        new = (begin_s - self._latest_s + length_s - 1) // length_s
        count = min(self._missed(begin_s + length_s), new, FILLED_MOST, RUN_MOST)
        if count <= 0:
            return []
        end_s = begin_s - (count - 1) * length_s
        missed = self._missed(end_s)
        first = ProfileInterval(
            number=self._number,
            end_s=end_s,
            offset_s=self._zone.offset(end_s - 1),
            clock=self._clock,
            status=FILLED | clock_mark(self._clock) | season(self._zone, end_s),
            length_s=0,
            missed=missed,
            turn=self._turn,
            layout=self._gathering.layout,
            values=self._gathering.empty(totals),
        )
        self._number += count
        self._last_s = self._latest_s = self._stamp_s = begin_s
        return [Run(first, count)]


OVERTAKEN: Final = IntervalStatus.CRITICAL_ERROR | IntervalStatus.DATA_INVALID
"""The registers have fallen back behind what the profile has told."""

FILLED: Final = IntervalStatus.MISSED | IntervalStatus.POWER_DOWN | IntervalStatus.SHORT


def overtaken(state: ProfileState, held: Sequence[ProfileInterval]) -> ProfileState:
    """A state when the journal holds intervals, newest first, that the save of the state knows nothing of: the newest
    save is rotten. The numbers go on after them, and what they have told is not told again."""
    told: dict[int, int] = {}
    for interval in held:
        for code, value in zip(interval.layout.channels, interval.values, strict=True):
            told[code] = told.get(code, 0) + value * interval.layout.unit_nwh
    amounts, counts = state.kept
    return replace(
        state,
        number=held[0].number + 1,
        length_s=0,
        status=state.status | OVERTAKEN,
        last_s=held[0].end_s,
        latest_s=max(state.latest_s, *(interval.end_s for interval in held)),
        stamp_s=held[0].end_s,
        turn=held[0].turn,
        kept=(
            tuple([_left(code, amount, told) for code, amount in zip(state.layout.channels, amounts, strict=True)]),
            counts,
        ),
    )


def _left(code: int, amount: int, told: Mapping[int, int]) -> int:
    """What is left to tell of what a channel has gathered: no less than nothing, whichever way it counts."""
    if channel_of(code).method is not Method.ADVANCE:
        return amount
    left = amount - told.get(code, 0)
    return left if left * amount > 0 else 0


def season(zone: Zone, stamp_s: int) -> IntervalStatus:
    """DST if the last second before a stamp lies in daylight saving time."""
    return IntervalStatus.DST if zone.local(max(stamp_s - 1, 0)).dst else NOTHING


def later(run: Run, number: int, zone: Zone) -> Run | None:
    """What is left of a run of filled intervals from this number on; None if that is nothing."""
    skipped = number - run.first.number
    if skipped <= 0:
        return run
    if skipped >= run.count:
        return None
    end_s = run.first.end_s + skipped * run.first.layout.period_s
    status = run.first.status & ~IntervalStatus.DST | season(zone, end_s)
    first = replace(run.first, number=number, end_s=end_s, offset_s=zone.offset(end_s - 1), status=status, missed=0)
    return Run(first, run.count - skipped)
