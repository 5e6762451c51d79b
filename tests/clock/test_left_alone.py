"""A clock that follows the mains, and what it says of its sources over an outage, and when the last of them is gone."""

import pytest

from sim.oracles.reread import logged
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
MAINS = '[clock]\nsource = "mains"\n'
ON_CRYSTAL = 512


def held(text: str) -> Played:
    played = play(text)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


@pytest.mark.parametrize("tolerance", ["1000 ppm", "200 ppm"])
@pytest.mark.parametrize("frozen", ["2h10min", "2h"])
def test_without_mains_and_rtc_trust_lasts_as_long_as_the_processors_crystal_may_be_right(
    tolerance: str, frozen: str
) -> None:
    """Half a second is 500 s of 1000 ppm, 2500 s of 200 ppm; it is looked at each 15 min, and at ends of intervals."""
    body = MAINS + f'rtc_tolerance = "{tolerance}"\n' + fault("rtc-stop", "1h", "8h", "flagged = false")
    body += fault("front-end-frozen", frozen, "3h") + reading("early", "2h13min") + reading("late", "3h25min")
    played = held(text_of(START, "6h", body))
    (row,) = [row for row in played.result.events if row.event == "clock-doubtful"]
    began_ns = at(2, 10) if frozen == "2h10min" else at(2)
    lasts_s = 500 if tolerance == "1000 ppm" else 2_500
    assert lasts_s <= (row.at_ns - began_ns) / 1e9 <= lasts_s + 1_000
    assert not int(played.registers("early")["F.F"][0], 16) & 8
    assert int(played.registers("late")["F.F"][0], 16) & 8


def test_mains_that_freeze_do_no_harm_to_a_clock_with_an_rtc() -> None:
    played = held(text_of(START, "6h", MAINS + fault("front-end-frozen", "2h10min", "3h")))
    assert played.count("clock-doubtful") == 0


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_the_end_of_a_time_on_the_crystal_is_told_after_an_outage(kind: str) -> None:
    body = MAINS + fault("frequency-wrong", "1h10min", "1h30min", 'frequency = "47 Hz"') + fault(kind, "2h10min", "1h")
    played = held(text_of(START, "5h", body + reading("on", "2h") + reading("over", "4h")))
    told = [row.event for row in played.result.events if row.event.startswith("clock-on-")]
    assert told == ["clock-on-crystal", "clock-on-mains"]
    assert [int(played.registers(name)["F.F"][0], 16) & ON_CRYSTAL for name in ("on", "over")] == [ON_CRYSTAL, 0]


@pytest.mark.parametrize("after_ms", [0, 1, 3, 10, 40])
def test_what_the_log_says_of_the_source_counts_though_no_save_does(after_ms: int) -> None:
    """The supply collapses while `clock-on-crystal` is being written."""
    body = MAINS + fault("frequency-wrong", "1h10min", "1h", 'frequency = "47 Hz"')
    rows = held(text_of(START, "2h", body)).result.events
    told_ns = next(row.at_ns for row in rows if row.event == "clock-on-crystal")
    cut = fault("power-cut", f"{told_ns + after_ms * 1_000_000}ns", "2h")
    played = held(text_of(START, "4h", body + cut))
    told = [record.event for record in logged(played.runner.bench.board.flash)]
    told = [event for event in told if event.startswith("clock-on-")]
    assert told in ([], ["clock-on-crystal", "clock-on-mains"])
    if after_ms:
        assert told
