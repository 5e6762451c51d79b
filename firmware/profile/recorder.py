"""The running interval: when it ends, what it then holds, and what its status says.

Pure, as the tariff is: it is told the seconds at which something ends, with the registers as they then stand. An
interval's value is what the register has advanced since the last one, in whole units; what is left over is not kept
apart, it just is not reported yet. So intervals and carry are the register's advance, exactly, whatever happens.

Intervals are aligned to the hour of local standard time, and so to the day; daylight saving cuts none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from firmware.clock.civil import Zone
from firmware.clock.civil_clock import ClockStatus
from firmware.profile.config import Missed
from firmware.profile.interval import VALUE_MOST, Layout, ProfileInterval
from firmware.profile.state import PENDING_MOST, RUN_MOST, ProfileState, Run
from firmware.profile.status import LASTING, IntervalStatus, clock_mark
from firmware.tariff.demand import IntegrationPeriod

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
        self._number = 1
        self._reported: list[int] = []
        self._last_s = self._latest_s = 0
        self._length_s = 0
        self._status = NOTHING
        self._clock = clock
        self._lasting = [0] * len(LASTING)
        self._use(rules.layout, {}, totals)
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
        return recorder, recorder._resume(state, down, utc_s, totals, places) if state.layout.kinds else []

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
            layout=self._layout,
            lasting=tuple(self._lasting),
            unreported=tuple(
                [max(totals[kind] - told, 0) for kind, told in zip(self._layout.kinds, self._reported, strict=True)]
            ),
            pending=pending,
        )

    def mark(self, status: IntervalStatus) -> None:
        """This was the matter in the running interval."""
        self._status |= status

    def last(self, status: IntervalStatus, detail: int, *, begins: bool) -> None:
        """A condition begins or ends; while it lasts, every interval that it touches bears it. `detail` tells several
        of one kind apart, 0 to 7."""
        place, bit = LASTING.index(status), 1 << (detail & 7)
        if begins:
            self._lasting[place] |= bit
            self._status |= status
        else:
            self._lasting[place] &= ~bit

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

    def programmed(self, utc_s: int, totals: Sequence[int], room: bool) -> list[Run]:
        """Parameters change: the interval ends, and another begins; both say so."""
        self._status |= IntervalStatus.PARAMETER_CHANGED
        closed = self._stop(min(utc_s, self._end_s), totals, room)
        self._start(utc_s, self._clock, IntervalStatus.PARAMETER_CHANGED)
        return closed

    def rescaled(self, before: Sequence[int], after: Sequence[int], factor: Fraction) -> None:
        """The registers are expressed anew, by a factor: so is what is not reported yet, cut off to a whole nWh."""
        rest = [before[kind] - told for kind, told in zip(self._layout.kinds, self._reported, strict=True)]
        scaled = [unreported * factor.numerator // factor.denominator for unreported in rest]
        self._reported = [after[kind] - part for kind, part in zip(self._layout.kinds, scaled, strict=True)]

    def behind(self, newest: ProfileInterval) -> None:
        """The journal holds this interval, and no save tells of it: go on after it."""
        self._number = newest.number + 1
        self._last_s = self._latest_s = newest.end_s
        self._status |= OVERTAKEN

    def _resume(
        self, state: ProfileState, down: PowerDown, utc_s: int, totals: Sequence[int], places: int
    ) -> list[Run]:
        self._number, self._last_s, self._latest_s = state.number, state.last_s, state.latest_s
        self._lasting = list(state.lasting)
        self._end_s = state.end_s
        after_save_s = min(down.alive_s, state.end_s) - min(down.utc_s, state.end_s)
        self._length_s = state.length_s + max(after_save_s, 0)
        told = [down.totals[kind] - rest for kind, rest in zip(state.layout.kinds, state.unreported, strict=True)]
        self._use(state.layout, dict(zip(state.layout.kinds, told, strict=True)), totals)
        self._status = state.status | IntervalStatus.POWER_DOWN
        if not down.clean:
            self._status |= IntervalStatus.DATA_INVALID
        same = state.layout == self._rules.layout
        if same and down.utc_s <= utc_s < state.end_s:
            self._from_s = utc_s
            self._status |= IntervalStatus.POWER_UP
            return []
        forward = utc_s >= state.end_s
        # Nothing was measured after the power-down.
        self._from_s = stamp_s = state.end_s if forward else min(down.utc_s, state.end_s)
        runs = self._stop(stamp_s, totals, room=places > 0)
        if len(runs) < places and forward and self._rules.missed is Missed.FILL:
            runs += self._fill(utc_s)
        changed = NOTHING if same else IntervalStatus.PARAMETER_CHANGED
        self._use(self._rules.layout, dict(zip(self._layout.kinds, self._reported, strict=True)), totals)
        self._start(utc_s, down.clock, IntervalStatus.POWER_UP | changed)
        return runs

    def _use(self, layout: Layout, reported: dict[int, int], totals: Sequence[int]) -> None:
        """New intervals have this layout. Energies not reported before are reported from now on."""
        self._layout = layout
        self._period = IntegrationPeriod(layout.period_s, self._zone)
        self._reported = [reported.get(kind, totals[kind]) for kind in layout.kinds]

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
        layout, values = self._layout, self._values(totals)
        interval = ProfileInterval(
            number=self._number,
            end_s=stamp_s,
            offset_s=self._zone.offset(max(stamp_s - 1, 0)),
            clock=self._clock,
            status=self._status | self._found(stamp_s),
            length_s=self._length_s,
            missed=self._missed(stamp_s),
            layout=layout,
            values=values,
        )
        self._reported = [told + value * layout.unit_nwh for told, value in zip(self._reported, values, strict=True)]
        self._number += 1
        self._last_s, self._latest_s = stamp_s, max(self._latest_s, stamp_s)
        self._length_s, self._status = 0, NOTHING
        return [Run(interval)]

    def _values(self, totals: Sequence[int]) -> tuple[int, ...]:
        unit = self._layout.unit_nwh
        pairs = zip(self._layout.kinds, self._reported, strict=True)
        return tuple([min(max(totals[kind] - told, 0) // unit, VALUE_MOST) for kind, told in pairs])

    def _found(self, stamp_s: int) -> IntervalStatus:
        """What only the end of an interval tells."""
        found = season(self._zone, stamp_s)
        if self._length_s != self._layout.period_s:
            short = self._length_s < self._layout.period_s
            found |= IntervalStatus.SHORT if short else IntervalStatus.LONG
        if stamp_s <= self._latest_s:
            found |= IntervalStatus.REPEATED
        return found | IntervalStatus.MISSED if self._missed(stamp_s) else found

    def _missed(self, stamp_s: int) -> int:
        """Periods between the last interval's and that of a stamp."""
        if not self._last_s:
            return 0
        apart_s = self._period.next_end(stamp_s - 1) - self._period.next_end(self._last_s - 1)
        return max(apart_s // self._layout.period_s - 1, 0)

    def _fill(self, utc_s: int) -> list[Run]:
        """Intervals without energy in the place of those missed, up to the one that `utc_s` falls into."""
        length_s = self._layout.period_s
        begin_s = self._period.next_end(utc_s) - length_s
        count = min(self._missed(begin_s + length_s), FILLED_MOST, RUN_MOST)
        if not count:
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
            layout=self._layout,
            values=(0,) * len(self._layout.kinds),
        )
        self._number += count
        self._last_s, self._latest_s = begin_s, max(self._latest_s, begin_s)
        return [Run(first, count)]


OVERTAKEN: Final = IntervalStatus.CRITICAL_ERROR | IntervalStatus.DATA_INVALID
"""The registers have fallen back behind what the profile has told."""

FILLED: Final = IntervalStatus.MISSED | IntervalStatus.POWER_DOWN | IntervalStatus.SHORT


def overtaken(state: ProfileState, held: Sequence[ProfileInterval]) -> ProfileState:
    """A state when the journal holds intervals, newest first, that the save of the state knows nothing of: the newest
    save is rotten. The numbers go on after them, and what they have told is not told again."""
    told = dict.fromkeys(state.layout.kinds, 0)
    for interval in held:
        for kind, value in zip(interval.layout.kinds, interval.values, strict=True):
            told[kind] = told.get(kind, 0) + value * interval.layout.unit_nwh
    pairs = zip(state.layout.kinds, state.unreported, strict=True)
    return replace(
        state,
        number=held[0].number + 1,
        length_s=0,
        status=state.status | OVERTAKEN,
        last_s=held[0].end_s,
        latest_s=max(state.latest_s, *(interval.end_s for interval in held)),
        unreported=tuple([max(rest - told[kind], 0) for kind, rest in pairs]),
    )


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
