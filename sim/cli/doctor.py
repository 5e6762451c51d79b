"""What can be wrong with an installation, and what it is made of."""

import importlib.util
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from sim import jit_cache

DISTRIBUTION: Final = "meterbench"
PACKAGES: Final = ("firmware", "hal", "protocols", "rig", "sim")
LIBRARIES: Final = (
    "simpy",
    "numpy",
    "numba",
    "construct",
    "crcmod",
    "pydantic",
    "tomli-w",
    "typer",
    "rich",
    "demandlib",
    "pandas",
)

_ROOT: Final = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    text: str
    good: bool = True


def own_version() -> str:
    """The version of the distribution, or why it is not known."""
    return _version(DISTRIBUTION) or "of an unknown version (not installed)"


def examine() -> list[Finding]:
    """All findings, good and bad."""
    return [
        Finding("python", sys.version.split()[0]),
        Finding(DISTRIBUTION, f"{own_version()}, {_ROOT}"),
        *(_library(name) for name in LIBRARIES),
        *(_package(name) for name in PACKAGES),
        _numba_cache(),
        _crcmod(),
    ]


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _library(name: str) -> Finding:
    found = _version(name)
    return Finding(name, found or "not installed", good=found is not None)


def _package(name: str) -> Finding:
    """Whether an import name leads to ours, and who else has it."""
    places = import_places(name)
    own = _ROOT / name
    others = [str(place) for place in places if place != own]
    if not places:
        return Finding(name, f"{own} is not on the import path", good=False)
    if places[0] != own:
        return Finding(name, f"{others[0]} hides {own}", good=False)
    if others:
        return Finding(name, f"{own} hides {', '.join(others)}: what needs those will get ours", good=False)
    return Finding(name, str(own))


def import_places(name: str) -> list[Path]:
    """Every folder or file on the import path that has this import name, the one that an import takes first."""
    places: list[Path] = []
    for entry in sys.path:
        spec = PathFinder.find_spec(name, [entry or "."])
        # A folder without __init__ is taken only where nothing else is found, and clashes with nothing.
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin).resolve()
        place = origin.parent if origin.name.startswith("__init__.") else origin
        if place not in places:
            places.append(place)
    return places


def _numba_cache() -> Finding:
    place = jit_cache.find()
    if place.folder is None:
        return Finding("numba's cache", f"{place.reason}: set {jit_cache.VARIABLE} to a folder", good=False)
    return Finding("numba's cache", f"{place.folder} ({place.reason})")


def _crcmod() -> Finding:
    """Without its compiled part crcmod works, some hundred times slower."""
    if _version("crcmod") is None:
        return Finding("crcmod's compiled part", "crcmod is not installed", good=False)
    if importlib.util.find_spec("crcmod._crcfunext") is None:
        return Finding("crcmod's compiled part", "absent: CRCs are computed in Python, correctly but slowly")
    return Finding("crcmod's compiled part", "present")
