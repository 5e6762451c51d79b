"""Baud characters: how an identification message tells the protocol mode and the speed (IEC 62056-21, modes A to E)."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

INITIAL_BAUD = 300
"""Every session of modes A, B, C and E begins at this speed."""

MODE_D_BAUD = 2400
"""Mode D pushes its data at this one speed [m]."""

MODE_B_BAUD: Mapping[str, int] = MappingProxyType({"A": 600, "B": 1200, "C": 2400, "D": 4800, "E": 9600, "F": 19200})
MODE_C_BAUD: Mapping[str, int] = MappingProxyType(
    {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
)
"""Modes C, D and E share these characters."""

HDLC_CHARACTER = "2"
"""Enhanced identification character `\\2`: the device offers mode E, binary over HDLC."""


class Mode(Enum):
    """Protocol modes. D never appears in an answer to a sign-on: it only pushes."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


def mode_of(baud_character: str, enhanced: tuple[str, ...] = ()) -> Mode:
    """Mode that a baud character and the enhanced identification characters (after each backslash) announce."""
    if baud_character in MODE_B_BAUD:
        return Mode.B
    if baud_character in MODE_C_BAUD:
        return Mode.E if HDLC_CHARACTER in enhanced else Mode.C
    return Mode.A


def baud_of(baud_character: str) -> int:
    """Speed in Bd that a baud character announces; a mode A character announces the initial 300 Bd."""
    return MODE_B_BAUD.get(baud_character) or MODE_C_BAUD.get(baud_character) or INITIAL_BAUD


def mode_c_character(baud: int) -> str:
    """Baud character of modes C, D and E for a speed in Bd. ValueError if they have none for it."""
    for character, speed in MODE_C_BAUD.items():
        if speed == baud:
            return character
    raise ValueError(f"no mode C baud character for {baud} Bd; there are {sorted(MODE_C_BAUD.values())}")
