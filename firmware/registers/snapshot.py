"""Everything that can be read of a meter at one instant."""

from collections.abc import Iterator, Sequence

from firmware.registers.identity import Kind, NoSuchRegister, RegisterId
from firmware.registers.sources import Readable
from firmware.registers.value import Stamp, Value


class Snapshot:
    """A meter's registers as they were at `captured`, whatever happens afterwards.

    It is put together of parts, each frozen; nothing is computed until it is asked for. No register is in two parts.
    """

    def __init__(self, captured: Stamp, parts: Sequence[Readable]) -> None:
        self.captured = captured
        self._parts = tuple(parts)
        by_kind: dict[Kind, tuple[Readable, ...]] = {}
        for part in self._parts:
            for kind in part.kinds:
                by_kind[kind] = (*by_kind.get(kind, ()), part)
        self._by_kind = by_kind

    def ids(self) -> Iterator[RegisterId]:
        """Every register that is kept, once."""
        for part in self._parts:
            yield from part.ids()

    def find(self, identity: RegisterId) -> Value | None:
        """A register's value; None if there is no such register."""
        for part in self._by_kind.get(identity.kind, ()):
            value = part.find(identity)
            if value is not None:
                return value
        return None

    def read(self, identity: RegisterId) -> Value:
        """A register's value; `NoSuchRegister`, naming it, if there is none."""
        value = self.find(identity)
        if value is None:
            raise NoSuchRegister(identity)
        return value
