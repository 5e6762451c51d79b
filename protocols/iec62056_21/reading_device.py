"""The client's side of IEC 62056-21 (the standard's hand-held unit, HHU): modes A, B and C, readout and programming.

Theory of operation
-------------------
Calls (`sign_on`, `select_readout`, `read` ...) give a `Send`; `receive(bytes)` returns what happened and what to do, in
order: events, `SetBaud`, and `Send` of what needs no decision (NAK for a damaged block, a command once more after a
NAK, ACK for a partial block). A message is repeated at most `limits.REPEATS` times; then a break frees the device.

No clock is kept. The owner waits the device's reaction time on a quiet line before each `Send`, and calls `timed_out`
when nothing has come for REACTION_MAX_NS, or `character_timed_out` when a message stays unfinished (`receiving`) for
INTER_CHARACTER_MAX_NS. It feeds no byte that arrives while it transmits.

Every change of state is in `reading_states.READING_TRANSITIONS`; whatever is not there does not happen.
"""

from collections.abc import Iterable

from .baud import INITIAL_BAUD, Mode
from .block import (
    ACK_BYTES,
    BREAK,
    NAK_BYTES,
    CommandMessage,
    DataMessage,
    data_message,
    decode,
    parse_readout,
)
from .characters import ACK, END_OF_DATA, NAK
from .commands import AuthenticationMethod, CommandType
from .data import DataSet, Value, parse_lines
from .errors import LocalProtocolError, ParseError
from .limits import READOUT_BYTES, REPEATS
from .line import Send, SetBaud
from .reading_events import (
    Acknowledged,
    DataReceived,
    DeviceError,
    Failure,
    Identified,
    OperandReceived,
    ReadingEvent,
    ReadoutReceived,
    SessionFailed,
)
from .reading_states import READING_TRANSITIONS, ReadingState, ReadingTrigger
from .rejection import MessageRejected, Rejection
from .scanner import BlockScanner, LineScanner
from .sign_on import (
    MODE_PROGRAMMING,
    MODE_READOUT,
    PROTOCOL_NORMAL,
    Identification,
    OptionSelect,
    encode_sign_on,
    parse_identification,
)

_BLOCK_STATES = frozenset({ReadingState.WAIT_READOUT, ReadingState.WAIT_OPERAND, ReadingState.WAIT_REPLY})
_ERROR_PREFIX = "ERR"


