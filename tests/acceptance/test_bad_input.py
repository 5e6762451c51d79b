"""Bad input: exit 2 and one clear message that names file, key or row. A task that raises: exit 1, and where."""

from pathlib import Path

import pytest

from tests.acceptance.command import meterbench
from tests.acceptance.playing import fault, reading, text_of

START = "2026-06-15T08:00:00+02:00"


def scenario(folder: Path, *arguments: str, **keywords: str) -> str:
    (folder / "mine.toml").write_text(text_of(*arguments, **keywords))
    return "mine.toml"


def refused(folder: Path, *arguments: str) -> str:
    """Run; it must be refused. The message."""
    done = meterbench("run", *arguments, cwd=folder)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.stderr.strip()
    return done.stderr


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("[meter]\nwirring = '3p4w'\n", "meter.wirring"),
        ("[clock.timezone]\nstandard = '+01:00'\nsummer = true\n", "clock.timezone.summer"),
        ("[meter]\nnominal = '230 A'\n", "meter.nominal"),
        ("[meter]\nnominal = 230\n", "meter.nominal"),
        ("[demand]\nperiod = '7min'\n", "demand.period"),
        ("[clock]\nbattery_failure = 'freeze'\n", "clock.battery_failure"),
        (fault("supply-fail", "2h", "10min"), "fault[0].at"),
        (fault("supply-fail", "10 kWh", "10min"), "fault[0].at"),
        (fault("supply-fale", "10min", "10min"), "fault[0]"),
        (fault("battery-fail", "10min") + fault("battery-fail", "20min"), "fault[1].at"),
        (reading("late", "1h1min"), "reading[0].at"),
        ("[[expect]]\nid = 'x'\nevent = 'battery-exploded'\nnever = true\n", "expect[0].event"),
        ("[[expect]]\nid = 'x'\nhistory = 1\n[[expect]]\nid = 'x'\nhistory = 2\n", "expect[1].id"),
        ("[tariff.day_profiles]\nday = { '24:00' = 1 }\n", "tariff.day_profiles.day"),
        ("[tariff]\nrates = 40\n", "tariff.rates"),
        ("[world]\nvoltage = '1 mV'\nfrequency = '50 V'\n", "world.frequency"),
    ],
)
def test_a_bad_key_or_value_is_named_with_its_path(tmp_path, body, path):
    message = refused(tmp_path, scenario(tmp_path, START, "1h", body))
    assert "mine.toml" in message
    assert path in message


def test_a_syntax_error_is_named_with_its_line(tmp_path):
    (tmp_path / "mine.toml").write_text('schema = 1\ntitle = "x"\nstart = = 3\n')
    message = refused(tmp_path, "mine.toml")
    assert "mine.toml" in message
    assert "line 3" in message or ":3" in message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"schema = 2\n", b"[[schema]]\n"])
def test_what_is_no_scenario_is_refused(tmp_path, content):
    (tmp_path / "mine.toml").write_bytes(content)
    assert "mine.toml" in refused(tmp_path, "mine.toml")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nowhere.toml",), "nowhere.toml"),
        (("first-night",), "first-night"),
        (("first-day", "--set", "meter.colour=red"), "meter.colour"),
        (("first-day", "--set", "meter.nominal=230 kg"), "meter.nominal"),
        (("first-day", "--set", "meter.nominal"), "meter.nominal"),
        (("first-day", "--set", "fault[7].at=1h"), "fault"),
        (("first-day", "--until", "3 days"), "--until"),
        (("first-day", "--until", "1h", "--seed", "-1"), "--seed"),
        (("first-day", "--until", "99d"), "--until"),
        (("first-day", "--board", "fpga"), "--board"),
        (("household", "--set", "load.csv=nowhere.csv"), "nowhere.csv"),
        (("household",), "load.csv"),
        (("first-day", "--set", "firmware=no.such:build"), "firmware"),
        (("first-day", "--set", "firmware=firmware.meter:assemble"), "assemble"),
        (("first-day", "--json", "--digest"), "--digest"),
    ],
)
def test_bad_arguments_are_refused(tmp_path, arguments, named):
    assert named in refused(tmp_path, *arguments)


HEADER = "local_time,voltage_v,current_a,active_kw,reactive_kvar\n"


