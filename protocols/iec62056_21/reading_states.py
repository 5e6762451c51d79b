"""States of a reading device and what moves it on. `reading_device` says what they mean on the wire."""

from collections.abc import Mapping
from enum import Enum, auto


class ReadingState(Enum):
    """What the reading device waits for; IDLE, IDENTIFIED and PROGRAMMING wait for its owner."""

    IDLE = auto()
    WAIT_IDENTIFICATION = auto()
    IDENTIFIED = auto()
    WAIT_READOUT = auto()
    WAIT_OPERAND = auto()
    PROGRAMMING = auto()
    WAIT_REPLY = auto()


class ReadingTrigger(Enum):
    """What moves it on."""

    SIGN_ON = auto()
    IDENTIFICATION = auto()
    IDENTIFICATION_WITHOUT_OPTION = auto()
    READOUT_SELECTED = auto()
    PROGRAMMING_SELECTED = auto()
    OPERAND = auto()
    COMMAND = auto()
    REPLY = auto()
    ENDED = auto()


_S, _T = ReadingState, ReadingTrigger
_OVER = {_T.ENDED: _S.IDLE}

READING_TRANSITIONS: Mapping[ReadingState, Mapping[ReadingTrigger, ReadingState]] = {
    _S.IDLE: {_T.SIGN_ON: _S.WAIT_IDENTIFICATION},
    _S.WAIT_IDENTIFICATION: {
        _T.IDENTIFICATION: _S.IDENTIFIED,
        _T.IDENTIFICATION_WITHOUT_OPTION: _S.WAIT_READOUT,
        **_OVER,
    },
    _S.IDENTIFIED: {_T.READOUT_SELECTED: _S.WAIT_READOUT, _T.PROGRAMMING_SELECTED: _S.WAIT_OPERAND, **_OVER},
    _S.WAIT_READOUT: _OVER,
    _S.WAIT_OPERAND: {_T.OPERAND: _S.PROGRAMMING, **_OVER},
    _S.PROGRAMMING: {_T.COMMAND: _S.WAIT_REPLY, **_OVER},
    _S.WAIT_REPLY: {_T.REPLY: _S.PROGRAMMING, **_OVER},
}
