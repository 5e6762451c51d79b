"""Where the meter and its bill disagree, each with the shortest way to see it. A test that begins to pass has lost its
finding: take its mark away, and let `drawn.py` draw the case again."""

import pytest

from sim.scenario.result import Verdict
from tests.acceptance.playing import fault, reading, text_of, troubles
from tests.biller.witness import Witness, witness

START = "2026-06-15T08:00:00+02:00"
OCTOBER = "2026-10-25T00:00:00+02:00"


def held(text: str) -> Witness:
    told = witness(text)
    assert told.result.verdict is Verdict.HELD, troubles(told.result)
    return told


@pytest.mark.xfail(reason="filled intervals are never flagged `repeated`", strict=True, raises=AssertionError)
def test_filled_intervals_that_come_again_say_so() -> None:
    """Set back by two hours, then an outage of an hour: docs/profile.md, bit 15, "one whose stamp is not above every
    earlier one"."""
    body = '[profile]\nmissed = "fill"\n' + reading("back", "3h10min30s", "set-clock", offset="-2h")
    told = held(text_of(START, "7h", body + fault("supply-fail", "200min30s", "1h")))
    filled = [one for one in told.intervals if not one.length_s]
    assert filled
    assert all("repeated" in one.status for one in filled)


@pytest.mark.xfail(
    reason="a doubtful clock that is slewed leaves no `clock-adjusted`", strict=True, raises=AssertionError
)
def test_intervals_of_a_doubtful_clock_that_is_slewed_say_so() -> None:
    """docs/profile.md, bit 5: "one during which the clock was slewed". Bit 9 is set as it should be."""
    body = fault("battery-fail", "10min") + fault("supply-fail", "70min30s", "5min")
    told = held(text_of(START, "5h", body + reading("adjust", "130min30s", "adjust-clock", by="-4s")))
    (settled,) = [one for one in told.intervals if "clock-synchronised" in one.status]
    assert "clock-adjusted" in settled.status


@pytest.mark.xfail(reason="the port's local time can't name the second pass", strict=True, raises=AssertionError)
def test_a_clock_set_to_true_time_in_the_second_pass_is_right() -> None:
    """At 02:30 for the second time on the day that has 25 hours. The clock was right, and is then an hour late."""
    told = held(text_of(OCTOBER, "5h", reading("set", "210min30s", "set-clock")))
    assert abs(told.result.clock_error_ns) < 3 * 10**9


@pytest.mark.xfail(
    reason="bears the status that the set gives, not the one that it had", strict=True, raises=AssertionError
)
def test_an_interval_that_a_clock_set_ends_bears_the_status_that_it_had() -> None:
    """A slew is under way when the clock is set by more than an hour: the ended interval's clock was being adjusted. It
    does say so where demand and profile have one period, and one of a doubtful clock does bear `doubtful`."""
    body = '[demand]\nperiod = "15min"\n[profile]\nperiod = "30min"\n'
    body += reading("adjust", "78min30s", "adjust-clock", by="4s")
    told = held(text_of(START, "3h", body + reading("set", "85min30s", "set-clock", offset="100min")))
    ended = next(one for one in told.intervals if one.utc_s % 1_800)
    assert ended.clock == "adjusted"


@pytest.mark.xfail(reason="the oracle `demand` lets the level go on", strict=True, raises=AssertionError)
def test_the_oracle_knows_that_another_rate_begins_a_thermal_demand_anew() -> None:
    """docs/demand.md: with `on_rate_change = "end"` the level begins at zero. The meter does so; its oracle breaks."""
    body = '[demand]\nmethod = "thermal"\non_rate_change = "end"\n'
    body += '[tariff.day_profiles]\nday = { "00:00" = 1, "09:30" = 2 }\n'
    held(text_of(START, "3h", body))
