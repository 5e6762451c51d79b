"""One case: a scenario run under a seed, and judged by its oracles alone.

A scenario's expectations are about its own faults; under others only what must always hold is held against it: the
oracles, and that no exception leaves a task, no contract of the kernel is broken and time goes on.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, cast

from firmware.kernel.errors import KernelError, TaskFailed
from sim.explore.children import Json
from sim.scenario.result import Check, Verdict
from sim.scenario.runner import Runner
from sim.scenario.schema import Scenario
from sim.world import TimeStandsStill

TASK_FAILED: Final = "task-failed"
KERNEL_ERROR: Final = "kernel-error"
TIME_STANDS_STILL: Final = "time-stands-still"
CRASHED: Final = "crashed"
"""Not the meter but the bench failed, or its process died."""

_STOPS: Final = (
    (TaskFailed, TASK_FAILED),
    (KernelError, KERNEL_ERROR),
    (TimeStandsStill, TIME_STANDS_STILL),
    (Exception, CRASHED),
)


@dataclass(frozen=True, slots=True)
class Breach:
    """What did not hold: an oracle's name or one of the names above, the true instant if one is to blame, and why."""

    name: str
    at_ns: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case. `breaches` are in the order of their instants; `inert` are the faults without effect."""

    verdict: Verdict
    digest: str
    breaches: tuple[Breach, ...] = ()
    inert: tuple[str, ...] = ()

    def breaks(self, name: str) -> bool:
        """Whether this run, a valid one, breaks what is called `name`."""
        return self.verdict is Verdict.BROKEN and any(breach.name == name for breach in self.breaches)

    def flat(self) -> Json:
        """As JSON carries it."""
        return {
            "verdict": self.verdict.value,
            "digest": self.digest,
            "breaches": [[breach.name, breach.at_ns, breach.message] for breach in self.breaches],
            "inert": list(self.inert),
        }

    @classmethod
    def of(cls, flat: Json) -> Self:
        """What `flat` gave; KeyError, TypeError or ValueError for anything else."""
        breaches = tuple(Breach(*parts) for parts in cast("list[tuple[str, int | None, str]]", flat["breaches"]))
        inert = tuple(cast("list[str]", flat["inert"]))
        return cls(Verdict(flat["verdict"]), str(flat["digest"]), breaches, inert)

    @classmethod
    def died(cls, why: str) -> Self:
        """The process that ran it is gone."""
        return cls(Verdict.BROKEN, "", (Breach(CRASHED, None, why),))


def run_case(scenario: Scenario, seed: int) -> Outcome:
    """Run it to its end, and judge it. ScenarioError for what can't be run."""
    runner = Runner(scenario, seed)
    try:
        result = runner.run()
    except Exception as problem:
        return stopped(runner, problem)
    return judged(result.oracles, result.faults, result.digest)


def judged(oracles: Sequence[Check], faults: Sequence[Check], digest: str) -> Outcome:
    """The verdict on a run that came to its end."""
    inert = tuple(check.name for check in faults if not check.held)
    found = [Breach(check.name, check.at_ns, check.message) for check in oracles if not check.held]
    found.sort(key=lambda breach: (breach.at_ns is None, breach.at_ns or 0))
    verdict = Verdict.INVALID if inert else Verdict.BROKEN if found else Verdict.HELD
    return Outcome(verdict, digest, tuple(found), inert)


def stopped(runner: Runner, problem: Exception) -> Outcome:
    """The verdict on a run that an exception ended."""
    name = next(name for kind, name in _STOPS if isinstance(problem, kind))
    cause = problem.__cause__ if name == TASK_FAILED else problem if name == CRASHED else None
    frames = traceback.extract_tb(cause.__traceback__)[-1:] if cause is not None else []
    places = "".join(f" ({frame.filename.rsplit('/', 1)[-1]}, line {frame.lineno})" for frame in frames)
    message = str(problem) if name != CRASHED else f"{type(problem).__name__}: {problem}"
    breach = Breach(name, runner.bench.world.now, message + places)
    return Outcome(Verdict.BROKEN, runner.bench.log.digest(), (breach,))
