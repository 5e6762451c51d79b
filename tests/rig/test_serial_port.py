"""Characters and senders of the host's serial ports; a pseudo-terminal stands for the UART."""

import os
import select
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.processor import Line
from hal.serial import LineSettings, Parity
from hal.units import MS, S
from rig.characters import Characters, HardwareCharacters, PlainCharacters, SevenBitCharacters
from rig.processor import HostProcessor
from rig.serial_port import HostSerialPort, open_port, uart
from rig.tty import SerialPortLost
from tests.hal_contract.harness import Interrupt, Recorder
from tests.rig.conftest import Terminal

EVEN = LineSettings(9600, 7, Parity.EVEN)
ODD = LineSettings(9600, 7, Parity.ODD)


def marked(data: bytes) -> bytes:
    """As a driver with PARMRK hands good characters over."""
    return data.replace(b"\xff", b"\xff\xff")


def in_pieces(characters: Characters, raw: bytes, cuts: list[int]) -> tuple[bytes, int, int]:
    edges = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    parts = [characters.decode(raw[a:b]) for a, b in pairwise(edges)]
    return (
        b"".join(part.data for part in parts),
        sum(part.parity_errors for part in parts),
        sum(part.framing_errors for part in parts),
    )


class TestCharacters:
    @given(st.binary(max_size=60), st.lists(st.integers(0, 200), max_size=5))
    def test_marks_are_undone_wherever_they_are_cut(self, data: bytes, cuts: list[int]) -> None:
        eight = HardwareCharacters(LineSettings(9600))
        assert in_pieces(eight, marked(data), cuts) == (data, 0, 0)
        assert in_pieces(PlainCharacters(LineSettings(9600)), marked(data), cuts) == (data, 0, 0)

    @given(st.lists(st.tuples(st.binary(max_size=5), st.integers(0, 255)), max_size=8), st.lists(st.integers(0, 90)))
    def test_what_the_driver_refused_is_counted(self, parts: list[tuple[bytes, int]], cuts: list[int]) -> None:
        raw = b"".join(marked(good) + bytes([0xFF, 0, bad]) for good, bad in parts)
        good = b"".join(good for good, _ in parts)
        assert in_pieces(HardwareCharacters(LineSettings(9600)), raw, cuts) == (good, 0, len(parts))
        assert in_pieces(HardwareCharacters(LineSettings(9600, 8, Parity.ODD)), raw, cuts) == (good, len(parts), 0)

    @given(st.binary(max_size=60), st.sampled_from([EVEN, ODD]), st.lists(st.integers(0, 200), max_size=5))
    def test_parity_in_the_eighth_bit(self, data: bytes, settings: LineSettings, cuts: list[int]) -> None:
        seven = bytes(byte & 0x7F for byte in data)
        line = SevenBitCharacters(settings).encode(seven)
        assert all(byte.bit_count() % 2 == (settings.parity is Parity.ODD) for byte in line)
        assert bytes(byte & 0x7F for byte in line) == seven
        assert in_pieces(SevenBitCharacters(settings), marked(line), cuts) == (seven, 0, 0)

    @given(st.binary(min_size=1, max_size=60), st.data())
    def test_any_single_bit_error_is_refused(self, data: bytes, draw: st.DataObject) -> None:
        seven = bytes(byte & 0x7F for byte in data)
        line = bytearray(SevenBitCharacters(EVEN).encode(seven))
        hit = draw.draw(st.integers(0, len(line) - 1))
        line[hit] ^= 1 << draw.draw(st.integers(0, 7))
        received = SevenBitCharacters(EVEN).decode(marked(bytes(line)))
        assert received.data == seven[:hit] + seven[hit + 1 :]
        assert (received.parity_errors, received.framing_errors) == (1, 0)

    def test_a_plain_character_of_eight_bits_does_not_fit_into_seven(self) -> None:
        received = PlainCharacters(EVEN).decode(b"a\x80b" + marked(b"\xff"))
        assert (received.data, received.framing_errors) == (b"ab", 2)

    def test_seven_bits_without_parity_need_the_hardware(self) -> None:
        with pytest.raises(ValueError, match="8N1"):
            SevenBitCharacters(LineSettings(9600, 7))


