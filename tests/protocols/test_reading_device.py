"""The client's side: what it makes of good, damaged and missing answers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iec62056_21 import (
    AuthenticationMethod,
    CommandType,
    DataSet,
    Identification,
    LocalProtocolError,
    MessageRejected,
    ReadingDevice,
    Rejection,
    Send,
    SetBaud,
)
from protocols.iec62056_21.block import CommandMessage, DataMessage, readout_message
from protocols.iec62056_21.limits import READOUT_BYTES, REPEATS
from protocols.iec62056_21.reading_events import (
    Acknowledged,
    DataReceived,
    DeviceError,
    Failure,
    Identified,
    OperandReceived,
    ReadoutReceived,
    SessionFailed,
)
from protocols.iec62056_21.reading_states import READING_TRANSITIONS, ReadingState

IDENTIFICATION = Identification("MBE", "5", "meterbench")
DATA = (DataSet.of("F.F", "00000000"), DataSet.of("1.8.0", "000123.456", "kWh"))
READOUT = readout_message(DATA).encode()
NAK, ACK = b"\x15", b"\x06"
BREAK = Send(bytes.fromhex("0142300371"), SetBaud(300))
OPERAND = CommandMessage("P", "0", "(00000000)").encode()


def identified(identification: Identification = IDENTIFICATION) -> ReadingDevice:
    client = ReadingDevice()
    client.sign_on()
    client.receive(identification.encode())
    return client


def reading() -> ReadingDevice:
    client = identified()
    client.select_readout()
    return client


def programming() -> ReadingDevice:
    client = identified()
    client.select_programming()
    client.receive(OPERAND)
    assert client.state is ReadingState.PROGRAMMING
    return client


def test_a_readout() -> None:
    client = ReadingDevice()
    assert client.sign_on("12345678") == Send(b"/?12345678!\r\n")
    assert client.receive(b"/MBE5meterbench\r\n") == [Identified(IDENTIFICATION)]
    assert client.select_readout() == Send(b"\x06050\r\n", SetBaud(9600))
    assert client.receive(READOUT) == [ReadoutReceived(DATA), SetBaud(300)]
    assert client.state is ReadingState.IDLE


def test_the_readout_at_300_bd() -> None:
    client = identified()
    assert client.select_readout("0") == Send(b"\x06000\r\n", SetBaud(300))
    assert client.receive(READOUT) == [ReadoutReceived(DATA)]


def test_modes_a_and_b_need_no_option() -> None:
    client = ReadingDevice()
    client.sign_on()
    slow = Identification("YTL", ":", "001511420144")
    assert client.receive(slow.encode() + READOUT) == [Identified(slow), ReadoutReceived(DATA)]
    client.sign_on()
    fast = Identification("YTL", "E", "1")
    assert client.receive(fast.encode()) == [Identified(fast), SetBaud(9600)]
    assert client.receive(READOUT) == [ReadoutReceived(DATA), SetBaud(300)]


def test_a_programming_session() -> None:
    client = identified()
    assert client.select_programming() == Send(b"\x06051\r\n", SetBaud(9600))
    assert client.receive(OPERAND) == [OperandReceived(DataSet.of("", "00000000"))]
    password = client.authenticate(AuthenticationMethod.PASSWORD, "00000000")
    assert password.data == CommandMessage("P", "1", "(00000000)").encode()
    assert client.receive(ACK) == [Acknowledged()]
    assert client.read("00000034").data == bytes.fromhex("01523102303030303030333428290364")
    answer = DataSet.of("00000034", "001511420144")
    assert client.receive(DataMessage("00000034(001511420144)").encode()) == [DataReceived((answer,))]
    assert client.write([DataSet.of("0.9.1", "12:34:56")]).data == CommandMessage("W", "1", "0.9.1(12:34:56)").encode()
    assert client.receive(DataMessage("(ERR2)").encode()) == [DeviceError("ERR2")]
    assert client.execute(DataSet.of("reset", "")).data == CommandMessage("E", "2", "reset()").encode()
    assert client.receive(ACK) == [Acknowledged()]
    assert client.end() == BREAK
    assert client.baud == 300


def test_a_damaged_readout_is_asked_for_again_and_at_last_given_up() -> None:
    client = reading()
    bad = READOUT[:-1] + bytes((READOUT[-1] ^ 1,))
    for _ in range(REPEATS):
        assert client.receive(bad) == [MessageRejected(Rejection.BCC), Send(NAK)]
    assert client.receive(bad) == [MessageRejected(Rejection.BCC), SessionFailed(Failure.REPEATS), BREAK]
    assert client.state is ReadingState.IDLE
    assert client.baud == 300


def test_a_command_is_sent_again_after_nak_and_at_last_given_up() -> None:
    client = programming()
    sent = client.read("1.8.0")
    for _ in range(REPEATS):
        assert client.receive(NAK) == [sent]
    assert client.receive(NAK) == [SessionFailed(Failure.REPEATS), BREAK]


def test_each_command_has_its_own_repeats() -> None:
    client = programming()
    for _ in range(3):
        client.read("1.8.0")
        assert len(client.receive(NAK * REPEATS)) == REPEATS
        assert client.receive(DataMessage("(1)").encode()) == [DataReceived((DataSet.of("", "1"),))]


def test_partial_blocks_are_acknowledged() -> None:
    client = programming()
    client.read("P.01", command_type=CommandType.ASCII_PARTIAL)
    block = DataMessage("F.F(00000000)", last=False).encode()
    assert client.receive(block) == [DataReceived(DATA[:1], last=False), Send(ACK)]
    assert client.receive(block[:-1] + b"\x00") == [MessageRejected(Rejection.BCC), Send(NAK)]
    # The device did not understand that: what it needs is the acknowledgement, not the command.
    assert client.receive(NAK) == [Send(ACK)]
    assert client.receive(DataMessage("1.8.0(000123.456*kWh)").encode()) == [DataReceived(DATA[1:])]
    assert client.state is ReadingState.PROGRAMMING


def test_partial_blocks_of_a_write() -> None:
    client = programming()
    send = client.write(DATA[:1], CommandType.ASCII_PARTIAL, last=False)
    assert send.data == CommandMessage("W", "3", "F.F(00000000)", last=False).encode()
    client.receive(ACK)
    with pytest.raises(ValueError, match="no partial blocks"):
        client.write(DATA, CommandType.ASCII, last=False)


def test_a_readout_instead_of_programming_mode() -> None:
    client = identified()
    client.select_programming()
    assert client.receive(DataMessage("(ERR1)").encode()) == [MessageRejected(Rejection.UNEXPECTED, "data message")]
    assert client.receive(READOUT) == [ReadoutReceived(DATA), SetBaud(300)]


def test_a_break_of_the_device() -> None:
    client = programming()
    client.authenticate(AuthenticationMethod.RESULT, "00")
    assert client.receive(BREAK.data) == [SessionFailed(Failure.BREAK), SetBaud(300)]


def test_time_outs() -> None:
    client = ReadingDevice()
    assert client.timed_out() == []
    client.sign_on()
    assert client.timed_out() == [SessionFailed(Failure.TIME_OUT)]
    client = reading()
    client.receive(READOUT[:9])
    assert client.receiving
    assert client.character_timed_out() == [MessageRejected(Rejection.INCOMPLETE), Send(NAK)]
    assert client.character_timed_out() == []
    assert client.timed_out() == [SessionFailed(Failure.TIME_OUT), SetBaud(300)]
    assert client.sign_on().data == b"/?!\r\n"


def test_its_own_echo_is_no_identification() -> None:
    client = ReadingDevice()
    (event,) = client.receive(client.sign_on().data)
    assert isinstance(event, MessageRejected)
    assert client.receive(IDENTIFICATION.encode()) == [Identified(IDENTIFICATION)]


def test_calls_out_of_turn_change_nothing() -> None:
    client = ReadingDevice()
    for call in (client.select_readout, client.select_programming, client.end, lambda: client.read("1")):
        with pytest.raises(LocalProtocolError):
            call()
    client.sign_on()
    with pytest.raises(LocalProtocolError):
        client.sign_on()
    with pytest.raises(LocalProtocolError):
        client.select_readout()
    assert client.state is ReadingState.WAIT_IDENTIFICATION


def test_every_state_can_be_reached_and_left() -> None:
    assert set(READING_TRANSITIONS) == set(ReadingState)
    assert {target for row in READING_TRANSITIONS.values() for target in row.values()} == set(ReadingState)


ADDRESSES = st.text(st.sampled_from("0123456789.*&:-FLPC"), min_size=1, max_size=16)
# Letters that one flipped bit turns into ETX, EOT, SOH or STX are in here: A, B, C, D, and ! " # $.
VALUES = st.text(st.sampled_from('0123456789.:ABCD"#$'), max_size=32)
SETS = st.lists(st.builds(DataSet.of, ADDRESSES, VALUES, st.none() | st.just("kWh")), min_size=1, max_size=6)


@given(SETS, st.data())
def test_a_flipped_bit_in_a_readout_is_never_accepted(sets: list[DataSet], data: st.DataObject) -> None:
    message = bytearray(readout_message(sets).encode())
    message[data.draw(st.integers(0, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    client = reading()
    events = client.receive(bytes(message))
    assert not any(isinstance(event, ReadoutReceived) for event in events)
    assert client.state is not ReadingState.IDLE
    client.character_timed_out()
    assert client.receive(readout_message(sets).encode())[0] == ReadoutReceived(tuple(sets))


def test_every_flipped_bit_of_one_readout_is_found() -> None:
    sets = (DataSet.of("C.1", "ABCD"), DataSet.of("D", '1"#$'), DataSet.of("1.8.0*05", "000123.456", "kWh"))
    for index in range(len(readout_message(sets).encode()) * 8):
        message = bytearray(readout_message(sets).encode())
        message[index // 8] ^= 1 << index % 8
        assert not any(isinstance(event, ReadoutReceived) for event in reading().receive(bytes(message)))


STREAMS = st.lists(
    st.sampled_from([READOUT, OPERAND, ACK, NAK, BREAK.data, IDENTIFICATION.encode(), b"\x02", b"/"])
    | st.sampled_from([DataMessage("a(1)").encode(), DataMessage("a(1)", last=False).encode()])
    | st.binary(max_size=20),
    max_size=12,
).map(b"".join)


def waiting(state: ReadingState) -> ReadingDevice:
    client = ReadingDevice()
    if state is ReadingState.WAIT_IDENTIFICATION:
        client.sign_on()
    elif state is ReadingState.WAIT_READOUT:
        client = reading()
    elif state is ReadingState.WAIT_OPERAND:
        client = identified()
        client.select_programming()
    elif state is ReadingState.WAIT_REPLY:
        client = programming()
        client.read("1.8.0")
    return client


@given(st.sampled_from(list(ReadingState)), STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_chunks_do_not_matter(state: ReadingState, stream: bytes, cuts: list[int]) -> None:
    whole, cut = waiting(state), waiting(state)
    edges = [0, *sorted(min(edge, len(stream)) for edge in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert [event for piece in pieces for event in cut.receive(piece)] == whole.receive(stream)
    assert (cut.state, cut.baud, cut.buffered_bytes) == (whole.state, whole.baud, whole.buffered_bytes)


@given(st.sampled_from(list(ReadingState)), st.lists(STREAMS | st.binary(max_size=3000), max_size=4))
def test_nothing_on_the_line_upsets_it(state: ReadingState, streams: list[bytes]) -> None:
    client = waiting(state)
    for stream in streams:
        client.receive(stream)
        assert client.buffered_bytes <= READOUT_BYTES + 64
    client.timed_out()
    client.sign_on()
    assert client.receive(IDENTIFICATION.encode()) == [Identified(IDENTIFICATION)]


def test_a_readout_without_end_is_not_kept() -> None:
    client = reading()
    for _ in range(READOUT_BYTES // 1000 + 2):
        client.receive(b"\x02" + b"A" * 999)
        assert client.buffered_bytes <= READOUT_BYTES
    assert client.receive(b"\x03\x03") == [MessageRejected(Rejection.TOO_LONG), Send(NAK)]


def test_a_readout_that_lost_characters_is_asked_for_again_though_its_bcc_is_right() -> None:
    client = reading()
    short = READOUT.replace(b"00000000", b"000000")
    assert client.receive(short, damaged=True) == [MessageRejected(Rejection.DAMAGED), Send(NAK)]
    assert client.receive(READOUT)[0] == ReadoutReceived(DATA)
