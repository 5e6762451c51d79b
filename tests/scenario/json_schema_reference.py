"""A validator of the part of JSON Schema 2020-12 that our schema uses, after the specification; others are refused."""

import re
from collections.abc import Iterator
from typing import Any

ANNOTATIONS = {"$schema", "$defs", "title", "description", "default", "examples", "format"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def problems(schema: dict[str, Any], value: Any, root: dict[str, Any] | None = None, at: str = "$") -> Iterator[str]:
    """Where a value breaks a schema; nothing if it is valid."""
    root = schema if root is None else root
    for keyword, rule in schema.items():
        if keyword not in ANNOTATIONS:
            yield from _keyword(schema, keyword, rule, value, root, at)


def _is(name: str, value: Any) -> bool:
    if name in ("integer", "number"):
        whole = isinstance(value, int) or (name == "number" and isinstance(value, float))
        return whole and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def _valid(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    return next(problems(schema, value, root), None) is None


def _keyword(
    schema: dict[str, Any], keyword: str, rule: Any, value: Any, root: dict[str, Any], at: str
) -> Iterator[str]:
    match keyword:
        case "$ref":
            target = root
            for part in rule.removeprefix("#/").split("/"):
                target = target[part]
            yield from problems(target, value, root, at)
        case "type":
            if not _is(rule, value):
                yield f"{at}: not of type {rule}"
        case "const":
            if value != rule or isinstance(value, bool) != isinstance(rule, bool):
                yield f"{at}: not {rule!r}"
        case "enum":
            if value not in rule:
                yield f"{at}: none of {rule}"
        case "anyOf" | "oneOf":
            count = sum(_valid(one, value, root) for one in rule)
            if count == 0 or (keyword == "oneOf" and count > 1):
                yield f"{at}: {count} of the schemas of {keyword} fit"
        case "pattern" | "minLength" | "maxLength":
            if isinstance(value, str):
                yield from _string(keyword, rule, value, at)
        case "minimum" | "maximum":
            number = _is("number", value)
            if number and (value < rule if keyword == "minimum" else value > rule):
                yield f"{at}: beyond {keyword} {rule}"
        case "items" | "prefixItems" | "minItems" | "maxItems":
            if isinstance(value, list):
                yield from _array(keyword, rule, value, root, at)
        case _:
            if keyword not in ("properties", "required", "additionalProperties", "propertyNames", "minProperties"):
                raise ValueError(f"the keyword {keyword} is not known here")
            if isinstance(value, dict):
                yield from _object(schema, keyword, rule, value, root, at)


def _string(keyword: str, rule: Any, value: str, at: str) -> Iterator[str]:
    good = {
        "pattern": lambda: re.search(rule, value, re.ASCII) is not None,
        "minLength": lambda: len(value) >= rule,
        "maxLength": lambda: len(value) <= rule,
    }
    if not good[keyword]():
        yield f"{at}: {value!r} breaks {keyword} {rule}"


def _array(keyword: str, rule: Any, value: list[Any], root: dict[str, Any], at: str) -> Iterator[str]:
    if keyword == "items":
        for place, item in enumerate(value):
            yield from problems(rule, item, root, f"{at}[{place}]")
    elif keyword == "prefixItems":
        for place, (item, one) in enumerate(zip(value, rule, strict=False)):
            yield from problems(one, item, root, f"{at}[{place}]")
    elif len(value) < rule if keyword == "minItems" else len(value) > rule:
        yield f"{at}: {len(value)} items break {keyword} {rule}"


def _object(
    schema: dict[str, Any], keyword: str, rule: Any, value: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    if keyword == "properties":
        for key in rule.keys() & value.keys():
            yield from problems(rule[key], value[key], root, f"{at}.{key}")
    elif keyword == "required":
        yield from (f"{at}.{key}: is missing" for key in rule if key not in value)
    elif keyword == "minProperties":
        if len(value) < rule:
            yield f"{at}: fewer than {rule} keys"
    else:
        for key in value:
            if keyword == "propertyNames":
                yield from problems(rule, key, root, f"{at}.{key}")
            elif key not in schema.get("properties", {}):
                if rule is False:
                    yield f"{at}.{key}: unknown"
                elif isinstance(rule, dict):
                    yield from problems(rule, value[key], root, f"{at}.{key}")
