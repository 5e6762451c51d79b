"""Documents with other faults, and the files that they are written to."""

from pathlib import Path

import pytest

from hal.units import MINUTE
from sim.explore.document import ending, own_faults, scenario_with, toml_text, with_faults, write
from sim.scenario import library
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import load, resolve, scenario_of
from tests.explore.scene import fault, space


@pytest.mark.parametrize("name", ["battery-failure", "first-day", "year"])
def test_what_is_written_is_the_scenario_itself(name: str, tmp_path: Path) -> None:
    document, scenario = resolve(name, {"clock.battery_failure": "continue", "load.power_factor": "0.875"}, "afe")
    write(document, tmp_path / "again.toml", "Two\nlines")
    again = load(str(tmp_path / "again.toml"))
    assert again.model_dump() == scenario.model_dump()
    assert again.clock.battery_failure == "continue"
    assert again.board == "afe"
    assert (tmp_path / "again.toml").read_text().startswith("# Two\n# lines\n")


def test_settings_are_in_the_document() -> None:
    document, scenario = resolve("battery-failure", {"fault.outage.duration": "2h"}, None)
    assert next(entry for entry in own_faults(document) if entry["id"] == "outage")["duration"] == "2h"
    assert scenario_of(document).model_dump() == scenario.model_dump()


def test_other_faults_take_the_place_of_its_own_and_nothing_is_expected() -> None:
    scenario = scenario_with(space().document, (fault("cut", "power-cut", "1h", duration="1s"),))
    assert [table.id for table in scenario.faults] == ["cut"]
    assert scenario.expectations == ()
    assert [table.id for table in scenario.readings] == ["late"]


def test_faults_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ScenarioError, match="cut"):
        scenario_with(space().document, (fault("cut", "power-cut", "1h", duration="1s"),) * 2)


def test_an_end_leaves_out_what_lies_past_it() -> None:
    cut = with_faults(space().document, (*space().own, fault("cut", "power-cut", "1h", duration="1s")))
    scenario = scenario_of(ending(cut, 30 * MINUTE))
    assert scenario.end_ns == 30 * MINUTE
    assert [table.id for table in scenario.faults] == ["outage"]
    assert scenario.readings == ()


def test_text_is_toml_of_the_same_document() -> None:
    document = space().document
    again = library.parse(toml_text(document).encode(), "again", Path.cwd())
    assert again.content == document.content


def test_a_file_that_cant_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(ScenarioError, match=r"taken/case\.toml: can't be written"):
        write(space().document, tmp_path / "taken" / "case.toml", "")
