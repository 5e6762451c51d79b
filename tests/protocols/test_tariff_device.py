"""The meter's side: what it answers, what it refuses, and that nothing on the line can upset it."""

from collections.abc import Callable
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
    Rejection,
    Send,
    SetBaud,
    TariffDevice,
    timing,
)
from protocols.iec62056_21.block import CommandMessage, DataMessage, readout_message
from protocols.iec62056_21.limits import COMMAND_BYTES
from protocols.iec62056_21.sign_on import WAKE_UP, OptionSelect
from protocols.iec62056_21.tariff_events import (
    End,
    ExecuteCommand,
    NextBlockRequested,
    OperandRequested,
    OptionSelected,
    PasswordGiven,
    ReadCommand,
    ReadoutRequested,
    RepeatRequested,
    Service,
    SessionEnded,
    SignOn,
    SignOnIgnored,
    TariffEvent,
    WriteCommand,
)
from protocols.iec62056_21.tariff_states import OWNER_STATES, TRANSITIONS, State

IDENTIFICATION = Identification("MBE", "5", "meterbench")
SIGN_ON = b"/?!\r\n"
NAK = b"\x15"
ACK = b"\x06"
DATA = (DataSet.of("F.F", "00000000"), DataSet.of("1.8.0", "000123.456", "kWh"))
READOUT = readout_message(DATA).encode()
BREAK = bytes.fromhex("0142300371")
PASSWORD = CommandMessage("P", "1", "(00000000)").encode()


def command(letter: str, number: str, text: str, last: bool = True) -> bytes:
    return CommandMessage(letter, number, text, last).encode()


def device_in(state: State, baud_character: str = "5") -> TariffDevice:
    """A device led to `state` by what is sent to it, at 9600 Bd (or else 300) from the option select on."""
    steps: dict[State, Callable[[TariffDevice], object]] = {
        State.WAIT_OPTION: lambda device: device.receive(SIGN_ON),
        State.READOUT_DUE: lambda device: device.receive(OptionSelect("0", baud_character, "0").encode()),
        State.READOUT_SENT: lambda device: device.send_readout(DATA),
        State.OPERAND_DUE: lambda device: device.receive(OptionSelect("0", baud_character, "1").encode()),
        State.UNAUTHENTICATED: lambda device: device.send_operand("00000000"),
        State.AUTHENTICATION_DUE: lambda device: device.receive(PASSWORD),
        State.AUTHENTICATED: lambda device: device.accept(),
        State.REPLY_DUE: lambda device: device.receive(command("R", "3", "P.01()")),
        State.BLOCK_SENT: lambda device: device.send_block(DATA[:1]),
        State.BLOCK_DUE: lambda device: device.receive(ACK),
        State.OPEN_REPLY_DUE: lambda device: device.receive(command("R", "3", "P.01()")),
        State.OPEN_BLOCK_SENT: lambda device: device.send_block(DATA[:1]),
        State.OPEN_BLOCK_DUE: lambda device: device.receive(ACK),
    }
    readout = (State.READOUT_DUE, State.READOUT_SENT)
    behind_password = list(State)[list(State).index(State.AUTHENTICATION_DUE) : list(State).index(State.OPEN_REPLY_DUE)]
    device = TariffDevice(IDENTIFICATION)
    for step in list(State)[1 : list(State).index(state) + 1]:
        if (step not in readout or state in readout) and (step not in behind_password or state in behind_password):
            steps[step](device)
    assert device.state is state
    return device


def test_a_readout() -> None:
    device = TariffDevice(IDENTIFICATION)
    assert device.receive(SIGN_ON) == [SignOn(""), Send(b"/MBE5meterbench\r\n")]
    assert device.receive(b"\x06050\r\n") == [
        OptionSelected("0", "5", "0", Service.READOUT, 9600),
        SetBaud(9600),
        ReadoutRequested(),
    ]
    assert device.send_readout(DATA) == Send(READOUT)
    assert device.receive(NAK) == [RepeatRequested(), Send(READOUT)]
    assert device.receive(ACK) == [SessionEnded(End.READOUT_TAKEN), SetBaud(300)]
    assert device.state is State.WAIT_SIGN_ON


