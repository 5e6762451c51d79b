"""Every kind of bad input, through the whole command: exit 2, one message with file, path or row, and no traceback."""

from pathlib import Path

import pytest

from tests.cli.conftest import Invoke, Process
from tests.scenario.documents import EXAMPLE, MEASURED, ROWS, write

FAULT = '\n[[fault]]\nid = "cell-dies"\nkind = "power-cut"\nat = "1h"\nduration = "1s"\n'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('nominal = "230 V"', 'nominal = "230 V"\ncolour = "grey"'), "case.toml: meter.colour: unknown key"),
        (('nominal = "230 V"', 'nominal = "230 A"'), 'case.toml: meter.nominal: expected a voltage, such as "230 V"'),
        (('at = "6h"', 'at = "60h"'), "case.toml: fault[1].at: 60h lies past the end, 30h"),
        (("[[expect]]", f"{FAULT}[[expect]]"), 'case.toml: fault[2].id: "cell-dies" is taken by fault[0]'),
        (('title = "', "title = "), "case.toml: line 3, column 9: "),
        (('profile = "bdew:h0"', 'csv = "none.csv"'), "case.toml: load.annual_energy: "),
        (('profile = "bdew:h0"\nannual_energy = "4000 kWh"', 'csv = "none.csv"'), "none.csv: there is no such file"),
        (('board = "soc"', 'firmware = "none.meter:build"'), "case.toml: firmware: there is no module none"),
        (('board = "soc"', 'firmware = "sim.world:build"'), "case.toml: firmware: sim.world has no function build"),
    ],
)
def test_of_the_scenario(invoke: Invoke, tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = write(tmp_path, EXAMPLE.replace(*change, 1))
    result = invoke("run", path, "--until", "1s")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("10:02:00,232.0", "10:05:00,232.0"), "row 4: a gap of 180 s"),
        (("232.0", "232,0"), "row 4: "),
        (("232.0", "high"), "row 4: voltage_v is not a number"),
        (("10:02:00,232.0", "09:02:00,232.0"), "row 4: "),
    ],
)
def test_of_a_measured_file(invoke: Invoke, tmp_path: Path, change: tuple[str, str], message: str) -> None:
    write(tmp_path, ROWS.replace(*change, 1), "rows.csv")
    result = invoke("run", write(tmp_path, MEASURED))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"case.toml: load.csv: {tmp_path}/rows.csv, {message}" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_module_that_fails_to_import_names_the_place(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "import os\n\n1 / 0\n", "broken_at_import.py")
    write(tmp_path, "x = = 1\n", "broken_syntax.py")
    monkeypatch.syspath_prepend(tmp_path)
    for module, problem, line in (("broken_at_import", "ZeroDivisionError", 3), ("broken_syntax", "SyntaxError", 1)):
        path = write(tmp_path, EXAMPLE.replace('board = "soc"', f'firmware = "{module}:build"'))
        result = invoke("run", path, "--until", "1s")
        assert result.exit_code == 2
        assert f"firmware: importing {module} failed: {problem}: " in result.stderr
        assert f"({tmp_path}/{module}.py, line {line})" in result.stderr


def test_of_a_process(process: Process, tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE.replace("accuracy", "acuracy"))
    done = process("run", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'{path}: meter.acuracy: unknown key; did you mean "accuracy"?\n'
