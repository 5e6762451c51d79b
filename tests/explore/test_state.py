"""The state file: goes on where it was left, and refuses what it was not begun with."""

import json
from pathlib import Path

import pytest

from sim.explore.children import Json
from sim.explore.identity import identity
from sim.explore.state import FILE, State
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import resolve

SAME: Json = {"name": "x", "scenario": "abc", "version": "1", "faults": "swarm"}


def begun(folder: Path) -> None:
    state = State.open(folder, SAME)
    state.add("1", {"verdict": "held"})
    state.add("2", {"verdict": "broken"})
    state.close()


def test_what_was_found_is_known(tmp_path: Path) -> None:
    begun(tmp_path / "new")
    state = State.open(tmp_path / "new", SAME)
    assert {key: line["verdict"] for key, line in state.known.items()} == {"1": "held", "2": "broken"}
    state.add("3", {"verdict": "held"})
    state.close()
    assert len((tmp_path / "new" / FILE).read_text().splitlines()) == 4


def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    begun(tmp_path)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"key": "3", "verd')
    state = State.open(tmp_path, SAME)
    assert set(state.known) == {"1", "2"}
    state.add("3", {"verdict": "held"})
    state.close()
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert lines[-1] == {"key": "3", "verdict": "held"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scenario": "abd"}, "was begun with another scenario"),
        ({"version": "2"}, "was begun with another version of the code"),
        ({"faults": "other"}, "was begun with another faults: 'swarm', not 'other'"),
        ({"seed": 1}, "was begun with another seed"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, change: Json, message: str) -> None:
    begun(tmp_path)
    with pytest.raises(ScenarioError, match=message):
        State.open(tmp_path, {**SAME, **change})


@pytest.mark.parametrize("text", ["no json\n", "[1]\n", '{"format": 1}\n[2]\n'])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ScenarioError, match=r"state\.ndjson"):
        State.open(tmp_path, SAME)


def test_the_identity_is_that_of_all_settings() -> None:
    def of(overrides: dict[str, str], board: str | None = None, **options: object) -> Json:
        document, scenario = resolve("battery-failure", overrides, board)
        return identity(document, scenario, dict(options))

    assert of({}) == of({})
    assert of({})["scenario"] != of({"clock.battery_failure": "continue"})["scenario"]
    assert of({}, "soc")["scenario"] != of({}, "afe")["scenario"]
    assert of({}, None, faults="swarm")["faults"] == "swarm"
