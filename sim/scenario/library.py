"""Where scenarios come from: those that are shipped, by name, and files."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from sim.scenario.errors import ScenarioError

SUFFIX: Final = ".toml"


@dataclass(frozen=True, slots=True)
class Document:
    """A scenario's file, parsed but not checked. `source` names it in messages; relative files lie in `folder`."""

    name: str
    source: str
    folder: Path
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list shows of a shipped scenario."""

    name: str
    title: str
    tags: tuple[str, ...]


def _shipped() -> dict[str, Traversable]:
    folder = files("sim") / "scenarios"
    found = {file.name.removesuffix(SUFFIX): file for file in folder.iterdir() if file.name.endswith(SUFFIX)}
    return dict(sorted(found.items()))


def shipped_names() -> tuple[str, ...]:
    """The names of the shipped scenarios, in order."""
    return tuple(_shipped())


def entries() -> Iterator[Entry]:
    """Name, title and tags of each shipped scenario, in the order of the names."""
    for name in shipped_names():
        content = find(name).content
        yield Entry(name, content["title"], tuple(content.get("tags", ())))


def find(name_or_file: str) -> Document:
    """A shipped scenario by its name, or a file; ScenarioError if there is none, or if it is no TOML."""
    shipped = _shipped()
    if name_or_file in shipped:
        resource = shipped[name_or_file]
        return _parsed(resource.read_bytes(), name_or_file, resource.name, Path.cwd())
    path = Path(name_or_file)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ScenarioError(
            f"{name_or_file}: there is no such file, and no scenario of this name; "
            f"shipped are {', '.join(shipped) or 'none'}"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ScenarioError(f"{name_or_file}: can't be read: {reason}") from None
    return _parsed(raw, path.name.removesuffix(SUFFIX), str(path), path.resolve().parent)


def parse(raw: bytes, name: str, folder: Path) -> Document:
    """A document that stands in no file; errors as of `find`."""
    return _parsed(raw, name, name, folder)


def _parsed(raw: bytes, name: str, source: str, folder: Path) -> Document:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError(f"{source}: line {line}: not UTF-8") from None
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{source}: {_place_first(str(error), text)}") from None
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{source}: not to be read as TOML: {error}") from None
    return Document(name, source, folder, content)


def _place_first(message: str, text: str) -> str:
    """tomllib's "Invalid value (at line 3, column 5)" with its place in front."""
    problem, _, place = message.rpartition(" (at ")
    if not problem:
        return message
    place = place.rstrip(")")
    if place == "end of document":
        place = f"line {len(text.splitlines()) or 1}, at the end"
    return f"{place}: {problem[:1].lower()}{problem[1:]}"
