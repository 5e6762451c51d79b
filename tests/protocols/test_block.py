"""Blocks and their check characters; the scanners that find them in a stream."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iec62056_21.block import (
    BREAK,
    CommandMessage,
    DataMessage,
    bcc,
    data_message,
    decode,
    parse_readout,
    readout_message,
)
from protocols.iec62056_21.data import DataSet, parse_lines
from protocols.iec62056_21.errors import ParseError
from protocols.iec62056_21.rejection import Rejection
from protocols.iec62056_21.scanner import BlockScanner, LineScanner

TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("\r\n"), max_size=80)
LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
DATA = st.builds(DataMessage, TEXTS, st.booleans())
COMMANDS = st.builds(CommandMessage, LETTERS, LETTERS, st.none() | TEXTS, st.booleans())


@pytest.mark.parametrize(
    ("message", "data"),
    [
        # The break as the standard gives it.
        (BREAK, "01 42 30 03 71"),
        # Captured between a client and a DRS110M meter (gist 4231981).
        (CommandMessage("P", "0", "(00000000)"), "01 50 30 02 28 30 30 30 30 30 30 30 30 29 03 60"),
        (CommandMessage("P", "1", "(00000000)"), "01 50 31 02 28 30 30 30 30 30 30 30 30 29 03 61"),
        (CommandMessage("R", "1", "00000034()"), "01 52 31 02 30 30 30 30 30 30 33 34 28 29 03 64"),
        (CommandMessage("R", "1", "00000000()"), "01 52 31 02 30 30 30 30 30 30 30 30 28 29 03 63"),
        (DataMessage("", last=False), "02 04 04"),
    ],
)
def test_published_messages(message: DataMessage | CommandMessage, data: str) -> None:
    assert message.encode() == bytes.fromhex(data)
    assert decode(bytes.fromhex(data)) == message


@given(DATA | COMMANDS)
def test_a_message_is_read_back(message: DataMessage | CommandMessage) -> None:
    encoded = message.encode()
    assert decode(encoded) == message
    assert max(encoded) < 0x80


@given(st.binary(max_size=60))
def test_bcc_is_the_parity_of_each_of_seven_columns(data: bytes) -> None:
    columns = [sum(byte >> bit & 1 for byte in data) % 2 for bit in range(7)]
    assert bcc(data) == reduce(lambda value, bit: 2 * value + bit, reversed(columns), 0)


@given(DATA | COMMANDS, st.data())
def test_a_flipped_bit_is_no_message(message: DataMessage | CommandMessage, data: st.DataObject) -> None:
    encoded = bytearray(message.encode())
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ParseError):
        decode(bytes(encoded))


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"", 0),
        (b"A\x03\x03", 0),
        (b"\x02A\x05D", 2),
        (b"\x02A\x03\x40", 3),
        (b"\x02\x07\x03\x04", 1),
        (b"\x01R\x03\x51", 1),
        (b"\x01R1A\x03\x21", 3),
    ],
)
def test_refused_at_an_offset(data: bytes, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        decode(data)
    assert caught.value.offset == offset


def test_readout_and_data_texts() -> None:
    sets = (DataSet.of("F.F", "00000000"), DataSet.of("1.8.0", "000123.456", "kWh"))
    assert readout_message(sets).text == "F.F(00000000)\r\n1.8.0(000123.456*kWh)\r\n!\r\n"
    assert readout_message(()).text == "!\r\n"
    assert data_message(sets, last=False).text == "F.F(00000000)\r\n1.8.0(000123.456*kWh)"
    assert parse_readout(readout_message(sets).text) == sets
    assert parse_readout("!\r\n") == ()
    assert parse_lines(data_message(sets).text) == sets


@pytest.mark.parametrize("text", ["", "F.F(0)\r\n", "F.F(0)!\r\n", "F.F(0)\r\n!", "!\r\n!\r\n"])
def test_a_readout_ends_with_its_end(text: str) -> None:
    with pytest.raises(ParseError):
        parse_readout(text)


@given(st.lists(DATA | COMMANDS, max_size=4))
def test_the_scanner_finds_messages_among_noise(messages: list[DataMessage | CommandMessage]) -> None:
    stream = b"\x00/~\x06\x7f".join([b"", *(message.encode() for message in messages), b""])
    scanner = BlockScanner(limit=200)
    found = [message for message in map(scanner.feed, stream) if message is not None]
    assert found == [message.encode() for message in messages]


@given(st.binary(max_size=300), st.integers(4, 40))
def test_buffers_never_pass_their_limits(noise: bytes, limit: int) -> None:
    block, line = BlockScanner(limit), LineScanner()
    for byte in b"\x02/" + noise.replace(b"\x03", b"").replace(b"\x04", b""):
        assert block.feed(byte) is None
        line.feed(byte)
        assert 1 <= block.buffered <= limit
        assert line.buffered <= 64


def test_a_line_without_end_is_dropped() -> None:
    scanner = LineScanner()
    for byte in b"/" + b"1" * 200:
        assert scanner.feed(byte) is None
        assert scanner.buffered <= 64
    assert scanner.buffered == 0


@pytest.mark.parametrize(("length", "taken"), [(9, True), (10, True), (11, False), (40, False)])
def test_a_block_longer_than_the_buffer_is_followed_to_its_end(length: int, taken: bool) -> None:
    message = DataMessage("A" * (length - 3)).encode()
    scanner = BlockScanner(limit=10)
    outcomes = [scanner.feed(byte) for byte in message]
    assert outcomes[:-1] == [None] * (length - 1)
    assert outcomes[-1] == (message if taken else Rejection.TOO_LONG)
    assert scanner.buffered == 0


def test_an_eight_bit_byte_spoils_a_block() -> None:
    scanner = BlockScanner(limit=10)
    assert [scanner.feed(byte) for byte in b"\x02\xc1\x03B"][-1] is Rejection.EIGHT_BIT


def test_a_second_start_within_a_block_belongs_to_it() -> None:
    scanner = BlockScanner(limit=20)
    assert [scanner.feed(byte) for byte in b"\x02" + DataMessage("A(1)").encode()][-1] is Rejection.BCC
