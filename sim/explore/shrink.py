"""Shrinks a schedule to a smallest one that still breaks the same oracle: first fewer faults, then simpler values.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) over the faults;
then each parameter takes the simplest value with which the run still fails, until none helps or the tries are used up.
What is tried next depends only on what was found, never on how many processes try it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sim.explore.document import FaultEntry, Schedule
from sim.explore.generators import GENERATORS
from sim.explore.values import rounder
from sim.scenario.quantities import format_duration, parse_duration

TRIES: Final = 200

FirstFailing = Callable[[Sequence[Schedule]], int | None]
"""The place of the first schedule that still fails; None if all pass."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest schedule found, and how many were tried; `spent` if there was no try left for the rest."""

    schedule: Schedule
    tries: int
    spent: bool


class _Search:
    """Counts tries in the order of the candidates, so that trying several at once changes nothing."""

    def __init__(self, first_failing: FirstFailing, most: int) -> None:
        self._first_failing = first_failing
        self._left = most
        self._known: set[str] = set()
        self.tries = 0
        self.spent = False

    def find(self, candidates: Iterator[Schedule]) -> Schedule | None:
        """The first that fails, of those that were not tried before."""
        fresh: dict[str, Schedule] = {}
        for schedule in candidates:
            text = repr(schedule)
            if text not in self._known:
                fresh.setdefault(text, schedule)
        if len(fresh) > self._left:
            self.spent = True
        chosen = list(fresh.items())[: self._left]
        place = self._first_failing([schedule for _, schedule in chosen]) if chosen else None
        tried = chosen if place is None else chosen[: place + 1]
        self._known.update(text for text, _ in tried)
        self._left -= len(tried)
        self.tries += len(tried)
        return None if place is None else chosen[place][1]


def shrink(schedule: Schedule, first_failing: FirstFailing, tries: int = TRIES) -> Shrunk:
    """A smallest schedule that fails as `schedule` does."""
    search = _Search(first_failing, tries)
    schedule = _fewer(schedule, search)
    while (simpler := search.find(_simpler(schedule))) is not None:
        schedule = simpler
    return Shrunk(schedule, search.tries, search.spent)


def _fewer(schedule: Schedule, search: _Search) -> Schedule:
    """Leave out halves, then quarters, down to single faults, until each that is left is needed."""
    size = max(len(schedule) // 2, 1)
    while schedule:
        smaller = search.find(_without(schedule, size))
        if smaller is not None:
            schedule = smaller
            size = min(size, max(len(schedule) // 2, 1))
        elif size > 1:
            size //= 2
        else:
            break
    return schedule


def _without(schedule: Schedule, size: int) -> Iterator[Schedule]:
    for place in range(0, len(schedule), size):
        yield (*schedule[:place], *schedule[place + size :])


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    """With one value made simpler, fault by fault."""
    for place, fault in enumerate(schedule):
        for key, value in _simpler_values(fault):
            changed = {name: old for name, old in {**fault, key: value}.items() if old is not None}
            yield (*schedule[:place], changed, *schedule[place + 1 :])


def _simpler_values(fault: FaultEntry) -> Iterator[tuple[str, object]]:
    for at in rounder(parse_duration(fault["at"]), 0):
        yield "at", format_duration(at)
    for key, values in GENERATORS.get(str(fault["kind"]), {}).items():
        if key in fault:
            for value in values.simpler(fault[key]):
                yield key, value
