"""The catalogue as people and programs read it: kinds, parameters, events owed, oracles that lose their premise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.faults.catalogue import CATALOGUE
from sim.faults.fault import Fault
from sim.scenario.fault_base import FaultBase

_COMMON = ("id", "kind", "at", "inert")
"""Keys that every table has."""

_TYPES = {"integer": "a whole number", "boolean": "true or false", "string": "a text"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A key of a table. `form` says how its value is written; `default` is empty for one that must be given, and
    "none" for one that may be left out."""

    key: str
    form: str
    default: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of fault. `witness` is what counts as an effect."""

    kind: str
    text: str
    parameters: tuple[Parameter, ...]
    witness: str
    events: tuple[str, ...]
    suspends: tuple[str, ...]


def entries() -> Iterator[Entry]:
    """All kinds, in the order of the catalogue."""
    for table, fault in CATALOGUE.items():
        yield _entry(table, fault)


def _entry(table: type[FaultBase], fault: type[Fault]) -> Entry:
    schema = table.model_json_schema(by_alias=True)
    parameters = tuple(
        _parameter(key, given, key in schema.get("required", ()))
        for key, given in schema["properties"].items()
        if key not in _COMMON
    )
    return Entry(
        kind=table.kind_of(),
        text=" ".join((table.__doc__ or "").split()),
        parameters=parameters,
        witness=" ".join((fault.__doc__ or "").split()),
        events=tuple(event.text for event in fault.owes),
        suspends=fault.suspends,
    )


def _parameter(key: str, given: Mapping[str, Any], required: bool) -> Parameter:
    default = "" if required else _shown(given.get("default"))
    return Parameter(key, _form(given), default, str(given.get("description", "")))


def _shown(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list | tuple):
        return ", ".join(_shown(one) for one in default)
    return str(default)


def _form(given: Mapping[str, Any]) -> str:
    """How a value is written: a quantity by its example, with its unit."""
    for choice in given.get("anyOf", ()):
        if choice.get("type") != "null":
            return _form(choice)
    if "enum" in given:
        return ", ".join(str(one) for one in given["enum"])
    if "examples" in given:
        return f'such as "{given["examples"][0]}"'
    if given.get("type") == "array":
        parts = given.get("prefixItems") or [given["items"]]
        return f"a list of: {_form(parts[0])}"
    low, high = given.get("minimum", given.get("exclusiveMinimum")), given.get("maximum")
    span = "" if low is None or high is None else f", {low} to {high}"
    return _TYPES.get(str(given.get("type")), str(given.get("type"))) + span
