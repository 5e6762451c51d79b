"""Relay, limiter and load control in the simulated world: the relay really interrupts the load, and outlives power."""

from functools import partial

import pytest

from hal.inputs import Input
from hal.outputs import Output
from hal.probe import EventLogged, LoadControlled, SupplyControlled
from hal.units import MINUTE, S
from sim.scenario.loader import parse
from sim.scenario.result import RunResult, Verdict
from sim.scenario.runner import Runner
from sim.world import Phase

START = "2026-06-01T00:00:00+02:00"
RELAY = "\n[load_switch.relay]\ncontrol_mode = {}\n"
LIMITER = """
[load_switch.limiter]
threshold = {{ power = "{}" }}
emergency = {{ power = "2 kW" }}
heeded = [7]
on_over = "disconnect"
on_under = "{}"
over = "20s"
under = "40s"
reconnections = {}
"""


def text_of(duration: str, body: str, board: str = "afe") -> str:
    head = f'schema = 1\ntitle = "load switch"\nstart = {START}\nduration = "{duration}"\nboard = "{board}"\n'
    return f'{head}\n[load]\npower = "3.6 kW"\n{body}\n'


def command(kind: str, at: str, more: str = "") -> str:
    identity = f"{kind}-{at}"
    return f'\n[[reading]]\nid = "{identity}"\nat = "{at}"\nkind = "{kind}"\nlevel = 3\n{more}\n'


class Play:
    """A run with what it told."""

    def __init__(self, text: str, presses: tuple[tuple[int, int], ...] = ()) -> None:
        """`presses` of the display's button, each from and until a true instant."""
        self.runner = Runner(parse(text), 1)
        self.bench = self.runner.bench
        self.moves: list[tuple[int, str, str]] = []
        self.loads: list[tuple[int, bool]] = []
        self.events: list[tuple[int, str, int]] = []
        probe = self.bench.probe
        probe.subscribe(SupplyControlled, lambda at, told: self.moves.append((at, told.transition, told.state)))
        probe.subscribe(LoadControlled, lambda at, told: self.loads.append((at, told.on)))
        probe.subscribe(EventLogged, lambda at, told: self.events.append((at, told.event, told.detail)))
        for begin_ns, end_ns in presses:
            for at_ns, state in ((begin_ns, True), (end_ns, False)):
                put = partial(self.bench.board.inputs.put, Input.DISPLAY_BUTTON, state)
                self.bench.world.at(at_ns, Phase.WORLD, put)
        self.result: RunResult = self.runner.run()

    @property
    def letters(self) -> str:
        return "".join(letter for _, letter, _ in self.moves)

    @property
    def held(self) -> bool:
        return self.result.verdict is Verdict.HELD

    def told(self, event: str) -> list[int]:
        return [detail for _, name, detail in self.events if name == event]

    @property
    def import_wh(self) -> int:
        """What has truly flowed, rounded."""
        return round(self.bench.truth.at(self.bench.world.now)[0] / 10**9)


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_a_remote_disconnection_interrupts_the_load(board: str) -> None:
    play = Play(text_of("30s", RELAY.format(4) + command("disconnect", "10s"), board), ())
    assert play.held
    assert play.letters == "b"
    assert play.bench.board.relay is not None
    assert not play.bench.board.relay.closed
    assert play.told("supply-disconnected") == [2]
    # 1 Wh a second until the command has come, at 12 s.
    assert 12 <= play.import_wh <= 13
    assert all(reading.problem is None for reading in play.result.readings)


def test_a_meter_without_a_relay_refuses_the_command_and_its_load_goes_on() -> None:
    play = Play(text_of("30s", command("disconnect", "10s")))
    assert play.held
    assert (play.letters, play.import_wh) == ("", 30)
    assert play.result.readings[0].problem is not None


def test_what_a_lower_level_may_not_do() -> None:
    wrong = command("disconnect", "10s").replace("level = 3", 'password = "11111111"')
    passwords = '\n[optical.passwords]\nadjust = "11111111"\n'
    play = Play(text_of("30s", passwords + RELAY.format(4) + wrong))
    assert (play.letters, play.told("access-denied")) == ("", [1])


def test_released_it_waits_for_the_button_to_be_held() -> None:
    body = RELAY.format(3) + command("disconnect", "1min") + command("reconnect", "2min")
    play = Play(text_of("5min", body), ((180 * S, 182 * S), (200 * S, 210 * S)))
    assert play.held
    assert play.letters == "bde"
    assert play.moves[2][0] // S == 205
    assert play.told("supply-ready") == [4]
    # Off from 62 s to 205 s.
    assert 300 - 143 - 1 <= play.import_wh <= 300 - 143 + 1


def test_a_button_held_since_before_does_nothing() -> None:
    """Pressed while disconnected, it is not what reconnects once it is released for that."""
    body = RELAY.format(3) + command("disconnect", "1min") + command("reconnect", "2min")
    play = Play(text_of("5min", body), ((70 * S, 280 * S),))
    assert play.letters == "bd"


