"""`meterbench explore`, as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.explore.state import FILE
from tests.acceptance.command import ROOT, meterbench
from tests.explore.scene import EAGER, OURS, written


def explore(folder: Path, *words: str, firmware: str = OURS) -> "subprocess.CompletedProcess[str]":
    return meterbench("explore", written(folder, firmware), *words, cwd=folder)


def same(text: str) -> dict[str, Any]:
    """A report without what it took."""
    fields: dict[str, Any] = json.loads(text)
    del fields["effort"], fields["jobs"]
    return fields


def test_a_swarm_and_its_resumption_report_alike(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    first = explore(tmp_path, "--seeds", "3", "--jobs", "1", "--json")
    explore(tmp_path, "--seeds", "2", "--jobs", "2", "--out", out)
    second = explore(tmp_path, "--seeds", "3", "--jobs", "2", "--out", out, "--json")
    one, two = same(first.stdout), same(second.stdout)
    assert one["runs"] == two["runs"]
    assert [run["seed"] for run in one["runs"]] == [1, 2, 3]
    assert (one["scenario"], one["board"], one["faults"], one["seeds"]) == ("two-hours", "afe", "swarm", 3)
    assert one["held"] + one["broken"] + one["invalid"] == 3
    assert one["drawn"] == 3 + one["redrawn"] - one["invalid"]
    assert json.loads(second.stdout)["effort"]["fresh"] == 1
    assert first.returncode == int(one["held"] < 3)


def test_cuts_are_counted_and_the_worst_loss_is_told(tmp_path: Path) -> None:
    done = explore(tmp_path, "--faults", "exhaustive-power-cut", "--limit", "30")
    assert (done.returncode, done.stderr) == (0, "")
    assert "two-hours, board afe\n30 cuts in " in done.stdout
    assert "a sample of the " in done.stdout
    assert ": 30 held, 0 broken, 0 invalid" in done.stdout
    assert "cuts at erases, by what they left: " in done.stdout
    assert "cuts at programs, by what they left: " in done.stdout
    assert "recoveries: 30; cut off by the scenario's end: 0" in done.stdout
    assert "worst loss of unbilled energy: " in done.stdout
    assert "what flowed in 15min" in done.stdout
    assert "cuts a CPU second" in done.stdout


def test_a_failure_is_written_and_its_line_repeats_it(tmp_path: Path) -> None:
    words = ("--faults", "exhaustive-power-cut", "--limit", "4", "--seed", "7")
    done = explore(tmp_path, *words, "--out", str(tmp_path / "out"), firmware=EAGER)
    assert done.returncode == 1
    assert "BROKEN: tariff-sums at " in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  repeat with: ")]
    command = line.removeprefix("  repeat with: ").split()
    assert command[:2] == ["meterbench", "run"]
    assert command[-2:] == ["--seed", "7"]
    again = meterbench(*command[1:], cwd=tmp_path)
    assert again.returncode == 1
    assert "broken: tariff-sums at " in again.stdout
    digest = meterbench(*command[1:], "--digest", cwd=tmp_path).stdout.strip()
    assert f"# digest {digest}\n" in Path(command[2]).read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere: there is no such file"),
        (("two-hours.toml", "--set", "meter.colour=grey"), "meter.colour: unknown key"),
        (("two-hours.toml", "--seeds", "0"), "--seeds"),
        (("two-hours.toml", "--jobs", "0"), "--jobs"),
        (("two-hours.toml", "--faults", "none"), "--faults"),
        (("two-hours.toml", "--limit", "3"), "--limit need --faults exhaustive-power-cut"),
        (("two-hours.toml", "--faults", "exhaustive-power-cut", "--seeds", "3"), "--seeds needs --faults swarm"),
        (("two-hours.toml", "--set", "firmware=none.meter:build"), "firmware: there is no module none"),
        (("two-hours.toml", "--out", "two-hours.toml"), "--out two-hours.toml"),
    ],
)
def test_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["explore", *words])
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.replace("│", "").split())
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_folder_of_another_exploration_is_refused(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    explore(tmp_path, "--seeds", "1", "--out", out)
    done = explore(tmp_path, "--seeds", "1", "--out", out, "--set", "duration=150min")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{out}/{FILE}: was begun with another scenario")


def test_a_scenario_that_breaks_by_itself_has_no_cuts(tmp_path: Path) -> None:
    done = explore(tmp_path, "--faults", "exhaustive-power-cut", "--set", "fault.outage.kind=power-cut", firmware=EAGER)
    assert done.returncode == 2
    assert "breaks without any cut: tariff-sums: " in done.stderr


def test_an_interrupt_ends_all_and_keeps_what_is_done(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", "explore", written(tmp_path), "--seeds", "10000", "--out", str(out)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    state = out / FILE
    waited_until = time.monotonic() + 100
    while time.monotonic() < waited_until and not (state.exists() and len(state.read_text().splitlines()) > 2):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    assert "interrupted; the same command goes on from here" in stderr
    assert "Traceback" not in stderr
    for line in state.read_text().splitlines():
        json.loads(line)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
