"""Ends of billing that are asked for: by the button, and one soon after the other."""

from sim.scenario.result import Verdict
from tests.acceptance.playing import fault, play, reading, text_of


def test_a_button_that_bounces_before_the_energy_is_counted_ends_billing_once():
    """On a sampled board up to 0.4 s pass between the press and the end of billing: the press locks out."""
    body = fault("reset-press", "1min", "60ms") + fault("reset-press", "1min130ms", "60ms")
    played = play(text_of("2026-06-15T08:00:00+02:00", "2min", body, board="soc"))
    assert played.result.verdict is not Verdict.BROKEN
    assert [source for source, _ in played.billing()] == ["button"]


def test_a_clock_that_is_set_does_not_lift_the_lock_out():
    """Else whoever sets it to and fro could flush the history."""
    body = reading("first", "1h", "billing-reset") + reading("forward", "1h1min", "set-clock", offset="20min")
    body += reading("second", "1h2min", "billing-reset") + reading("back", "1h3min", "set-clock", offset="-2h")
    body += reading("third", "1h4min", "billing-reset") + reading("later", "1h16min", "billing-reset")
    played = play(text_of("2026-06-15T08:00:00+02:00", "2h", body))
    assert played.result.verdict is Verdict.HELD
    problems = {row.id: row.problem is None for row in played.result.readings}
    assert problems == {
        "first": True, "forward": True, "second": False, "back": True, "third": False, "later": True
    }
    assert [source for source, _ in played.billing()] == ["optical", "optical"]
