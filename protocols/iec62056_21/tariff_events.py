"""What a tariff device's machine reports. `Send` and `SetBaud` stand in the same lists: do all in the order given."""

from dataclasses import dataclass, field
from enum import Enum

from .commands import AuthenticationMethod, CommandType
from .data import DataSet
from .line import Send, SetBaud
from .rejection import MessageRejected


@dataclass(frozen=True, slots=True)
class SignOn:
    """A sign-on for this device; the identification follows. `address` as sent, possibly empty."""

    address: str


@dataclass(frozen=True, slots=True)
class SignOnIgnored:
    """A sign-on for another device."""

    address: str


class Service(Enum):
    """What an option select leads to."""

    READOUT = "readout"
    PROGRAMMING = "programming"


@dataclass(frozen=True, slots=True)
class OptionSelected:
    """An option select, with its three characters as sent, and what they lead to: a service, at a speed in Bd."""

    protocol: str
    baud_character: str
    mode: str
    service: Service
    baud: int


@dataclass(frozen=True, slots=True)
class ReadoutRequested:
    """Answer with `send_readout`."""


@dataclass(frozen=True, slots=True)
class OperandRequested:
    """Programming mode begins. Answer with `send_operand`: fresh each time, if P2 is to prove anything."""


@dataclass(frozen=True, slots=True)
class PasswordGiven:
    """P1 or P2. Answer with `accept` or `refuse`. The answer is kept out of the repr."""

    method: AuthenticationMethod
    data_set: DataSet = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadCommand:
    """R1 to R6, at least one data set. Answer with `send_data`, `send_error`, or for partial types `send_block`."""

    command_type: CommandType
    data_sets: tuple[DataSet, ...]

    @property
    def address(self) -> str:
        """Address of the first data set."""
        return self.data_sets[0].address


@dataclass(frozen=True, slots=True)
class WriteCommand:
    """W1 to W6, at least one data set. Answer with `acknowledge` or `send_error`.

    Of a partial type each block is one event, and only the last has `last`.
    """

    command_type: CommandType
    data_sets: tuple[DataSet, ...]
    last: bool = True

    @property
    def address(self) -> str:
        """Address of the first data set."""
        return self.data_sets[0].address


@dataclass(frozen=True, slots=True)
class ExecuteCommand:
    """E2 [m], at least one data set. Answer with `acknowledge`, `send_data` or `send_error`."""

    data_sets: tuple[DataSet, ...]

    @property
    def address(self) -> str:
        """Address of the first data set."""
        return self.data_sets[0].address


@dataclass(frozen=True, slots=True)
class NextBlockRequested:
    """The block before was taken. Answer with `send_block`."""


@dataclass(frozen=True, slots=True)
class RepeatRequested:
    """NAK: the last message follows once more."""


class End(Enum):
    """Why a session ended."""

    BREAK = "break from the reading device"
    TIME_OUT = "time-out"
    READOUT_TAKEN = "readout acknowledged"
    SIGN_ON = "another sign-on"


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """Back to waiting for a sign-on; nothing of the session, its password least of all, holds any more."""

    cause: End


TariffEvent = (
    Send
    | SetBaud
    | MessageRejected
    | SignOn
    | SignOnIgnored
    | OptionSelected
    | ReadoutRequested
    | OperandRequested
    | PasswordGiven
    | ReadCommand
    | WriteCommand
    | ExecuteCommand
    | NextBlockRequested
    | RepeatRequested
    | SessionEnded
)
