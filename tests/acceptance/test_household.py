"""The measured house: its gaps are listed, none is invented, and the meter agrees with the rows."""

import csv
import datetime
import lzma
from itertools import pairwise
from pathlib import Path

import pytest

from sim.scenario.loader import load
from sim.scenario.result import RunResult, Verdict
from sim.scenario.runner import Runner
from tests.acceptance.command import ROOT, meterbench

FILE = ROOT.parent / "shared" / "data" / "household-2006-12.csv.xz"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the measured house is not there")


def rows(file: Path) -> list[tuple[datetime.datetime, float, float]]:
    """Local time, active kW and reactive kvar of each row."""
    with lzma.open(file, "rt", newline="") as lines:
        return [
            (
                datetime.datetime.fromisoformat(row["local_time"]),
                float(row["active_kw"]),
                float(row["reactive_kvar"]),
            )
            for row in csv.DictReader(lines)
        ]


@pytest.fixture(scope="module")
def house() -> RunResult:
    return Runner(load("household", {"load.csv": str(FILE)}), 1).run()


def test_it_holds_and_lists_both_gaps(house):
    assert house.verdict is Verdict.HELD
    minute = datetime.timedelta(minutes=1)
    given = rows(FILE)
    gaps = [(a[0] + minute, b[0]) for a, b in pairwise(given) if b[0] - a[0] != minute]
    assert len(gaps) == 2
    assert len(house.load_gaps) == 2
    for (begin, end), words in zip(gaps, house.load_gaps, strict=True):
        assert begin.isoformat() in words
        assert end.isoformat() in words
    span = given[-1][0] + minute - given[0][0]
    assert house.simulated_ns == span // datetime.timedelta(microseconds=1) * 1_000


def test_its_energy_is_that_of_the_rows(house):
    given = rows(FILE)
    active_nwh = sum(kw for _, kw, _ in given) / 60 * 1e12
    reactive_nvarh = sum(kvar for _, _, kvar in given) / 60 * 1e12
    energies = {row.name: row for row in house.energies}
    assert energies["A+"].meter_nwh == pytest.approx(energies["A+"].true_nwh, rel=1e-4)
    # What is beside the meter's is true up to its last save, at most a quarter of an hour before the end.
    assert energies["A+"].true_nwh <= active_nwh * (1 + 1e-6)
    assert _last_save_s(given, energies["A+"].true_nwh) <= 901
    reactive = sum(row.meter_nwh for name, row in energies.items() if name in ("R1", "R2", "R3", "R4"))
    assert reactive == pytest.approx(reactive_nvarh, rel=1e-3)


def _last_save_s(given: list[tuple[datetime.datetime, float, float]], saved_nwh: int) -> float:
    """How long before the end of the rows so much energy had flowed."""
    left = sum(kw for _, kw, _ in given) / 60 * 1e12 - saved_nwh
    seconds = 0.0
    for _, kw, _ in reversed(given):
        row = kw / 60 * 1e12
        if left < row:
            return seconds + 60 * max(left, 0) / row
        left, seconds = left - row, seconds + 60
    return seconds


def test_two_days_of_it_to_100_ppm(tmp_path):
    """Two days from the first row, read by the optical port in the end: against the sum over the rows."""
    given = rows(FILE)
    readings = "\n".join(f'[[reading]]\nid = "at-{hours}"\nat = "{hours}h"\n' for hours in (24, 47))
    file = tmp_path / "house.toml"
    file.write_text(
        'schema = 1\ntitle = "two days"\nstart = "first-row"\nduration = "48h"\nboard = "afe"\n'
        '[meter]\nwiring = "1p2w"\nrated_current = "10 A"\nmaximum_current = "100 A"\n'
        f'[load]\ncsv = "{FILE}"\non_gap = "no-load"\nutc_offset = "+01:00"\n{readings}'
    )
    result = Runner(load(str(file)), 1).run()
    assert result.verdict is Verdict.HELD
    assert result.load_gaps == ()
    for reading, hours in zip(result.readings, (24, 47), strict=True):
        shown_kwh = float(reading.registers["1.8.0"][0].partition("*")[0])
        expected_kwh = sum(kw for _, kw, _ in given[: hours * 60]) / 60
        # The session's own seconds, and the last digit: 1 Wh.
        lower, upper = expected_kwh * (1 - 1e-4) - 0.001, expected_kwh * (1 + 1e-4) + 6 * 10 / 3600
        assert lower <= shown_kwh <= upper


def test_a_gap_is_refused_by_default_and_its_rows_named():
    done = meterbench("run", "household", "--set", f"load.csv={FILE}", "--set", "load.on_gap=refuse")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    given = rows(FILE)
    minute = datetime.timedelta(minutes=1)
    before = next(n for n, (a, b) in enumerate(pairwise(given)) if b[0] - a[0] != minute)
    assert FILE.name in done.stderr
    # Rows are counted as an editor counts lines; it is the one after the gap that is out of step.
    assert f"row {before + 3}:" in done.stderr


def test_the_command_lists_the_gaps():
    done = meterbench("run", "household", "--set", f"load.csv={FILE}", "--json")
    assert done.returncode == 0, done.stderr
    assert '"load_gaps": [' in done.stdout
    summary = meterbench("run", "household", "--set", f"load.csv={FILE}")
    assert summary.returncode == 0, summary.stderr
    assert summary.stdout.count("120 s") == 2
