"""Inputs that are true for less than a task's spacing: the meter's own word is witness enough, and it is held to it."""

import pytest

from hal.units import MS
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, fault, play, text_of

TOLD = {"reset-press": "end-of-billing", "magnet-held": "magnet-detected", "main-cover-open": "main-cover-opened"}


def brief(kind: str, board: str, lasts: str) -> Played:
    return play(text_of("2026-06-15T08:00:00+02:00", "30s", fault(kind, "10s", lasts), board))


@pytest.mark.parametrize("board", ["afe", "soc"])
@pytest.mark.parametrize("lasts", ["1ms", "60ms", "99ms"])
@pytest.mark.parametrize("kind", TOLD)
def test_what_the_meter_tells_of_has_taken_effect(kind: str, lasts: str, board: str) -> None:
    played = brief(kind, board, lasts)
    (witness,) = played.runner.faults
    assert played.count(TOLD[kind]) == 1
    assert "became true" in witness.effect
    assert TOLD[kind] in [owed.event.text for owed in witness.events()]
    assert played.result.verdict is Verdict.HELD


def test_what_the_meter_does_not_see_has_not() -> None:
    """Both changes lie within the handling of an earlier one: its next look is 50 ms later."""
    before = fault("main-cover-open", "10s", "1min")
    played = play(text_of("2026-06-15T08:00:00+02:00", "30s", before + fault("magnet-held", "10s 5ms", "20ms")))
    assert played.count("magnet-detected") == 0
    assert played.result.verdict is Verdict.INVALID
    assert [witness.effect for witness in played.runner.faults if witness.kind == "magnet-held"] == [""]


def test_an_event_of_a_later_time_is_no_witness() -> None:
    """The first is over before the meter has booted; the second is told."""
    early = fault("magnet-held", "1ms", "1ms")
    played = play(text_of("2026-06-15T08:00:00+02:00", "30s", early + fault("magnet-held", "10s", "1s")))
    first, second = sorted(played.runner.faults, key=lambda witness: witness.at_ns)
    assert first.at_ns == MS
    assert (first.effect, bool(second.effect)) == ("", True)
