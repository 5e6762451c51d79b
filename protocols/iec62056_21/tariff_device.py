"""The meter's side of IEC 62056-21 (the standard's "tariff device"): modes A, B and C as the identification announces.

Theory of operation
-------------------
`receive(bytes)` returns what happened and what to do, in order: events, `SetBaud` and `Send`. Calls such as
`send_readout` give the `Send` of an answer that only the owner can make. The line is half-duplex: the owner feeds no
byte that arrives while it transmits, and while an answer is due from it (states `..._DUE`) what arrives is discarded.

No clock is kept. The owner waits `identification.reaction_min_ns` before each `Send`; when a message stays unfinished
(`receiving`) for INTER_CHARACTER_MAX_NS it calls `character_timed_out`; after `silence_limit_ns` without a byte in
either direction, `timed_out`.

A sign-on is answered in WAIT_SIGN_ON, and while listening at 300 Bd in any other state: it begins a new session.
A repeat (NAK) gives the last message again, and a NAK of ours is such a message too: a reading device that did not
understand it must not get an older answer instead.

A read command needs no password: what it may show is for the owner to say. All others do.

Mode E: an option select that asks for HDLC (V = 2, Y = 2), or for anything else not offered, gets a readout; an
identification that promises HDLC is refused here. Programming mode exists in mode C only.

Every change of state is in `tariff_states.TRANSITIONS`; whatever is not there does not happen.
"""

from collections.abc import Iterable, Mapping

from .baud import INITIAL_BAUD, Mode
from .block import ACK_BYTES, BREAK, NAK_BYTES, CommandMessage, DataMessage, data_message, decode, readout_message
from .characters import ACK, NAK
from .data import DataSet, Value, check_value_limit
from .errors import ErrorCode, LocalProtocolError, ParseError
from .limits import COMMAND_BYTES, VALUE_CHARS, VALUE_CHARS_MODE_C
from .line import Send, SetBaud
from .rejection import MessageRejected, Rejection
from .scanner import BlockScanner, LineScanner, OptionScanner
from .sign_on import (
    MODE_PROGRAMMING,
    PROTOCOL_NORMAL,
    Identification,
    OptionSelect,
    address_matches,
    check_device_address,
    parse_option_select,
    parse_sign_on,
)
from .tariff_commands import PASSWORD, command_event
from .tariff_events import (
    End,
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
)
from .tariff_states import OWNER_STATES, TRANSITIONS, State, Trigger
from .timing import INACTIVITY_MIN_NS, REACTION_MAX_NS

_BLOCK_STATES = frozenset(
    {State.READOUT_SENT, State.UNAUTHENTICATED, State.AUTHENTICATED, State.BLOCK_SENT, State.OPEN_BLOCK_SENT}
)
_BEFORE_PASSWORD = frozenset({State.UNAUTHENTICATED, State.OPEN_BLOCK_SENT})
_ANSWER_STATES = frozenset({State.WAIT_OPTION, State.READOUT_SENT})


