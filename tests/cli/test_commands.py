"""The smaller commands, and what starting them costs."""

import json
import sys
from pathlib import Path

import pytest

from sim.cli import doctor
from tests.cli.conftest import Invoke, Process

SHIPPED = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "sim" / "scenarios").glob("*.toml"))


def test_list_names_titles_and_tags(invoke: Invoke) -> None:
    lines = invoke("list").stdout.splitlines()
    titles = {line.split()[0]: line for line in lines}
    assert list(titles) == SHIPPED
    assert {"battery-failure", "first-day", "household", "year"} <= set(SHIPPED)
    assert "The battery fails, then the supply" in titles["battery-failure"]


def test_list_for_machines(invoke: Invoke) -> None:
    rows = json.loads(invoke("list", "--json").stdout)
    assert [row["name"] for row in rows] == SHIPPED
    assert all(set(row) == {"name", "title", "tags"} for row in rows)
    (row,) = [row for row in rows if row["name"] == "battery-failure"]
    assert "battery" in row["tags"]


def test_schema_is_json(invoke: Invoke) -> None:
    schema = json.loads(invoke("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"schema", "title", "start", "duration", "fault", "expect"} <= set(schema["properties"])


def test_version_and_help(invoke: Invoke) -> None:
    assert invoke("--version").stdout.startswith("meterbench ")
    for words in (("--help",), ("run", "--help")):
        shown = invoke(*words)
        assert shown.exit_code == 0
        assert "Usage: meterbench" in shown.stdout


@pytest.mark.parametrize(
    "words", [("list",), ("list", "--json"), ("schema",), ("--help",), ("run", "none"), ("--version",)]
)
def test_what_needs_no_numbers_imports_none(process: Process, tmp_path: Path, words: tuple[str, ...]) -> None:
    """numpy and the like take longer to import than all of this takes."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Banned:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in {'numpy', 'numba', 'demandlib', 'pandas', 'simpy'}:\n"
        "            raise AssertionError(name + ' was imported')\n"
        "sys.meta_path.insert(0, Banned())\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = process(*words, PYTHONPATH=f"{tmp_path}:{root}")
    assert "was imported" not in done.stderr
    assert done.returncode == (2 if words[0] == "run" else 0)


def test_doctor_finds_this_installation_sound(process: Process) -> None:
    done = process("doctor")
    for subject in ("python", "numba", "firmware", "numba's cache", "crcmod's compiled part"):
        assert f"{subject}: " in done.stdout
    assert done.returncode == (1 if "PROBLEM" in done.stdout else 0)


def _package(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("")
    return folder / name


def test_doctor_names_both_of_a_clash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = _package(tmp_path, "hal")
    own = Path(__file__).resolve().parents[2] / "hal"
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (finding,) = [one for one in doctor.examine() if one.subject == "hal"]
    assert not finding.good
    assert finding.text.startswith(f"{own} hides {other}")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (finding,) = [one for one in doctor.examine() if one.subject == "hal"]
    assert not finding.good
    assert finding.text == f"{other} hides {own}"


def test_doctor_exits_with_1_on_a_clash(process: Process, tmp_path: Path) -> None:
    other = _package(tmp_path, "protocols")
    root = Path(__file__).resolve().parents[2]
    (tmp_path / "elsewhere").mkdir()
    done = process("doctor", cwd=tmp_path / "elsewhere", PYTHONPATH=f"{root}:{tmp_path}")
    assert done.returncode == 1
    assert f"hides {other}" in done.stdout


def test_a_folder_without_code_is_no_clash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hal").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert doctor.import_places("hal")[0] == Path(__file__).resolve().parents[2] / "hal"


def test_a_missing_library_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIBRARIES", ("no-such-library",))
    (finding,) = [one for one in doctor.examine() if one.subject == "no-such-library"]
    assert (finding.good, finding.text) == (False, "not installed")