def test_a_programming_session() -> None:
    device = TariffDevice(IDENTIFICATION)
    device.receive(SIGN_ON)
    assert device.receive(b"\x06051\r\n") == [
        OptionSelected("0", "5", "1", Service.PROGRAMMING, 9600),
        SetBaud(9600),
        OperandRequested(),
    ]
    assert device.send_operand("00000000") == Send(bytes.fromhex("015030022830303030303030302903") + b"\x60")
    answer = DataSet.of("", "00000000")
    assert device.receive(PASSWORD) == [PasswordGiven(AuthenticationMethod.PASSWORD, answer)]
    assert device.refuse() == Send(DataMessage("(ERR5)").encode())
    assert device.receive(command("P", "2", "(5F)")) == [
        PasswordGiven(AuthenticationMethod.RESULT, DataSet.of("", "5F"))
    ]
    assert device.accept() == Send(ACK)
    assert device.receive(command("R", "1", "1.8.0()")) == [ReadCommand(CommandType.ASCII, (DataSet.of("1.8.0", ""),))]
    assert device.send_data(DATA[1:]) == Send(DataMessage("1.8.0(000123.456*kWh)").encode())
    assert device.receive(command("W", "1", "0.9.1(12:34:56)")) == [
        WriteCommand(CommandType.ASCII, (DataSet.of("0.9.1", "12:34:56"),))
    ]
    assert device.acknowledge() == Send(ACK)
    assert device.receive(command("E", "2", "reset(1)")) == [ExecuteCommand((DataSet.of("reset", "1"),))]
    assert device.send_error("ERR2") == Send(DataMessage("(ERR2)").encode())
    assert device.receive(BREAK) == [SessionEnded(End.BREAK), SetBaud(300)]


def test_a_password_is_not_printed() -> None:
    (event,) = device_in(State.UNAUTHENTICATED).receive(command("P", "1", "(s3cret)"))
    assert "s3cret" not in repr(event)


@pytest.mark.parametrize("message", [command("W", "1", "a(1)"), command("E", "2", "a()")])
def test_commands_before_the_password_are_refused_by_the_machine(message: bytes) -> None:
    device = device_in(State.UNAUTHENTICATED)
    rejected = MessageRejected(Rejection.NOT_AUTHENTICATED, message[1:3].decode())
    assert device.receive(message) == [rejected, Send(DataMessage("(ERR5)").encode())]
    assert device.state is State.UNAUTHENTICATED


def test_a_read_command_needs_no_password_and_gives_none() -> None:
    device = device_in(State.UNAUTHENTICATED)
    assert device.receive(command("R", "6", "P.98()")) == [
        ReadCommand(CommandType.NATIONAL_PARTIAL, (DataSet.of("P.98", ""),))
    ]
    device.send_block(DATA[:1])
    assert device.receive(ACK) == [NextBlockRequested()]
    device.send_data(DATA[1:])
    assert device.state is State.UNAUTHENTICATED
    rejected = MessageRejected(Rejection.NOT_AUTHENTICATED, "E2")
    assert rejected in device.receive(command("E", "2", "a()"))
    device.receive(command("R", "6", "P.98()"))
    device.send_block(DATA[:1])
    assert rejected in device.receive(command("E", "2", "a()"))


def test_a_refused_password_takes_the_authority_of_one_before() -> None:
    device = device_in(State.AUTHENTICATED)
    device.receive(PASSWORD)
    device.refuse()
    assert MessageRejected(Rejection.NOT_AUTHENTICATED, "W1") in device.receive(command("W", "1", "1.8.0(1)"))


def test_partial_blocks_of_a_read() -> None:
    device = device_in(State.AUTHENTICATED)
    assert device.receive(command("R", "3", "P.01()")) == [
        ReadCommand(CommandType.ASCII_PARTIAL, (DataSet.of("P.01", ""),))
    ]
    first = Send(DataMessage("F.F(00000000)", last=False).encode())
    assert device.send_block(DATA[:1]) == first
    assert first.data[-2] == 0x04
    assert device.receive(NAK) == [RepeatRequested(), first]
    assert device.receive(ACK) == [NextBlockRequested()]
    last = device.send_data(DATA[1:])
    assert last.data[-2] == 0x03
    assert device.receive(NAK) == [RepeatRequested(), last]
    assert device.receive(ACK) == []
    assert device.state is State.AUTHENTICATED


