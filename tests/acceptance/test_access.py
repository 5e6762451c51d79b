"""Passwords by level on the optical port: what each may do, wrong ones, and the lock that outlives a power cut."""

import pytest

from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
LEVELS = """[optical]
password = "three"
passwords = { adjust = "one", command = "two" }
tries = 3
lockout = "10min"
"""
COMMANDS = {"adjust-clock": 1, "billing-reset": 2, "release-tariff": 2, "set-clock": 3}
LOCKED = "break from the tariff device"


def held(text: str) -> Played:
    played = play(text)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def problem(played: Played, identity: str) -> str | None:
    return next(row for row in played.result.readings if row.id == identity).problem


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("kind", COMMANDS)
def test_a_level_may_do_what_it_is_for_and_nothing_above(kind, level):
    more = {"by": "5s"} if kind == "adjust-clock" else {"offset": "1h"} if kind == "set-clock" else {}
    played = held(text_of(START, "90min", LEVELS + reading("command", "1h", kind, level=level, **more)))
    may = level >= COMMANDS[kind]
    assert problem(played, "command") == (None if may else "the meter answers ERR5")
    denied = [row.detail for row in played.result.events if row.event == "access-denied"]
    assert denied == ([] if may else [level])
    opened = [row.detail for row in played.result.events if row.event == "programming-opened"]
    assert opened == [level]
    left = {"adjust-clock": "clock-adjusted", "set-clock": "clock-set", "billing-reset": "end-of-billing"}
    if kind in left:
        assert played.count(left[kind]) == may
    else:
        assert played.count("tariff-released") == 0, "no tariff was frozen"


def test_a_level_without_a_password_is_nobodys():
    for level in (1, 2):
        body = reading("command", "1h", "adjust-clock", by="5s", level=level)
        played = held(text_of(START, "90min", body))
        assert problem(played, "command") == "the meter answers ERR5"
        assert played.count("password-wrong") == 1
        assert played.count("clock-adjusted") == 0


def test_wrong_passwords_lock_the_port_for_all_levels_and_the_lock_ends():
    body = LEVELS + reading("wrong", "1h", "set-clock", password="four", repeat=5)
    body += reading("locked", "1h3min", "set-clock") + reading("free", "1h15min", "set-clock")
    played = held(text_of(START, "2h", body))
    assert played.count("password-wrong") == 3
    assert played.count("programming-locked") == 1
    assert problem(played, "wrong") is not None
    assert problem(played, "locked") is not None
    assert problem(played, "free") is None
    assert played.count("clock-set") == 1


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_the_lock_outlives_an_outage_which_does_not_shorten_it(kind):
    body = LEVELS + reading("wrong", "1h", "set-clock", password="four", repeat=3) + fault(kind, "1h2min", "1h")
    body += reading("locked", "2h5min", "set-clock") + reading("free", "2h15min", "set-clock")
    played = held(text_of(START, "3h", body))
    assert played.count("programming-locked") == 1
    assert problem(played, "locked") is not None
    assert problem(played, "free") is None


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_an_outage_gives_no_try_back(kind):
    body = LEVELS + reading("two", "1h", "set-clock", password="four", repeat=2) + fault(kind, "1h2min", "10min")
    body += reading("third", "1h30min", "set-clock", password="four") + reading("locked", "1h31min", "set-clock")
    played = held(text_of(START, "2h", body))
    assert played.count("password-wrong") == 3
    assert played.count("programming-locked") == 1
    assert problem(played, "locked") is not None


def test_a_right_password_forgets_the_wrong_ones():
    body = LEVELS + reading("two", "1h", "set-clock", password="four", repeat=2)
    body += reading("right", "1h5min", "adjust-clock", by="3s", level=1)
    body += reading("two-more", "1h10min", "set-clock", password="four", repeat=2)
    body += reading("free", "1h20min", "set-clock")
    played = held(text_of(START, "2h", body))
    assert played.count("password-wrong") == 4
    assert played.count("programming-locked") == 0
    assert problem(played, "free") is None
