"""What pydantic finds, told in one line each: the key's path in the file, and what is wrong there."""

import difflib
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.fields import Table
from sim.scenario.overrides import Path, path_text

_MOST: Final = 8

_TAG_ERRORS: Final = ("union_tag_invalid", "union_tag_not_found")
"""What pydantic says of the table, and means of its `kind`."""

_HINTS: Final[dict[tuple[Path, str], str]] = {
    (("load", "csv"), "missing"): ": give the measured file, as with --set load.csv=FILE",
}


def explain(error: ValidationError, document: object) -> list[tuple[Path, str]]:
    """Path and problem of each error, in the order of the file's schema."""
    found: list[tuple[Path, str]] = []
    for details in error.errors(include_url=False):
        path = _path(details, document)
        one = (path, _text(details) + _HINTS.get((path, details["type"]), ""))
        if one not in found:
            found.append(one)
    return found


def as_text(source: str, problems: list[tuple[Path, str]]) -> str:
    """One line a problem; the first few of many."""
    lines = [f"{source}: {path_text(path)}: {text}" if path else f"{source}: {text}" for path, text in problems]
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"... and {len(lines) - _MOST} more"]
    return "\n".join(lines)


def _path(details: ErrorDetails, document: object) -> Path:
    """The keys in the file: what pydantic puts in for the members of a union is left out."""
    path: list[str | int] = []
    place = document
    parts = details["loc"]
    for index, part in enumerate(parts):
        if isinstance(place, list) and isinstance(part, int):
            path.append(part)
            place = place[part] if part < len(place) else None
        elif isinstance(place, dict):
            missing = details["type"] == "missing" and index == len(parts) - 1
            if part in place or missing:
                path.append(part)
                place = place.get(part)
    if details["type"] in _TAG_ERRORS:
        path.append("kind")
    return (*path, *_deeper(details))


def _deeper(details: ErrorDetails) -> Path:
    path = details.get("ctx", {}).get("path", ())
    return path if isinstance(path, tuple) else ()


def _text(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    given = details["input"]
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return f"unknown key{_suggestion(details['loc'][-1])}"
        case "value_error":
            return str(context["error"])
        case "scenario_problem":
            return str(context["text"])
        case "literal_error" | "enum" | "union_tag_invalid":
            expected = str(context.get("expected", context.get("expected_tags", "")))
            shown = given.get("kind") if isinstance(given, dict) else given
            return f"expected {_either(expected)}, not {_shown(shown)}"
        case "union_tag_not_found":
            return "is missing"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"expected a table, not {_shown(given)}"
        case "tuple_type" | "list_type":
            return f"expected a list, not {_shown(given)}"
        case "string_type":
            return f"expected a string, not {_shown(given)}"
        case "int_type":
            return f"expected a whole number, not {_shown(given)}"
        case "bool_type":
            return f"expected true or false, not {_shown(given)}"
        case "path_type":
            return f"expected a file's name, not {_shown(given)}"
        case "string_pattern_mismatch":
            return f"{_shown(given)} is not of the form {context['pattern']}"
        case _:
            text = details["msg"]
            return text[:1].lower() + text[1:]


def _either(expected: str) -> str:
    return expected.replace("'", '"')


def _shown(given: object) -> str:
    if isinstance(given, str):
        return f'"{given}"'
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list):
        return "a list"
    return "nothing" if given is None else str(given)


def _suggestion(key: object) -> str:
    near = difflib.get_close_matches(str(key), sorted(set(_known(Table))), n=1, cutoff=0.75)
    return f'; did you mean "{near[0]}"?' if near and near[0] != key else ""


def _known(table: type[Table]) -> Iterator[str]:
    """The keys of all tables."""
    for name, field in table.model_fields.items():
        yield field.alias or name
    for below in table.__subclasses__():
        yield from _known(below)
