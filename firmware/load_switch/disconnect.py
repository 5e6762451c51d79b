"""The states of a disconnect relay, and what leads from one to another: COSEM's disconnect control, class 70 version 0.

Names, numbers, transitions and modes are those of IEC 62056-6-2 (the Blue Book), "Disconnect control"; the letters of
the transitions are its own. Modes 5 and 6 came with later editions. From memory, held against the modes as the public
client gurux_dlms names them.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class SupplyState(enum.Enum):
    """`control_state`; the relay is closed in CONNECTED only."""

    DISCONNECTED = 0
    CONNECTED = 1
    READY_FOR_RECONNECTION = 2
    """Released: the relay is open, and somebody at the meter, or the limiter, may close it."""


class Trigger(enum.Enum):
    """Who wants what: by communication, by hand at the meter, or by the meter itself (the limiter)."""

    REMOTE_DISCONNECT = "remote-disconnect"
    REMOTE_RECONNECT = "remote-reconnect"
    MANUAL_DISCONNECT = "manual-disconnect"
    MANUAL_RECONNECT = "manual-reconnect"
    LOCAL_DISCONNECT = "local-disconnect"
    LOCAL_RECONNECT = "local-reconnect"


class ControlMode(enum.Enum):
    """`control_mode`: which transitions a meter makes."""

    ALWAYS_CONNECTED = 0
    MODE_1 = 1
    MODE_2 = 2
    MODE_3 = 3
    MODE_4 = 4
    MODE_5 = 5
    MODE_6 = 6


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow. `number` is 1 for a, 2 for b, ..."""

    letter: str
    trigger: Trigger
    begins: SupplyState
    ends: SupplyState

    @property
    def number(self) -> int:
        return ord(self.letter) - ord("a") + 1


_OPEN, _CLOSED, _READY = SupplyState.DISCONNECTED, SupplyState.CONNECTED, SupplyState.READY_FOR_RECONNECTION

TRANSITIONS: Final = (
    Transition("a", Trigger.REMOTE_RECONNECT, _OPEN, _CLOSED),
    Transition("b", Trigger.REMOTE_DISCONNECT, _CLOSED, _OPEN),
    Transition("c", Trigger.REMOTE_DISCONNECT, _READY, _OPEN),
    Transition("d", Trigger.REMOTE_RECONNECT, _OPEN, _READY),
    Transition("e", Trigger.MANUAL_RECONNECT, _READY, _CLOSED),
    Transition("f", Trigger.MANUAL_DISCONNECT, _CLOSED, _READY),
    Transition("g", Trigger.LOCAL_DISCONNECT, _CLOSED, _READY),
    Transition("h", Trigger.LOCAL_RECONNECT, _READY, _CLOSED),
)

ALLOWED: Final[Mapping[ControlMode, str]] = {
    ControlMode.ALWAYS_CONNECTED: "",
    ControlMode.MODE_1: "bcdefg",
    ControlMode.MODE_2: "abcefg",
    ControlMode.MODE_3: "bcdeg",
    ControlMode.MODE_4: "abceg",
    ControlMode.MODE_5: "bcdefgh",
    ControlMode.MODE_6: "bcdegh",
}
"""Letters of the transitions of each mode. No mode has both a and d: from a state a trigger leads to one other."""

_NEXT: Final[Mapping[tuple[ControlMode, SupplyState, Trigger], Transition]] = {
    (mode, transition.begins, transition.trigger): transition
    for mode, letters in ALLOWED.items()
    for transition in TRANSITIONS
    if transition.letter in letters
}


def transition(mode: ControlMode, state: SupplyState, trigger: Trigger) -> Transition | None:
    """What a trigger does in a state; None for nothing."""
    return _NEXT.get((mode, state, trigger))
