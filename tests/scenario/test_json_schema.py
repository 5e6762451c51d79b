"""The JSON Schema agrees with what the loader takes and refuses."""

import datetime
import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from pydantic import TypeAdapter

from sim.scenario import loader
from sim.scenario.errors import ScenarioError
from sim.scenario.fields import Table
from sim.scenario.json_schema import DIALECT, json_schema
from sim.scenario.library import shipped_names
from sim.scenario.load_table import ConstantLoad, LoadTable
from tests.scenario.documents import EXAMPLE, MINIMAL
from tests.scenario.json_schema_reference import problems

SCHEMA = json_schema()


def as_json(value: Any) -> Any:
    """What a JSON Schema validator of an editor sees of a TOML document."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.datetime | datetime.date) else value


def found(text: str) -> list[str]:
    return list(problems(SCHEMA, as_json(tomllib.loads(text))))


def test_it_names_its_dialect_and_every_reference_leads_somewhere() -> None:
    assert SCHEMA["$schema"] == DIALECT

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                assert node["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(SCHEMA)


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenarios_are_valid(name: str) -> None:
    text = (files("sim") / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
    if name == "household":
        assert found(text), "without its file it is not whole"
        text = text.replace("[load]", '[load]\ncsv = "rows.csv"')
    assert found(text) == []


@pytest.mark.parametrize(
    "change",
    [
        ("schema = 1", "schema = 2"),
        ('wiring = "3p4w"', 'wiring = "4p5w"'),
        ('nominal = "230 V"', 'nominal = "230 A"'),
        ('nominal = "230 V"', "nominal = 230"),
        ('nominal = "230 V"', 'nominall = "230 V"'),
        ('duration = "30h"', 'duration = "30"'),
        ('kind = "battery-fail"', 'kind = "earthquake"'),
        ('duration = "90min"', ""),
        ('within = ["2h", "3h"]', 'within = ["2h"]'),
        ('id = "logged"', 'id = "1"'),
        ('annual_energy = "4000 kWh"', 'annual_energy = "4000 kW"'),
        ('standard = "+01:00"', 'standard = "1h"'),
    ],
)
def test_schema_and_loader_refuse_alike(change: tuple[str, str]) -> None:
    assert found(EXAMPLE) == []
    text = EXAMPLE.replace(*change, 1)
    assert text != EXAMPLE
    assert found(text)
    with pytest.raises(ScenarioError):
        loader.parse(text)


def _tables(table: type[Table]) -> list[type[Table]]:
    return [found for below in table.__subclasses__() for found in (below, *_tables(below))]


@pytest.mark.parametrize("table", _tables(Table), ids=lambda table: table.__name__)
def test_defaults_that_it_shows_are_those_that_hold(table: type[Table]) -> None:
    definition = SCHEMA["$defs"].get(table.__name__, SCHEMA if table.__name__ == "Scenario" else {"properties": {}})
    for name, field in table.model_fields.items():
        shown = definition["properties"].get(field.alias or name, {})
        if "default" not in shown:
            continue
        assert list(problems({**shown, "$defs": SCHEMA["$defs"]}, shown["default"])) == []
        given = Decimal(str(shown["default"])) if shown["type"] == "number" else shown["default"]
        taken = TypeAdapter(field.rebuild_annotation()).validate_python(given)
        assert taken == field.get_default(call_default_factory=True), name


def test_no_load_is_a_load() -> None:
    assert isinstance(TypeAdapter(LoadTable).validate_python({}), ConstantLoad)
    assert found(MINIMAL + "\n[load]\n") == []
