"""Slewing, against a model of a wall clock that is moved by hand, second by second."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.slew import ADJUST_LIMIT_S, STEP_S, Slew
from firmware.demand.period import IntegrationPeriod

PERIODS_S = (60, 120, 180, 300, 600, 900, 1_200, 1_800, 3_600)
BEGIN_S = 1_781_503_200


@dataclass
class Hand:
    """Lets true seconds pass on a clock that a slew moves, and notes what the clock showed."""

    slew: Slew
    shows_s: int
    seen: list[int] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.shows_s += 1
            self.seen.append(self.shows_s)
            by_s = self.slew.step(self.shows_s)
            if by_s:
                self.steps.append((self.shows_s, by_s))
                self.shows_s += by_s


def ends_of(seen: list[int], length_s: int) -> list[int]:
    """The instants at which a clerk, who looks up at each second shown, ends an interval: on the whole period, never
    one that has ended already."""
    ended: list[int] = []
    for shown_s in seen:
        if shown_s % length_s == 0:
            ended.append(shown_s)
    return ended


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PERIODS_S),
    st.integers(-ADJUST_LIMIT_S, ADJUST_LIMIT_S).filter(bool),
    st.integers(0, 3_599),
)
def test_every_period_ends_once_and_the_clock_is_moved_by_what_was_asked(length_s: int, by_s: int, into_s: int) -> None:
    slew = Slew(IntegrationPeriod(length_s, Zone(0)))
    hand = Hand(slew, BEGIN_S + into_s)
    slew.begin(by_s, hand.shows_s)
    periods = abs(by_s) // STEP_S + 3
    hand.pass_time(min(periods * (length_s + STEP_S), 40_000))
    first_s = (hand.seen[0] + length_s - 1) // length_s * length_s
    ends = ends_of(hand.seen, length_s)
    assert ends == list(range(first_s, ends[-1] + 1, length_s)) if ends else True
    moved = sum(step for _, step in hand.steps)
    assert all(abs(step) <= STEP_S and step * by_s > 0 for _, step in hand.steps)
    assert len({shown_s // length_s for shown_s, _ in hand.steps}) == len(hand.steps)
    assert moved + slew.rest_s == by_s
    if periods * (length_s + STEP_S) <= 40_000:
        assert (moved, slew.rest_s) == (by_s, 0)


@given(st.sampled_from(PERIODS_S), st.integers(1, ADJUST_LIMIT_S), st.lists(st.integers(1, 9_000), max_size=6))
@settings(max_examples=60, deadline=None)
def test_outages_take_no_step_away_and_add_none(length_s: int, by_s: int, outages: list[int]) -> None:
    """Kept in a save and resumed, whatever the outage: at most one step in a period, all of them together."""
    period = IntegrationPeriod(length_s, Zone(0))
    slew = Slew(period)
    hand = Hand(slew, BEGIN_S)
    slew.begin(by_s, hand.shows_s)
    for outage_s in outages:
        hand.pass_time(1_000)
        hand.shows_s += outage_s
        again = Slew(period)
        again.resume(slew.rest_s, slew.next_s, slew.flagged_until_s, hand.shows_s)
        hand.slew = slew = again
    assert len({shown_s // length_s for shown_s, _ in hand.steps}) == len(hand.steps)
    assert sum(step for _, step in hand.steps) + slew.rest_s == by_s


@given(st.sampled_from(PERIODS_S), st.integers(1, 30), st.integers(1, 30))
def test_it_is_over_when_the_interval_of_its_last_step_ends(length_s: int, by_s: int, into_s: int) -> None:
    slew = Slew(IntegrationPeriod(length_s, Zone(0)))
    hand = Hand(slew, BEGIN_S + into_s)
    slew.begin(by_s, hand.shows_s)
    settled: list[int] = []
    for _ in range(10 * length_s):
        hand.pass_time(1)
        if hand.shows_s % length_s == 0 and slew.settles(hand.shows_s):
            settled.append(hand.shows_s)
    assert len(settled) == 1
    last_s = hand.steps[-1][0]
    assert settled[0] == (last_s // length_s + 1) * length_s
    assert not slew.running


def test_a_second_adjustment_replaces_the_first_and_waits_for_the_next_period() -> None:
    slew = Slew(IntegrationPeriod(1_800, Zone(0)))
    hand = Hand(slew, BEGIN_S)
    slew.begin(300, hand.shows_s)
    hand.pass_time(30)
    assert hand.steps == [(BEGIN_S + 20, 5)]
    slew.begin(-7, hand.shows_s)
    hand.pass_time(5_400)
    assert [step for _, step in hand.steps] == [5, -5, -2]
    assert [shown_s - BEGIN_S for shown_s, _ in hand.steps] == [20, 1_820, 3_620]


def test_a_step_that_comes_late_waits() -> None:
    slew = Slew(IntegrationPeriod(1_800, Zone(0)))
    slew.begin(5, BEGIN_S)
    assert slew.step(BEGIN_S + 55) == 0
    assert slew.next_s == BEGIN_S + 1_820