def test_partial_blocks_of_a_write() -> None:
    device = device_in(State.AUTHENTICATED)
    assert device.receive(command("W", "3", "a(1)", last=False)) == [
        WriteCommand(CommandType.ASCII_PARTIAL, (DataSet.of("a", "1"),), last=False)
    ]
    device.acknowledge()
    assert device.receive(command("W", "3", "b(2)")) == [
        WriteCommand(CommandType.ASCII_PARTIAL, (DataSet.of("b", "2"),), last=True)
    ]


def test_only_partial_types_have_partial_blocks() -> None:
    device = device_in(State.AUTHENTICATED)
    rejected, reply = device.receive(command("W", "1", "a(1)", last=False))
    assert isinstance(rejected, MessageRejected)
    assert rejected.cause is Rejection.MALFORMED
    assert reply == Send(DataMessage("(ERR3)").encode())
    device.receive(command("R", "1", "a()"))
    with pytest.raises(LocalProtocolError):
        device.send_block(DATA)


def test_a_wrong_bcc_is_answered_with_nak_which_is_repeated() -> None:
    device = device_in(State.AUTHENTICATED)
    message = bytearray(command("R", "1", "1.8.0()"))
    message[-1] ^= 1
    assert device.receive(bytes(message)) == [MessageRejected(Rejection.BCC), Send(NAK)]
    assert device.receive(NAK) == [RepeatRequested(), Send(NAK)]
    message[-1] ^= 1
    assert len(device.receive(bytes(message))) == 1


@pytest.mark.parametrize(
    ("message", "cause", "code"),
    [
        (command("R", "1", "1.8.0"), Rejection.MALFORMED, "ERR3"),
        (command("R", "1", ""), Rejection.MALFORMED, "ERR3"),
        (CommandMessage("R", "1").encode(), Rejection.MALFORMED, "ERR3"),
        (command("P", "1", "a(1)b(2)"), Rejection.MALFORMED, "ERR3"),
        (command("P", "0", "(1)"), Rejection.UNKNOWN_COMMAND, "ERR1"),
        (command("R", "9", "a()"), Rejection.UNKNOWN_COMMAND, "ERR1"),
        (command("X", "1", "a()"), Rejection.UNKNOWN_COMMAND, "ERR1"),
        (command("W", "1", "a(" + "0" * COMMAND_BYTES + ")"), Rejection.TOO_LONG, "ERR3"),
    ],
)
def test_messages_that_are_none_get_an_error(message: bytes, cause: Rejection, code: str) -> None:
    device = device_in(State.AUTHENTICATED)
    rejected, reply = device.receive(message)
    assert isinstance(rejected, MessageRejected)
    assert rejected.cause is cause
    assert reply == Send(DataMessage(f"({code})").encode())
    assert device.state is State.AUTHENTICATED


@pytest.mark.parametrize(
    ("option", "service", "baud"),
    [
        (b"\x06050\r\n", Service.READOUT, 9600),
        (b"\x06051\r\n", Service.PROGRAMMING, 9600),
        (b"\x06000\r\n", Service.READOUT, 300),
        (b"\x06041\r\n", Service.PROGRAMMING, 300),
        (b"\x06:51\r\n", Service.READOUT, 9600),
        (b"\x06252\r\n", Service.READOUT, 9600),
        (b"\x06151\r\n", Service.READOUT, 9600),
        (b"\x06052\r\n", Service.READOUT, 9600),
        (b"\x06059\r\n", Service.READOUT, 9600),
    ],
)
def test_options(option: bytes, service: Service, baud: int) -> None:
    device = device_in(State.WAIT_OPTION)
    events = device.receive(option)
    assert events[0] == OptionSelected(chr(option[1]), chr(option[2]), chr(option[3]), service, baud)
    assert (SetBaud(baud) in events) is (baud != 300)
    assert device.baud == baud
    assert events[-1] == (OperandRequested() if service is Service.PROGRAMMING else ReadoutRequested())


def test_no_speed_changes_before_the_option_select_is_whole() -> None:
    device = device_in(State.WAIT_OPTION)
    assert [device.receive(bytes((byte,))) for byte in b"\x06050\r"] == [[]] * 5
    assert device.baud == 300
    assert SetBaud(9600) in device.receive(b"\n")


