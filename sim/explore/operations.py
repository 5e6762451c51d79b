"""The storage operations of a scenario, learnt from a run, and the cuts that hit each of them everywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sim.devices.flash import EraseCut, FlashOperation, Kind, ProgramCut, Stage
from sim.scenario.runner import Runner

Mode = ProgramCut | EraseCut


@dataclass(frozen=True, slots=True)
class Operation:
    """A program or an erase, from its start to its end (true ns), whatever held it in between."""

    number: int
    kind: Kind
    address: int
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The rail collapses at a true instant; `mode` is what that leaves of the operation. At the operation's start none
    is under way yet: there `mode` is None."""

    operation: Operation
    point: str
    at_ns: int
    mode: Mode | None

    @property
    def key(self) -> str:
        """Unlike any other cut's of the same run."""
        return f"{self.operation.number}/{self.point}/{'none' if self.mode is None else self.mode.value}"


POINTS: Final = ("start", "just-after", "quarter", "half", "three-quarters", "just-before", "end")
"""Where each operation is cut. At `end` the cut beats the completion of the same instant."""


def learn(runner: Runner) -> list[Operation]:
    """Listen to a runner that has not begun; the list is whole when its run is over.

    An operation that the scenario's own faults cut ends there.
    """
    found: list[Operation] = []

    def listen(operation: FlashOperation) -> None:
        if operation.stage in (Stage.DONE, Stage.CUT):
            number = len(found)
            found.append(
                Operation(number, operation.kind, operation.address, operation.start_ns, operation.at_ns),
            )

    runner.bench.board.flash.listener = listen
    return found


def cuts_of(operation: Operation) -> Iterator[Cut]:
    """At each point, in each torn mode; ordered by instant."""
    start, lasts = operation.start_ns, operation.end_ns - operation.start_ns
    instants = (start, start + 1, start + lasts // 4, start + lasts // 2, start + lasts * 3 // 4, start + lasts - 1)
    modes: Sequence[Mode] = tuple(EraseCut) if operation.kind is Kind.ERASE else tuple(ProgramCut)
    for point, at_ns in zip(POINTS, (*instants, operation.end_ns), strict=True):
        for mode in modes if at_ns > start else (None,):
            yield Cut(operation, point, at_ns, mode)


def plan(operations: Sequence[Operation], every: int = 1, limit: int | None = None) -> list[Cut]:
    """All cuts of all operations in the order of their starts; each `every`-th; of these `limit`, evenly spread."""
    ordered = sorted(operations, key=lambda operation: (operation.start_ns, operation.number))
    cuts = [cut for operation in ordered for cut in cuts_of(operation)][::every]
    if limit is None or limit >= len(cuts):
        return cuts
    return [cuts[place * len(cuts) // limit] for place in range(limit)]