class TariffDevice:
    """One port of a meter. `address` is the device address that a sign-on may name; empty: none but the empty one.

    ValueError if the address is not fit or the identification promises mode E.
    """

    def __init__(self, identification: Identification, address: str = "") -> None:
        check_device_address(address)
        if identification.mode is Mode.E:
            raise ValueError("the identification promises mode E (HDLC), which this machine does not offer")
        self.identification = identification
        self.address = address
        self._state = State.WAIT_SIGN_ON
        self._baud = INITIAL_BAUD
        self._last: Send | None = None
        self._partial_read = False
        self._line = LineScanner()
        self._option = OptionScanner()
        self._block = BlockScanner(COMMAND_BYTES)

    @property
    def state(self) -> State:
        """Present state."""
        return self._state

    @property
    def baud(self) -> int:
        """Speed of the port once all that was returned so far is done, Bd."""
        return self._baud

    @property
    def receiving(self) -> bool:
        """Whether a message is half received: the inter-character time-out runs."""
        return self.buffered_bytes > 0

    @property
    def buffered_bytes(self) -> int:
        """Bytes kept of unfinished messages."""
        return self._line.buffered + self._option.buffered + self._block.buffered

    @property
    def silence_limit_ns(self) -> int | None:
        """After this long without a character in either direction call `timed_out`; None in WAIT_SIGN_ON.

        The reaction time where an answer or nothing follows, else the inactivity time-out of a session.
        """
        if self._state is State.WAIT_SIGN_ON:
            return None
        return REACTION_MAX_NS if self._state in _ANSWER_STATES else INACTIVITY_MIN_NS

    def receive(self, data: bytes, *, damaged: bool = False) -> list[TariffEvent]:
        """What bytes from the line led to. Never raises, whatever they are. `damaged`: among them, before or behind,
        were characters that the port refused (parity, framing, overrun); a block that they may belong to is none."""
        events: list[TariffEvent] = []
        for byte in data:
            if damaged:
                self._block.spoil()
            if self._state not in OWNER_STATES:
                events += self._byte(byte)
        if damaged:
            self._block.spoil()
        return events

    def timed_out(self) -> list[TariffEvent]:
        """The silence limit is over: back to WAIT_SIGN_ON at 300 Bd, from any state."""
        self._reset_scanners()
        return [] if self._state is State.WAIT_SIGN_ON else self._ended(End.TIME_OUT)

    def character_timed_out(self) -> list[TariffEvent]:
        """A half-received message will not go on: forget it. The state stays."""
        lost = self._block.buffered or self._option.buffered
        self._reset_scanners()
        return [MessageRejected(Rejection.INCOMPLETE)] if lost else []

    def send_readout(self, data_sets: Iterable[DataSet]) -> Send:
        """Answer to ReadoutRequested: a line for each data set. ValueError if a value is too long for the mode."""
        sets = tuple(data_sets)
        check_value_limit(sets, self._value_chars)
        return self._answer(Trigger.READOUT_GIVEN, readout_message(sets).encode())

    def send_operand(self, operand: str) -> Send:
        """Answer to OperandRequested: P0 with the operand, as a value. ValueError if it is not fit for one."""
        text = DataSet("", (Value(operand),)).encode()
        return self._answer(Trigger.OPERAND_GIVEN, CommandMessage(PASSWORD, "0", text).encode())

    def accept(self) -> Send:
        """Answer to PasswordGiven: ACK; from now on commands are let through."""
        return self._answer(Trigger.ACCEPTED, ACK_BYTES)

    def refuse(self, error: str = ErrorCode.PASSWORD) -> Send:
        """Answer to PasswordGiven: an error message; commands are (again) refused."""
        return self._answer(Trigger.REFUSED, _error_message(error))

    def acknowledge(self) -> Send:
        """Answer to a write or execute command: ACK."""
        return self._answer(Trigger.REPLY_GIVEN, ACK_BYTES)

    def send_error(self, error: str) -> Send:
        """Answer to a command: an error message, `error` as a value of at most 32 characters."""
        return self._answer(Trigger.REPLY_GIVEN, _error_message(error))

    def send_data(self, data_sets: Iterable[DataSet]) -> Send:
        """Answer to a command, or the last block of a partial one: these data sets."""
        return self._answer(Trigger.REPLY_GIVEN, data_message(data_sets).encode())

    def send_block(self, data_sets: Iterable[DataSet]) -> Send:
        """Answer to a read command of a partial type, or to NextBlockRequested: a block that is not the last."""
        if not self._partial_read:
            raise LocalProtocolError("send_block: no read command of a partial type is being answered")
        return self._answer(Trigger.BLOCK_GIVEN, data_message(data_sets, last=False).encode())

    def send_break(self) -> Send:
        """End the session from this side, as after too many passwords; 300 Bd once it is sent."""
        if self._state is State.WAIT_SIGN_ON:
            raise LocalProtocolError("send_break: no session")
        self._step(Trigger.ENDED)
        return self._sent(Send(BREAK.encode(), SetBaud(INITIAL_BAUD)))

    @property
    def _value_chars(self) -> int:
        return VALUE_CHARS_MODE_C if self.identification.mode is Mode.C else VALUE_CHARS

    def _step(self, trigger: Trigger) -> None:
        target = TRANSITIONS[self._state].get(trigger)
        if target is None:
            raise LocalProtocolError(f"{trigger.name} is not possible in {self._state.name}")
        self._state = target
        self._reset_scanners()

    def _reset_scanners(self) -> None:
        self._line.reset()
        self._option.reset()
        self._block.reset()

    def _answer(self, trigger: Trigger, data: bytes) -> Send:
        self._step(trigger)
        return self._sent(Send(data))

    def _sent(self, send: Send) -> Send:
        self._last = Send(send.data)
        if send.then is not None:
            self._baud = send.then.baud
        return send

    def _set_baud(self, baud: int) -> list[TariffEvent]:
        if baud == self._baud:
            return []
        self._baud = baud
        return [SetBaud(baud)]

    def _ended(self, cause: End) -> list[TariffEvent]:
        self._step(Trigger.ENDED)
        return [SessionEnded(cause), *self._set_baud(INITIAL_BAUD)]

    def _byte(self, byte: int) -> list[TariffEvent]:
        if self._baud == INITIAL_BAUD:
            message = self._line.feed(byte)
            if message is not None:
                events = self._sign_on(message)
                if events:
                    return events
        if self._state is State.WAIT_OPTION:
            option = self._option.feed(byte)
            if isinstance(option, bytes):
                return self._option_select(parse_option_select(option))
            if option is not None:
                return [MessageRejected(option, "option select")]
            return self._repeat() if byte == NAK and not self._option.buffered else []
        if self._state not in _BLOCK_STATES:
            return []
        if not self._block.buffered and byte in (ACK, NAK):
            return self._repeat() if byte == NAK else self._taken()
        block = self._block.feed(byte)
        if block is None:
            return []
        return self._rejected(block) if isinstance(block, Rejection) else self._message(block)

    def _sign_on(self, message: bytes) -> list[TariffEvent]:
        try:
            address = parse_sign_on(message)
        except ParseError:
            return []
        events = [] if self._state is State.WAIT_SIGN_ON else self._ended(End.SIGN_ON)
        if not address_matches(self.address, address):
            return [*events, SignOnIgnored(address)]
        mode = self.identification.mode
        self._step(Trigger.SIGN_ON if mode is Mode.C else Trigger.SIGN_ON_WITHOUT_OPTION)
        then = SetBaud(self.identification.baud) if mode is Mode.B else None
        events += [SignOn(address), self._sent(Send(self.identification.encode(), then))]
        return events if mode is Mode.C else [*events, ReadoutRequested()]

    def _option_select(self, option: OptionSelect) -> list[TariffEvent]:
        agreed = option.baud_character == self.identification.baud_character
        baud = self.identification.baud if agreed else INITIAL_BAUD
        programming = (option.protocol, option.mode) == (PROTOCOL_NORMAL, MODE_PROGRAMMING)
        service = Service.PROGRAMMING if programming else Service.READOUT
        self._step(Trigger.PROGRAMMING_SELECTED if programming else Trigger.READOUT_SELECTED)
        return [
            OptionSelected(option.protocol, option.baud_character, option.mode, service, baud),
            *self._set_baud(baud),
            OperandRequested() if programming else ReadoutRequested(),
        ]

    def _repeat(self) -> list[TariffEvent]:
        return [] if self._last is None else [RepeatRequested(), self._last]

    def _taken(self) -> list[TariffEvent]:
        if self._state is State.READOUT_SENT:
            return self._ended(End.READOUT_TAKEN)
        if self._state in (State.BLOCK_SENT, State.OPEN_BLOCK_SENT):
            self._step(Trigger.BLOCK_TAKEN)
            return [NextBlockRequested()]
        return []

    def _rejected(self, cause: Rejection, detail: str = "") -> list[TariffEvent]:
        rejected = MessageRejected(cause, detail)
        if self._state is State.READOUT_SENT or cause is Rejection.UNEXPECTED:
            return [rejected]
        if cause in (Rejection.BCC, Rejection.EIGHT_BIT, Rejection.DAMAGED):
            return [rejected, self._sent(Send(NAK_BYTES))]
        return [rejected, self._sent(Send(_error_message(_ERROR_OF[cause])))]

    def _message(self, block: bytes) -> list[TariffEvent]:
        try:
            message = decode(block)
            if message == BREAK:
                return self._ended(End.BREAK)
            if self._state is State.READOUT_SENT or isinstance(message, DataMessage):
                return self._rejected(Rejection.UNEXPECTED)
            return self._command(message)
        except ParseError as error:
            return self._rejected(Rejection.MALFORMED, str(error))

    def _command(self, message: CommandMessage) -> list[TariffEvent]:
        name = message.command + message.command_type
        event = command_event(message)
        if event is None:
            return self._rejected(Rejection.UNKNOWN_COMMAND, name)
        if isinstance(event, PasswordGiven):
            self._step(Trigger.PASSWORD)
            return [event]
        if self._state in _BEFORE_PASSWORD and not isinstance(event, ReadCommand):
            return self._rejected(Rejection.NOT_AUTHENTICATED, name)
        self._partial_read = isinstance(event, ReadCommand) and event.command_type.partial
        self._step(Trigger.COMMAND)
        return [event]


_ERROR_OF: Mapping[Rejection, ErrorCode] = {
    Rejection.TOO_LONG: ErrorCode.PACKET,
    Rejection.MALFORMED: ErrorCode.PACKET,
    Rejection.UNKNOWN_COMMAND: ErrorCode.COMMAND,
    Rejection.NOT_AUTHENTICATED: ErrorCode.PASSWORD,
}


def _error_message(error: str) -> bytes:
    data_set = DataSet("", (Value(error),))
    check_value_limit((data_set,), VALUE_CHARS)
    return data_message((data_set,)).encode()
