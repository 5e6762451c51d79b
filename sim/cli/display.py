"""`meterbench display`: what the meter's display shows at an instant of a scenario."""

import datetime
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from hal.units import S
from sim.cli.progress import progress
from sim.cli.run import failure_words, settings_of
from sim.scenario import loader
from sim.scenario.errors import ScenarioError
from sim.scenario.quantities import QuantityError, format_duration, parse_duration

if TYPE_CHECKING:
    from sim.scenario.onlooker import Sight
    from sim.scenario.runner import Runner


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line; `settings` are KEY=VALUE, `at` a duration since the start or a date and
    time."""

    scenario: str
    seed: int
    board: str | None
    settings: tuple[str, ...]
    at: str
    presses: int
    hold: bool
    as_json: bool


def execute(request: Request) -> int:
    """Run up to the instant, print, and give the exit code: 0, or 1 if the firmware failed or an oracle broke until
    then; ScenarioError for bad input."""
    scenario = loader.load(request.scenario, settings_of(request.settings), request.board)
    # Here, not above: these need numpy and numba, and telling bad input does not.
    from firmware.kernel.errors import KernelError, TaskFailed
    from sim.scenario.onlooker import look, looks_ns, presses
    from sim.scenario.runner import Runner
    from sim.world import TimeStandsStill

    pressed = presses(request.presses, request.hold, scenario.display.long_press_ns)
    try:
        with progress(scenario.duration_ns, sys.stderr) as advanced:
            runner = Runner(scenario, request.seed, advanced)
            try:
                at_ns = _instant_ns(request.at, runner)
                runner.approach(at_ns)
                sight = look(runner, at_ns, pressed)
            finally:
                runner.bench.log.close()
    except (TaskFailed, KernelError, TimeStandsStill) as failure:
        typer.echo(failure_words(failure), err=True)
        return 1
    assert sight.at_ns == at_ns + looks_ns(pressed)
    _print(request, runner, sight)
    broken = [oracle for oracle in runner.oracles if oracle.broken is not None]
    for oracle in broken:
        typer.echo(f"broken: {oracle.name}: {oracle.broken}", err=True)
    return 1 if broken else 0


def _instant_ns(text: str, runner: "Runner") -> int:
    """True ns since the start; ScenarioError for what is no instant of the run."""
    scenario, config = runner.scenario, runner.bench.setting.config
    try:
        at_ns = parse_duration(text)
    except QuantityError:
        try:
            given = datetime.datetime.fromisoformat(text)
        except ValueError:
            raise ScenarioError(f'--at: "{text}" is neither a duration (2h30min) nor a date and time') from None
        if given.tzinfo is not None:
            utc_s = int(given.timestamp())
        else:
            parts = (given.year, given.month, given.day, given.hour, given.minute, given.second)
            try:
                utc_s = config.clock.zone.utc(*parts)
            except ValueError as error:
                raise ScenarioError(f'--at: "{text}": {error}') from None
        at_ns = utc_s * S - scenario.begin_utc_ns
    if not 0 <= at_ns <= scenario.end_ns:
        lasts = format_duration(scenario.end_ns)
        raise ScenarioError(f'--at: "{text}" is not within the scenario, which lasts {lasts} from its start')
    return at_ns


def _print(request: Request, runner: "Runner", sight: "Sight") -> None:
    from hal.display import COLUMNS

    zone = runner.bench.setting.config.clock.zone
    local = zone.iso((runner.scenario.begin_utc_ns + sight.at_ns) // S)
    symbols = [symbol.value for symbol in sight.symbols]
    if request.as_json:
        fields = {
            "scenario": runner.scenario.name,
            "seed": request.seed,
            "board": runner.scenario.board,
            "at_ns": sight.at_ns,
            "local_time": local,
            "powered": sight.powered,
            "lines": list(sight.lines),
            "symbols": symbols,
        }
        typer.echo(json.dumps(fields, indent=2, ensure_ascii=False))
        return
    lines = [line.ljust(COLUMNS) for line in sight.lines]
    lit = " ".join(symbols) if sight.powered else "the meter is off"
    title = f"{runner.scenario.name}, {local}"
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.panel import Panel

        console = Console(highlight=False, markup=False, emoji=False)
        console.print(title)
        console.print(Panel("\n".join(lines), width=COLUMNS + 4, padding=(0, 1)))
        console.print(lit)
        return
    edge = f"+{'-' * (COLUMNS + 2)}+"
    typer.echo("\n".join([title, edge, *(f"| {line} |" for line in lines), edge, lit]))
