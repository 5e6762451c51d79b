"""A clock that is adjusted by the reader, or set by a little: it is slewed, and nothing that is billed notices but by a
flag.

The reference says what a clock does that is moved by five seconds in each half-hour, 20 s after it begins.
"""

import pytest

from firmware.clock.slew import STEP_S
from hal.probe import ClockChanged, IntervalClosed, ProfileRecorded
from hal.units import HOUR, MS, S
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
MONTH_END = "2026-01-31T22:00:00+01:00"
FEBRUARY_UTC_S = 1_769_900_400
STATUS_ADJUSTED = 64


def held(text: str) -> Played:
    played = play(text)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert all(row.problem is None for row in played.result.readings), played.result.readings
    return played


def reference_ends(by_s: int, asked_ns: int, end_ns: int) -> list[float]:
    """True seconds at which the half-hours end, by a clock that is right up to `asked_ns`."""
    ends, half_s, moved_s = [], 1_800, 0
    step_s = (asked_ns // S // half_s) * half_s + 20
    if step_s <= asked_ns / S:
        step_s += half_s
    shown_s = half_s
    while (true_s := shown_s - moved_s) < end_ns / S:
        if step_s < shown_s and moved_s != by_s:
            moved_s += max(-STEP_S, min(STEP_S, by_s - moved_s))
            step_s += half_s
            continue
        ends.append(true_s)
        shown_s += half_s
        step_s = max(step_s, shown_s - half_s + 20)
    return ends


@pytest.mark.parametrize("by_s", [3, -3, 23, -23, 450])
def test_an_adjustment_moves_the_ends_by_a_step_each_and_none_is_lost(by_s):
    hours = 50 if abs(by_s) > 100 else 6
    body = reading("adjust", "1h10min", "adjust-clock", by=f"{by_s}s") + reading("late", f"{hours - 1}h50min")
    played = held(text_of(START, f"{hours}h", body))
    closed = played.of(IntervalClosed)
    assert [at_ns / S for at_ns, _ in closed] == pytest.approx(
        reference_ends(by_s, at(1, 10), at(hours)), abs=0.7
    )
    assert [record.utc_s - closed[0][1].utc_s for _, record in closed] == [1_800 * n for n in range(len(closed))]
    assert not any(record.short for _, record in closed[1:])
    assert played.result.clock_error_ns == pytest.approx(by_s * S, abs=700 * MS)
    steps = [changed for _, changed in played.of(ClockChanged)]
    assert {changed.reason for changed in steps} == {"slewed"}
    assert {changed.clock for changed in steps} == {"adjusted"}
    assert sum(changed.after_s - changed.before_s for changed in steps) == by_s
    assert (played.count("clock-adjusted"), played.count("clock-settled")) == (1, 1)
    assert int(played.registers("late")["F.F"][0], 16) == 0


def test_a_small_set_is_slewed_and_a_large_one_ends_the_interval():
    for offset_s, shorts in ((9, 0), (10, 1), (-9, 0), (-10, 1)):
        played = held(text_of(START, "4h", reading("set", "1h10min", "set-clock", offset=f"{offset_s}s")))
        short = [record for _, record in played.of(IntervalClosed)[1:] if record.short]
        assert len(short) == 2 * shorts
        assert played.count("clock-set") == 1
        assert played.count("clock-adjusted") == 1 - shorts
        assert abs(played.result.clock_error_ns - offset_s * S) < 1_500 * MS


@pytest.mark.parametrize("by_s", [25, -25])
def test_a_month_that_ends_while_the_clock_is_slewed_ends_once(by_s):
    body = '[demand]\nperiod = "1min"\n' + reading("adjust", "1h57min", "adjust-clock", by=f"{by_s}s")
    played = held(text_of(MONTH_END, "3h", body))
    assert played.billing() == [("billing-date", FEBRUARY_UTC_S)]
    stamps = [record.utc_s for _, record in played.of(IntervalClosed)]
    assert stamps == list(range(stamps[0], stamps[-1] + 1, 60))
    assert played.result.clock_error_ns == pytest.approx(by_s * S, abs=700 * MS)


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_an_outage_in_the_middle_of_a_slew_takes_none_of_it_away(kind):
    body = reading("adjust", "1h10min", "adjust-clock", by="20s") + fault(kind, "2h10min", "1h")
    body += reading("after", "3h20min")
    played = held(text_of(START, "8h", body))
    assert int(played.registers("after")["F.F"][0], 16) & STATUS_ADJUSTED
    assert played.result.clock_error_ns == pytest.approx(20 * S, abs=S)
    assert sum(changed.after_s - changed.before_s for _, changed in played.of(ClockChanged)) == 20


@pytest.mark.parametrize("after_ms", [0, 2, 5, 8, 12, 20, 50, 200])
@pytest.mark.parametrize("offset", ["1h", "-1h"])
def test_a_set_that_is_cut_off_is_done_or_not_done(offset, after_ms):
    """The supply collapses without warning, so long after the step or the set: the clock is as before or as set, and
    nobody answers to a lost clock."""
    clean = play(text_of(START, "2h", reading("set", "1h10min", "set-clock", offset=offset)))
    ((set_ns, _),) = clean.of(ClockChanged)
    cut = f"{set_ns + after_ms * MS}ns"
    body = '[clock]\nbattery_failure = "reset"\n' + reading("set", "1h10min", "set-clock", offset=offset)
    played = play(text_of(START, "3h", body + fault("power-cut", cut, "10min")))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    asked_ns = HOUR if offset == "1h" else -HOUR
    error = played.result.clock_error_ns
    assert min(abs(error), abs(error - asked_ns)) < 2 * S
    assert played.billing() == []
    done = next(row for row in played.result.readings if row.id == "set").problem is None
    if done:
        assert abs(error - asked_ns) < 2 * S


@pytest.mark.parametrize("after_ms", range(0, 40, 3))
def test_a_set_while_another_save_is_under_way_is_not_done_before_its_own(after_ms):
    """The save of 09:15 is being written when the clock is set back; the supply collapses in the middle of that."""
    ((set_ns, _),) = play(text_of(START, "2h", reading("set", "1h10min", "set-clock", offset="-1h"))).of(ClockChanged)
    came_ns = at(1, 15) + 3 * MS - (set_ns - at(1, 10))
    body = '[clock]\nbattery_failure = "reset"\n' + reading("set", f"{came_ns}ns", "set-clock", offset="-1h")
    played = play(text_of(START, "3h", body + fault("power-cut", f"{at(1, 15) + (3 + after_ms) * MS}ns", "10min")))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert played.billing() == []
    assert played.count("clock-restored") == 0


@pytest.mark.parametrize("after_ms", [0, 3, 8, 15, 40, 200])
def test_a_step_that_is_cut_off_is_at_most_lost_or_done_twice(after_ms):
    cut = f"{at(1, 30, 20) + after_ms * MS}ns"
    body = reading("adjust", "1h10min", "adjust-clock", by="20s") + fault("power-cut", cut, "10min")
    played = held(text_of(START, "6h", body))
    assert abs(played.result.clock_error_ns - 20 * S) < 6 * S
    stamps = [record.utc_s for _, record in played.of(IntervalClosed)]
    assert len(set(stamps)) == len(stamps)


def test_an_adjustment_beyond_its_limit_is_refused():
    body = reading("far", "1h10min", "adjust-clock", by="451s")
    played = play(text_of(START, "2h", body))
    assert played.result.readings[0].problem == "the meter answers ERR1"
    assert played.count("clock-adjusted") == 0
    assert abs(played.result.clock_error_ns) < S


def test_the_steps_are_whole_on_sampled_boards_too():
    body = '[demand]\nperiod = "5min"\n' + reading("adjust", "6min", "adjust-clock", by="-8s")
    played = held(text_of(START, "25min", body, board="soc"))
    stamps = [record.utc_s for _, record in played.of(IntervalClosed)]
    assert stamps == list(range(stamps[0], stamps[-1] + 1, 300))
    assert played.result.clock_error_ns == pytest.approx(-8 * S, abs=700 * MS)


def test_an_adjustment_taken_back_before_its_first_step_leaves_nothing():
    body = reading("adjust", "1h1min", "adjust-clock", by="5s") + reading("back", "1h1min10s", "adjust-clock", by="0s")
    played = held(text_of(START, "3h10min", body + reading("end", "3h")))
    assert played.of(ClockChanged) == []
    assert not int(played.registers("end")["F.F"][0], 16) & STATUS_ADJUSTED
    flagged = [place for place, (_, one) in enumerate(played.of(ProfileRecorded)) if "clock-adjusted" in one.status]
    assert flagged == [2]


def test_intervals_are_flagged_from_the_command_to_the_last_step_and_no_longer():
    """Asked for at 09:10; steps of 5 and 3 s at 09:30:20 and 10:00:20."""
    played = held(text_of(START, "5h", reading("adjust", "1h10min", "adjust-clock", by="8s")))
    told = [record for _, record in played.of(ProfileRecorded)]
    assert [place for place, one in enumerate(told) if "clock-adjusted" in one.status] == [2, 3, 4]
    assert [place for place, one in enumerate(told) if "clock-synchronised" in one.status] == [4]
    assert [one.clock for one in told] == ["valid"] * 2 + ["adjusted"] * 2 + ["valid"] * (len(told) - 4)


def test_a_clock_that_is_set_to_what_it_shows_keeps_that():
    """300 s of an adjustment are still to come then, and would take it away from the time that it was told."""
    body = reading("adjust", "1h1min", "adjust-clock", by="300s") + reading("set", "1h10min200ms", "set-clock")
    played = held(text_of(START, "4h", body))
    assert played.count("clock-adjusted") == 1
    assert played.of(ClockChanged) == []
    assert abs(played.result.clock_error_ns) < S
