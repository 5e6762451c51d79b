"""The canonical log: everything that the firmware told its probe and the devices put out, in order, as lines of text.

One line an entry: the true instant in ns, who, and what. Only ints, strings, bools, enums, None and tuples of these are
written, so that a run's log is the same to the byte on every machine. The digest is of these lines; header and seed are
not among them.
"""

import hashlib
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Final

_CHUNK: Final = 512


def _text(value: object) -> str:
    kind = value.__class__
    if kind is int or kind is str:
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return "[" + ",".join([str(part) if part.__class__ is int else _text(part) for part in value]) + "]"
    if value is None or isinstance(value, int | str):
        return str(value)
    raise TypeError(f"the canonical log takes no {type(value).__name__}: {value!r}")


class CanonicalLog:
    """Lines go to the digest, and to a file if one is named."""

    def __init__(self, path: Path | None = None, header: str = "") -> None:
        self._sha = hashlib.sha256()
        self._lines: list[str] = []
        self._file = None if path is None else path.open("w", encoding="utf-8", newline="\n")
        self._names: dict[type, tuple[str, tuple[str, ...]]] = {}
        self.entries = 0
        if self._file is not None:
            self._file.write(f"# {header}\n")

    def note(self, at_ns: int, who: str, text: str) -> None:
        """An entry in words of the simulator: a device's output, power, a fault."""
        self._append(f"{at_ns} {who} {text}\n")

    def record(self, at_ns: int, record: object) -> None:
        """A record that the firmware published."""
        kind = type(record)
        known = self._names.get(kind)
        if known is None:
            known = self._names[kind] = self._described(kind)
        name, members = known
        told = " ".join(
            [str(value) if value.__class__ is int else _text(value) for value in [getattr(record, m) for m in members]]
        )
        self._append(f"{at_ns} {name} {told}\n")

    def digest(self) -> str:
        """SHA-256 of all lines so far, in hexadecimal digits."""
        self._flush()
        return self._sha.hexdigest()

    def close(self) -> None:
        self._flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    @staticmethod
    def _described(kind: type) -> tuple[str, tuple[str, ...]]:
        if is_dataclass(kind):
            return kind.__name__, tuple(field.name for field in fields(kind))
        return kind.__name__, tuple(getattr(kind, "_fields", ()))

    def _append(self, line: str) -> None:
        self.entries += 1
        self._lines.append(line)
        if len(self._lines) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        text = "".join(self._lines)
        self._lines.clear()
        self._sha.update(text.encode())
        if self._file is not None:
            self._file.write(text)