@pytest.mark.parametrize("option", [b"\x0605\x80", b"\x06050\n", b"\x06050\r\r"])
def test_a_broken_option_select_may_be_sent_again(option: bytes) -> None:
    device = device_in(State.WAIT_OPTION)
    assert device.receive(option) == [MessageRejected(Rejection.MALFORMED, "option select")]
    assert device.receive(NAK) == [RepeatRequested(), Send(b"/MBE5meterbench\r\n")]
    assert ReadoutRequested() in device.receive(b"\x06050\r\n")


def test_mode_a_reads_out_at_once_and_stays_at_300_bd() -> None:
    device = TariffDevice(Identification("MBE", ":", "x"))
    assert device.receive(SIGN_ON) == [SignOn(""), Send(b"/MBE:x\r\n"), ReadoutRequested()]
    with pytest.raises(ValueError, match="33"):
        device.send_readout([DataSet.of("a", "0" * 33)])
    assert device.send_readout(DATA) == Send(READOUT)
    assert device.receive(SIGN_ON)[:2] == [SessionEnded(End.SIGN_ON), SignOn("")]


def test_mode_b_changes_speed_once_the_identification_is_sent() -> None:
    device = TariffDevice(Identification("MBE", "E", "x"))
    assert device.receive(SIGN_ON) == [SignOn(""), Send(b"/MBEEx\r\n", SetBaud(9600)), ReadoutRequested()]
    assert device.send_readout(DATA) == Send(READOUT)
    assert device.timed_out() == [SessionEnded(End.TIME_OUT), SetBaud(300)]


def test_mode_e_is_not_promised() -> None:
    with pytest.raises(ValueError, match="mode E"):
        TariffDevice(Identification("MBE", "5", "x", ("2",)))
    with pytest.raises(ValueError, match="device address"):
        TariffDevice(IDENTIFICATION, "1-2")


def test_addresses() -> None:
    device = TariffDevice(IDENTIFICATION, "00012345")
    assert device.receive(b"/?54321!\r\n") == [SignOnIgnored("54321")]
    assert device.receive(b"/?012345!\r\n")[0] == SignOn("012345")
    # On a line of several meters the client has turned to another.
    assert device.receive(b"/?54321!\r\n") == [SessionEnded(End.SIGN_ON), SignOnIgnored("54321")]
    assert device.state is State.WAIT_SIGN_ON


@pytest.mark.parametrize(
    "noise", [WAKE_UP, b"/?1", b"/?\x80!\r\n", b"/" * 99, b"/?" + b"1" * 999, b"\x01\x02", b"/?!\r"]
)
def test_a_sign_on_after_noise(noise: bytes) -> None:
    device = TariffDevice(IDENTIFICATION)
    assert device.receive(noise) == []
    assert device.receive(SIGN_ON)[0] == SignOn("")


def test_a_damaged_address_is_not_another_one() -> None:
    device = TariffDevice(IDENTIFICATION, "13")
    assert device.receive(b"/?1\xb23!\r\n") == []


@pytest.mark.parametrize("state", [state for state in State if state is not State.WAIT_SIGN_ON])
def test_a_time_out_ends_any_session(state: State) -> None:
    device = device_in(state)
    limit = device.silence_limit_ns
    assert limit == (1_500_000_000 if state in (State.WAIT_OPTION, State.READOUT_SENT) else timing.INACTIVITY_MIN_NS)
    assert device.timed_out()[0] == SessionEnded(End.TIME_OUT)
    assert device.baud == 300
    assert device.silence_limit_ns is None
    assert device.timed_out() == []
    assert device.receive(NAK) == []
    assert device.receive(SIGN_ON)[0] == SignOn("")


@pytest.mark.parametrize("state", [State.UNAUTHENTICATED, State.AUTHENTICATED, State.BLOCK_SENT, State.READOUT_SENT])
def test_a_message_that_stops_is_forgotten(state: State) -> None:
    device = device_in(state)
    device.receive(b"\x01R1\x02")
    assert device.receiving
    assert device.character_timed_out() == [MessageRejected(Rejection.INCOMPLETE)]
    assert not device.receiving
    assert device.character_timed_out() == []
    assert device.receive(BREAK)[0] == SessionEnded(End.BREAK)


@pytest.mark.parametrize("state", [State.OPERAND_DUE, State.BLOCK_DUE, State.AUTHENTICATED, State.WAIT_OPTION])
def test_a_break_of_the_device(state: State) -> None:
    device = device_in(state)
    assert device.send_break() == Send(BREAK, SetBaud(300))
    assert device.receive(SIGN_ON)[0] == SignOn("")


