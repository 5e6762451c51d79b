"""The JSON Schema of scenario files, for editors and other programs."""

from typing import Any, Final

from sim.scenario.schema import Scenario

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NULL: Final = {"type": "null"}


def json_schema() -> dict[str, Any]:
    """The schema of the file as programs that read TOML see it: dates and times as RFC 3339 strings, and no null."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    definitions = schema.pop("$defs")
    return {
        "$schema": DIALECT,
        **_table(schema),
        "$defs": {name: _table(definition) for name, definition in definitions.items()},
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    """A table without titles that only repeat the keys."""
    properties = {key: _property(definition) for key, definition in table.get("properties", {}).items()}
    return {**{key: value for key, value in table.items() if key != "title"}, "properties": properties}


def _property(given: dict[str, Any]) -> dict[str, Any]:
    """One key's schema: None stands for an absent key, which needs no schema, and default tables follow from theirs."""
    left = {key: value for key, value in given.items() if key not in ("title", "discriminator")}
    if left.get("default", ()) is None:
        del left["default"]
    choices = [choice for choice in left.get("anyOf", ()) if choice != _NULL]
    if len(choices) == 1:
        del left["anyOf"]
        left = {**choices[0], **left}
    elif choices:
        left["anyOf"] = choices
    if "items" in left:
        left["items"] = {key: value for key, value in left["items"].items() if key != "discriminator"}
    return left
