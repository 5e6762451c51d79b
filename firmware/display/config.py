"""What the display shows, and how. ValueErrors name the path."""

import enum
from dataclasses import dataclass
from typing import Final

from firmware.display.entries import entry
from hal.units import HOUR, MS, S

_ENTRIES_MOST: Final = 64
_DIGITS: Final = range(1, 13)
_SHORTEST_NS: Final = 500 * MS

AUTOMATIC: Final = ("segments", "1.8.0", "1.8.1", "2.8.0", "1.6.0", "0.9.2", "0.9.1")
MANUAL: Final = (
    "F.F",
    "0.0.0",
    "0.1.0",
    "C.14.0",
    "1.8.0",
    "2.8.0",
    "5.8.0",
    "6.8.0",
    "7.8.0",
    "8.8.0",
    "9.8.0",
    "10.8.0",
    "1.6.0",
    "1.6.0:time",
    "1.8.0@1",
    "1.6.0@1",
    "1.6.0@1:time",
    "32.7.0",
    "52.7.0",
    "72.7.0",
    "31.7.0",
    "51.7.0",
    "71.7.0",
    "1.7.0",
    "13.7.0",
    "14.7.0",
    "0.2.0",
    "0.2.8",
)
TEST: Final = ("1.8.0", "1.7.0", "3.7.0", "32.7.0", "31.7.0")


class Prefix(enum.Enum):
    """Of a unit; the value is the power of ten."""

    NONE = 0
    KILO = 3
    MEGA = 6

    @property
    def symbol(self) -> str:
        return {0: "", 3: "k", 6: "M"}[self.value]


@dataclass(frozen=True, slots=True)
class Digits:
    """How a kind of register is written: `digits` in all, with leading zeros, `decimals` of them behind the point."""

    digits: int
    decimals: int
    prefix: Prefix = Prefix.KILO


@dataclass(frozen=True, slots=True)
class DisplayConfig:
    """Lists of entries (`firmware.display.entries`), the time that a page of the automatic list stays, the time after
    the last press until that list comes back, how long a press is long, and the digits of energies and demands."""

    automatic: tuple[str, ...] = AUTOMATIC
    manual: tuple[str, ...] = MANUAL
    test: tuple[str, ...] = TEST
    page_ns: int = 5 * S
    timeout_ns: int = 60 * S
    long_press_ns: int = 2 * S
    energy: Digits = Digits(9, 3)
    demand: Digits = Digits(6, 3)

    def __post_init__(self) -> None:
        for name in ("automatic", "manual", "test"):
            listed = getattr(self, name)
            if not 1 <= len(listed) <= _ENTRIES_MOST:
                raise ValueError(f"display.{name}: {len(listed)} entries; 1 to {_ENTRIES_MOST} are possible")
            for place, text in enumerate(listed):
                try:
                    entry(text)
                except ValueError as error:
                    raise ValueError(f"display.{name}[{place}]: {error}") from None
        for name in ("page_ns", "timeout_ns", "long_press_ns"):
            if not _SHORTEST_NS <= getattr(self, name) <= HOUR:
                path = name.removesuffix("_ns")
                raise ValueError(f"display.{path}: {getattr(self, name)} ns is not from 500 ms to 1 h")
        for name in ("energy", "demand"):
            digits: Digits = getattr(self, name)
            if digits.digits not in _DIGITS or not 0 <= digits.decimals < digits.digits:
                raise ValueError(
                    f"display.{name}: {digits.digits} digits with {digits.decimals} decimals; 1 to {_DIGITS[-1]} "
                    f"digits are possible, one of them before the point"
                )
