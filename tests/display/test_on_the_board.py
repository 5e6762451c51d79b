"""The display of a whole meter: what somebody sees who comes, presses, and looks."""

import json

import pytest

from hal.display import Symbol
from hal.units import HOUR, MINUTE, MS, S
from sim.scenario.loader import parse
from sim.scenario.onlooker import Sight, look, presses
from sim.scenario.runner import Runner
from tests.cli.conftest import Invoke, invoke  # noqa: F401  # a fixture

START = "2026-06-01T00:00:00+02:00"


def text_of(board: str = "afe", body: str = "", load: str = 'power = "3.6 kW"', duration: str = "3h") -> str:
    head = f'schema = 1\ntitle = "display"\nstart = {START}\nduration = "{duration}"\nboard = "{board}"\n'
    return f"{head}\n[load]\n{load}\n{body}\n"


def seen(text: str, at_ns: int, count: int = 0, hold: bool = False) -> Sight:
    return look(Runner(parse(text), 1), at_ns, presses(count, hold, 2 * S))


LIST = '\n[display]\nautomatic = ["1.8.0", "1.8.2", "0.9.1"]\nmanual = ["14.7.0", "32.7.0", "C.14.0"]\npage = "4s"\n'


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_the_automatic_list_goes_on_with_time(board: str) -> None:
    codes = []
    for at_s in (5, 9, 13, 17):
        sight = seen(text_of(board, LIST, duration="30s"), at_s * S - 500 * MS)
        codes.append(sight.lines[0].split()[0])
    # The meter boots at 0.44 s, and each page stays for 4 s.
    assert codes == ["1.8.2", "0.9.1", "1.8.0", "1.8.2"]


