"""Scenario documents with other faults: as scenarios to be run, and as files that `meterbench run` repeats."""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli_w

from sim.scenario.errors import ScenarioError
from sim.scenario.library import Document
from sim.scenario.loader import scenario_of
from sim.scenario.quantities import format_duration, parse_duration
from sim.scenario.schema import Scenario

FaultEntry = Mapping[str, object]
"""A table `[[fault]]` as a file has it: texts, ints and lists of these."""

Schedule = tuple[FaultEntry, ...]


def own_faults(document: Document) -> Schedule:
    """The faults that the scenario itself has."""
    return tuple(document.content.get("fault", ()))


def with_faults(document: Document, faults: Schedule) -> Document:
    """The same scenario with these faults instead of its own, and without its expectations."""
    content = {key: value for key, value in document.content.items() if key not in ("fault", "expect")}
    if faults:
        content["fault"] = [dict(entry) for entry in faults]
    return replace(document, content=content)


def ending(document: Document, end_ns: int) -> Document:
    """The scenario cut off at an instant: without the faults and readings that lie past it."""
    content = deepcopy(document.content)
    content["duration"] = format_duration(end_ns)
    for key in ("fault", "reading"):
        entries: Sequence[Any] = content.pop(key, ())
        kept = [entry for entry in entries if parse_duration(entry["at"]) < end_ns]
        if kept:
            content[key] = kept
    return replace(document, content=content)


def scenario_with(document: Document, faults: Schedule) -> Scenario:
    """The scenario of `with_faults`; ScenarioError if the faults contradict each other, or the scenario."""
    return scenario_of(with_faults(document, faults))


def toml_text(document: Document, comment: str = "") -> str:
    """The document as TOML, exactly: what is read back is the same."""
    text = "".join(f"# {line}\n" if line else "#\n" for line in comment.splitlines())
    text += tomli_w.dumps(document.content)
    if tomllib.loads(text, parse_float=Decimal) != document.content:
        raise AssertionError(f"{document.source}: what would be written is another scenario")
    return text


def write(document: Document, path: Path, comment: str) -> None:
    """Write it as a scenario file; ScenarioError where that can't be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml_text(document, comment), encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"{path}: can't be written: {error.strerror}") from None
