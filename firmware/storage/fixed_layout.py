"""A layout of fixed length, packed and unpacked in one go.

construct describes the layout; `struct` does the work, by a format that follows from that description. A meter builds
and parses several of these for every record, and construct goes from field to field each time.
"""

import struct
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from construct import Array, Bytes, Construct, Flag, FormatField, Padded, Pass, Renamed, Struct


class FixedLayout:
    """`layout` may hold integers, flags, bytes, padding, and arrays of integers, all little-endian. A TypeError names a
    field that is none of these."""

    def __init__(self, layout: Struct) -> None:
        self.layout = layout
        """As construct describes it."""
        self._names: list[str] = []
        self._arrays: list[tuple[int, int]] = []
        """Place among the names, and length; the last one first."""
        formats = ["<"]
        for part in layout.subcons:
            one, array = _format(part)
            formats.append(one)
            if array:
                self._arrays.insert(0, (len(self._names), array))
            if part.name is not None:
                self._names.append(part.name)
        self._struct = struct.Struct("".join(formats))

    def sizeof(self) -> int:
        """Its length in bytes."""
        return self._struct.size

    def build(self, values: Mapping[str, int | bytes | Sequence[int]]) -> bytes:
        """A struct.error for a value that its field can't hold, a KeyError for one that is missing."""
        ordered = [values[name] for name in self._names]
        for place, count in self._arrays:
            array = ordered[place]
            if not isinstance(array, Sequence) or len(array) != count:
                raise struct.error(f"{self._names[place]} takes {count} values, not {array!r}")
            ordered[place : place + 1] = array
        return self._struct.pack(*ordered)

    def parse(self, data: bytes) -> SimpleNamespace:
        """What the beginning of `data` holds, an attribute each; arrays as tuples. struct.error if it is too short."""
        values = list(self._struct.unpack_from(data))
        for place, count in reversed(self._arrays):
            values[place : place + count] = [tuple(values[place : place + count])]
        return SimpleNamespace(**dict(zip(self._names, values, strict=True)))


def _format(part: Construct) -> tuple[str, int]:
    """The format of one field, and how many values it takes if it is an array."""
    field = part.subcon if isinstance(part, Renamed) else part
    if isinstance(field, FormatField) and field.fmtstr[0] == "<":
        return str(field.fmtstr[1:]), 0
    if field is Flag:
        return "?", 0
    if isinstance(field, Bytes) and isinstance(field.length, int):
        return f"{field.length}s", 0
    if isinstance(field, Padded) and field.subcon is Pass:
        return f"{field.length}x", 0
    if isinstance(field, Array) and isinstance(field.subcon, FormatField):
        one, _ = _format(field.subcon)
        return f"{field.count}{one}", int(field.count)
    raise TypeError(f"a fixed layout can't hold {part.name}, {field!r}")
