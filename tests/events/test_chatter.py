"""The limit to what one input may put into the log, against a plain account of the same rule, and in a meter."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.events.chatter import MOST, Chatter
from hal.inputs import Input
from hal.units import HOUR, MINUTE, MS, S
from sim.scenario.loader import parse
from sim.scenario.result import RunResult, Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import Played, fault, play, text_of

START = "2026-06-15T08:00:00+02:00"
COVER = ("terminal-cover-opened", "terminal-cover-closed")


@dataclass
class Account:
    """Every change from boot on, and what came of it."""

    entries: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    reports: list[tuple[int, int]] = field(default_factory=list)


def drive(gaps: list[int]) -> Account:
    """Feeds changes that lie so far apart; between them the input is looked at when that is due."""
    chatter, account, now = Chatter(), Account(), 0

    def report(now_ns: int) -> None:
        count = chatter.report(now_ns)
        if count:
            account.reports.append((now_ns, count))

    for gap in [*gaps, 3 * HOUR]:
        then = now + gap
        while chatter.due_ns is not None and chatter.due_ns <= then:
            report(chatter.due_ns)
        now = then
        if chatter.may(now):
            chatter.left(now)
            account.entries.append(now)
        else:
            chatter.leave_out(now)
            account.left_out.append(now)
    while chatter.due_ns is not None:
        report(chatter.due_ns)
    return account


GAPS = st.lists(st.one_of(st.integers(1, 5 * S), st.integers(1, 2 * HOUR)), max_size=80)


@given(GAPS)
def test_no_hour_holds_more_entries_than_may_be(gaps: list[int]) -> None:
    entries = drive(gaps).entries
    assert all(later - sooner >= HOUR for sooner, later in zip(entries, entries[MOST:], strict=False))


@given(GAPS)
def test_what_left_no_entry_is_in_one_sum_within_an_hour(gaps: list[int]) -> None:
    account = drive(gaps)
    assert sum(count for _, count in account.reports) == len(account.left_out)
    since = -1
    for at_ns, count in account.reports:
        assert count == sum(since < change <= at_ns for change in account.left_out)
        assert all(at_ns - change <= HOUR for change in account.left_out if since < change <= at_ns)
        since = at_ns


@given(GAPS)
def test_an_entry_is_denied_only_after_a_full_hour_or_in_one_that_chatters(gaps: list[int]) -> None:
    account = drive(gaps)
    for denied in account.left_out:
        full = sum(denied - HOUR < entry <= denied for entry in account.entries) >= MOST
        restless = any(denied - HOUR <= change < denied for change in account.left_out)
        reported = any(denied - HOUR <= at_ns <= denied for at_ns, _ in account.reports)
        assert full or restless or reported


def flutter(run: Runner, which: Input, begin_ns: int, period_ns: int, changes: int) -> None:
    """Changes of an input, from true on."""
    for number in range(changes):
        run.bench.world.at(
            begin_ns + number * period_ns,
            Phase.WORLD,
            lambda state=number % 2 == 0: run.bench.board.inputs.put(which, state),
        )


def fluttered(duration: str, *flutters: tuple[Input, int, int, int], body: str = "", board: str = "afe") -> RunResult:
    run = Runner(parse(text_of(START, duration, body, board), "test"), 1)
    for each in flutters:
        flutter(run, *each)
    return run.run()


def count(result: RunResult, *names: str) -> int:
    return sum(row.event in names for row in result.events)


def test_a_cover_that_chatters_for_hours_is_told_once_an_hour() -> None:
    """A change each second from 00:10 to 03:10, 10,801 in all; at rest from then on."""
    result = fluttered("6h", (Input.TERMINAL_COVER, 10 * MINUTE, S, 10_801))
    sums = [row for row in result.events if row.event == "input-chatter"]
    assert [row.detail // 1_000_000 for row in sums] == [1] * 3
    assert all(abs(row.detail % 1_000_000 - 3_600) <= 12 for row in sums)
    assert sum(row.detail % 1_000_000 for row in sums) + MOST == 10_801
    # Ten changes, and how it stands at the end of the hours: the last change of each opens it, or leaves it so.
    assert MOST <= count(result, *COVER) <= MOST + 3
    assert [row.event for row in result.events if row.event in COVER][-1] == COVER[0]


def test_when_it_has_been_still_for_an_hour_each_change_is_told_again() -> None:
    chatter, later = (Input.MAGNET, 10 * MINUTE, S, 40), (Input.MAGNET, 150 * MINUTE, MINUTE, 2)
    result = fluttered("3h", chatter, later)
    assert [(row.event, row.detail) for row in result.events if row.at_ns > 20 * MINUTE] == [
        ("input-chatter", 3_000_000 + 40 - MOST),
        ("magnet-detected", 0),
        ("magnet-gone", 0),
    ]


def test_what_changes_in_the_hour_after_is_in_its_sum() -> None:
    result = fluttered("4h", (Input.MAGNET, 10 * MINUTE, S, 40), (Input.MAGNET, 90 * MINUTE, MINUTE, 3))
    assert [(row.event, row.detail) for row in result.events if row.at_ns > 20 * MINUTE] == [
        ("input-chatter", 3_000_000 + 40 - MOST),
        ("input-chatter", 3_000_000 + 3),
        ("magnet-detected", 0),
    ]


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_while_all_inputs_chatter_no_other_event_is_lost(board: str) -> None:
    """Changes every 50 ms, as fast as they are looked at; and a phase that fails just then, on a virgin flash."""
    watched = (Input.TERMINAL_COVER, Input.MAIN_COVER, Input.MAGNET)
    body = fault("phase-fail", "10s", "5s", "phases = [2]")
    result = fluttered("30s", *((which, 10 * S, 50 * MS, 200) for which in watched), body=body, board=board)
    assert result.verdict is Verdict.HELD, [str(check) for check in result.oracles if not check.held]
    assert count(result, "phase-failed", "phase-restored") == 2
    assert count(result, *COVER) == MOST


def test_other_inputs_have_limits_of_their_own() -> None:
    result = fluttered("5min", (Input.MAGNET, MINUTE, S, 40), (Input.MAIN_COVER, 2 * MINUTE, S, 2))
    assert count(result, "magnet-detected", "magnet-gone") == MOST
    assert count(result, "main-cover-opened", "main-cover-closed") == 2


def test_a_button_without_a_lock_out_does_not_flush_the_history() -> None:
    """Thirty presses in a minute; there are 36 sets."""
    free = '[billing]\nlockout = "0s"\n'
    result = fluttered("2h", (Input.RESET_BUTTON, 10 * MINUTE, S, 60), body=free)
    assert count(result, "end-of-billing") == MOST
    assert [row.detail for row in result.events if row.event == "input-chatter"] == [4_000_000 + 30 - MOST]


def test_presses_that_the_lock_out_refuses_are_no_chatter() -> None:
    result = fluttered("2h", (Input.RESET_BUTTON, 10 * MINUTE, S, 60), (Input.RESET_BUTTON, 40 * MINUTE, S, 2))
    assert count(result, "end-of-billing") == 2
    assert count(result, "input-chatter") == 0


def chattering(*more: str) -> Played:
    body = fault("input-chatter", "10min", "1min", 'period = "1s"') + "".join(more)
    return play(text_of(START, "4h", body))


def test_a_fault_of_that_kind_owes_the_sum() -> None:
    assert chattering().result.verdict is Verdict.HELD


def test_a_cover_opened_after_it_is_owed_to_the_sum_or_on_its_own() -> None:
    for at in ("12min", "1h5min", "1h40min", "3h"):
        played = chattering(fault("terminal-cover-open", at, "2min"))
        assert played.result.verdict is Verdict.HELD, (at, played.result.verdict)


def events_check(played: Played) -> str:
    check = next(check for check in played.result.oracles if check.name == "events")
    return "" if check.held else check.message


def test_the_oracle_finds_a_meter_without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chatter, "may", lambda _self, _now_ns: True)
    assert "within an hour" in events_check(chattering())


def test_the_oracle_finds_a_meter_that_tells_no_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chatter, "report", lambda _self, _now_ns: 0)
    monkeypatch.setattr(Chatter, "due_ns", property(lambda _self: None))
    assert "left no event input-chatter" in events_check(chattering())


def test_the_oracle_finds_a_change_that_is_in_no_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of its own making: too early."""
    monkeypatch.setattr(Chatter, "may", lambda _self, _now_ns: False)
    opened = fault("magnet-held", "10min", "2min")
    assert "left no event magnet-detected" in events_check(play(text_of(START, "2h", opened)))
