"""The command line: what can be asked, and the exit codes.

0: all expectations and oracles held; 1: one did not, or the run is invalid, or the firmware failed; 2: bad input.
Imports are late where they are slow: listing and help need neither numpy nor numba.
"""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from sim.scenario.errors import ScenarioError

app = typer.Typer(
    name="meterbench",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Runs the firmware of an electricity meter against a simulated board, in virtual time.",
)


def _version(asked: bool) -> None:
    if asked:
        from sim.cli.doctor import own_version

        typer.echo(f"meterbench {own_version()}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Runs the firmware of an electricity meter against a simulated board, in virtual time."""


@app.command("list")
def list_scenarios(
    as_json: Annotated[bool, typer.Option("--json", help="For machines: an array of name, title and tags.")] = False,
) -> None:
    """List the scenarios that are shipped."""
    from sim.scenario.library import entries

    found = list(entries())
    if as_json:
        rows = [{"name": entry.name, "title": entry.title, "tags": list(entry.tags)} for entry in found]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(entry.name) for entry in found)
    for entry in found:
        tags = f"  [{', '.join(entry.tags)}]" if entry.tags else ""
        typer.echo(f"{entry.name:{width}}  {entry.title}{tags}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from sim.scenario.json_schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def faults(
    as_json: Annotated[bool, typer.Option("--json", help="For machines: an array of kinds.")] = False,
) -> None:
    """List the kinds of faults, with their parameters, the events that they owe, and what they take from oracles."""
    from sim.cli import faults as catalogue

    typer.echo(catalogue.as_json() if as_json else catalogue.as_text())


@app.command()
def doctor() -> None:
    """Check the installation: versions, clashes of import names, numba's cache, crcmod's compiled part."""
    from sim.cli.doctor import examine

    findings = examine()
    for finding in findings:
        typer.echo(f"{'ok' if finding.good else 'PROBLEM':8} {finding.subject}: {finding.text}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped scenario's name, or a TOML file.")],
    seed: Annotated[int, typer.Option(min=0, help="Of all chance in the world.")] = 1,
    board: Annotated[Literal["soc", "afe"] | None, typer.Option(help="Instead of the scenario's.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help="End early, as after 1h.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the logs and the result there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The result for machines, on standard output.")] = False,
    digest: Annotated[bool, typer.Option("--digest", help="Only the digest, on standard output.")] = False,
) -> None:
    """Run a scenario, and say what came out."""
    from sim.cli.output import Output
    from sim.cli.run import Request, execute

    if as_json and digest:
        raise typer.BadParameter("--json and --digest exclude each other")
    output = Output.JSON if as_json else Output.DIGEST if digest else Output.SUMMARY
    request = Request(scenario, seed, board, tuple(settings or ()), until, out, output)
    try:
        code = execute(request)
    except ScenarioError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        # A full disk, a folder that is no folder: what was asked for can't be written.
        typer.echo(f"can't write the result: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


@app.command()
def display(
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped scenario's name, or a TOML file.")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="A duration since the start (2h30min), or a date and time, local.")
    ],
    press: Annotated[int, typer.Option(min=0, max=200, metavar="N", help="Step so often by the button.")] = 0,
    hold: Annotated[bool, typer.Option("--hold", help="Hold the button first, for the manual list.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of all chance in the world.")] = 1,
    board: Annotated[Literal["soc", "afe"] | None, typer.Option(help="Instead of the scenario's.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines: lines, symbols, instant.")] = False,
) -> None:
    """Run a scenario up to an instant, and print what the meter's display shows."""
    from sim.cli.display import Request, execute

    try:
        code = execute(Request(scenario, seed, board, tuple(settings or ()), at, press, hold, as_json))
    except ScenarioError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


@app.command()
def explore(
    scenario: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped scenario's name, or a TOML file.")],
    faults: Annotated[
        Literal["swarm", "exhaustive-power-cut"], typer.Option(help="What is laid over the scenario.")
    ] = "swarm",
    seeds: Annotated[int | None, typer.Option(min=1, help="swarm: seeds 1 to N; 100 if not given.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="exhaustive-power-cut: of chance; 1 if not given.")] = None,
    every: Annotated[int | None, typer.Option(min=1, help="exhaustive-power-cut: only each N-th cut.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="exhaustive-power-cut: N cuts, evenly spread.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes at a time; the cores if not given.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what was found there, and go on from it another time.")
    ] = None,
    board: Annotated[Literal["soc", "afe"] | None, typer.Option(help="Instead of the scenario's.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report for machines, on standard output.")] = False,
) -> None:
    """Search for the failure that breaks an oracle, shrink it, and write it as a scenario."""
    from sim.cli.explore import SEEDS, CutRequest, Request, SwarmRequest, cores, execute

    common = Request(scenario, board, tuple(settings or ()), jobs or cores(), out, as_json)
    request: SwarmRequest | CutRequest
    if faults == "swarm":
        if not (seed is every is limit is None):
            raise typer.BadParameter("--seed, --every and --limit need --faults exhaustive-power-cut")
        request = SwarmRequest(common, SEEDS if seeds is None else seeds)
    else:
        if seeds is not None:
            raise typer.BadParameter("--seeds needs --faults swarm")
        request = CutRequest(common, 1 if seed is None else seed, every or 1, limit)
    try:
        code = execute(request)
    except ScenarioError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(code)


config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What is programmed into a meter.")
app.add_typer(config_app, name="config")


@config_app.callback()
def _config() -> None:
    """What is programmed into a meter."""


@config_app.command("check")
def check_config(
    file: Annotated[str, typer.Argument(help="A TOML file with a scenario's tables of the meter, or a scenario.")],
) -> None:
    """Hold a meter's settings against all rules; print how many bytes they take, or what is wrong and where."""
    from sim.cli.config import check

    raise typer.Exit(check(file))