@pytest.mark.parametrize("baud_character", ["0", "5"])
@pytest.mark.parametrize("state", [state for state in State if state in OWNER_STATES])
def test_nothing_is_heard_while_an_answer_is_due(state: State, baud_character: str) -> None:
    device = device_in(state, baud_character)
    assert device.receive(BREAK + SIGN_ON + NAK + b"\x01") == []
    assert device.state is state
    assert not device.receiving


@pytest.mark.parametrize("state", [state for state in State if state not in OWNER_STATES])
def test_a_sign_on_at_300_bd_begins_anew_even_within_a_message(state: State) -> None:
    device = device_in(state, "0")
    device.receive(b"\x01W1\x02a(1")
    events = device.receive(SIGN_ON)
    assert events[-2:] == [SignOn(""), Send(IDENTIFICATION.encode())]
    assert (events[0] == SessionEnded(End.SIGN_ON)) is (state is not State.WAIT_SIGN_ON)
    assert not device.receiving
    fast = device_in(State.AUTHENTICATED)
    assert fast.receive(SIGN_ON) == []


def test_what_no_client_says_gets_no_answer() -> None:
    damaged = READOUT[:-1] + bytes((READOUT[-1] ^ 1,))
    device = device_in(State.READOUT_SENT)
    assert device.receive(damaged) == [MessageRejected(Rejection.BCC)]
    assert device.receive(PASSWORD) == [MessageRejected(Rejection.UNEXPECTED)]
    assert device.receive(NAK) == [RepeatRequested(), Send(READOUT)]
    assert device_in(State.AUTHENTICATED).receive(READOUT) == [MessageRejected(Rejection.UNEXPECTED)]


@pytest.mark.parametrize(("address", "check"), [("e", 0x06), ("v", 0x15)])
def test_a_bcc_may_look_like_ack_or_nak(address: str, check: int) -> None:
    message = command("R", "1", f"{address}()")
    assert message[-1] == check
    (event,) = device_in(State.AUTHENTICATED).receive(message)
    assert isinstance(event, ReadCommand)


@pytest.mark.parametrize("state", list(State))
def test_calls_out_of_turn_change_nothing(state: State) -> None:
    allowed = {
        State.READOUT_DUE: {"send_readout"},
        State.OPERAND_DUE: {"send_operand"},
        State.AUTHENTICATION_DUE: {"accept", "refuse"},
        State.REPLY_DUE: {"acknowledge", "send_error", "send_data", "send_block"},
        State.BLOCK_DUE: {"acknowledge", "send_error", "send_data", "send_block"},
        State.OPEN_REPLY_DUE: {"acknowledge", "send_error", "send_data", "send_block"},
        State.OPEN_BLOCK_DUE: {"acknowledge", "send_error", "send_data", "send_block"},
    }
    calls: dict[str, Callable[[TariffDevice], Send]] = {
        "send_readout": lambda device: device.send_readout(DATA),
        "send_operand": lambda device: device.send_operand("1"),
        "accept": lambda device: device.accept(),
        "refuse": lambda device: device.refuse(),
        "acknowledge": lambda device: device.acknowledge(),
        "send_error": lambda device: device.send_error("ERR1"),
        "send_data": lambda device: device.send_data(DATA),
        "send_block": lambda device: device.send_block(DATA),
    }
    for name, call in calls.items():
        device = device_in(state)
        if name in allowed.get(state, ()):
            assert isinstance(call(device), Send)
        else:
            with pytest.raises(LocalProtocolError):
                call(device)
            assert device.state is state


def test_every_state_can_be_reached_and_left() -> None:
    assert set(TRANSITIONS) == set(State)
    assert {target for row in TRANSITIONS.values() for target in row.values()} == set(State)


STATES = st.sampled_from(list(State))
PIECES = st.sampled_from(
    [
        *(SIGN_ON, b"/?1!\r\n", b"\x06050\r\n", b"\x06051\r\n", ACK, NAK, BREAK, PASSWORD, READOUT),
        *(command("R", "1", "a()"), command("W", "3", "a(1)", last=False), command("R", "1", "a")),
        *(b"\x01", b"\x02", b"/", b"\x00"),
    ]
)
STREAMS = st.lists(PIECES | st.binary(max_size=20), max_size=12).map(b"".join)


