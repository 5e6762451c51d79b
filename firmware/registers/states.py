"""Single numbers: counts, states, instants. They are captured with the snapshot."""

from collections.abc import Iterator, Mapping
from typing import Final

from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.value import GOOD, Stamp, Unit, Value

_UNITS: Final = {Kind.COUNT: Unit.COUNT, Kind.STATE: Unit.COUNT, Kind.DURATION: Unit.SECOND, Kind.TIME: Unit.SECOND}


def single(quantity: Quantity, kind: Kind, phase: Phase = Phase.TOTAL, rate: int = 0) -> RegisterId:
    """The identity of a single number."""
    return RegisterId(quantity, phase, Direction.NONE, kind, rate)


class States:
    """The part of a snapshot that has single numbers. Counts and states have no unit, durations and instants are in s.

    KeyError for a register of another kind.
    """

    def __init__(self, now: Stamp, numbers: Mapping[RegisterId, int]) -> None:
        self._now = now
        self._numbers = {identity: (number, _UNITS[identity.kind]) for identity, number in numbers.items()}

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(_UNITS)

    def ids(self) -> Iterator[RegisterId]:
        return iter(self._numbers)

    def find(self, identity: RegisterId) -> Value | None:
        found = self._numbers.get(identity)
        return None if found is None else Value(found[0], found[1], 0, GOOD, self._now)
