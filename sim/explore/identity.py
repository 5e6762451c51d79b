"""What makes two explorations comparable: the scenario, the code that ran, the options."""

import hashlib
import importlib.util
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from sim.explore.children import Json
from sim.explore.document import toml_text
from sim.scenario.library import Document
from sim.scenario.schema import Scenario

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_PACKAGES: Final = ("firmware", "hal", "protocols", "sim")


def identity(document: Document, scenario: Scenario, options: Json) -> Json:
    """The scenario's hash with all its settings, the version with that of the code, the options that change results."""
    text = toml_text(document).encode()
    csv = getattr(scenario.load, "csv", None)
    measured = csv.read_bytes() if isinstance(csv, Path) else b""
    return {
        "name": scenario.name,
        "scenario": hashlib.sha256(text + measured).hexdigest(),
        "version": f"{_version()} {_code(scenario)}",
        **options,
    }


def _version() -> str:
    try:
        return version("meterbench")
    except PackageNotFoundError:
        return "not installed"


def _code(scenario: Scenario) -> str:
    """A hash of what runs: our packages, and the module of a firmware that is none of them."""
    hashed = hashlib.sha256()
    for path in _sources(scenario):
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()[:16]


def _sources(scenario: Scenario) -> Iterator[Path]:
    for package in _PACKAGES:
        yield from sorted((_ROOT / package).rglob("*.py"))
    module = importlib.util.find_spec(scenario.firmware.partition(":")[0])
    if module is not None and module.origin is not None:
        yield Path(module.origin)
