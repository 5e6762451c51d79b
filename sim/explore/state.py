"""What an exploration has found so far, in a file that a later one goes on from.

One JSON object a line, each written whole as soon as it is known: the first says what is explored, the others what came
of it. A line that a crash left half-written is at the end, and is dropped.
"""

import json
import os
from pathlib import Path
from typing import Final, Self

from sim.explore.children import Json
from sim.scenario.errors import ScenarioError

FILE: Final = "state.ndjson"
_FORMAT: Final = 1


class State:
    """The file, open at its end; `known` holds what was found before, by key."""

    def __init__(self, path: Path, known: dict[str, Json]) -> None:
        self.known = known
        self._file = path.open("a", encoding="utf-8", newline="\n")

    @classmethod
    def open(cls, folder: Path, identity: Json) -> Self:
        """Begin, or go on where `identity` is the same; ScenarioError, saying what differs, where it is not."""
        path = folder / FILE
        head: Json = {"format": _FORMAT, **identity}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lines = _whole_lines(path)
            if not lines:
                path.write_text(json.dumps(head) + "\n", encoding="utf-8")
                return cls(path, {})
            _same(path, lines[0], head)
            return cls(path, {str(line["key"]): line for line in lines[1:]})
        except OSError as error:
            raise ScenarioError(f"--out {folder}: {error.strerror}") from None
        except (KeyError, ValueError, TypeError) as error:
            raise ScenarioError(f"{path}: is no state of an exploration ({error}); give another --out") from None

    def add(self, key: str, found: Json) -> None:
        """Keep what came of `key`."""
        line = {"key": key, **found}
        self.known[key] = line
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _whole_lines(path: Path) -> list[Json]:
    """The file's lines; what follows the last line's end is cut off."""
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        os.truncate(path, len(whole))
    lines = [json.loads(line) for line in whole.splitlines()]
    if not all(isinstance(line, dict) for line in lines):
        raise ValueError("a line is no object")
    return lines


def _same(path: Path, found: Json, asked: Json) -> None:
    for key, value in asked.items():
        if found.get(key) != value:
            words = {"scenario": "another scenario", "version": "another version of the code"}
            what = words.get(key, f"another {key}: {found.get(key)!r}, not {value!r}")
            raise ScenarioError(f"{path}: was begun with {what}; give another --out, or remove the file")
