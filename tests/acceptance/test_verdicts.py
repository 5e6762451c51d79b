"""Held, broken, invalid: told apart by the verdict, the exit code, and the line that repeats the run."""

import json
import shlex
import subprocess

import pytest

from sim.scenario.result import Verdict
from tests.acceptance.command import meterbench
from tests.acceptance.playing import fault, play, reading, text_of

START = "2026-06-15T08:00:00+02:00"

WITHOUT_EFFECT = {
    "an outage in an outage": fault("supply-fail", "10min", "20min") + fault("power-cut", "15min", "5min"),
    "a dip that nobody notices": fault("supply-fail", "10min", "5ms"),
    "a phase that is gone already": fault("supply-fail", "10min", "20min")
    + fault("phase-fail", "15min", "5min", "phases = [1]"),
    "a cover opened in the dark": fault("supply-fail", "10min", "20min")
    + fault("terminal-cover-open", "15min", "5min"),
}


def run(folder, body: str, *options: str, name: str = "mine.toml") -> subprocess.CompletedProcess[str]:
    (folder / name).write_text(text_of(START, "1h", body))
    return meterbench("run", name, *options, cwd=folder)


@pytest.mark.parametrize("what", WITHOUT_EFFECT)
def test_a_fault_without_effect_makes_the_run_invalid(what):
    result = play(text_of(START, "1h", WITHOUT_EFFECT[what])).result
    assert result.verdict is Verdict.INVALID
    assert not result.faults[-1].held


def test_an_invalid_run_says_so_and_which_fault(tmp_path):
    body = WITHOUT_EFFECT["an outage in an outage"]
    done = run(tmp_path, body, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "invalid"
    summary = run(tmp_path, body, "--seed", "9")
    assert summary.returncode == 1
    output = summary.stdout + summary.stderr
    assert "invalid: power-cut-15min" in output
    assert "meterbench run mine.toml --seed 9" in output


def test_invalid_goes_before_broken(tmp_path):
    body = WITHOUT_EFFECT["a dip that nobody notices"] + '[[expect]]\nid = "no"\nhistory = 3\n'
    assert play(text_of(START, "1h", body)).result.verdict is Verdict.INVALID


EXPECTATIONS = [
    ('event = "power-up"\ncount = 1', 'event = "power-up"\nnever = true'),
    ('event = "power-down"\nnever = true', 'event = "power-down"\nwithin = ["0s", "1h"]'),
    ('register = "1.8.1"\nmin = "2.69 kWh"\nat = "46min"', 'register = "1.8.1"\nmax = "2.69 kWh"\nat = "46min"'),
    ('register = "1.8.2"\nequals = "0 kWh"', 'register = "1.8.2"\nmin = "1 Wh"'),
    ("history = 0", "history = 1"),
    ('clock_error = ["-1s", "1s"]', 'clock_error = ["1s", "2s"]'),
    ('rate = 1\nat = "30min"', 'rate = 2\nat = "30min"'),
    ('energy_error = "200 ppm"', 'energy_error = "0.000001 %"'),
    ('reading = "one"\nregister = "C.14.0"\ntext = "01"', 'reading = "one"\nregister = "C.14.0"\ntext = "02"'),
    ('reading = "one"\nregister = "1.8.0"\nmin = "1.7 kWh"', 'reading = "one"\nregister = "1.8.0"\nmin = "1.9 kWh"'),
]


@pytest.mark.parametrize(("right", "wrong"), EXPECTATIONS)
def test_an_expectation_holds_and_its_opposite_breaks(right, wrong):
    # A front end 50 ppm off keeps the energy's error from being nought.
    world = '[world]\nfront_end = { current_gain = "50 ppm" }\n' + reading("one", "30min")
    for expectation, verdict in ((right, Verdict.HELD), (wrong, Verdict.BROKEN)):
        body = f'{world}\n[[expect]]\nid = "so"\n{expectation}\n'
        result = play(text_of(START, "1h", body)).result
        assert result.verdict is verdict, result.expectations
        assert all(oracle.held for oracle in result.oracles)
        assert result.expectations[0].held is (verdict is Verdict.HELD)


def test_a_broken_run_prints_the_line_that_repeats_it(tmp_path):
    body = '[[expect]]\nid = "sets"\nhistory = 1\n'
    done = run(tmp_path, body, "--seed", "5", "--until", "1h", "--set", "demand.period=15min", name="a b.toml")
    assert done.returncode == 1
    output = done.stdout + done.stderr
    (line,) = [line for line in output.splitlines() if "repeat with:" in line]
    assert line.startswith("broken: sets")
    words = shlex.split(line.partition("repeat with:")[2])
    assert words[:2] == ["meterbench", "run"]
    again = meterbench(*words[1:], "--json", cwd=tmp_path)
    assert again.returncode == 1
    once = json.loads(run(tmp_path, body, "--seed", "5", "--set", "demand.period=15min", "--json").stdout)
    assert json.loads(again.stdout)["digest"] == once["digest"]
    assert once["seed"] == 5


def test_json_is_alone_on_standard_output_and_complete(tmp_path):
    done = run(tmp_path, reading("one", "30min"), "--json", "--seed", "2")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"] == "held"
    assert result["board"] == "afe"
    assert result["seed"] == 2
    assert result["simulated_ns"] == 3_600 * 10**9
    assert len(result["digest"]) == 64
    energies = {row["name"]: row for row in result["energies"]}
    assert energies["A+"]["meter_nwh"] == pytest.approx(energies["A+"]["true_nwh"], rel=1e-4)
    assert "error_ppm" in energies["A+"]
    assert {"clock", "optical", "power-fail", "store"} <= {row["task"] for row in result["timing"]}
    assert all(row["missed"] == 0 and row["worst_ns"] <= row["bound_ns"] for row in result["timing"] if row["jobs"])
    assert {row["name"] for row in result["oracles"]} >= {"energy", "tariff-sums", "durability", "events", "timing"}
    assert all(row["held"] for row in result["oracles"])
    assert result["readings"][0]["registers"]["0.1.0"] == ["00"]
    quiet = run(tmp_path, reading("one", "30min"), "--digest", "--seed", "2")
    assert quiet.stdout.strip() == result["digest"]


def test_the_summary_has_what_people_look_for(tmp_path):
    done = run(tmp_path, "")
    assert done.returncode == 0, done.stderr
    for word in ("A+", "%", "power-up", "optical", "durability", "held"):
        assert word in done.stdout
    result = json.loads(run(tmp_path, "", "--json").stdout)
    assert result["digest"][:12] in done.stdout


def test_out_keeps_the_log_and_the_result(tmp_path):
    done = run(tmp_path, "", "--json", "--out", "deep/er")
    assert json.loads((tmp_path / "deep/er/result.json").read_text()) == json.loads(done.stdout)
    assert (tmp_path / "deep/er/log.txt").read_text().startswith("# ")
