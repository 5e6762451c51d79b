"""What a reading device's machine reports. `Send` and `SetBaud` stand in the same lists: do all in the order given."""

from dataclasses import dataclass
from enum import Enum

from .data import DataSet
from .line import Send, SetBaud
from .rejection import MessageRejected
from .sign_on import Identification


@dataclass(frozen=True, slots=True)
class Identified:
    """The device's identification. Modes C and E: select an option. Modes A and B: the readout follows by itself."""

    identification: Identification


@dataclass(frozen=True, slots=True)
class ReadoutReceived:
    """A whole readout with a right BCC. The session is over."""

    data_sets: tuple[DataSet, ...]


@dataclass(frozen=True, slots=True)
class OperandReceived:
    """Programming mode has begun: P0 with the operand for the algorithm of P2."""

    operand: DataSet


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The command was acknowledged."""


@dataclass(frozen=True, slots=True)
class DataReceived:
    """Data that answer a command; unless `last`, the acknowledgement that asks for the next block follows."""

    data_sets: tuple[DataSet, ...]
    last: bool = True


@dataclass(frozen=True, slots=True)
class DeviceError:
    """An error message that answers a command: a single value without address, beginning with `ERR`."""

    code: str


class Failure(Enum):
    """Why a session failed."""

    BREAK = "break from the tariff device"
    TIME_OUT = "no answer in time"
    REPEATS = "one message was repeated too often"


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """The session is over without what was asked for."""

    cause: Failure


ReadingEvent = (
    Send
    | SetBaud
    | MessageRejected
    | Identified
    | ReadoutReceived
    | OperandReceived
    | Acknowledged
    | DataReceived
    | DeviceError
    | SessionFailed
)