def row(minute: int, active: str = "1.5", voltage: str = "230.0") -> str:
    return f"2026-06-15T08:{minute:02}:00,{voltage},6.5,{active},0.1\n"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([row(0), row(1), row(3), row(4)], 4),
        ([row(0), row(1, "1,5"), row(2)], 3),
        ([row(0), row(1), row(2, "much")], 4),
        ([row(0), row(1), row(2, "nan")], 4),
        ([row(0), row(1), row(2, voltage="")], 4),
        ([row(0), row(1), row(1), row(2)], 4),
        ([row(0), "2026-06-15T08:01:00,230\n"], 3),
        ([row(0), "yesterday,230,1,1,1\n"], 3),
        ([row(0), row(1, voltage="-230")], 3),
        ([], 0),
    ],
)
def test_a_bad_row_is_named(tmp_path, lines, line):
    (tmp_path / "house.csv").write_text(HEADER + "".join(lines))
    options = ("--set", "load.csv=house.csv", "--set", "load.on_gap=refuse", "--set", "load.utc_offset=+02:00")
    message = refused(tmp_path, "household", *options)
    assert "house.csv" in message
    assert "load.csv" in message
    if line:
        assert f"row {line}" in message


@pytest.mark.parametrize(("lines", "line"), [([row(0), row(2), row(1)], 4), ([row(0), row(5), row(5)], 4)])
def test_rows_out_of_order_are_refused_whatever_becomes_of_gaps(tmp_path, lines, line):
    (tmp_path / "house.csv").write_text(HEADER + "".join(lines))
    message = refused(tmp_path, "household", "--set", "load.csv=house.csv")
    assert f"house.csv, row {line}:" in message


def test_a_missing_column_and_a_wrong_file_are_named(tmp_path):
    (tmp_path / "house.csv").write_text("local_time,voltage_v,active_kw\n2026-06-15T08:00:00,230,1\n")
    assert "reactive_kvar" in refused(tmp_path, "household", "--set", "load.csv=house.csv")
    (tmp_path / "house.csv.xz").write_text("no xz")
    assert "house.csv.xz" in refused(tmp_path, "household", "--set", "load.csv=house.csv.xz")
    (tmp_path / "house.csv.gz").write_bytes(b"\x1f\x8b\x00")
    assert "house.csv.gz" in refused(tmp_path, "household", "--set", "load.csv=house.csv.gz")
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + "2026-06-15T08:00:00,230,1,µ,1\n".encode("latin-1"))
    assert "latin.csv" in refused(tmp_path, "household", "--set", "load.csv=latin.csv")
    (tmp_path / "folder").mkdir()
    assert "folder" in refused(tmp_path, "household", "--set", "load.csv=folder")


def test_an_output_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("")
    assert "taken" in refused(tmp_path, "first-day", "--until", "1s", "--out", "taken")


RAISING = """
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Periodic, Segment, TaskSpec, exactly


def build(board, config):
    kernel = Kernel(board.probe)

    async def brood(task):
        for egg in range(3, -1, -1):
            await task.release()
            await task.work(exactly(1_000))
            12 // egg

    kernel.add(TaskSpec("brooder", 0, Periodic(10**9), 10**9, (Segment(exactly(1_000)),)), brood)
    return kernel
"""


@pytest.mark.parametrize("options", [(), ("--json",), ("--digest",)])
def test_a_task_that_raises_fails_the_run_with_traceback_task_and_instant(tmp_path, options):
    (tmp_path / "hatchery.py").write_text(RAISING)
    text = text_of(START, "1min").replace("[load]", 'firmware = "hatchery:build"\n\n[load]', 1)
    (tmp_path / "mine.toml").write_text(text)
    done = meterbench("run", "mine.toml", *options, cwd=tmp_path)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "ZeroDivisionError" in done.stderr
    assert "hatchery.py" in done.stderr
    assert "12 // egg" in done.stderr
    assert "brooder" in done.stderr
    # The fourth release, 3 s after the boot, which is some 100 ms after the start.
    assert any(f"3{separator}" in done.stderr for separator in (".1", "1", ",1"))
    assert "meterbench run mine.toml" in done.stderr
    if options == ("--json",):
        assert '"verdict": "broken"' in done.stdout
        assert "brooder" in done.stdout
    else:
        assert done.stdout == ""