def test_the_energy_is_that_of_the_instant() -> None:
    """1 Wh a second."""
    sight = seen(text_of(body=LIST.replace('"1.8.2", "0.9.1"', '"1.8.1"')), HOUR, 1)
    shown = round(float(sight.lines[1]) * 1_000)
    assert sight.lines[0].split() in (["1.8.0", "kWh"], ["1.8.1", "kWh"])
    assert shown in (0, sight.at_ns // S, sight.at_ns // S - 1)
    total = seen(text_of(body=LIST.replace(', "1.8.2", "0.9.1"', "")), HOUR)
    assert total.lines == ("1.8.0        kWh", "      000003.600") or total.lines[1].strip() == "000003.599"


def test_the_button_steps_and_held_it_leads_to_the_manual_list() -> None:
    manual = [seen(text_of(body=LIST), HOUR, count, True).lines[0].split()[0] for count in range(4)]
    assert manual == ["14.7.0", "32.7.0", "C.14.0", "14.7.0"]
    assert Symbol.MANUAL in seen(text_of(body=LIST), HOUR, 1).symbols


def test_the_automatic_list_comes_back() -> None:
    runner = Runner(parse(text_of(body=LIST)), 1)
    first = look(runner, MINUTE, presses(1, True, 2 * S))
    assert first.lines[0].split()[0] == "32.7.0"
    assert look(runner, first.at_ns + 50 * S, []).lines[0].split()[0] == "32.7.0"
    # A minute after the last press it is the first page again.
    assert look(runner, first.at_ns + 60 * S, []).lines[0].split()[0] == "1.8.0"
    assert Symbol.MANUAL not in look(runner, first.at_ns + 62 * S, []).symbols


def test_symbols_follow_the_mains_and_the_tariff() -> None:
    fault = f'\n[[fault]]\nid = "off"\nkind = "phase-fail"\nat = "1h"\nduration = "30min"\nphases = [2]\n{LIST}'
    runner = Runner(parse(text_of(body=fault, duration="9h")), 1)
    assert set(look(runner, 50 * MINUTE, []).symbols) == {Symbol.L1, Symbol.L2, Symbol.L3, Symbol.Q1, Symbol.T2}
    assert set(look(runner, 70 * MINUTE, []).symbols) == {Symbol.L1, Symbol.L3, Symbol.Q1, Symbol.T2, Symbol.ALARM}
    # The phase is back; the alarm stands until somebody acknowledges it.
    lit = {Symbol.L1, Symbol.L2, Symbol.L3, Symbol.Q1, Symbol.T1, Symbol.ALARM}
    assert set(look(runner, 8 * HOUR, []).symbols) == lit


def test_without_power_it_is_dark() -> None:
    fault = '\n[[fault]]\nid = "off"\nkind = "supply-fail"\nat = "1h"\nduration = "30min"\n'
    sight = seen(text_of(body=fault), HOUR + 10 * MINUTE)
    assert (sight.powered, sight.lines, sight.symbols) == (False, ("", ""), ())


def test_to_hold_for_the_relay_is_to_hold_for_longer() -> None:
    body = (
        '\n[display]\nautomatic = ["C.3.10"]\n[load_switch.relay]\ncontrol_mode = 3\n'
        '[[reading]]\nid = "off"\nat = "1min"\nkind = "disconnect"\n[[reading]]\nid = "on"\nat = "2min"\n'
        'kind = "reconnect"\n'
    )
    runner = Runner(parse(text_of(body=body)), 1)
    states = []
    for at_ns, press in ((30 * S, []), (90 * S, []), (180 * S, []), (240 * S, [(0, 6 * S)]), (600 * S, [])):
        sight = look(runner, at_ns, press)
        states.append((sight.lines[1].strip(), Symbol.OPEN in sight.symbols, Symbol.READY in sight.symbols))
    assert states[:3] == [("ON", False, False), ("OFF", True, False), ("READY HOLD KEY", True, True)]
    # Held, the display showed its manual list meanwhile.
    assert states[3][1:] == (False, False)
    assert states[4] == ("ON", False, False)


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_looking_changes_no_register(board: str) -> None:
    text = text_of(board, duration="20s")
    alone, watched = Runner(parse(text), 1), Runner(parse(text), 1)
    for at_s in (3, 5, 8):
        look(watched, at_s * S, [])
    results = []
    for runner in (alone, watched):
        runner.advance(20 * S)
        save = runner.finish()
        results.append((save.energies, save.rates, [check.held for check in save.oracles]))
    assert results[0] == results[1]


def test_nobody_looks_and_nothing_is_drawn() -> None:
    runner = Runner(parse(text_of()), 1)
    result = runner.run()
    (row,) = [row for row in result.timing if row.task == "display"]
    assert row.jobs == 0
    assert runner.bench.board.display.lines == ["", ""]


class TestCommand:
    def test_it_prints_the_box(self, invoke: Invoke) -> None:  # noqa: F811
        done = invoke("display", "first-day", "--board", "afe", "--at", "2026-03-28T18:00:22")
        assert done.exit_code == 0
        title, edge, first, second, last, lit = done.stdout.splitlines()
        assert title == "first-day, 2026-03-28T18:00:22+01:00"
        assert edge == last == f"+{'-' * 18}+"
        assert (first, second) == ("| 1.6.0         kW |", "|          000.000 |")
        assert lit == "L1 L2 L3 Q1 T1"

    def test_for_machines(self, invoke: Invoke) -> None:  # noqa: F811
        words = ("display", "first-day", "--board", "afe", "--at", "30s", "--hold", "--press", "1", "--json")
        told = json.loads(invoke(*words).stdout)
        assert told["lines"] == ["0.0.0           ", "        00000001"]
        assert (told["powered"], told["board"], "manual" in told["symbols"]) == (True, "afe", True)

    @pytest.mark.parametrize("at", ["soon", "40d", "2026-03-27T00:00:00", "9999-12-31T00:00:00", "-1h"])
    def test_an_instant_that_is_none_is_refused(self, invoke: Invoke, at: str) -> None:  # noqa: F811
        done = invoke("display", "first-day", "--board", "afe", f"--at={at}")
        assert done.exit_code == 2
        assert "--at" in done.stderr
