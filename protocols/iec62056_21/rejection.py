"""Why a received message was not accepted. Both machines report it with the same event."""

from dataclasses import dataclass
from enum import Enum


class Rejection(Enum):
    """Causes, in the order in which a message is looked at."""

    INCOMPLETE = "the characters of a message stopped before its end"
    TOO_LONG = "longer than the buffer"
    EIGHT_BIT = "a byte above 0x7F inside a block"
    DAMAGED = "a character of it was refused for its parity or framing"
    BCC = "the BCC is wrong"
    MALFORMED = "the text breaks the grammar"
    UNKNOWN_COMMAND = "no such command, or not in this direction"
    NOT_AUTHENTICATED = "a command before the password"
    UNEXPECTED = "a message of another state"


@dataclass(frozen=True, slots=True)
class MessageRejected:
    """A message, or what may have been one, was not accepted. `detail` names where, if there is more to say."""

    cause: Rejection
    detail: str = ""