@dataclass(frozen=True, slots=True)
class UartEnd:
    """A UART port at one end of a pseudo-terminal."""

    processor: HostProcessor
    port: HostSerialPort
    served: list[Interrupt]
    far: int

    def run(self, duration_ns: int) -> None:
        self.processor.run(self.processor.now() + duration_ns)

    def arrived(self) -> bytes:
        data = b""
        while select.select([self.far], [], [], 0.05)[0]:
            data += os.read(self.far, 1 << 16)
        return data


@pytest.fixture
def line(terminal: Terminal) -> Iterator[UartEnd]:
    processor = HostProcessor()
    served: list[Interrupt] = []
    port = uart(processor, terminal.path)
    processor.boot(Recorder(served.append))
    yield UartEnd(processor, port, served, terminal.far)
    port.close()
    processor.power_down()


def test_a_uart_sends_and_checks_parity_itself(line: UartEnd) -> None:
    line.port.configure(EVEN)
    line.port.write(b"/?!\r\n")
    line.run(20 * MS)
    assert line.arrived() == SevenBitCharacters(EVEN).encode(b"/?!\r\n") == b"\xaf\x3f\x21\x8d\x0a"
    os.write(line.far, b"\xaf\x3f\x21\x0d\x0a")
    line.run(50 * MS)
    received = line.port.read()
    assert (received.data, received.parity_errors) == (b"/?!\n", 1)


def test_a_uart_keeps_sending_for_as_long_as_the_line_takes(line: UartEnd) -> None:
    line.port.configure(LineSettings(1200))
    start = line.processor.now()
    line.port.write(b"x" * 10)
    line.port.write(b"y" * 2)
    assert line.port.sending()
    while line.port.sending():
        line.run(5 * MS)
    sent = [interrupt.at_ns for interrupt in line.served if interrupt.line is Line.OPTICAL_SENT]
    assert len(sent) == 1
    assert sent[0] - start >= 12 * 10 * S // 1200
    assert line.arrived() == b"x" * 10 + b"y" * 2


def test_a_uart_hands_over_more_than_the_driver_takes_at_once(line: UartEnd) -> None:
    line.port.configure(LineSettings(4_000_000))
    data = bytes(range(256)) * 200
    line.port.write(data)
    arrived = b""
    for _ in range(200):
        line.run(5 * MS)
        arrived += line.arrived() if select.select([line.far], [], [], 0)[0] else b""
        if not line.port.sending():
            break
    assert arrived + line.arrived() == data
    assert not line.port.sending()


def test_characters_that_came_before_a_change_are_read_as_they_came(line: UartEnd) -> None:
    line.port.configure(EVEN)
    os.write(line.far, b"\xaf")
    select.select([], [], [], 0.05)
    line.port.configure(LineSettings(9600))
    os.write(line.far, b"\xaf")
    line.run(50 * MS)
    assert line.port.read().data == b"/\xaf"


def test_a_pseudo_terminal_is_known_by_its_device(terminal: Terminal) -> None:
    processor = HostProcessor()
    port = open_port(processor, terminal.path)
    port.configure(EVEN)
    processor.boot(Recorder(lambda _interrupt: None))
    port.write(b"aC")
    processor.run(processor.now() + 20 * MS)
    assert select.select([terminal.far], [], [], 1)[0]
    assert os.read(terminal.far, 10) == b"aC"  # no parity in the eighth bit: 'C' has three ones
    port.close()
    processor.power_down()


def test_a_port_that_goes_away_ends_the_run_and_is_named() -> None:
    far, near = os.openpty()
    tty.setraw(near)
    path = os.ttyname(near)
    processor = HostProcessor()
    port = uart(processor, path)
    os.close(near)
    os.close(far)
    processor.boot(Recorder(lambda _interrupt: None))
    with pytest.raises(SerialPortLost, match=path):
        processor.run(processor.now() + 10 * S)
    port.close()
    processor.power_down()


def test_a_port_that_is_not_there_is_named() -> None:
    with pytest.raises(OSError, match="/dev/no-such-port"):
        open_port(HostProcessor(), "/dev/no-such-port")
