"""`meterbench run`: one scenario, from the request to the exit code."""

import shlex
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from sim.cli import machine
from sim.cli.output import Output
from sim.cli.progress import progress
from sim.scenario import loader
from sim.scenario.errors import ScenarioError
from sim.scenario.overrides import Override
from sim.scenario.quantities import QuantityError, format_duration, parse_duration
from sim.scenario.result import Check, RunResult, Verdict
from sim.scenario.schema import Scenario
from sim.scenario.truncation import truncated

RESULT_FILE = "result.json"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line; `settings` are KEY=VALUE."""

    scenario: str
    seed: int
    board: str | None
    settings: tuple[str, ...]
    until: str | None
    out: Path | None
    output: Output

    @property
    def command(self) -> str:
        """The line that repeats the run."""
        words = ["meterbench", "run", self.scenario, "--seed", str(self.seed)]
        if self.board is not None:
            words += ["--board", self.board]
        for setting in self.settings:
            words += ["--set", setting]
        if self.until is not None:
            words += ["--until", self.until]
        return shlex.join(words)

    def load(self) -> tuple[Scenario, tuple[str, ...]]:
        """The scenario, and the ids of what `--until` cuts off; ScenarioError for bad input."""
        scenario = loader.load(self.scenario, settings_of(self.settings), self.board)
        if self.until is None:
            return scenario, ()
        try:
            until_ns = parse_duration(self.until)
        except QuantityError as error:
            raise ScenarioError(f"--until: {error}") from None
        return truncated(scenario, until_ns)


def settings_of(given: tuple[str, ...]) -> Mapping[str, str]:
    """Paths and values of KEY=VALUE; ScenarioError for what is none."""
    parsed = [Override.parse(setting) for setting in given]
    return {setting.key: setting.text for setting in parsed}


def execute(request: Request) -> int:
    """Run, print, and give the exit code 0 or 1; ScenarioError for bad input."""
    scenario, cut_off = request.load()
    if request.out is not None:
        _make_folder(request.out)
    outcome = _outcome(request, scenario)
    if isinstance(outcome, str):
        if request.output is Output.JSON:
            typer.echo(machine.failure_text(scenario, request.seed, outcome, request.command))
        typer.echo(outcome, err=True)
        typer.echo(f"repeat with: {request.command}", err=True)
        return 1
    text = machine.result_text(outcome, request.command, cut_off)
    if request.out is not None:
        (request.out / RESULT_FILE).write_text(f"{text}\n", encoding="utf-8")
    if request.output is Output.JSON:
        typer.echo(text)
    elif request.output is Output.DIGEST:
        typer.echo(outcome.digest)
    else:
        from sim.cli.summary import print_summary

        print_summary(outcome, cut_off)
    if outcome.verdict is Verdict.HELD:
        return 0
    typer.echo(_repeat_line(request, outcome), err=request.output is not Output.SUMMARY)
    return 1


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScenarioError(f"--out {folder}: {error.strerror}") from None


def _outcome(request: Request, scenario: Scenario) -> RunResult | str:
    """What came out, or in words why the firmware or the world came to a stop."""
    # Here, not above: these need numpy and numba, and listing scenarios does not.
    from firmware.kernel.errors import KernelError, TaskFailed
    from sim.scenario.runner import Runner
    from sim.world import TimeStandsStill

    try:
        with progress(scenario.duration_ns, sys.stderr) as advanced:
            return Runner(scenario, request.seed, advanced, request.out).run()
    except (TaskFailed, KernelError, TimeStandsStill) as failure:
        return failure_words(failure)


def failure_words(failure: Exception) -> str:
    """Why the firmware or the world came to a stop: with the traceback, if an exception left a task."""
    from firmware.kernel.errors import TaskFailed

    if not isinstance(failure, TaskFailed):
        return str(failure)
    cause = failure.__cause__
    lines = traceback.format_exception(cause) if cause is not None else []
    return "".join((*lines, str(failure), *(f"\n{note}" for note in getattr(failure, "__notes__", ()))))


def _repeat_line(request: Request, result: RunResult) -> str:
    broken = first_broken(result)
    if broken is None:
        return f"{result.verdict.value}; repeat with: {request.command}"
    at = "" if broken.at_ns is None else f" at {format_duration(broken.at_ns)}"
    return f"{result.verdict.value}: {broken.name}{at}; repeat with: {request.command}"


def first_broken(result: RunResult) -> Check | None:
    """The oracle that broke first; if none did, the fault without effect, or the expectation, that comes first."""
    for checks in (result.oracles, result.faults, result.expectations):
        broken = [check for check in checks if not check.held]
        if broken:
            return min(broken, key=lambda check: (check.at_ns is None, check.at_ns or 0))
    return None
