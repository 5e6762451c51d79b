"""`meterbench run`: what is asked of the runner, what is printed, exit codes."""

import json
from pathlib import Path

import pytest

from firmware.kernel.errors import TaskFailed
from hal.units import HOUR
from sim.scenario.errors import ScenarioError
from sim.world import TimeStandsStill
from tests.cli.conftest import FakeRunner, Invoke
from tests.cli.results import BROKEN, HELD, INVALID
from tests.scenario.documents import EXAMPLE, MINIMAL, write


def test_the_runner_gets_what_was_asked_for(runner: FakeRunner, invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE)
    out = tmp_path / "a" / "b"
    result = invoke(
        "run", path, "--seed", "7", "--board", "afe", "--set", "clock.battery_failure=reset", "--set",
        "fault.outage.duration=2h", "--until", "7h", "--out", str(out),
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    ((scenario, seed, progress, given_out),) = runner.seen
    assert (scenario.name, scenario.board, scenario.clock.battery_failure) == ("case", "afe", "reset")
    assert (seed, progress, given_out) == (7, None, out)
    assert (scenario.end_ns, scenario.faults[1].end_ns) == (7 * HOUR, 8 * HOUR)
    assert json.loads((out / "result.json").read_text())["digest"] == HELD.digest


def test_the_summary_has_everything(runner: FakeRunner, invoke: Invoke) -> None:
    result = invoke("run", "first-day")
    assert result.exit_code == 0
    assert result.stderr == ""
    for expected in (
        "A fake [bold] run",
        "fake, board soc, seed 3, 1h simulated",
        "two minutes before noon",
        "1.000100",
        "+0.01000 %",
        "0.600000",
        "power-up",
        "2026-03-28T18:00:00+01:00",
        "1.8.0(000001.000*kWh)",
        "17,999",
        "5.134 ms",
        "17.272 ms",
        "all there",
        "took effect",
        "it was",
        "ends of billing: 4; clock error at the end: -1.500 ms",
        "CPU busy 2.00 %",
        "17,999 samples",
        "12 programs, 3 erases",
        f"digest: {HELD.digest}",
        "verdict: held",
    ):
        assert expected in result.stdout, expected


def test_json_is_all_that_stands_on_standard_output(runner: FakeRunner, invoke: Invoke) -> None:
    runner.outcome = BROKEN
    result = invoke("run", "first-day", "--seed", "3", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["verdict"] == "broken"
    assert document["energies"][0] == {
        "name": "A+",
        "meter_nwh": 1_000_100_000_000,
        "true_nwh": 1_000_000_000_000,
        "error_ppm": 100,
    }
    assert document["energies"][1]["error_ppm"] is None
    assert document["oracles"][1] == {"name": "energy", "held": False, "message": "gone", "at_ns": 90 * 10**9}
    assert document["readings"][0]["registers"] == {"1.8.0": ["000001.000*kWh"]}
    assert document["timing"][0]["worst_ns"] == 5_134_000
    assert document["command"] == "meterbench run first-day --seed 3"
    assert document["cut_off"] == []
    assert "broken: energy at 1min30s" in result.stderr


def test_the_digest_alone(runner: FakeRunner, invoke: Invoke) -> None:
    result = invoke("run", "first-day", "--digest")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{HELD.digest}\n", "")
    runner.outcome = BROKEN
    result = invoke("run", "first-day", "--digest")
    assert (result.exit_code, result.stdout) == (1, f"{HELD.digest}\n")
    assert "repeat with: meterbench run first-day --seed 1" in result.stderr


def test_a_failing_run_ends_with_the_line_that_repeats_it(runner: FakeRunner, invoke: Invoke, tmp_path: Path) -> None:
    runner.outcome = BROKEN
    path = write(tmp_path, MINIMAL, "with space.toml")
    result = invoke("run", path, "--seed", "7", "--set", 'title="a b"', "--board", "afe", "--until", "1h")
    assert result.exit_code == 1
    command = f"meterbench run '{path}' --seed 7 --board afe --set 'title=\"a b\"' --until 1h"
    assert result.stdout.splitlines()[-1] == f"broken: energy at 1min30s; repeat with: {command}"


def test_an_invalid_run_says_which_fault_had_no_effect(runner: FakeRunner, invoke: Invoke) -> None:
    runner.outcome = INVALID
    result = invoke("run", "first-day")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "invalid: outage; repeat with: meterbench run first-day --seed 1"
    assert "no effect" in result.stdout
    assert "verdict: invalid" in result.stdout


def _raising() -> TaskFailed:
    try:
        raise KeyError("phase")
    except KeyError as cause:
        failed = TaskFailed("task metering", 1_234, cause)
        failed.__cause__ = cause
        failed.add_note("true instant: 2h")
        return failed


@pytest.mark.parametrize("output", [(), ("--json",), ("--digest",)])
def test_a_task_that_raises_fails_the_run(runner: FakeRunner, invoke: Invoke, output: tuple[str, ...]) -> None:
    runner.outcome = _raising()
    result = invoke("run", "first-day", "--seed", "9", *output)
    assert result.exit_code == 1
    assert "Traceback (most recent call last)" in result.stderr
    assert "_raising" in result.stderr
    assert "task metering failed at 1234 ns (monotonic): KeyError: 'phase'\ntrue instant: 2h" in result.stderr
    assert result.stderr.splitlines()[-1] == "repeat with: meterbench run first-day --seed 9"
    if output == ("--json",):
        assert json.loads(result.stdout)["verdict"] == "broken"
    else:
        assert result.stdout == ""


def test_a_world_that_stands_still_fails_the_run(runner: FakeRunner, invoke: Invoke) -> None:
    runner.outcome = TimeStandsStill("more than 100000 actions at 5 ns")
    result = invoke("run", "first-day")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("more than 100000 actions at 5 ns\n")


def test_bad_input_that_is_found_late_is_bad_input(runner: FakeRunner, invoke: Invoke) -> None:
    runner.outcome = ScenarioError("case.toml: load.csv: rows.csv, row 4: a gap")
    result = invoke("run", "first-day")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "case.toml: load.csv: rows.csv, row 4: a gap\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("none",), "none: there is no such file"),
        (("first-day", "--set", "x"), "--set x: expected KEY=VALUE"),
        (("first-day", "--set", "bord=soc"), 'first-day.toml: bord: unknown key; did you mean "board"?'),
        (("first-day", "--until", "1"), "--until: expected a duration"),
        (("first-day", "--until", "1000h"), "first-day.toml: --until 41d16h lies past the end, 26h"),
        (("first-day", "--board", "fpga"), "--board"),
        (("first-day", "--seed", "x"), "--seed"),
        (("first-day", "--seed", "-1"), "--seed"),
        (("first-day", "--json", "--digest"), "--json and --digest exclude each other"),
        (("first-day", "--nothing"), "--nothing"),
        ((), "NAME|FILE"),
    ],
)
def test_bad_input_exits_with_2(runner: FakeRunner, invoke: Invoke, words: tuple[str, ...], message: str) -> None:
    result = invoke("run", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert runner.seen == []


def test_a_folder_that_cannot_be_made(runner: FakeRunner, invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = invoke("run", "first-day", "--out", str(tmp_path / "file" / "x"))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"--out {tmp_path}/file/x: ")


def test_what_until_leaves_out_is_named(runner: FakeRunner, invoke: Invoke) -> None:
    result = invoke("run", "first-day", "--until", "1h")
    assert "left out by --until: cell-dies, outage, before, after" in result.stdout
    assert json.loads(invoke("run", "first-day", "--until", "1h", "--json").stdout)["cut_off"][:2] == [
        "cell-dies",
        "outage",
    ]
