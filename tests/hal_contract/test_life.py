"""Contract of `hal.board`: handles are good for one life of the CPU, and do nothing after it."""

import enum
from collections.abc import Generator

import pytest

from hal.outputs import Output, Pulse
from hal.processor import Busy, Idle
from hal.serial import LineSettings
from hal.units import MS, S
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.POWER_CYCLE, Feature.FLASH, Feature.RTC, Feature.SERIAL, Feature.DISPLAY)

T0 = 1_700_000_000


def test_old_handles_touch_nothing(board: Harness) -> None:
    old = board.board()
    old.rtc.set(T0)
    board.power_cycle(S // 10)
    new = board.board()
    for settings_of in (board.serial(), board.far_end()):
        settings_of.configure(LineSettings(9600))
    new.display.show(0, "new")
    new.outputs.set(Output.ALARM, True)
    before = new.processor.now()

    old.flash.program(0, b"\x00")
    old.flash.erase(1)
    old.rtc.set(T0 + 10_000)
    old.rtc.set_alarm(T0 + 10_001)
    old.optical.configure(LineSettings(300))
    old.optical.write(b"old")
    old.display.show(0, "old")
    old.outputs.set(Output.ALARM, False)
    old.outputs.pulse(Pulse.ACTIVE, [before + 10 * MS])
    old.watchdog.start(0, MS)
    board.advance(1_200 * MS)

    assert not new.flash.busy()
    assert new.flash.read(0, 1) == b"\xff"
    assert T0 <= new.rtc.read().utc_s < T0 + 10_000
    assert board.far_end().received() == b""
    assert board.shown(0) == "new"
    assert board.output(Output.ALARM)
    assert board.pulses(Pulse.ACTIVE) == []
    assert not board.bites
    assert not board.raised


def test_a_handle_offers_what_the_hal_does_and_no_more(board: Harness) -> None:
    for device in (board.rtc(), board.flash(), board.inputs(), board.outputs(), board.supply()):
        for beyond in ("power_up", "power_down", "close", "change", "put", "preset", "feed", "keep"):
            assert not hasattr(device, beyond)


class Clinging:
    """A program that would still write when its life ends."""

    def __init__(self, board: Harness) -> None:
        self._board = board
        self.ended = 0

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        handles = self._board.board()
        try:
            while True:
                yield Idle(None)
        finally:
            self.ended += 1
            handles.flash.program(0, b"\x00")
            handles.display.show(0, "finally")
            handles.optical.write(b"finally")
            handles.rtc.set(T0 + 10_000)

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        return Busy(0, 0)


def test_what_runs_at_the_end_of_a_life_touches_nothing(board_off: Harness) -> None:
    program = Clinging(board_off)
    board_off.boot(program)
    board_off.advance(10 * MS)
    board_off.rtc().set(T0)
    board_off.power_cycle(S // 10)
    assert program.ended == 1
    board_off.advance(400 * MS)
    assert board_off.flash().read(0, 1) == b"\xff"
    assert board_off.shown(0) != "finally"
    assert board_off.far_end().received() == b""
    assert T0 <= board_off.rtc().read().utc_s < T0 + 10_000
    assert not board_off.flash().busy()
