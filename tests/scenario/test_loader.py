"""Files, names and settings: what is found, what is laid over it, and errors with their place."""

import gzip
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.units import HOUR, MINUTE
from sim.scenario import library, loader
from sim.scenario.errors import ScenarioError
from sim.scenario.load_table import MeasuredLoad, ProfileLoad
from sim.scenario.overrides import Override, path_text
from tests.scenario.documents import EXAMPLE, MEASURED, MINIMAL, ROWS, write


def refused(source: str, overrides: dict[str, str] | None = None) -> str:
    with pytest.raises(ScenarioError) as error:
        loader.load(source, overrides)
    return str(error.value)


def test_shipped_scenarios_are_listed_and_load() -> None:
    entries = {entry.name: entry for entry in library.entries()}
    assert {"battery-failure", "first-day", "household", "year"} <= set(entries)
    assert all(entry.title and entry.tags for entry in entries.values())
    for name in ("battery-failure", "first-day", "year"):
        assert loader.load(name).name == name


def test_household_asks_for_its_file(tmp_path: Path) -> None:
    assert refused("household") == (
        "household.toml: load.csv: is missing: give the measured file, as with --set load.csv=FILE"
    )
    write(tmp_path, ROWS, "rows.csv")
    load = loader.load("household", {"load.csv": str(tmp_path / "rows.csv")}).load
    assert isinstance(load, MeasuredLoad)
    assert load.on_gap == "no-load"


def test_a_shipped_name_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, MINIMAL, "year")
    monkeypatch.chdir(tmp_path)
    assert loader.load("year").title == "A household's whole year"
    assert loader.load("./year").title == "Nothing happens"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "none.toml")
    assert refused(path).startswith(f"{path}: there is no such file, and no scenario of this name; shipped are battery")
    assert refused(str(tmp_path)).startswith(f"{tmp_path}: can't be read: ")
    assert refused("a\0b").startswith("a\0b: can't be read: ")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("schema = 1\ntitle = \n", "line 2, column 9: invalid value"),
        ("schema = 1\n[meter\n", "line 2, column 7: "),
        ("schema = 1\nschema = 2\n", "line 2, column 11: cannot overwrite a value"),
        ('schema = 1\ntitle = "x', "line 2, at the end: "),
        ("start = 2026-02-30T00:00:00Z\n", "line 1, column 9: invalid date"),
    ],
)
def test_syntax_errors_name_the_line(tmp_path: Path, text: str, place: str) -> None:
    path = write(tmp_path, text)
    assert refused(path).startswith(f"{path}: {place}")


def test_what_is_no_text_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b"schema = 1\n\ntitle = '\xff'\n")
    assert refused(str(path)) == f"{path}: line 3: not UTF-8"


def test_deep_nesting_and_huge_numbers_are_refused_plainly(tmp_path: Path) -> None:
    for text in ("a = " + "[" * 100_000, "a = " + "9" * 10_000):
        assert refused(write(tmp_path, text)).startswith(str(tmp_path))


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    assert loader.load(write(tmp_path, "\ufeff" + MINIMAL)).title == "Nothing happens"


def test_problems_name_file_and_key(tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE.replace('at = "6h"', 'at = "6 V"'))
    assert refused(path) == f'{path}: fault[1].at: expected a duration, such as "90min", "1h30min" or "2 d", not "6 V"'


def test_settings_change_what_the_file_says(tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLE)
    scenario = loader.load(
        path,
        {
            "clock.battery_failure": "continue",
            "fault.outage.duration": "2h",
            "fault.0.at": '"1h"',
            "demand.period": "15min",
            "meter.accuracy": "1",
            "expect.logged.within": '["1h", "2h"]',
            "load.power_factor": "0.9",
            "tags": '["a", "b"]',
            'tariff.special_days."12-25"': "every-day",
            "title": "with # and = signs",
        },
        board="afe",
    )
    assert scenario.clock.battery_failure == "continue"
    assert [(fault.at_ns, fault.end_ns) for fault in scenario.faults] == [(HOUR, None), (6 * HOUR, 8 * HOUR)]
    assert scenario.demand.period_s == 900
    assert scenario.meter.accuracy == "1"
    assert isinstance(scenario.load, ProfileLoad)
    assert scenario.load.power_factor_ppm == 900_000
    assert scenario.tags == ("a", "b")
    assert scenario.tariff.special_days == {"12-25": "every-day"}
    assert scenario.title == "with # and = signs"
    assert scenario.board == "afe"
    assert loader.load(path).clock.battery_failure == "reset-and-freeze", "nothing stays from one loading to the next"