class ReadingDevice:
    """One optical head or line, one session at a time."""

    def __init__(self) -> None:
        self._state = ReadingState.IDLE
        self._baud = INITIAL_BAUD
        self._identification: Identification | None = None
        self._last: Send | None = None
        self._repeats = 0
        self._line = LineScanner()
        self._block = BlockScanner(READOUT_BYTES)

    @property
    def state(self) -> ReadingState:
        """Present state."""
        return self._state

    @property
    def baud(self) -> int:
        """Speed of the port once all that was returned so far is done, Bd."""
        return self._baud

    @property
    def identification(self) -> Identification | None:
        """The device's identification, once it has come in this session."""
        return self._identification

    @property
    def receiving(self) -> bool:
        """Whether a message is half received: the inter-character time-out runs."""
        return self.buffered_bytes > 0

    @property
    def buffered_bytes(self) -> int:
        """Bytes kept of unfinished messages."""
        return self._line.buffered + self._block.buffered

    def sign_on(self, address: str = "") -> Send:
        """Begin a session, from IDLE. ValueError if the device address is not fit."""
        send = Send(encode_sign_on(address))
        self._step(ReadingTrigger.SIGN_ON)
        self._identification = None
        return send

    def select_readout(self, baud_character: str | None = None) -> Send:
        """Ask for the readout, at the proposed speed or by another baud character (then both stay at 300 Bd)."""
        return self._select(ReadingTrigger.READOUT_SELECTED, MODE_READOUT, baud_character)

    def select_programming(self, baud_character: str | None = None) -> Send:
        """Ask for programming mode, at the proposed speed or by another baud character (then both stay at 300 Bd)."""
        return self._select(ReadingTrigger.PROGRAMMING_SELECTED, MODE_PROGRAMMING, baud_character)

    def authenticate(self, method: AuthenticationMethod, answer: str) -> Send:
        """P1 with the password, or P2 with the result of the algorithm. Acknowledged or DeviceError follows."""
        text = DataSet("", (Value(answer),)).encode()
        return self._send_command(CommandMessage("P", method.value, text))

    def read(self, address: str, value: str = "", command_type: CommandType = CommandType.ASCII) -> Send:
        """Read command for one address. DataReceived or DeviceError follows."""
        return self._send_command(CommandMessage("R", command_type.value, DataSet.of(address, value).encode()))

    def write(
        self, data_sets: Iterable[DataSet], command_type: CommandType = CommandType.ASCII, last: bool = True
    ) -> Send:
        """Write command; of a partial type, a block that may not be the last. Acknowledged or DeviceError follows."""
        if not (last or command_type.partial):
            raise ValueError(f"write command type {command_type.value} has no partial blocks")
        return self._send_command(CommandMessage("W", command_type.value, data_message(data_sets).text, last))

    def execute(self, data_set: DataSet) -> Send:
        """Execute command. Acknowledged, DataReceived or DeviceError follows."""
        return self._send_command(CommandMessage("E", "2", data_set.encode()))

    def end(self) -> Send:
        """Break: end the session, from any state but IDLE; 300 Bd once it is sent."""
        self._step(ReadingTrigger.ENDED)
        self._baud = INITIAL_BAUD
        return Send(BREAK.encode(), SetBaud(INITIAL_BAUD))

    def receive(self, data: bytes, *, damaged: bool = False) -> list[ReadingEvent]:
        """What bytes from the line led to. Never raises, whatever they are. `damaged`: among them, before or behind,
        were characters that the port refused (parity, framing, overrun); a block that they may belong to is none."""
        events: list[ReadingEvent] = []
        for byte in data:
            if damaged:
                self._block.spoil()
            events += self._byte(byte)
        if damaged:
            self._block.spoil()
        return events

    def timed_out(self) -> list[ReadingEvent]:
        """No answer came: back to IDLE at 300 Bd, from any state."""
        return [] if self._state is ReadingState.IDLE else self._failed(Failure.TIME_OUT)

    def character_timed_out(self) -> list[ReadingEvent]:
        """A half-received message will not go on: forget it, and ask for a block again."""
        lost = self._block.buffered > 0
        self._reset_scanners()
        return self._rejected(Rejection.INCOMPLETE) if lost else []

    def _step(self, trigger: ReadingTrigger) -> None:
        target = READING_TRANSITIONS[self._state].get(trigger)
        if target is None:
            raise LocalProtocolError(f"{trigger.name} is not possible in {self._state.name}")
        self._state = target
        self._repeats = 0
        self._reset_scanners()

    def _reset_scanners(self) -> None:
        self._line.reset()
        self._block.reset()

    def _select(self, trigger: ReadingTrigger, mode: str, baud_character: str | None) -> Send:
        if self._identification is None:
            raise LocalProtocolError(f"{trigger.name} is not possible in {self._state.name}")
        proposed = self._identification.baud_character
        option = OptionSelect(PROTOCOL_NORMAL, baud_character or proposed, mode)
        self._step(trigger)
        self._last = None
        self._baud = self._identification.baud if option.baud_character == proposed else INITIAL_BAUD
        return Send(option.encode(), SetBaud(self._baud))

    def _send_command(self, message: CommandMessage) -> Send:
        self._step(ReadingTrigger.COMMAND)
        self._last = Send(message.encode())
        return self._last

    def _byte(self, byte: int) -> list[ReadingEvent]:
        if self._state is ReadingState.WAIT_IDENTIFICATION:
            message = self._line.feed(byte)
            return [] if message is None else self._identified(message)
        if self._state not in _BLOCK_STATES:
            return []
        if self._state is ReadingState.WAIT_REPLY and not self._block.buffered and byte in (ACK, NAK):
            return self._acknowledged() if byte == ACK else self._asked_again()
        block = self._block.feed(byte)
        if block is None:
            return []
        return self._rejected(block) if isinstance(block, Rejection) else self._message(block)

    def _identified(self, message: bytes) -> list[ReadingEvent]:
        try:
            identification = parse_identification(message)
        except ParseError as error:
            return [MessageRejected(Rejection.MALFORMED, str(error))]
        self._identification = identification
        if identification.mode in (Mode.C, Mode.E):
            self._step(ReadingTrigger.IDENTIFICATION)
            return [Identified(identification)]
        self._step(ReadingTrigger.IDENTIFICATION_WITHOUT_OPTION)
        return [Identified(identification), *self._set_baud(identification.baud)]

    def _acknowledged(self) -> list[ReadingEvent]:
        self._step(ReadingTrigger.REPLY)
        return [Acknowledged()]

    def _asked_again(self) -> list[ReadingEvent]:
        return [] if self._last is None else self._again(self._last)

    def _again(self, send: Send) -> list[ReadingEvent]:
        if self._repeats == REPEATS:
            self._step(ReadingTrigger.ENDED)
            self._baud = INITIAL_BAUD
            return [SessionFailed(Failure.REPEATS), Send(BREAK.encode(), SetBaud(INITIAL_BAUD))]
        self._repeats += 1
        return [send]

    def _rejected(self, cause: Rejection, detail: str = "") -> list[ReadingEvent]:
        return [MessageRejected(cause, detail), *self._again(Send(NAK_BYTES))]

    def _failed(self, cause: Failure) -> list[ReadingEvent]:
        self._step(ReadingTrigger.ENDED)
        return [SessionFailed(cause), *self._set_baud(INITIAL_BAUD)]

    def _set_baud(self, baud: int) -> list[ReadingEvent]:
        if baud == self._baud:
            return []
        self._baud = baud
        return [SetBaud(baud)]

    def _message(self, block: bytes) -> list[ReadingEvent]:
        try:
            message = decode(block)
            if message == BREAK:
                return self._failed(Failure.BREAK)
            if isinstance(message, CommandMessage):
                return self._operand(message)
            if self._state is ReadingState.WAIT_REPLY:
                return self._reply(message)
            return self._readout(message)
        except ParseError as error:
            return self._rejected(Rejection.MALFORMED, str(error))

    def _operand(self, message: CommandMessage) -> list[ReadingEvent]:
        if self._state is not ReadingState.WAIT_OPERAND or (message.command, message.command_type) != ("P", "0"):
            return [MessageRejected(Rejection.UNEXPECTED, message.command + message.command_type)]
        data_sets = parse_lines(message.text or "")
        if len(data_sets) != 1:
            raise ParseError(0, "one data set expected as the operand")
        self._step(ReadingTrigger.OPERAND)
        return [OperandReceived(data_sets[0])]

    def _readout(self, message: DataMessage) -> list[ReadingEvent]:
        if self._state is ReadingState.WAIT_OPERAND and not message.text.endswith(END_OF_DATA):
            return [MessageRejected(Rejection.UNEXPECTED, "data message")]
        data_sets = parse_readout(message.text)
        if not message.last:
            raise ParseError(len(message.text), "a readout has no partial blocks")
        self._step(ReadingTrigger.ENDED)
        return [ReadoutReceived(data_sets), *self._set_baud(INITIAL_BAUD)]

    def _reply(self, message: DataMessage) -> list[ReadingEvent]:
        data_sets = parse_lines(message.text)
        if not message.last:
            self._repeats = 0
            self._last = Send(ACK_BYTES)
            return [DataReceived(data_sets, last=False), self._last]
        self._step(ReadingTrigger.REPLY)
        if len(data_sets) == 1 and not data_sets[0].address and data_sets[0].text.startswith(_ERROR_PREFIX):
            return [DeviceError(data_sets[0].text)]
        return [DataReceived(data_sets)]
