"""Intervals as the definitions have them, whatever outages, clock sets and changes of the clocks come between."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.civil_clock import ClockStatus
from firmware.clock.dst import ChangeRule, DstRule
from firmware.profile.config import Missed
from firmware.profile.interval import Layout
from firmware.profile.recorder import PowerDown, ProfileRules, Recorder, later
from firmware.profile.state import Run
from firmware.profile.status import IntervalStatus
from tests.profile.reference import UNIT, Reference

SUMMER = DstRule(ChangeRule.parse("last Sunday March 02:00"), ChangeRule.parse("last Sunday October 03:00"))
BERLIN = Zone(3_600, SUMMER)
EVENING = 1_774_700_000
"""28 March 2026, the evening before the clocks go forward."""
VALID = ClockStatus.VALID


@dataclass
class Meter:
    """A recorder, driven as the core does it: told of each end, saved and resumed."""

    rules: ProfileRules
    now: int
    total: int = 0
    closed: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.rules, self.now, self.totals, VALID)

    @property
    def totals(self) -> tuple[int, ...]:
        return (self.total, 0, 2 * self.total, 0, 0, 0, 0, 0)

    def run(self, seconds: int, nwh_per_s: int) -> None:
        until = self.now + seconds
        while self.now < until:
            step = min(self.recorder.next_end(self.now), until)
            self.total += (step - self.now) * nwh_per_s
            self.now = step
            self.closed += self.recorder.boundary(self.now, self.totals, room=True)

    def outage(self, seconds: int, clean: bool = True) -> None:
        state = self.recorder.state(self.now, self.totals, ())
        down = PowerDown(self.now, self.now, VALID, self.totals, clean)
        self.now += seconds
        self.recorder, closed = Recorder.resume(self.rules, state, down, self.now, self.totals)
        self.closed += closed

    def set(self, by_s: int) -> None:
        self.closed += self.recorder.clock_set(self.now, self.now + by_s, VALID, self.totals, room=True)
        self.now += by_s

    def intervals(self) -> list:
        """All closed ones, runs of filled ones drawn out."""
        found = []
        for run in self.closed:
            rest: Run | None = run
            while rest is not None:
                found.append(rest.first)
                rest = later(rest, rest.first.number + 1, self.rules.zone)
        return found


def meter(period_s: int = 1_800, missed: Missed = Missed.GAP, now: int = EVENING, zone: Zone = BERLIN) -> Meter:
    return Meter(ProfileRules(Layout(period_s, (0, 2), UNIT), zone, missed), now)


ACTS = st.one_of(
    st.tuples(st.just("run"), st.integers(0, 9_000), st.integers(0, 3 * UNIT)),
    st.tuples(st.just("outage"), st.one_of(st.integers(0, 3_000), st.integers(0, 40_000)), st.just(0)),
    st.tuples(st.just("back"), st.integers(-8_000, -1), st.just(0)),
    st.tuples(st.just("set"), st.one_of(st.integers(-9_000, 9_000), st.integers(-60, 60)), st.just(0)),
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([900, 1_800, 3_600]),
    st.booleans(),
    st.integers(0, 3_600),
    st.lists(ACTS, min_size=2, max_size=14),
    st.sampled_from([Zone(3_600), Zone(-12_600), BERLIN]),
)
def test_intervals_are_those_of_the_definitions(
    period_s: int, fill: bool, late_s: int, acts: list[tuple[str, int, int]], zone: Zone
) -> None:
    """Stamps, lengths, energies, flags and counts of missed periods; and nothing is lost or told twice."""
    begin = EVENING + late_s
    ours = meter(period_s, Missed.FILL if fill else Missed.GAP, begin, zone)
    theirs = Reference(period_s, zone.standard_offset_s, begin, fill)
    for act, seconds, rate in acts:
        if act == "run":
            ours.run(seconds, rate)
            theirs.run(seconds, rate)
        elif act == "set":
            ours.set(seconds)
            theirs.set(seconds)
        else:
            ours.outage(seconds)
            theirs.outage(seconds)
    found = ours.intervals()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert [(one.end_s, one.length_s, one.missed, one.turn) for one in found] == [
        (cell.end_s, cell.seconds, cell.missed, cell.turn) for cell in theirs.cells
    ]
    for one, cell in zip(found, theirs.cells, strict=True):
        assert set(one.status.names) - {"dst"} == cell.flags
        assert ("dst" in one.status.names) == zone.local(one.end_s - 1).dst
        assert one.offset_s == zone.offset(one.end_s - 1)
    carry = [0, 0]
    for one, cell in zip(found, theirs.cells, strict=True):
        for place, nwh in enumerate((cell.nwh, 2 * cell.nwh)):
            units, carry[place] = divmod(carry[place] + nwh, UNIT)
            assert one.values[place] == units
    state = ours.recorder.state(ours.now, ours.totals, ())
    for place, total in enumerate((ours.total, 2 * ours.total)):
        assert sum(one.values[place] for one in found) * UNIT + state.unreported[place] == total


@pytest.mark.parametrize(("midnight", "count"), [("2026-03-29", 46), ("2026-10-25", 50), ("2026-06-01", 48)])
def test_a_day_has_as_many_half_hours_as_its_clock_shows(midnight: str, count: int) -> None:
    year, month, day = map(int, midnight.split("-"))
    begin = BERLIN.utc(year, month, day)
    ours = meter(now=begin)
    ours.run(BERLIN.utc(year, month, day + 1) - begin, 7)
    found = ours.intervals()
    assert len(found) == count
    assert all(one.length_s == 1_800 for one in found)
    assert not any(set(one.status.names) - {"dst", "power-up"} for one in found)
    local = {BERLIN.local(one.end_s - 1).day for one in found}
    assert local == {day}


def test_a_save_that_was_prevented_is_said() -> None:
    ours = meter()
    ours.run(4_000, UNIT)
    ours.outage(100, clean=False)
    ours.run(4_000, UNIT)
    flagged = [one.number for one in ours.intervals() if IntervalStatus.DATA_INVALID in one.status]
    assert flagged == [3]


def test_without_room_the_interval_grows_long_and_keeps_all() -> None:
    ours = meter(now=1_800 * 1_000_000)
    ours.run(1_799, UNIT)
    ours.total += UNIT
    assert ours.recorder.boundary(1_800 * 1_000_001, ours.totals, room=False) == []
    ours.now += 1
    ours.run(1_800, UNIT)
    (one,) = ours.intervals()
    assert (one.length_s, one.values[0], one.end_s) == (3_600, 3_600, 1_800 * 1_000_002)
    assert IntervalStatus.LONG in one.status


def test_a_lasting_condition_marks_every_interval_that_it_touches() -> None:
    ours = meter(now=1_800 * 1_000_000)
    ours.run(1_800, 1)
    ours.run(100, 1)
    ours.recorder.last(IntervalStatus.PHASE_FAIL_L2, 2, begins=True)
    ours.recorder.last(IntervalStatus.PHASE_FAIL_L3, 3, begins=True)
    ours.run(1_700, 1)
    ours.outage(10)
    ours.run(1_000, 1)
    ours.recorder.last(IntervalStatus.PHASE_FAIL_L2, 2, begins=False)
    ours.run(1_000, 1)
    ours.recorder.last(IntervalStatus.PHASE_FAIL_L3, 3, begins=False)
    ours.run(4_000, 1)
    second = [one.number for one in ours.intervals() if IntervalStatus.PHASE_FAIL_L2 in one.status]
    third = [one.number for one in ours.intervals() if IntervalStatus.PHASE_FAIL_L3 in one.status]
    assert (second, third) == ([2, 3], [2, 3, 4])
    assert [one.number for one in ours.intervals() if "phase-fail" in one.status.names] == [2, 3, 4]


def test_a_clock_in_doubt_marks_its_intervals() -> None:
    ours = meter(now=1_800 * 1_000_000)
    ours.run(1_800, 1)
    ours.recorder.seen(ClockStatus.DOUBTFUL)
    ours.run(3_000, 1)
    ours.closed += ours.recorder.clock_set(ours.now, ours.now + 3_000, VALID, ours.totals, room=True)
    ours.now += 3_000
    ours.run(3_000, 1)
    doubtful = [(one.number, one.clock) for one in ours.intervals() if IntervalStatus.CLOCK_INVALID in one.status]
    assert doubtful == [(2, ClockStatus.DOUBTFUL), (3, ClockStatus.DOUBTFUL)]


def test_more_than_a_value_holds_comes_with_the_next() -> None:
    ours = meter(now=1_800 * 1_000_000)
    ours.run(1_800, 10**16)
    ours.run(1_800, 0)
    found = [one.values[0] for one in ours.intervals()]
    assert found == [2**31 - 1, 2**31 - 1]
    state = ours.recorder.state(ours.now, ours.totals, ())
    assert sum(found) * UNIT + state.unreported[0] == ours.total


def test_another_layout_takes_over_at_once_and_nothing_is_lost() -> None:
    ours = meter(now=1_800 * 1_000_000)
    ours.run(2_000, UNIT // 3)
    ours.rules = ProfileRules(Layout(900, (2, 0, 16), UNIT), BERLIN, Missed.GAP)
    ours.closed += ours.recorder.programmed(ours.now, ours.totals, True, ours.rules)
    ours.run(2_000, UNIT // 3)
    found = ours.intervals()
    assert [one.layout.period_s for one in found] == [1_800, 1_800, 900, 900]
    assert [IntervalStatus.PARAMETER_CHANGED in one.status for one in found] == [False, True, True, False]
    told = [sum(dict(zip(one.layout.channels, one.values, strict=True))[code] for one in found) for code in (0, 2)]
    rest = ours.recorder.state(ours.now, ours.totals, ()).unreported
    assert [told[0] * UNIT + rest[1], told[1] * UNIT + rest[0], rest[2]] == [ours.total, 2 * ours.total, 0]


def test_a_stamp_that_comes_again_is_not_filled_again() -> None:
    """The clock goes back by two hours, and an outage lies in the time that comes again, and reaches beyond it."""
    ours = meter(missed=Missed.FILL, now=1_800 * 1_000_000)
    theirs = Reference(1_800, 3_600, 1_800 * 1_000_000, fill=True)
    for one in (ours, theirs):
        one.run(4 * 3_600, 1)
        one.set(-7_200)
        one.run(1_000, 1)
        one.outage(11_000)
        one.run(1_800, 1)
    found = ours.intervals()
    assert [one.end_s for one in found] == [cell.end_s for cell in theirs.cells]
    filled = [one for one in found if not one.length_s]
    assert [(one.missed, IntervalStatus.REPEATED in one.status) for one in filled] == [(3, False), (0, False)]
