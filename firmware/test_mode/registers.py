"""The registers of test mode: what has flowed since it began, and nothing before or after."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from firmware.registers.energy import MEASURED, SOURCES, units
from firmware.registers.identity import Kind, Phase, RegisterId
from firmware.registers.snapshot import Snapshot
from firmware.registers.value import GOOD, Stamp, Value

_UNITS: Final = units(())
_SCALER: Final = -9
_PLACES: Final = {
    RegisterId(quantity, Phase.TOTAL, direction, Kind.ENERGY): place
    for place, (quantity, direction) in enumerate(SOURCES[:MEASURED])
}


class TestRegisters:
    """The eight energies to the nano-watt-hour, primary by an exact ratio."""

    __test__ = False

    def __init__(self, now: Stamp, energies: Sequence[int], ratio: Fraction) -> None:
        self._now = now
        self._energies = tuple(energies)
        self._ratio = ratio

    def find(self, identity: RegisterId) -> Value | None:
        place = _PLACES.get(identity)
        unit = None if place is None else _UNITS[place]
        if place is None or unit is None:
            return None
        return Value(int(self._energies[place] * self._ratio), unit, _SCALER, GOOD, self._now)


class InTest:
    """What is shown in test mode: the energies of the test, and of a snapshot all that is no energy."""

    def __init__(self, whole: Snapshot, test: TestRegisters) -> None:
        self.captured = whole.captured
        self._whole = whole
        self._test = test

    def find(self, identity: RegisterId) -> Value | None:
        """A register's value; None if there is no such register."""
        return self._test.find(identity) if identity.kind is Kind.ENERGY else self._whole.find(identity)
