"""What a task and an interrupt declare about themselves; the kernel checks it, and the analysis builds on it.

A job runs in segments. A segment ends at every await but `work`; only there may another task run. A declared wait of 0
ns between two segments is a plain yield; a longer one is a device (a page being programmed) that ends it in time.
"""

import enum
from dataclasses import dataclass

from hal.processor import Busy


class Cost(Busy):
    """CPU cycles, `best` to `worst`. `await task.work(cost)` spends them; `cost * n` is n times the work."""

    __slots__ = ()

    def __mul__(self, times: int) -> "Cost":  # type: ignore[override]  # a tuple repeats; a cost multiplies
        return Cost(self.best * times, self.worst * times)

    def __add__(self, other: object) -> "Cost":
        if not isinstance(other, Busy):
            return NotImplemented
        return Cost(self.best + other.best, self.worst + other.worst)


NOTHING = Cost(0, 0)


def exactly(cycles: int) -> Cost:
    """A cost whose best and worst are the same."""
    return Cost(cycles, cycles)


@dataclass(frozen=True, slots=True)
class Periodic:
    """Released at `offset_ns + k * period_ns` after the kernel's start: all tasks have come to their first release."""

    period_ns: int
    offset_ns: int = 0

    @property
    def spacing_ns(self) -> int:
        return self.period_ns

    @property
    def jitter_ns(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Sporadic:
    """Released by a signal, flags or a mailbox, at least `spacing_ns` after the last release.

    A trigger that comes sooner is counted, and its job held back until the spacing has passed, so that one task's storm
    can't break another's bound. `jitter_ns` bounds how long after the nominal instant that it carries a trigger comes.
    """

    spacing_ns: int
    jitter_ns: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a job that no other task interrupts: at most `worst` cycles in at most `calls` calls of `work`.

    Each call is rounded up to a whole nanosecond, so the analysis needs their number.
    """

    cost: Cost
    calls: int = 1


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task's contract.

    `priority`: the smaller, the more urgent (as in Zephyr); unique under fixed priorities, ignored under EDF.
    `deadline_ns` counts from the nominal release. `segments` are those of one job at most, `waits_ns[k]` the longest
    wait between segment k and k + 1, and `waits_most_ns` all waits of a job together (None: as long as each can be).

    `ceiling`: from a job's release to its end, also while it waits, no task less urgent than this priority is
    dispatched. An immediate ceiling, held for the whole job; it has a meaning under fixed priorities only.

    ValueError, naming the task, if that does not fit together.
    """

    name: str
    priority: int
    trigger: Periodic | Sporadic
    deadline_ns: int
    segments: tuple[Segment, ...]
    waits_ns: tuple[int, ...] = ()
    supervised: bool = True
    ceiling: int | None = None
    waits_most_ns: int | None = None

    def __post_init__(self) -> None:
        if self.trigger.spacing_ns <= 0 or self.deadline_ns <= 0 or self.trigger.jitter_ns < 0:
            raise ValueError(f"task {self.name}: period or spacing, and deadline, must be above 0, jitter at least 0")
        if isinstance(self.trigger, Periodic) and self.trigger.offset_ns < 0:
            raise ValueError(f"task {self.name}: the offset of its first release is at least 0 ns")
        if not self.segments or len(self.waits_ns) != len(self.segments) - 1:
            raise ValueError(f"task {self.name}: {len(self.segments)} segments need one wait fewer than that")
        if any(wait < 0 for wait in self.waits_ns) or (self.waits_most_ns is not None and self.waits_most_ns < 0):
            raise ValueError(f"task {self.name}: a wait is at least 0 ns")
        if any(not 0 <= part.cost.best <= part.cost.worst or part.calls < 1 for part in self.segments):
            raise ValueError(f"task {self.name}: a segment's cost must be 0 <= best <= worst, in at least one call")
        if self.ceiling is not None and self.ceiling < self.priority:
            raise ValueError(f"task {self.name}: its ceiling {self.ceiling} would lock its own priority out")

    @property
    def waiting_ns(self) -> int:
        """All waits of a job together, at most."""
        each = sum(self.waits_ns)
        return each if self.waits_most_ns is None else min(each, self.waits_most_ns)

    def locks_out(self, other: "TaskSpec") -> bool:
        """Whether its jobs keep the other task from being dispatched."""
        return self.ceiling is not None and other.priority > self.ceiling


@dataclass(frozen=True, slots=True)
class InterruptSpec:
    """An interrupt's contract: its line, what its handler costs, and the least spacing of two.

    Up to `burst` may come together where as many spacings have passed without one: each is at most `burst - 1` spacings
    earlier than it would be in its turn.

    ValueError, naming the line, for a spacing or a burst that is not above 0, or a cost that is not 0 <= best <= worst.
    """

    line: enum.Enum
    cost: Cost
    spacing_ns: int
    burst: int = 1

    def __post_init__(self) -> None:
        if self.spacing_ns <= 0 or not 0 <= self.cost.best <= self.cost.worst:
            raise ValueError(f"interrupt {self.line.value}: its spacing must be above 0, its cost 0 <= best <= worst")
        if self.burst < 1:
            raise ValueError(f"interrupt {self.line.value}: a burst is of at least one")

    @property
    def early_ns(self) -> int:
        """How much earlier than in its turn one of a burst may come."""
        return (self.burst - 1) * self.spacing_ns


@dataclass(frozen=True, slots=True)
class KernelCosts:
    """What the kernel itself costs: picking and switching to a task, and entering and leaving an interrupt."""

    dispatch: Cost = NOTHING
    interrupt: Cost = NOTHING
