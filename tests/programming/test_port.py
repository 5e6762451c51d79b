"""The optical port takes a change whole and from who may, or not at all."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.comms.upload import BYTES_MOST, PIECE_BYTES, Upload
from firmware.events.codes import Event
from firmware.programming.programme import Programme
from firmware.programming.value_layout import layout_number
from hal.units import MINUTE, S
from sim.devices.optical_head import Command, Errand, Outcome, Session
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.programming.field import FLAT, Seen, play, program, scenario, table

PASSWORD = "00000000"
CT = 'ct = "200 A / 5 A"\n'


def crc(data: bytes) -> int:
    """CRC-32 of ISO 3309, bit by bit."""
    register = 0xFFFF_FFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB8_8320 if register & 1 else 0)
    return register ^ 0xFFFF_FFFF


@given(st.binary(min_size=1, max_size=400), st.lists(st.integers(0, 10), max_size=6))
def test_pieces_sent_once_or_again_make_the_whole(data: bytes, repeated: list[int]) -> None:
    upload = Upload()
    pieces = [(at, data[at : at + PIECE_BYTES].hex()) for at in range(0, len(data), PIECE_BYTES)]
    for place, (at, digits) in enumerate(pieces):
        for _ in range(1 + repeated.count(place)):
            assert upload.put(at, digits)
    assert upload.take(crc(data) ^ 1) is None
    assert upload.take(crc(data)) == data
    assert upload.take(crc(data)) is None


def test_gaps_and_what_is_too_long_are_refused() -> None:
    upload = Upload()
    assert upload.put(0, "0102")
    assert not upload.put(3, "04")
    assert not upload.put(2, "0x")
    assert not upload.put(2, "")
    assert not upload.put(BYTES_MOST, "00")
    assert upload.take(crc(b"\1\2")) == b"\1\2"


def session(*commands: tuple[Errand, str, str], password: str = PASSWORD) -> Session:
    first, *more = [Command(errand, address, lambda text=text: text) for errand, address, text in commands]
    return Session(first.errand, first.address, first.text, password, tuple(more))


def held(sessions: Sequence[Session], body: str = "") -> tuple[Seen, list[Outcome]]:
    """A meter to which these come, a minute apart."""
    outcomes: list[Outcome] = []

    def prepare(runner: Runner) -> None:
        for number, one in enumerate(sessions):
            at = (number + 1) * MINUTE
            runner.bench.world.at(at, Phase.WORLD, lambda one=one: runner.bench.head.begin(one, outcomes.append))

    text = scenario(body + table("reading", "r", "9min"), duration="10min")
    return play(text, prepare=prepare), outcomes


LAYOUT = layout_number(Programme).to_bytes(4, "little")
GOOD = LAYOUT + bytes.fromhex("06" + "00" + "01" + "50" + "01" + "00" + "00" + "00")
"""A change that names a CT ratio of 40 and no parts, as `firmware.programming.layout` has it: no texts, an option that
is there, 40 as a signed number, over 1, and two that are not there."""
VOLTAGE = LAYOUT + bytes.fromhex("06" + "00" + "00" + "01" + "50" + "01" + "00" + "00")
NOTHING = LAYOUT + bytes.fromhex("04" + "00" + "00" + "00" + "00" + "00")


def pieces(data: bytes) -> list[tuple[Errand, str, str]]:
    return [
        (Errand.WRITE, f"C.90.{at:X}", data[at : at + PIECE_BYTES].hex().upper())
        for at in range(0, len(data), PIECE_BYTES)
    ]


def check(data: bytes, wrong: int = 0) -> tuple[Errand, str, str]:
    return Errand.EXECUTE, "C.91", f"{crc(data) ^ wrong:08X}"


def test_a_change_by_hand_takes_effect() -> None:
    def prepare(runner: Runner) -> None:
        one = session(*pieces(GOOD), check(GOOD))
        runner.bench.world.at(MINUTE, Phase.WORLD, lambda: runner.bench.head.begin(one, lambda outcome: None))

    seen = play(scenario(table("reading", "r", "3min"), duration="4min"), prepare=prepare)
    assert seen.value("r", "C.2.0") == "0001"
    assert seen.sets() == ["programming"]


BAD = {
    "wrong CRC": [*pieces(GOOD), check(GOOD, wrong=1)],
    "no piece": [check(GOOD)],
    "no change": [*pieces(NOTHING), check(NOTHING)],
    "not understood": [*pieces(b"\xff" * 9), check(b"\xff" * 9)],
    "ratio of zero": [*pieces(GOOD.replace(b"\x50", b"\0")), check(GOOD.replace(b"\x50", b"\0"))],
    "voltage transformers": [*pieces(VOLTAGE), check(VOLTAGE)],
    "gap": [(Errand.WRITE, "C.90.5", "00")],
    "no digits": [(Errand.WRITE, "C.90.0", "0G")],
    "no offset": [(Errand.WRITE, "C.90.", "00")],
    "no check": [*pieces(GOOD), (Errand.EXECUTE, "C.91", "12")],
}


@pytest.mark.parametrize("what", list(BAD))
def test_what_is_not_whole_or_not_fit_is_refused(what: str) -> None:
    seen, outcomes = held([session(*BAD[what])])
    assert [outcome.problem for outcome in outcomes] == ["the meter answers ERR1"]
    assert not seen.wrong
    assert seen.value("r", "C.2.0") == "0000"
    assert not seen.sets()
    assert not seen.events(Event.PROGRAMMED.value)


def test_pieces_do_not_outlive_their_session() -> None:
    seen, outcomes = held([session(*pieces(GOOD)), session(check(GOOD))])
    assert [outcome.problem for outcome in outcomes] == [None, "the meter answers ERR1"]
    assert seen.number == 0


def test_a_lower_level_may_not_program() -> None:
    optical = '[optical]\npassword = "11111111"\npasswords = { command = "22222222" }\n'
    commands = (*pieces(GOOD), check(GOOD))
    seen, outcomes = held([session(command, password="22222222") for command in commands], optical)
    assert [outcome.problem for outcome in outcomes] == ["the meter answers ERR5"] * 2
    assert seen.number == 0
    assert seen.events(Event.ACCESS_DENIED.value)


def test_a_tariff_of_more_rates_takes_effect_unless_there_are_no_registers() -> None:
    def rates(count: int) -> str:
        return f'tariff = {{ rates = {count}, day_profiles = {{ d = {{ "00:00" = {count} }} }} }}\n'

    body = program("p", "1min", rates(5)) + program("q", "2min", rates(9)) + table("reading", "r", "4min")
    seen = play(scenario(body, duration="5min"))
    assert not seen.wrong, seen.wrong
    assert [seen.reading(name).problem for name in ("p", "q")] == [None, "the meter answers ERR1"]
    assert seen.value("r", "C.14.0") == "05"
    total, one, five = (float(seen.value("r", f"1.8.{rate}")) for rate in (0, 1, 5))
    assert one > 0 < five
    # Each is cut off to a watt-hour.
    assert 0 <= total - one - five <= 0.0021


def test_a_frozen_tariff_keeps_its_rate_until_it_is_released() -> None:
    """The battery is dead, the clock lost: the tariff is frozen in rate 1; the new one names rate 2 all day."""
    body = '[clock]\nbattery_failure = "reset-and-freeze"\n'
    body += table("fault", "cell", "1min", 'kind = "battery-fail"\n')
    body += table("fault", "out", "2min", 'kind = "supply-fail"\nduration = "5min"\n')
    body += program("p", "10min", FLAT) + table("reading", "frozen", "12min")
    body += table("reading", "release", "13min", 'kind = "release-tariff"\n') + table("reading", "free", "15min")
    seen = play(scenario(body, duration="17min"))
    assert not seen.wrong, seen.wrong
    assert [seen.reading(name).problem for name in ("p", "release")] == [None, None]
    assert seen.value("frozen", "C.14.0") == "01"
    assert seen.value("free", "C.14.0") == "02"


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_the_customers_register_goes_on_without_a_jump(board: str) -> None:
    """1 kW secondary, 20 to 1 and then 40 to 1; the set keeps its own ratio."""
    body = program("p", "2min", CT) + table("reading", "a", "110s") + table("reading", "b", "150s")
    seen = play(scenario(body, duration="3min", board=board))
    assert not seen.wrong, seen.wrong
    change_s = seen.reading("p").ended_ns / S
    first, second = float(seen.value("a", "1.8.0")), float(seen.value("b", "1.8.0"))
    # Within what flows in the seconds of the sessions.
    assert first == pytest.approx(20 * 111.5 / 3600, abs=0.02)
    assert second == pytest.approx((20 * change_s + 40 * (151.5 - change_s)) / 3600, abs=0.05)
    assert float(seen.value("b", "1.8.0*01")) == pytest.approx(20 * change_s / 3600, abs=0.02)
