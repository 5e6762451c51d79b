"""Access and commands on the optical port, as a reader meets them."""

import pytest

from hal.units import S
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import Played, fault, play, reading, text_of, troubles

RIGHT, WRONG = "12345678", "12345679"
PORT = f'[billing]\nlockout = "0s"\n[optical]\npassword = "{RIGHT}"\n'


def session(played: Played, identity: str) -> str | None:
    """What went wrong in a session; None if all was well."""
    (row,) = [row for row in played.result.readings if row.id == identity]
    return row.problem


def played_on(board: str, *sessions: str, duration: str = "40min") -> Played:
    played = play(text_of("2026-06-15T08:00:00+02:00", duration, PORT + "".join(sessions), board))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


@pytest.mark.parametrize("board", ["soc", "afe"])
def test_a_wrong_password_is_refused_and_logged(board):
    sessions = (
        reading("wrong", "1min", "billing-reset", WRONG),
        reading("short", "2min", "set-clock", "1"),
        reading("right", "3min", "billing-reset", RIGHT),
        reading("own", "4min", "billing-reset"),
    )
    played = played_on(board, *sessions, duration="5min")
    assert session(played, "wrong") is not None
    assert session(played, "short") is not None
    assert session(played, "right") is None
    assert session(played, "own") is None
    assert played.events() == ["power-up", *["password-wrong"] * 2, *["programming-opened", "end-of-billing"] * 2]
    assert [source for source, _ in played.billing()] == ["optical"] * 2


def test_three_wrong_passwords_lock_and_then_even_the_right_one_is_refused():
    wrong = [reading(f"wrong-{n}", f"{n}min", "billing-reset", WRONG) for n in (1, 2, 3)]
    right = [reading(f"right-{n}", f"{n}min", "billing-reset", RIGHT) for n in (4, 8, 12, 14, 15)]
    played = played_on("afe", *wrong, *right, reading("readout", "5min"))
    assert all(session(played, f"wrong-{n}") is not None for n in (1, 2, 3))
    # Ten minutes from 3 min and some seconds.
    assert [session(played, f"right-{n}") is None for n in (4, 8, 12, 14, 15)] == [False, False, False, True, True]
    assert played.count("programming-locked") >= 1
    assert played.events().index("programming-locked") == 4
    assert [source for source, _ in played.billing()] == ["optical"] * 2
    # A readout needs no password.
    assert session(played, "readout") is None


def test_a_right_password_forgives_the_wrong_ones_before():
    order = [WRONG, WRONG, RIGHT, WRONG, WRONG, RIGHT]
    sessions = [reading(f"s-{n}", f"{n + 1}min", "billing-reset", word) for n, word in enumerate(order)]
    played = played_on("afe", *sessions)
    assert [session(played, f"s-{n}") is None for n in range(6)] == [word == RIGHT for word in order]
    assert played.count("programming-locked") == 0


def test_tries_and_lockout_are_as_configured():
    body = f'[optical]\npassword = "{RIGHT}"\ntries = 1\nlockout = "2min"\n'
    body += reading("wrong", "1min", "set-clock", WRONG)
    body += reading("locked", "2min", "set-clock") + reading("free", "4min", "set-clock")
    played = play(text_of("2026-06-15T08:00:00+02:00", "6min", body))
    assert [session(played, name) is None for name in ("wrong", "locked", "free")] == [False, False, True]
    assert played.count("clock-set") == 1


def test_a_billing_reset_by_the_reader_makes_a_set_of_its_own():
    sessions = (
        reading("before", "1h"),
        reading("reset", "1h10min", "billing-reset"),
        reading("after", "1h11min"),
        reading("later", "3h"),
    )
    played = played_on("afe", *sessions, duration="4h")
    ((source, _),) = played.billing()
    assert source == "optical"
    before, after, later = (played.registers(name) for name in ("before", "after", "later"))
    assert (before["0.1.0"], after["0.1.0"]) == (("00",), ("01",))
    assert before["1.6.0"][0] == "003.600*kW"
    assert after["1.6.0"] == ("000.000*kW", "")
    assert after["1.6.0*01"] == before["1.6.0"]
    assert float(after["1.8.0*01"][0].partition("*")[0]) == pytest.approx(70 * 0.06, abs=0.004)
    assert float(after["1.8.0"][0].partition("*")[0]) == pytest.approx(71 * 0.06, abs=0.004)
    assert later["1.8.0*01"] == after["1.8.0*01"]
    assert later["1.6.0"][0] == "003.600*kW"
    assert later["0.1.2*01"] == after["0.1.2*01"] == ("2606150910",)


@pytest.mark.parametrize("board", ["soc", "afe"])
def test_a_readout_shows_the_registers_of_now(board):
    sessions = [reading(f"at-{minute}", f"{minute}min") for minute in (2, 5, 9)]
    played = played_on(board, *sessions, duration="10min")
    for minute in (2, 5, 9):
        shown = float(played.registers(f"at-{minute}")["1.8.0"][0].partition("*")[0])
        assert shown == pytest.approx(minute * 0.06, abs=0.004)


def test_what_a_readout_shows_of_itself():
    body = PORT + 'device_address = "00471100"\nidentification = "PMU"\n' + reading("one", "10min")
    played = play(text_of("2026-06-15T08:00:00+02:00", "20min", body))
    shown = played.registers("one")
    assert shown["F.F"] == ("00000000",)
    assert shown["0.0.0"] == ("00471100",)
    assert shown["0.1.0"] == ("00",)
    assert shown["0.9.1"][0].startswith("08:10:0")
    assert shown["0.9.2"] == ("26-06-15",)
    (row,) = played.result.readings
    assert row.identification == "PMU"
    assert row.started_ns < row.ended_ns < row.started_ns + 20 * 10**9


def test_a_session_that_loses_the_supply_leaves_a_port_that_answers():
    sessions = [reading("cut", "5min", "billing-reset"), reading("next", "7min", "billing-reset")]
    # Every 100 ms of a session of about two seconds is once the last.
    for part in range(0, 2500, 100):
        cut = fault("power-cut", f"{300_000 + part}ms", "20s")
        played = played_on("afe", *sessions, cut, duration="9min")
        assert session(played, "next") is None
        done = session(played, "cut") is None
        assert len(played.billing()) in ((2,) if done and part < 0 else (1, 2))


def test_noise_keeps_no_session_alive():
    """A reader opens a programming session and goes; a lamp flickers on the port ever after. Others get through."""
    runner = Runner(parse(text_of("2026-06-15T08:00:00+02:00", "10min", PORT + reading("other", "5min"))), 1)
    world, line = runner.bench.world, runner.bench.head.uart
    world.at(10 * S, Phase.DEVICES, lambda: line.write(b"/?!\r\n"))
    world.at(12 * S, Phase.DEVICES, lambda: line.write(b"\x06051\r\n"))
    for second in range(20, 295, 5):
        world.at(second * S, Phase.DEVICES, lambda: line.write(b"\x00"))
    (row,) = runner.run().readings
    assert row.problem is None
    assert row.registers["0.1.0"] == ("00",)
