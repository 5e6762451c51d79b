"""Scheduling policies: which of the ready tasks goes first."""

from collections.abc import Sequence
from typing import Protocol

from firmware.kernel.spec import TaskSpec


class Policy(Protocol):
    """A job's key orders the ready heap, the smallest first; equal keys go by the order in which tasks were added."""

    @property
    def by_release(self) -> bool:
        """Whether a key depends on the release, and so must be asked for anew for each job."""

    def key(self, spec: TaskSpec, release_ns: int) -> int: ...

    def admit(self, spec: TaskSpec, others: Sequence[TaskSpec]) -> None:
        """ValueError, naming the task, if it can't join the others."""


class FixedPriority:
    """The smaller number is the more urgent; each is used once."""

    by_release = False

    def key(self, spec: TaskSpec, release_ns: int) -> int:
        return spec.priority

    def admit(self, spec: TaskSpec, others: Sequence[TaskSpec]) -> None:
        for other in others:
            if other.priority == spec.priority:
                raise ValueError(f"tasks {other.name} and {spec.name} share priority {spec.priority}")


class EarliestDeadlineFirst:
    """The job whose absolute deadline comes first."""

    by_release = True

    def key(self, spec: TaskSpec, release_ns: int) -> int:
        return release_ns + spec.deadline_ns

    def admit(self, spec: TaskSpec, others: Sequence[TaskSpec]) -> None:
        """Any task may join that asks for no ceiling, which priorities give their meaning."""
        if spec.ceiling is not None:
            raise ValueError(f"task {spec.name}: a ceiling has no meaning under EDF")
