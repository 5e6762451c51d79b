"""What the codecs and machines raise, and the error codes a device puts on the wire."""

from enum import StrEnum


class ParseError(ValueError):
    """Text or bytes that break the grammar. `offset` counts characters from the start of what was given."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(f"offset {offset}: {problem}")
        self.offset = offset
        self.problem = problem


class LocalProtocolError(RuntimeError):
    """The owner of a machine asked for something its state does not allow. Nothing was sent or changed."""


class ErrorCode(StrEnum):
    """Codes of an error message `STX (ERRn) ETX BCC`: a manufacturer's own by the standard; these are the A1700's."""

    COMMAND = "ERR1"
    IDENTITY = "ERR2"
    PACKET = "ERR3"
    PASSWORD = "ERR5"
    COMMUNICATION = "ERR6"
