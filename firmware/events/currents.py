"""Currents that do not fit the voltages, one without its voltage, two on each other's phases; and one too high."""

from firmware.events.delayed import Seen
from firmware.events.limits import Limits
from hal.frontend import LiveValues, PhaseSequence, Wiring

_PAIRS = ((0, 1), (1, 2), (2, 0))
"""Pairs of phases, the second one third of a turn behind the first."""

_HALF = 1 << 29
_ROOT = 929_887_697
"""Cosine of 60 degrees, and the sine (the root of 3/4), times 2**30."""

_Vector = tuple[int, int]


def current_without_voltage(live: LiveValues, limits: Limits, element: int, there: bool) -> Seen:
    """An element has a current, and no voltage: a fuse of a voltage transformer, or a voltage link that is open.

    It can't be told when no element has its voltage: that is a sag of the mains, and no fraud.
    """
    values = live.phases[element]
    others = [live.phases[other].voltage_uv for other in limits.elements if other != element]
    if others and max(others) < limits.failed_uv.ends:
        return None
    return limits.current_na.above(values.current_na, there) and limits.failed_uv.below(values.voltage_uv, there)


def over_current(live: LiveValues, limits: Limits, element: int, there: bool) -> Seen:
    """The current of an element is higher than the meter, or its connection, is made for."""
    return limits.over_na.above(live.phases[element].current_na, there)


def currents_crossed(live: LiveValues, limits: Limits, pair: int, there: bool) -> Seen:
    """Two currents stand on each other's phases: exchanged, all three have one angle to their voltages, within 30
    degrees. So as they are they can't have.

    It can't be told with less than three voltages and currents. A load within 60 degrees of import (a power factor of
    0.5) is taken for granted: a pair alone does not tell an exchange from a load elsewhere.
    """
    if limits.wiring is not Wiring.THREE_PHASE_FOUR_WIRE:
        return False
    if live.sequence is PhaseSequence.UNKNOWN:
        return None
    for phase in live.phases:
        if phase.voltage_uv < limits.failed_uv.ends or not limits.current_na.above(phase.current_na, there):
            return None
    turn = 1 if live.sequence is PhaseSequence.FORWARD else -1
    powers = [(phase.active_uw, phase.reactive_uvar) for phase in live.phases]
    uncrossed = [_uncrossed(powers, first, second, turn) for first, second in _PAIRS]
    imports = [sum(active for active, _ in vectors) for vectors in uncrossed]
    return imports[pair] > 0 and imports[pair] == max(imports) and _alike(uncrossed[pair])


def _uncrossed(powers: list[_Vector], first: int, second: int, turn: int) -> list[_Vector]:
    """The powers as they would be with the two currents exchanged, if these are of one magnitude."""
    powers = list(powers)
    powers[first] = _turned(powers[first], -turn)
    powers[second] = _turned(powers[second], turn)
    return powers


def _turned(vector: _Vector, turn: int) -> _Vector:
    """A vector turned by a third of a turn, to the left for 1."""
    x, y = vector
    return (-x * _HALF - turn * y * _ROOT) >> 30, (turn * x * _ROOT - y * _HALF) >> 30


def _alike(vectors: list[_Vector]) -> bool:
    """Whether all lie within 30 degrees of each other."""
    return all(_near(vectors[a], vectors[b]) for a, b in _PAIRS)


def _near(one: _Vector, other: _Vector) -> bool:
    dot = one[0] * other[0] + one[1] * other[1]
    squares = (one[0] ** 2 + one[1] ** 2) * (other[0] ** 2 + other[1] ** 2)
    return dot > 0 and 4 * dot * dot >= 3 * squares
