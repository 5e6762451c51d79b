"""The short summary of a run, for people."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hal.energy import ENERGY_KINDS
from sim.cli.backup_text import backup_lines
from sim.cli.figures import energy, error, instant, milliwatt_hours, share, short
from sim.cli.storage_text import flash_lines, hold_up_line
from sim.scenario.quantities import format_duration
from sim.scenario.result import Check, Reading, RunResult, Verdict

WIDTH: Final = 132
"""Columns where there is no terminal that says."""

_EVENTS_MOST: Final = 40
_SETS_MOST: Final = 12
_COLOURS: Final = {Verdict.HELD: "bold green", Verdict.BROKEN: "bold red", Verdict.INVALID: "bold yellow"}

Cell = str | Text


def print_summary(result: RunResult, cut_off: Sequence[str] = ()) -> None:
    """Print it to standard output."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=WIDTH)
    _head(console, result, cut_off)
    _energies(console, result)
    _events(console, result)
    _readings(console, result)
    _timing(console, result)
    _power(console, result)
    _checks(console, result)
    _foot(console, result)


def _head(console: Console, result: RunResult, cut_off: Sequence[str]) -> None:
    console.print(Text(result.title, style="bold"))
    console.print(
        f"{result.scenario}, board {result.board}, seed {result.seed}, {format_duration(result.simulated_ns)} simulated"
    )
    if cut_off:
        console.print(f"left out by --until: {', '.join(cut_off)}")
    for gap in result.load_gaps:
        console.print(f"gap in the load, counted as no load: {gap}")


def _table(title: str, columns: str, rows: Iterable[Sequence[Cell]]) -> Table:
    """Columns are names parted by `|`; one that begins with `>` is set to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns.split("|"):
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", no_wrap=True)
    table.columns[-1].no_wrap = False
    table.columns[-1].overflow = "fold"
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table


def _print(console: Console, table: Table) -> None:
    console.print()
    console.print(table)


def _energies(console: Console, result: RunResult) -> None:
    rows = [
        (row.name, energy(row.meter_nwh), energy(row.true_nwh), error(row.meter_nwh, row.true_nwh))
        for row in result.energies
    ]
    _print(console, _table("Registers (kWh, kvarh, kVAh)", "register|>meter|>true|>error", rows))
    used = [kind for kind in range(len(ENERGY_KINDS)) if kind == 0 or any(rate[kind] for rate in result.rates)]
    names = "|".join(f">{ENERGY_KINDS[kind]}" for kind in used)
    rates = [(str(number), *(energy(rate[kind]) for kind in used)) for number, rate in enumerate(result.rates, start=1)]
    _print(console, _table("Rates", f"rate|{names}", rates))


def _events(console: Console, result: RunResult) -> None:
    rows = [
        (instant(row.at_ns), row.event, row.local_time, row.clock, str(row.detail) if row.detail else "")
        for row in result.events
    ]
    if len(rows) > _EVENTS_MOST:
        half = _EVENTS_MOST // 2
        rows = [*rows[:half], ("...", f"{len(rows) - 2 * half} more", "", "", ""), *rows[-half:]]
    if rows:
        _print(console, _table("Events", ">at|event|meter's time|clock|detail", rows))


def _readings(console: Console, result: RunResult) -> None:
    if result.readings:
        rows = [_reading(reading) for reading in result.readings]
        _print(console, _table("Optical port", "reading|>from|>to|meter|brought", rows))


def _reading(reading: Reading) -> Sequence[Cell]:
    if reading.problem is not None:
        brought: Cell = Text(reading.problem, style="red")
    else:
        sets = [f"{address}({')('.join(values)})" for address, values in reading.registers.items()]
        more = f" and {len(sets) - _SETS_MOST} more" if len(sets) > _SETS_MOST else ""
        brought = " ".join(sets[:_SETS_MOST]) + more
    return (reading.id, instant(reading.started_ns), instant(reading.ended_ns), reading.identification, brought)


def _timing(console: Console, result: RunResult) -> None:
    rows = [
        (
            row.task,
            short(row.period_ns) if row.periodic else f">= {short(row.period_ns)}",
            f"{row.jobs:,}",
            short(row.worst_ns),
            "-" if row.bound_ns is None else short(row.bound_ns),
            Text(str(row.missed), style="red" if row.missed else ""),
        )
        for row in result.timing
    ]
    if rows:
        _print(console, _table("Timing", "task|>period|>jobs|>worst response|>bound|>missed", rows))


def _power(console: Console, result: RunResult) -> None:
    total = sum(row.energy_nwh for row in result.consumption)
    rows = [
        (row.consumer, short(row.active_ns), milliwatt_hours(row.energy_nwh), share(row.energy_nwh, total))
        for row in result.consumption
    ]
    if rows:
        rows.append(("all", "", milliwatt_hours(total), share(total, total)))
        _print(console, _table("Drawn from the supply", "consumer|>active|>mWh|>share", rows))
    if result.backup is not None:
        console.print()
        for line in backup_lines(result.backup):
            console.print(line)


def _checks(console: Console, result: RunResult) -> None:
    rows = [_check("oracle", "held", check) for check in result.oracles]
    rows += [_check("fault", "took effect", check) for check in result.faults]
    rows += [_check("expected", "held", check) for check in result.expectations]
    if rows:
        _print(console, _table("Checks", "kind|name|verdict|>at|", rows))


def _check(kind: str, good: str, check: Check) -> Sequence[Cell]:
    bad = "no effect" if kind == "fault" else "broken"
    verdict = Text(good, style="green") if check.held else Text(bad, style="bold red")
    return (kind, check.name, verdict, "" if check.at_ns is None else instant(check.at_ns), check.message)


def _foot(console: Console, result: RunResult) -> None:
    causes = ", ".join(f"{count:,} {cause}" for cause, count in sorted(result.wakes.items())) or "none"
    busy = result.cpu_busy_ns * 10_000 // max(result.simulated_ns, 1)
    console.print()
    console.print(f"ends of billing: {result.billing_sets}; clock error at the end: {short(result.clock_error_ns)}")
    console.print(f"CPU busy {busy // 100}.{busy % 100:02} %; wakes: {causes}")
    console.print(f"flash: {result.flash_programs:,} programs, {result.flash_erases:,} erases")
    if result.flash is not None:
        for line in flash_lines(result.flash):
            console.print(line, soft_wrap=True)
    if result.hold_up is not None:
        console.print(hold_up_line(result.hold_up))
    console.print(f"digest: {result.digest}", soft_wrap=True)
    console.print(Text(f"verdict: {result.verdict.value}", style=_COLOURS[result.verdict]))