@pytest.mark.parametrize("kind", ["supply-fail", "power-cut"])
def test_the_relay_and_what_the_meter_knows_of_it_outlive_the_power(kind: str) -> None:
    fault = f'\n[[fault]]\nid = "dark"\nkind = "{kind}"\nat = "5min"\nduration = "2min"\n'
    body = RELAY.format(4) + command("disconnect", "1min") + command("reconnect", "20min") + fault
    play = Play(text_of("30min", body))
    assert play.held
    assert play.letters == "ba"
    assert play.bench.board.outputs.state(Output.RELAY)
    # On until 62 s, and again from 1202 s.
    assert 62 + 598 - 1 <= play.import_wh <= 62 + 598 + 1


def test_each_boot_drives_the_relay_to_where_it_should_be() -> None:
    fault = '\n[[fault]]\nid = "dark"\nkind = "supply-fail"\nat = "5min"\nduration = "2min"\n'
    runner = Runner(parse(text_of("10min", RELAY.format(4) + command("disconnect", "1min") + fault)), 1)
    driven: list[bool] = []
    runner.bench.board.outputs.on_set(lambda which, on: driven.append(on) if which is Output.RELAY else None)
    assert runner.run().verdict is Verdict.HELD
    assert driven == [True, False, False]


def test_what_the_limiter_did_outlives_a_power_cut_without_warning() -> None:
    cut = '\n[[fault]]\nid = "dark"\nkind = "power-cut"\nat = "25s"\nduration = "10s"\n'
    play = Play(text_of("5min", RELAY.format(4) + LIMITER.format("3 kW", "log", 1) + cut))
    assert play.held
    assert (play.letters, play.told("limit-exceeded"), play.told("limit-kept")) == ("g", [0], [0])
    assert play.bench.board.relay is not None
    assert not play.bench.board.relay.closed
    assert play.told("unexpected-consumption") == []


def test_the_limiter_opens_and_closes_and_gives_up() -> None:
    body = RELAY.format(5) + LIMITER.format("3 kW", "reconnect", 3)
    play = Play(text_of("20min", body))
    assert play.held
    assert play.letters == "ghghghg"
    opened = [at for at, letter, _ in play.moves if letter == "g"]
    closed = [at for at, letter, _ in play.moves if letter == "h"]
    for open_ns, close_ns in zip(opened, closed, strict=False):
        assert 40 <= (close_ns - open_ns) // S <= 41
    for close_ns, open_ns in zip(closed, opened[1:], strict=False):
        assert 20 <= (open_ns - close_ns) // S <= 21
    assert len(play.told("limit-exceeded")) == len(play.told("limit-kept")) == 4


def test_an_emergency_profile_puts_the_lower_threshold_in_force() -> None:
    profile = command(
        "emergency-profile",
        "1min",
        f"emergency = {{ number = 7, begin = {START.replace('00:00:00', '00:05:00')}, duration = '4min' }}",
    )
    play = Play(text_of("15min", RELAY.format(5) + LIMITER.format("5 kW", "reconnect", 10) + profile))
    assert play.held
    assert play.told("emergency-profile-began") == play.told("emergency-profile-ended") == [7]
    assert play.moves[0][1] == "g"
    assert 320 <= play.moves[0][0] // S <= 321
    # 20 s on, 40 s off while it lasts; then it stays on.
    assert play.letters == "ghghghgh"
    assert play.bench.board.relay is not None
    assert play.bench.board.relay.closed


def test_another_number_is_not_heeded() -> None:
    profile = command(
        "emergency-profile",
        "1min",
        f"emergency = {{ number = 8, begin = {START.replace('00:00:00', '00:05:00')}, duration = '4min' }}",
    )
    play = Play(text_of("15min", RELAY.format(5) + LIMITER.format("5 kW", "reconnect", 10) + profile))
    assert (play.letters, play.told("emergency-profile-began")) == ("", [])


def test_welded_contacts_show_as_unexpected_consumption() -> None:
    fault = '\n[[fault]]\nid = "weld"\nkind = "relay-welded"\nat = "30s"\nduration = "4min"\n'
    play = Play(text_of("10min", RELAY.format(4) + command("disconnect", "1min") + fault))
    assert play.held
    assert len(play.told("unexpected-consumption")) == len(play.told("unexpected-consumption-ended")) == 1
    # 5 s after the command at 62 s; and when it was gone for as long, at 275 s.
    began, ended = (at // S for at, event, _ in play.events if event.startswith("unexpected"))
    assert (began, ended) == (67, 275)
    # It opened when it was free.
    assert 270 <= play.import_wh <= 271


def test_the_load_control_output_follows_the_rate_and_a_command() -> None:
    tariff = """
[load_switch.load_control]
rates = [2]
minimum_on = "10min"
minimum_off = "10min"
"""
    commands = command("load-control", "3h", 'load = "off"') + command("load-control", "3h5min", 'load = "on"')
    play = Play(text_of("12h", tariff + commands + command("load-control", "4h", 'load = "tariff"')))
    assert play.held
    minutes = [(at // MINUTE, on) for at, on in play.loads]
    # Rate 2 at night, until 06:00; off for 10 min at least when the meter starts, and when a command has said so.
    assert minutes == [(10, True), (180, False), (190, True), (360, False)]
    assert not play.bench.board.outputs.state(Output.LOAD_CONTROL)
