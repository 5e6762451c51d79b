"""From a name or a file to a scenario: settings of the command line laid over it, checked as a whole."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.scenario import library, messages
from sim.scenario.errors import ScenarioError
from sim.scenario.overrides import Override
from sim.scenario.overrides import Path as KeyPath
from sim.scenario.schema import Scenario


def load(name_or_file: str, overrides: Mapping[str, str] | None = None, board: str | None = None) -> Scenario:
    """A scenario by its shipped name or its file.

    `overrides` maps keys to texts, as `--set KEY=VALUE` has them; `board` takes the place of the file's. A
    ScenarioError has one line for each problem, with the file and the key's path, or the line.
    """
    return _scenario(library.find(name_or_file), overrides or {}, board)


def parse(text: str, name: str = "scenario", folder: Path | None = None) -> Scenario:
    """A scenario from TOML text; relative files lie in `folder`, or in the working directory. Errors as of `load`."""
    return _scenario(library.parse(text.encode(), name, folder or Path.cwd()), {}, None)


def resolve(
    name_or_file: str, overrides: Mapping[str, str] | None = None, board: str | None = None
) -> tuple[library.Document, Scenario]:
    """As `load`, and the document with all settings in it, which makes the same scenario by itself."""
    document = library.find(name_or_file)
    content, scenario = _resolved(document, overrides or {}, board)
    return replace(document, content=content), scenario


def scenario_of(document: library.Document) -> Scenario:
    """A scenario from a document; errors as of `load`."""
    return _scenario(document, {}, None)


def _scenario(document: library.Document, overrides: Mapping[str, str], board: str | None) -> Scenario:
    return _resolved(document, overrides, board)[1]


def _resolved(
    document: library.Document, overrides: Mapping[str, str], board: str | None
) -> tuple[dict[str, Any], Scenario]:
    settings = [Override(key, text) for key, text in overrides.items()]
    if board is not None:
        settings.append(Override("board", board))
    try:
        return _validated(document, settings, frozenset())
    except _Refused as refused:
        # A text that happens to be a TOML value may have been meant as a text: a password of digits, a file "2026".
        plain = frozenset(refused.paths & set(refused.set_paths))
        if plain:
            try:
                return _validated(document, settings, plain)
            except _Refused:
                pass
        raise ScenarioError(refused.text) from None


class _Refused(Exception):
    """What was found wrong, and where; `set_paths` came from the command line."""

    def __init__(self, text: str, paths: set[KeyPath], set_paths: list[KeyPath]) -> None:
        super().__init__(text)
        self.text = text
        self.paths = paths
        self.set_paths = set_paths


def _validated(
    document: library.Document, settings: list[Override], plain: frozenset[KeyPath]
) -> tuple[dict[str, Any], Scenario]:
    """`plain` are the paths of settings that are to be taken as texts."""
    content = deepcopy(document.content)
    _anchor(content, document.folder)
    set_paths = []
    for setting in settings:
        path = setting.apply(content)
        if path in plain:
            setting.apply(content, as_text=True)
        set_paths.append(path)
    _anchor(content, Path.cwd())
    try:
        scenario = Scenario.model_validate(content)
    except ValidationError as error:
        problems = messages.explain(error, content)
        text = messages.as_text(document.source, problems)
        raise _Refused(text, {path for path, _ in problems}, set_paths) from None
    _check_file(scenario, document.source)
    return content, scenario.named(document.name, document.source)


def _anchor(content: dict[str, Any], folder: Path) -> None:
    """Make the file of a measured load absolute: it lies beside the scenario, or where the command was given."""
    load = content.get("load")
    if isinstance(load, dict) and isinstance(load.get("csv"), str):
        load["csv"] = str(folder / load["csv"])


def _check_file(scenario: Scenario, source: str) -> None:
    csv = getattr(scenario.load, "csv", None)
    if isinstance(csv, Path) and not csv.is_file():
        reason = "is no file" if csv.exists() else "there is no such file"
        raise ScenarioError(f"{source}: load.csv: {csv}: {reason}")
