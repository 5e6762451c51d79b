"""Failures: one of each thing that broke, shrunk, and written as a scenario that `meterbench run` repeats."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.explore.branch import CutFound, document_of
from sim.explore.document import Schedule, with_faults, write
from sim.explore.operations import Cut
from sim.explore.run import Breach, Outcome
from sim.explore.schedule import Space
from sim.explore.shrink import TRIES
from sim.explore.swarm import Found, shrink_found
from sim.scenario.library import Document
from sim.scenario.quantities import format_duration
from sim.scenario.result import Verdict

CUT_TRIES: Final = 8
"""Of a cut's schedule: there is little to leave out, and a run from zero takes its time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What broke, where it was found, and the file that repeats it. `also` names the other places."""

    name: str
    at_ns: int | None
    message: str
    seed: int
    place: str
    also: tuple[str, ...]
    faults_before: int
    faults: int
    tries: int
    spent: bool
    file: str
    command: str
    digest: str


@dataclass(frozen=True, slots=True)
class Where:
    """Where failures are written: a folder, and what their files' names begin with."""

    folder: Path
    prefix: str

    def file(self, place: str, name: str) -> Path:
        return self.folder / f"{self.prefix}{place}-{name}.toml"


def swarm_failures(space: Space, found: Iterable[Found], where: Where, jobs: int) -> list[Failure]:
    """The first seed of each name that broke, shrunk; in the order of the seeds."""
    by_name: dict[str, list[Found]] = {}
    for one in found:
        if one.outcome.verdict is Verdict.BROKEN:
            by_name.setdefault(one.outcome.breaches[0].name, []).append(one)
    failures = []
    for name, (first, *others) in by_name.items():
        schedule, outcome, tries, spent = _smallest(space, first, jobs, TRIES)
        failures.append(
            _written(
                with_faults(space.document, schedule),
                _breach(outcome, name),
                outcome.digest,
                where,
                seed=first.seed,
                place=f"seed-{first.seed}",
                also=tuple(f"seed {other.seed}" for other in others),
                before=first.schedule,
                after=schedule,
                tries=tries,
                spent=spent,
            )
        )
    return failures


def cut_failures(
    space: Space, seed: int, found: Iterable[tuple[Cut, CutFound]], where: Where, jobs: int
) -> list[Failure]:
    """The first cut of each name that broke, shrunk where a run from zero shows it; in the order of the cuts."""
    by_name: dict[str, list[tuple[Cut, CutFound]]] = {}
    for cut, one in found:
        if one.outcome.verdict is Verdict.BROKEN:
            by_name.setdefault(one.outcome.breaches[0].name, []).append((cut, one))
    failures = []
    for name, ((cut, one), *others) in by_name.items():
        document = document_of(space.document, cut, one.end_ns or space.end_ns)
        before = tuple(document.content.get("fault", ()))
        start = Found(seed, before, one.outcome, 0)
        schedule, outcome, tries, spent = _smallest(Space(document, one.end_ns or space.end_ns), start, jobs, CUT_TRIES)
        failures.append(
            _written(
                with_faults(document, schedule),
                _breach(outcome, name),
                outcome.digest,
                where,
                seed=seed,
                place=f"cut-{cut.key.replace('/', '-')}",
                also=tuple(f"cut {other.key}" for other, _ in others),
                before=before,
                after=schedule,
                tries=tries,
                spent=spent,
            )
        )
    return failures


def _smallest(space: Space, found: Found, jobs: int, tries: int) -> tuple[Schedule, Outcome, int, bool]:
    """A process that died is not brought to die again and again; nor is what only a branch's own ledger saw."""
    if not found.outcome.digest or found.outcome.breaches[0].name in ("loss", "recovery"):
        return found.schedule, found.outcome, 0, False
    shrunk, outcome = shrink_found(space, found, jobs, tries)
    return shrunk.schedule, outcome, shrunk.tries, shrunk.spent


def _breach(outcome: Outcome, name: str) -> Breach:
    return next(breach for breach in outcome.breaches if breach.name == name)


def _written(
    document: Document,
    breach: Breach,
    digest: str,
    where: Where,
    *,
    seed: int,
    place: str,
    also: tuple[str, ...],
    before: Schedule,
    after: Schedule,
    tries: int,
    spent: bool,
) -> Failure:
    path = where.file(place, breach.name)
    command = shlex.join(["meterbench", "run", str(path), "--seed", str(seed)])
    at = "" if breach.at_ns is None else f" at {format_duration(breach.at_ns)}"
    comment = (
        f"Found by meterbench explore: {breach.name} breaks{at} under seed {seed}.\n"
        f"{' '.join(breach.message.split())}\n"
        f"Shrunk from {len(before)} faults to {len(after)} in {tries} tries. Repeat with:\n"
        f"  {command}\n"
        f"digest {digest or 'unknown: the process died'}"
    )
    write(document, path, comment)
    return Failure(
        name=breach.name,
        at_ns=breach.at_ns,
        message=breach.message,
        seed=seed,
        place=place,
        also=also,
        faults_before=len(before),
        faults=len(after),
        tries=tries,
        spent=spent,
        file=str(path),
        command=command,
        digest=digest,
    )
