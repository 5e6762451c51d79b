"""What hands at the bench see and do, where the HAL does not say."""

import io
from pathlib import Path

import pytest

from hal.board import Board
from hal.flash import FlashGeometry
from hal.outputs import Pulse
from hal.probe import MailboxDropped
from hal.processor import ResetCause
from hal.units import MS, US
from rig.bench import FLASH_FILE, Bench
from rig.display import BenchDisplay
from rig.probe import TraceProbe
from rig.processor import HostProcessor
from rig.serial_port import HostSerialPort, pseudo_terminal
from tests.hal_contract.harness import Recorder
from tests.rig.conftest import Terminal

SMALL = FlashGeometry(256, 4096, 16, 3 * MS, 400 * MS, 40 * US)


def test_a_trace_is_a_line_a_record() -> None:
    stream = io.StringIO()
    probe = TraceProbe(lambda: 12_000_000_345, stream)
    probe.publish(MailboxDropped("events", 1))
    probe.publish(MailboxDropped("events", 2))
    assert stream.getvalue() == (
        "12.000000345 MailboxDropped(mailbox='events', dropped=1)\n"
        "12.000000345 MailboxDropped(mailbox='events', dropped=2)\n"
    )


def test_a_display_writes_what_it_shows() -> None:
    stream = io.StringIO()
    display = BenchDisplay(stream)
    display.show(1, "000123.456 kWh")
    assert stream.getvalue() == "[1] 000123.456 kWh  \n"


def bench(folder: Path, terminal: Terminal, cause: ResetCause = ResetCause.POWER_ON) -> Bench:
    def connect(processor: HostProcessor) -> HostSerialPort:
        return pseudo_terminal(processor, terminal.path)

    return Bench(folder, connect, geometry=SMALL, reset_cause=cause)


def test_a_pulse_whose_instant_has_passed_goes_at_once(terminal: Terminal, tmp_path: Path) -> None:
    with bench(tmp_path, terminal) as rig:
        rig.boot(lambda _board: Recorder(lambda _interrupt: None))
        rig.run(rig.processor.now() + 2 * MS)
        rig.board().outputs.pulse(Pulse.ACTIVE, [1])
        rig.run(rig.processor.now() + 2 * MS)
        assert [which for _, which in rig.outputs.pulses] == [Pulse.ACTIVE]


def test_the_cause_of_a_reset_is_passed_on(terminal: Terminal, tmp_path: Path) -> None:
    with bench(tmp_path, terminal, ResetCause.WATCHDOG) as rig:
        assert rig.board().processor.reset_cause is ResetCause.WATCHDOG


def test_firmware_sees_a_board_and_not_the_hands(terminal: Terminal, tmp_path: Path) -> None:
    with bench(tmp_path, terminal) as rig:
        board: Board = rig.board()
        with pytest.raises(AttributeError, match="has no change"):
            getattr(board.inputs, "change")  # noqa: B009  # the type checker knows that it is not there


def test_a_bench_that_can_not_be_opened_gives_back_what_it_had(terminal: Terminal, tmp_path: Path) -> None:
    def absent(_processor: HostProcessor) -> HostSerialPort:
        raise OSError("no head on this port")

    with pytest.raises(OSError, match="no head"):
        Bench(tmp_path, absent, geometry=SMALL)
    with bench(tmp_path, terminal), pytest.raises(BlockingIOError):
        bench(tmp_path, terminal)
    assert (tmp_path / FLASH_FILE).stat().st_size == 16 * 4096
    bench(tmp_path, terminal).close()
