"""Draws fault schedules, as swarm testing does: each run has a random subset of the kinds, and some faults of these.

Groce, Zhang, Eide, Chen and Regehr, "Swarm Testing" (ISSTA 2012): a run that leaves kinds out finds what a run with
everything hides, since one kind may keep another from mattering.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hal.units import HOUR, MINUTE, NS, S
from sim.explore.document import FaultEntry, Schedule, own_faults, scenario_with
from sim.explore.generators import AT_THE_PORT, GENERATORS, IN_THE_FLASH, ON_THE_NEUTRAL
from sim.explore.values import Chance, rounded, wide
from sim.scenario.errors import ScenarioError
from sim.scenario.library import Document
from sim.scenario.quantities import format_duration, parse_duration
from sim.world import Stream

STREAM: Final = "explore.schedule"

FAULTS_MOST: Final = 6
_TRIES: Final = 20
"""How often one fault is drawn anew when it contradicts the others, before it is left out."""

_NEAR_NS: Final = 10 * MINUTE
_BEFORE_NS: Final = 10 * S
_SIGN_ON_NS: Final = S
"""A reading has hardly begun."""
_OUTAGES: Final = frozenset({"supply-fail", "power-cut", "flash-cut", "cut-burst"})
_BOUNDARIES: Final = (HOUR, 15 * MINUTE, MINUTE, S)


@dataclass(frozen=True, slots=True)
class Space:
    """What schedules may be drawn for a scenario: faults laid over its own, from its start to its end."""

    document: Document
    end_ns: int

    @property
    def own(self) -> Schedule:
        return own_faults(self.document)

    @property
    def readings(self) -> tuple[int, ...]:
        """When readings begin."""
        return tuple(parse_duration(reading["at"]) for reading in self.document.content.get("reading", ()))

    @property
    def programs(self) -> bool:
        """Whether the meter is programmed, so that it has a configuration in flash."""
        return any(reading.get("kind") == "program" for reading in self.document.content.get("reading", ()))

    @property
    def uneven(self) -> bool:
        """Whether the phases carry different loads."""
        load = self.document.content.get("load", {})
        return "phase" in load or len(set(load.get("currents", ()))) > 1

    def may_have(self, kind: str) -> bool:
        """Whether a fault of this kind could have any effect."""
        if kind in AT_THE_PORT:
            return bool(self.readings)
        return self.uneven or kind not in ON_THE_NEUTRAL


def chance_of(seed: int) -> Stream:
    """Where a seed's schedules come from; one that came out invalid is followed by the next of the same stream."""
    return Stream(seed, STREAM)


def draw_schedule(space: Space, chance: Chance, kinds: Sequence[str] = tuple(GENERATORS)) -> Schedule:
    """The scenario's own faults and some drawn ones of these kinds, which together make a scenario."""
    possible = tuple(filter(space.may_have, kinds)) or tuple(kinds)
    chosen = _some(chance, possible)
    schedule = space.own
    for number in range(1, chance.between(1, FAULTS_MOST) + 1):
        for _ in range(_TRIES):
            fault = _fault(space, chance, chosen[chance.below(len(chosen))], f"drawn-{number}", schedule)
            candidate = (*schedule, fault)
            if fits(space, candidate):
                schedule = candidate
                break
    return schedule


def fits(space: Space, schedule: Schedule) -> bool:
    """Whether the faults agree with each other and with the scenario."""
    try:
        scenario_with(space.document, schedule)
    except ScenarioError:
        return False
    return True


def _some(chance: Chance, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Each of them or not, by the toss of a coin; never none."""
    mask = chance.between(1, (1 << len(kinds)) - 1)
    return tuple(kind for place, kind in enumerate(kinds) if mask >> place & 1)


def _fault(space: Space, chance: Chance, kind: str, identity: str, others: Schedule) -> FaultEntry:
    at = _instant(space, chance, others)
    if kind in AT_THE_PORT and space.readings:
        at = _at_a_reading(space, chance)
    elif kind in IN_THE_FLASH and chance.below(4):
        at = _before_a_power_up(space, chance, others, at)
    fault: dict[str, object] = {"id": identity, "kind": kind, "at": format_duration(at)}
    for key, values in GENERATORS[kind].items():
        value = values.draw(chance)
        if key == "ring" and value == "configuration" and not space.programs:
            value = "registers"
        if value is not None:
            fault[key] = value
    return fault


def _instant(space: Space, chance: Chance, others: Sequence[FaultEntry]) -> int:
    """Anywhere; about another fault, where one failure meets another; or about a boundary of the clock."""
    way = chance.below(4)
    at = rounded(chance, chance.below(space.end_ns))
    if way == 0 and others:
        place = _edges(others)
        at = place[chance.below(len(place))] + _offset(chance, _NEAR_NS)
    elif way == 1:
        unit = _BOUNDARIES[chance.below(len(_BOUNDARIES))]
        at = chance.below(space.end_ns) // unit * unit + _offset(chance, unit // 10)
    return _inside(space, at)


def _at_a_reading(space: Space, chance: Chance) -> int:
    begin = space.readings[chance.below(len(space.readings))]
    return _inside(space, begin + chance.between(-_BEFORE_NS, _SIGN_ON_NS))


def _before_a_power_up(space: Space, chance: Chance, others: Sequence[FaultEntry], otherwise: int) -> int:
    """In an outage, or just before it, so that the boot meets it."""
    ups = [
        (parse_duration(other["at"]), parse_duration(other["duration"]))
        for other in others
        if other["kind"] in _OUTAGES and "duration" in other
    ]
    if not ups:
        return otherwise
    begin, lasts = ups[chance.below(len(ups))]
    return _inside(space, begin + lasts - wide(chance, NS, lasts + _BEFORE_NS))


def _inside(space: Space, at: int) -> int:
    return min(max(at, 0), space.end_ns - 1)


def _edges(others: Sequence[FaultEntry]) -> list[int]:
    """Where other faults begin and end."""
    found = []
    for other in others:
        at = parse_duration(other["at"])
        found.append(at)
        if "duration" in other:
            found.append(at + parse_duration(other["duration"]))
    return found


def _offset(chance: Chance, most: int) -> int:
    """Before or after, by a nanosecond or by much."""
    size = wide(chance, NS, most)
    return size if chance.below(2) else -size
