"""Values set on the command line: `clock.battery_failure=reset`, `fault.outage.duration=2h`, `load.csv=FILE`.

The left side is a TOML key; in a list an entry is named by its place (from 0) or its id. The right side is a TOML
value, or, if it is none, a plain string.
"""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sim.scenario.errors import ScenarioError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """One setting as it was written."""

    key: str
    text: str

    @classmethod
    def parse(cls, given: str) -> "Override":
        """Read `key=value`; ScenarioError for anything else."""
        key, equals, text = given.partition("=")
        if not equals or not key.strip():
            raise ScenarioError(f"--set {given}: expected KEY=VALUE, such as clock.battery_failure=reset")
        return cls(key.strip(), text.strip())

    @property
    def keys(self) -> tuple[str, ...]:
        """The parts of the key; ScenarioError if it is no TOML key."""
        try:
            table: Any = tomllib.loads(f"{self.key} = 0") if "\n" not in self.key else None
        except tomllib.TOMLDecodeError:
            table = None
        keys: list[str] = []
        while isinstance(table, dict) and len(table) == 1:
            key, table = next(iter(table.items()))
            keys.append(key)
        if not keys or table != 0:
            raise ScenarioError(f'--set {self.key}={self.text}: "{self.key}" is no key, such as clock.battery_failure')
        return tuple(keys)

    @property
    def value(self) -> Any:
        """The TOML value, or the text itself."""
        try:
            table = tomllib.loads(f"value = {self.text}", parse_float=Decimal)
        except (ValueError, RecursionError):
            return self.text
        return table["value"] if set(table) == {"value"} else self.text

    def apply(self, document: dict[str, Any], as_text: bool = False) -> Path:
        """Set the value in a parsed document, tables on the way being made; returns its path with places for ids."""
        value = self.text if as_text else self.value
        *way, last = self.keys
        path: list[str | int] = []
        holder: Any = document
        for key in way:
            place = self._place(holder, key, path)
            path.append(place)
            if isinstance(holder, dict):
                holder = holder.setdefault(place, {})
            else:
                holder = holder[place]
        place = self._place(holder, last, path)
        holder[place] = value
        return (*path, place)

    def _place(self, holder: object, key: str, path: list[str | int]) -> str | int:
        """Where `key` leads in a table or a list."""
        if isinstance(holder, dict):
            return key
        if not isinstance(holder, list):
            raise ScenarioError(f"--set {self.key}={self.text}: {path_text(tuple(path))} is no table and no list")
        if key.isascii() and key.isdigit():
            if int(key[:9]) < len(holder):
                return int(key[:9])
            raise ScenarioError(f"--set {self.key}={self.text}: {path_text(tuple(path))} has {len(holder)} entries")
        ids = [entry.get("id") if isinstance(entry, dict) else None for entry in holder]
        if key in ids:
            return ids.index(key)
        known = ", ".join(str(found) for found in ids if found) or "none"
        raise ScenarioError(
            f'--set {self.key}={self.text}: no {path_text(tuple(path))} has the id "{key}"; there are: {known}'
        )


def path_text(path: Path) -> str:
    """A path as messages write it: `fault[1].at`; keys that are not bare stand in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = part and all(character.isalnum() or character in "-_" for character in part)
            text += ("." if text else "") + (part if bare else f'"{part}"')
    return text
