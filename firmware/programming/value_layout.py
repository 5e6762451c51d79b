"""The bytes of configuration values, laid out by their own types.

A frozen dataclass is its fields in the order of their declaration. So what a configuration holds is said once, in its
dataclass, which also checks what comes back. Numbers take as many bytes as they need; each text is kept once, however
often the value has it, since calendars name the same day profiles over and over.
"""

import enum
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from construct import (
    Adapter,
    Construct,
    ConstructError,
    Flag,
    PascalString,
    PrefixedArray,
    Struct,
    Terminated,
    VarInt,
    ZigZag,
)
from construct import Sequence as Sequenced

T = TypeVar("T")


class ValueLayoutError(ValueError):
    """Bytes that hold no value of the type asked for, or one that breaks its own rules."""


def build(value: object) -> bytes:
    """The bytes of a value. TypeError for a field that is no int, bool, str, Enum, Fraction, tuple, optional or
    dataclass of these."""
    kind: Any = type(value)
    names = list(dict.fromkeys(_texts(value)))
    built: bytes = _document(kind).build({"names": names, "value": value})
    return built


def parse(kind: type[T], data: bytes) -> T:
    """What `build` gave; ValueLayoutError for anything else."""
    of: Any = kind
    try:
        value: T = _document(of).parse(data).value
    except (ConstructError, ValueError, IndexError, ZeroDivisionError, UnicodeError) as error:
        raise ValueLayoutError(f"{kind.__name__}: {error}") from None
    return value


@cache
def _document(kind: Any) -> Construct:
    names = PrefixedArray(VarInt, PascalString(VarInt, "utf8"))
    return Struct("names" / names, "value" / _layout(kind), Terminated)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            if field.init:
                yield from _texts(getattr(value, field.name))


class _Text(Adapter):  # type: ignore[misc]  # construct has no types
    """A text, by its place among the names in front."""

    def _decode(self, obj: int, context: Any, path: str) -> str:
        return str(context._root.names[obj])

    def _encode(self, obj: str, context: Any, path: str) -> int:
        return int(context._root.names.index(obj))


class _Made(Adapter):  # type: ignore[misc]  # construct has no types
    """A sequence of parts, and what they make."""

    def __init__(self, parts: Construct, make: Any, take: Any) -> None:
        super().__init__(parts)
        self._make, self._take = make, take

    def _decode(self, obj: Any, context: Any, path: str) -> Any:
        return self._make(obj)

    def _encode(self, obj: Any, context: Any, path: str) -> Any:
        return self._take(obj)


_PLAIN: Final[dict[object, Construct]] = {
    int: ZigZag,
    bool: Flag,
    str: _Text(VarInt),
    Fraction: _Made(Sequenced(ZigZag, VarInt), lambda parts: Fraction(*parts), lambda ratio: ratio.as_integer_ratio()),
}


def _layout(kind: Any) -> Construct:
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union) and len(arguments) == 2 and NoneType in arguments:
        (there,) = (argument for argument in arguments if argument is not NoneType)
        return _Made(
            PrefixedArray(VarInt, _layout(there)),
            lambda parts: parts[0] if parts else None,
            lambda value: [] if value is None else [value],
        )
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _Made(PrefixedArray(VarInt, _layout(arguments[0])), tuple, list)
    if origin is tuple:
        return _Made(Sequenced(*map(_layout, arguments)), tuple, list)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        members = list(kind)
        return _Made(VarInt, members.__getitem__, members.index)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return _Made(Sequenced(*map(_layout, get_type_hints(kind).values())), lambda parts: kind(*parts), list)
    if is_dataclass(kind):
        return _dataclass(kind)
    raise TypeError(f"a configuration can't hold a {kind}")


def _dataclass(kind: Any) -> Construct:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind) if field.init]
    return _Made(
        Sequenced(*(_layout(hints[name]) for name in names)),
        lambda parts: kind(**dict(zip(names, parts, strict=True))),
        lambda value: [getattr(value, name) for name in names],
    )
