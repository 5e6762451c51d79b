"""Programming command messages as a tariff device understands them: P1, P2, R1 to R6, W1 to W6, E2 [m]."""

from .block import CommandMessage
from .commands import AuthenticationMethod, CommandType
from .data import DataSet, parse_lines
from .errors import ParseError
from .tariff_events import ExecuteCommand, PasswordGiven, ReadCommand, WriteCommand

PASSWORD = "P"
_READ, _WRITE, _EXECUTE = "R", "W", "E"
_EXECUTE_TYPE = "2"
_COMMAND_TYPES = frozenset(kind.value for kind in CommandType)
_METHODS = frozenset(method.value for method in AuthenticationMethod)


def command_event(message: CommandMessage) -> PasswordGiven | ReadCommand | WriteCommand | ExecuteCommand | None:
    """The event of a command, or None if a device knows no such command. ParseError if its data sets are not fit."""
    command, number = message.command, message.command_type
    if command == PASSWORD and number in _METHODS:
        data_sets = _data_sets(message)
        if len(data_sets) != 1:
            raise ParseError(0, "one data set expected in a password command")
        return PasswordGiven(AuthenticationMethod(number), data_sets[0])
    if command == _EXECUTE and number == _EXECUTE_TYPE:
        return ExecuteCommand(_data_sets(message))
    if command not in (_READ, _WRITE) or number not in _COMMAND_TYPES:
        return None
    kind = CommandType(number)
    if command == _READ:
        return ReadCommand(kind, _data_sets(message))
    return WriteCommand(kind, _data_sets(message, partial=kind.partial), message.last)


def _data_sets(message: CommandMessage, partial: bool = False) -> tuple[DataSet, ...]:
    if not (message.last or partial):
        raise ParseError(0, "a partial block of a command that has none")
    data_sets = parse_lines(message.text or "")
    if not data_sets:
        raise ParseError(0, "a data set expected")
    return data_sets
