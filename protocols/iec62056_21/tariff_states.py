"""States of a tariff device and what moves it on. `tariff_device` says what they mean on the wire."""

from collections.abc import Mapping
from enum import Enum, auto


class State(Enum):
    """What the device waits for: the line, or in the states that end with DUE its owner."""

    WAIT_SIGN_ON = auto()
    WAIT_OPTION = auto()
    READOUT_DUE = auto()
    READOUT_SENT = auto()
    OPERAND_DUE = auto()
    UNAUTHENTICATED = auto()
    AUTHENTICATION_DUE = auto()
    AUTHENTICATED = auto()
    REPLY_DUE = auto()
    BLOCK_SENT = auto()
    BLOCK_DUE = auto()
    OPEN_REPLY_DUE = auto()
    """To a read command before any password, which may be answered; so the two that follow."""
    OPEN_BLOCK_SENT = auto()
    OPEN_BLOCK_DUE = auto()


class Trigger(Enum):
    """What moves it on."""

    SIGN_ON = auto()
    SIGN_ON_WITHOUT_OPTION = auto()
    READOUT_SELECTED = auto()
    PROGRAMMING_SELECTED = auto()
    READOUT_GIVEN = auto()
    OPERAND_GIVEN = auto()
    PASSWORD = auto()
    ACCEPTED = auto()
    REFUSED = auto()
    COMMAND = auto()
    REPLY_GIVEN = auto()
    BLOCK_GIVEN = auto()
    BLOCK_TAKEN = auto()
    ENDED = auto()


_S, _T = State, Trigger
_OVER = {_T.ENDED: _S.WAIT_SIGN_ON}

TRANSITIONS: Mapping[State, Mapping[Trigger, State]] = {
    _S.WAIT_SIGN_ON: {_T.SIGN_ON: _S.WAIT_OPTION, _T.SIGN_ON_WITHOUT_OPTION: _S.READOUT_DUE},
    _S.WAIT_OPTION: {_T.READOUT_SELECTED: _S.READOUT_DUE, _T.PROGRAMMING_SELECTED: _S.OPERAND_DUE, **_OVER},
    _S.READOUT_DUE: {_T.READOUT_GIVEN: _S.READOUT_SENT, **_OVER},
    _S.READOUT_SENT: _OVER,
    _S.OPERAND_DUE: {_T.OPERAND_GIVEN: _S.UNAUTHENTICATED, **_OVER},
    _S.UNAUTHENTICATED: {_T.PASSWORD: _S.AUTHENTICATION_DUE, _T.COMMAND: _S.OPEN_REPLY_DUE, **_OVER},
    _S.OPEN_REPLY_DUE: {_T.REPLY_GIVEN: _S.UNAUTHENTICATED, _T.BLOCK_GIVEN: _S.OPEN_BLOCK_SENT, **_OVER},
    _S.OPEN_BLOCK_SENT: {
        _T.BLOCK_TAKEN: _S.OPEN_BLOCK_DUE,
        _T.PASSWORD: _S.AUTHENTICATION_DUE,
        _T.COMMAND: _S.OPEN_REPLY_DUE,
        **_OVER,
    },
    _S.OPEN_BLOCK_DUE: {_T.REPLY_GIVEN: _S.UNAUTHENTICATED, _T.BLOCK_GIVEN: _S.OPEN_BLOCK_SENT, **_OVER},
    _S.AUTHENTICATION_DUE: {_T.ACCEPTED: _S.AUTHENTICATED, _T.REFUSED: _S.UNAUTHENTICATED, **_OVER},
    _S.AUTHENTICATED: {_T.PASSWORD: _S.AUTHENTICATION_DUE, _T.COMMAND: _S.REPLY_DUE, **_OVER},
    _S.REPLY_DUE: {_T.REPLY_GIVEN: _S.AUTHENTICATED, _T.BLOCK_GIVEN: _S.BLOCK_SENT, **_OVER},
    _S.BLOCK_SENT: {
        _T.BLOCK_TAKEN: _S.BLOCK_DUE,
        _T.PASSWORD: _S.AUTHENTICATION_DUE,
        _T.COMMAND: _S.REPLY_DUE,
        **_OVER,
    },
    _S.BLOCK_DUE: {_T.REPLY_GIVEN: _S.AUTHENTICATED, _T.BLOCK_GIVEN: _S.BLOCK_SENT, **_OVER},
}
"""A further sign-on ends a session first (ENDED), then begins one."""

OWNER_STATES = frozenset(
    {
        _S.READOUT_DUE,
        _S.OPERAND_DUE,
        _S.AUTHENTICATION_DUE,
        _S.REPLY_DUE,
        _S.BLOCK_DUE,
        _S.OPEN_REPLY_DUE,
        _S.OPEN_BLOCK_DUE,
    }
)
"""An answer is due from the owner."""
