"""Test mode in a whole meter: what flows in it reaches no register that bills, and it ends whatever happens."""

import pytest

from hal.display import Symbol
from hal.probe import EventLogged, RegistersSaved, TestModeChanged
from hal.units import MINUTE, S
from sim.scenario.loader import parse
from sim.scenario.onlooker import look
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner

START = "2026-06-01T00:00:00+02:00"
WH = 10**9


def text_of(duration: str, body: str, board: str = "afe") -> str:
    """1 Wh a second."""
    head = f'schema = 1\ntitle = "test mode"\nstart = {START}\nduration = "{duration}"\nboard = "{board}"\n'
    return f'{head}\n[load]\npower = "3.6 kW"\n{body}\n'


def command(kind: str, at: str, more: str = "") -> str:
    return f'\n[[reading]]\nid = "{kind}-{at}"\nat = "{at}"\nkind = "{kind}"\n{more}\n'


class Play:
    def __init__(self, text: str) -> None:
        self.runner = Runner(parse(text), 1)
        self.changes: list[tuple[int, bool]] = []
        self.events: list[str] = []
        self.saves: list[RegistersSaved] = []
        probe = self.runner.bench.probe
        probe.subscribe(TestModeChanged, lambda at, told: self.changes.append((at // S, told.on)))
        probe.subscribe(EventLogged, lambda _at, told: self.events.append(told.event))
        probe.subscribe(RegistersSaved, lambda _at, told: self.saves.append(told))

    def run(self) -> "Play":
        self.result = self.runner.run()
        return self

    @property
    def imported_s(self) -> int:
        """The billing register at the last save, which is that many seconds of load."""
        return round(self.saves[-1].totals[0] / WH)


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_what_flows_in_it_bills_nowhere(board: str) -> None:
    body = command("begin-test", "10s") + command("end-test", "30s")
    play = Play(text_of("40s", body, board)).run()
    assert play.result.verdict is Verdict.HELD
    assert [on for _, on in play.changes] == [True, False]
    begun, ended = (at for at, _ in play.changes)
    assert play.saves[-1].reason == "command"
    # The last save is that of the end: nothing of the test is in it, nor in a rate or an interval of the profile.
    assert begun - 1 <= play.imported_s <= begun + 1 < ended - 15
    assert sum(rate[0] for rate in play.saves[-1].rates) == play.saves[-1].totals[0]
    assert [event for event in play.events if "test" in event] == ["test-mode-began", "test-mode-ended"]


def test_it_ends_by_itself() -> None:
    play = Play(text_of("2h", command("begin-test", "10min"))).run()
    assert play.result.verdict is Verdict.HELD
    (begun, _), (ended, _) = play.changes
    assert 1_800 <= ended - begun <= 1_801
    assert 7_200 - 1_800 - 900 - 2 <= play.imported_s <= 5_400


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_it_ends_with_the_power(kind: str) -> None:
    fault = f'\n[[fault]]\nid = "dark"\nkind = "{kind}"\nat = "20min"\nduration = "5min"\n'
    play = Play(text_of("46min", command("begin-test", "10min") + fault)).run()
    assert play.result.verdict is Verdict.HELD
    assert [on for _, on in play.changes] == [True]
    # Until the test began, at 10 min 2 s, and from the power-up until the save at 45 min.
    assert 602 + 1_200 - 3 <= play.imported_s <= 602 + 1_200 + 3


def test_the_display_shows_the_test_and_nothing_else_of_energy() -> None:
    body = command("begin-test", "10min") + '\n[display]\ntest = ["1.8.0", "1.8.1", "1.7.0"]\n'
    play = Play(text_of("2h", body))
    sights = [look(play.runner, 15 * MINUTE, []), look(play.runner, 16 * MINUTE, [(0, 200_000_000)])]
    assert all(Symbol.TEST in sight.symbols for sight in sights)
    # It begins at 10 min 2 s.
    assert sights[0].lines[0].split() == ["1.8.0", "kWh"]
    assert abs(float(sights[0].lines[1]) * 1_000 - 298) <= 1
    assert (sights[1].lines[0].split(), sights[1].lines[1].strip()) == (["1.8.1"], "--------")
    after = look(play.runner, 75 * MINUTE, [])
    assert Symbol.TEST not in after.symbols


def test_it_takes_the_level_of_programming() -> None:
    secret = '\n[optical.passwords]\ncommand = "11111111"\n'
    play = Play(text_of("30s", secret + command("begin-test", "10s", "level = 2"))).run()
    assert (play.changes, "access-denied" in play.events) == ([], True)


def test_energy_that_should_bill_and_does_not_is_seen() -> None:
    """The oracle lets pass what flowed in test mode, and no more."""
    play = Play(text_of("1h", command("begin-test", "10min") + command("end-test", "20min")))
    play.runner.advance(15 * MINUTE)
    play.runner.bench.probe.publish(TestModeChanged(False, 14 * MINUTE))
    play.runner.advance(60 * MINUTE)
    held = {check.name: check.held for check in play.runner.finish().oracles}
    assert not held["energy"]
