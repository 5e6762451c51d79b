"""The operations on flash that storage asks for; whoever drives it carries them out, one after another."""

from dataclasses import dataclass
from typing import TypeAlias

from hal.flash import Flash


@dataclass(frozen=True, slots=True)
class Program:
    """Clear bits: 1 byte to a page, inside one page."""

    address: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Erase:
    """Set every bit of a sector."""

    sector: int


Operation: TypeAlias = Program | Erase


def begin(flash: Flash, operation: Operation) -> None:
    """Start an operation; `Line.FLASH` says that it has ended. Errors are those of `Flash`."""
    if isinstance(operation, Program):
        flash.program(operation.address, operation.data)
    else:
        flash.erase(operation.sector)