@pytest.mark.parametrize("text", ["12345678", "2026-01-01", "true", "0.5"])
def test_a_text_that_looks_like_a_value_is_a_text_where_one_is_expected(tmp_path: Path, text: str) -> None:
    scenario = loader.load(write(tmp_path, MINIMAL), {"optical.password": text})
    assert scenario.optical.password == text


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        (
            "fault.nothing.at",
            "1h",
            '--set fault.nothing.at=1h: no fault has the id "nothing"; there are: cell-dies, outage',
        ),
        ("fault.2.at", "1h", "--set fault.2.at=1h: fault has 2 entries"),
        ("title.x", "1", "--set title.x=1: title is no table and no list"),
        ("a b", "1", '--set a b=1: "a b" is no key, such as clock.battery_failure'),
        ("a = 1\nb", "1", "--set a = 1\nb=1: "),
        ("x={y", "1", "--set x={y=1: "),
        ("clok.x", "1", 'case.toml: clok: unknown key; did you mean "clock"?'),
        ("clock.battery_failure", "never", 'case.toml: clock.battery_failure: expected "continue", "reset" or'),
        ("fault.outage.at", "40h", "case.toml: fault[1].at: 40h lies past the end, 30h"),
        ("meter.nominal", "230", 'case.toml: meter.nominal: expected a voltage, such as "230 V", not 230'),
    ],
)
def test_settings_that_lead_nowhere(tmp_path: Path, key: str, text: str, message: str) -> None:
    path = write(tmp_path, EXAMPLE)
    assert refused(path, {key: text}).removeprefix(f"{tmp_path}/").startswith(message)


@pytest.mark.parametrize("given_text", ["", "x", "=1", " = 1"])
def test_a_setting_has_two_sides(given_text: str) -> None:
    with pytest.raises(ScenarioError, match="expected KEY=VALUE"):
        Override.parse(given_text)


@given(
    st.lists(st.text(st.characters(categories=("Ll", "Nd", "Zs"), include_characters='-_."'), min_size=1), min_size=1)
)
def test_keys_of_a_path_read_back(keys: list[str]) -> None:
    quoted = ".".join('"' + key.replace('"', '\\"') + '"' for key in keys)
    assert Override(quoted, "1").keys == tuple(keys)


@given(st.text())
def test_any_text_can_be_set(text: str) -> None:
    """What is no TOML value is the text itself; nothing gets past the value."""
    document: dict[str, object] = {}
    Override("key", text).apply(document, as_text=True)
    assert document == {"key": text}
    assert Override("key", text).apply(document) == ("key",)
    assert set(document) == {"key"}


@pytest.mark.parametrize("text", ["1\nother = 2", "1 # and more\n[table]", "2 V", "", "'a' 'b'"])
def test_more_than_one_value_is_a_text(text: str) -> None:
    assert Override("key", text).value == text


def test_paths_read_as_in_a_file() -> None:
    assert path_text(("fault", 1, "at")) == "fault[1].at"
    assert path_text(("tariff", "special_days", "1.5.")) == 'tariff.special_days."1.5."'


def test_measured_files_lie_beside_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere = tmp_path / "here", tmp_path / "there"
    folder.mkdir()
    elsewhere.mkdir()
    path = write(folder, MEASURED)
    monkeypatch.chdir(elsewhere)
    assert refused(path) == f"{path}: load.csv: {folder / 'rows.csv'}: there is no such file"
    write(folder, ROWS, "rows.csv")
    load = loader.load(path).load
    assert isinstance(load, MeasuredLoad)
    assert load.csv == folder / "rows.csv"
    assert "no such file" in refused(path, {"load.csv": "others.csv"})
    write(elsewhere, ROWS, "others.csv")
    load = loader.load(path, {"load.csv": "others.csv"}).load
    assert isinstance(load, MeasuredLoad)
    assert load.csv == elsewhere / "others.csv"
    assert refused(path, {"load.csv": "."}).endswith(": is no file")


def test_packed_files_are_files(tmp_path: Path) -> None:
    from sim.scenario.configuration import prepare

    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    (tmp_path / "rows.csv.xz").write_bytes(lzma.compress(ROWS.encode()))
    path = write(tmp_path, MEASURED)
    for suffix in ("gz", "xz"):
        scenario = prepare(loader.load(path, {"load.csv": str(tmp_path / f"rows.csv.{suffix}")})).scenario
        assert scenario.end_ns == 3 * MINUTE
