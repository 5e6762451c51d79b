"""`meterbench explore`: from the request to the exit code."""

import json
import os
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from sim.cli.counting import counting
from sim.cli.progress import progress
from sim.explore import one_thread
from sim.scenario import loader
from sim.scenario.errors import ScenarioError
from sim.scenario.overrides import Override

if TYPE_CHECKING:
    from sim.explore.branch import CutFound
    from sim.explore.children import Json
    from sim.explore.failure import Where
    from sim.explore.operations import Cut
    from sim.explore.power_cut import Base
    from sim.explore.schedule import Space
    from sim.explore.state import State
    from sim.explore.swarm import Found

SEEDS: Final = 100
INTERRUPTED: Final = 130
"""As a shell has it for SIGINT."""


def cores() -> int:
    """What this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line; `settings` are KEY=VALUE."""

    scenario: str
    board: str | None
    settings: tuple[str, ...]
    jobs: int
    out: Path | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class SwarmRequest:
    """Seeds 1 to `seeds`."""

    common: Request
    seeds: int


@dataclass(frozen=True, slots=True)
class CutRequest:
    """Each `every`-th of all cuts, of these at most `limit`, under one seed."""

    common: Request
    seed: int
    every: int
    limit: int | None


class _Meter:
    """Wall and CPU time of this process and of its children."""

    def __init__(self) -> None:
        self._wall_s, self._cpu_s = time.monotonic(), _cpu_s()

    def read_ms(self) -> tuple[int, int]:
        return round((time.monotonic() - self._wall_s) * 1_000), round((_cpu_s() - self._cpu_s) * 1_000)


def _cpu_s() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def execute(request: SwarmRequest | CutRequest) -> int:
    """Explore, print, and give the exit code; ScenarioError for bad input."""
    one_thread.prepare()
    try:
        return _swarm(request) if isinstance(request, SwarmRequest) else _cuts(request)
    except KeyboardInterrupt:
        kept = "" if request.common.out is None else "; the same command goes on from here"
        typer.echo(f"interrupted{kept}", err=True)
        return INTERRUPTED


def _space(request: Request, options: "Json") -> "tuple[Space, State | None, Where]":
    """What is explored, what is known of it, and where failures go."""
    from sim.explore.failure import Where
    from sim.explore.identity import identity
    from sim.explore.schedule import Space
    from sim.explore.state import State
    from sim.scenario.configuration import prepare

    settings = [Override.parse(setting) for setting in request.settings]
    document, scenario = loader.resolve(request.scenario, {s.key: s.text for s in settings}, request.board)
    space = Space(document, prepare(scenario).scenario.end_ns)
    if request.out is None:
        return space, None, Where(Path(), f"{scenario.name}-")
    state = State.open(request.out, identity(document, scenario, options))
    return space, state, Where(request.out, "")


def _swarm(request: SwarmRequest) -> int:
    from sim.explore.failure import swarm_failures
    from sim.explore.report import Effort, failed, swarm_fields, swarm_lines
    from sim.explore.swarm import explore_swarm
    from sim.scenario.result import Verdict

    common, meter = request.common, _Meter()
    space, state, where = _space(common, {"faults": "swarm"})
    fresh = bad = 0
    known = 0 if state is None else sum(int(key) <= request.seeds for key in state.known)
    try:
        with counting("seeds", request.seeds, sys.stderr) as counted:

            def heard(found: "Found") -> None:
                nonlocal fresh, bad
                fresh += 1
                bad += found.outcome.verdict is not Verdict.HELD
                counted(known + fresh, bad)

            found = explore_swarm(space, request.seeds, common.jobs, state, heard)
        failures = swarm_failures(space, found, where, common.jobs)
    finally:
        _close(state)
    effort = Effort(*meter.read_ms(), fresh)
    _print(common, space, swarm_fields(found, failures, effort), swarm_lines(found, failures, effort))
    return int(failed(one.outcome.verdict for one in found))


def _cuts(request: CutRequest) -> int:
    from sim.explore.failure import cut_failures
    from sim.explore.operations import plan
    from sim.explore.power_cut import Base, explore_cuts
    from sim.explore.report import Effort, cut_fields, cut_lines
    from sim.scenario.result import Verdict

    common, meter = request.common, _Meter()
    space, state, where = _space(common, {"faults": "exhaustive-power-cut", "seed": request.seed})
    fresh = bad = 0
    try:
        with progress(space.end_ns, sys.stderr) as advanced:
            base = Base.of(space, request.seed, advanced)
        _check_base(common, base)
        cuts = plan(base.operations, request.every, request.limit)
        known = 0 if state is None else sum(cut.key in state.known for cut in cuts)
        with counting("cuts", len(cuts), sys.stderr) as counted:

            def heard(_cut: "Cut", found: "CutFound") -> None:
                nonlocal fresh, bad
                fresh += 1
                bad += found.outcome.verdict is Verdict.BROKEN
                counted(known + fresh, bad)

            found = explore_cuts(space, request.seed, cuts, common.jobs, state, heard)
        failures = cut_failures(space, request.seed, found, where, common.jobs)
    finally:
        _close(state)
    effort = Effort(*meter.read_ms(), fresh)
    possible = len(plan(base.operations))
    shown = (found, len(cuts), possible, failures, effort)
    _print(common, space, cut_fields(*shown), cut_lines(*shown))
    return int(bool(failures))


def _check_base(request: Request, base: "Base") -> None:
    """What breaks by itself tells nothing about cuts."""
    from sim.scenario.result import Verdict

    outcome = base.outcome
    if outcome.verdict is Verdict.BROKEN:
        breach = outcome.breaches[0]
        raise ScenarioError(f"{request.scenario}: breaks without any cut: {breach.name}: {breach.message}")
    if outcome.verdict is Verdict.INVALID:
        raise ScenarioError(f"{request.scenario}: is invalid without any cut: no effect of {', '.join(outcome.inert)}")
    if not base.operations:
        raise ScenarioError(f"{request.scenario}: has no storage operation to cut")


def _close(state: "State | None") -> None:
    if state is not None:
        state.close()


def _print(request: Request, space: "Space", fields: "Json", lines: Iterable[str]) -> None:
    name, board = space.document.name, space.document.content.get("board", "soc")
    if request.as_json:
        head = {"scenario": name, "board": board, "jobs": request.jobs}
        typer.echo(json.dumps({**head, **fields}, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{name}, board {board}")
    for line in lines:
        typer.echo(line)