def answer(device: TariffDevice) -> list[TariffEvent]:
    """What the owner of a device says when an answer is due."""
    match device.state:
        case State.READOUT_DUE:
            return [device.send_readout(DATA)]
        case State.OPERAND_DUE:
            return [device.send_operand("1")]
        case State.AUTHENTICATION_DUE:
            return [device.accept()]
        case State.REPLY_DUE | State.BLOCK_DUE | State.OPEN_REPLY_DUE | State.OPEN_BLOCK_DUE:
            return [device.send_data(DATA)]
    return []


@given(STATES, STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_chunks_do_not_matter(state: State, stream: bytes, cuts: list[int]) -> None:
    whole, cut = device_in(state), device_in(state)
    edges = [0, *sorted(min(edge, len(stream)) for edge in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert [event for piece in pieces for event in cut.receive(piece)] == whole.receive(stream)
    assert (cut.state, cut.baud, cut.buffered_bytes) == (whole.state, whole.baud, whole.buffered_bytes)


@given(STATES, st.lists(STREAMS | st.binary(max_size=3000), max_size=5))
def test_nothing_on_the_line_upsets_it(state: State, streams: list[bytes]) -> None:
    device = device_in(state)
    for stream in streams:
        for byte in stream:
            device.receive(bytes((byte,)))
            assert device.buffered_bytes <= COMMAND_BYTES + 64 + 6
            answer(device)
    if device.state is not State.WAIT_SIGN_ON:
        device.timed_out()
    assert device.receive(SIGN_ON) == [SignOn(""), Send(IDENTIFICATION.encode())]


@given(st.sampled_from([State.UNAUTHENTICATED, State.AUTHENTICATED]), st.binary(max_size=200))
def test_a_break_after_noise_and_a_pause(state: State, noise: bytes) -> None:
    device = device_in(state)
    device.receive(noise)
    device.character_timed_out()
    assert device.receive(BREAK) == [SessionEnded(End.BREAK), SetBaud(300)]


@given(st.binary(max_size=60), st.sampled_from([b"R1", b"W1", b"E2", b"P1", b"W5"]), st.data())
def test_a_flipped_bit_is_never_taken_for_the_same_command(text: bytes, name: bytes, data: st.DataObject) -> None:
    value = "".join(chr(0x30 + byte % 10) for byte in text)
    message = bytearray(command(chr(name[0]), chr(name[1]), f"1.8.0({value})"))
    message[data.draw(st.integers(0, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    events = device_in(State.AUTHENTICATED).receive(bytes(message))
    assert all(isinstance(event, MessageRejected | Send | RepeatRequested) for event in events)


OPENING = [SIGN_ON, b"\x06051\r\n", command("R", "3", "a()"), command("W", "1", "a(1)"), BREAK, NAK, ACK]


@given(st.lists(st.sampled_from(OPENING), max_size=20))
def test_nothing_but_reading_comes_through_without_a_password(pieces: list[bytes]) -> None:
    device = TariffDevice(IDENTIFICATION)
    for piece in pieces:
        assert not any(isinstance(event, WriteCommand) for event in device.receive(piece))
        answer(device)
    assert device.state is not State.AUTHENTICATED


@given(st.data())
def test_a_block_that_lost_characters_is_refused_though_its_bcc_is_right(data: st.DataObject) -> None:
    """A BCC is an XOR: two equal characters that the port refused leave no trace in it."""
    whole = command("E", "2", "C.99.2(+100)")
    first = whole.index(b"00")
    short = whole[:first] + whole[first + 2 :]
    at = data.draw(st.integers(0, len(short)))
    device = device_in(State.AUTHENTICATED)
    assert device.receive(short) == [ExecuteCommand((DataSet.of("C.99.2", "+1"),))]

    device = device_in(State.AUTHENTICATED)
    told = device.receive(short[:at], damaged=at >= first)
    told += device.receive(short[at:], damaged=at < first)
    assert told == [MessageRejected(Rejection.DAMAGED), Send(NAK)]
    assert device.receive(whole) == [ExecuteCommand((DataSet.of("C.99.2", "+100"),))]


def test_damage_before_a_message_does_not_stick_to_it() -> None:
    device = device_in(State.AUTHENTICATED)
    assert device.receive(b"", damaged=True) == []
    assert device.receive(command("E", "2", "0.1.0()")) == [ExecuteCommand((DataSet.of("0.1.0", ""),))]
