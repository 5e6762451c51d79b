"""The bytes of configuration values, laid out by their own types.

A frozen dataclass is its fields in the order of their declaration. So what a configuration holds is said once, in its
dataclass, which also checks what comes back. Numbers take as many bytes as they need; each text is kept once, however
often the value has it, since calendars name the same day profiles over and over.
"""

import enum
import re
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
    Subconstruct,
    Terminated,
    VarInt,
    ZigZag,
)
from construct import Sequence as Sequenced
from crcmod.predefined import mkPredefinedCrcFun

T = TypeVar("T")

_PATH: Final = re.compile(r"([a-z_0-9]+)[\w.\[\]]*: ")
"""What stands before a rule, and its first name."""

_crc32: Final = mkPredefinedCrcFun("crc-32")


class ValueLayoutError(ValueError):
    """Bytes that hold no value of the type asked for, or one that breaks its own rules: `reason` says which."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.reason = reason


def build(value: object) -> bytes:
    """The bytes of a value. TypeError for a field that is no int, bool, str, Enum, Fraction, tuple, optional or
    dataclass of these."""
    return build_as(type(value), value)


def build_as(kind: object, value: object) -> bytes:
    """The same for a value of a wider type: an option, a tuple."""
    names = list(dict.fromkeys(_texts(value)))
    built: bytes = _document(kind).build({"names": names, "value": value})
    return built


def parse(kind: type[T], data: bytes) -> T:
    """What `build` gave; ValueLayoutError for anything else."""
    value: T = parse_as(kind, data)  # type: ignore[assignment]  # a value of the type that was asked for
    return value


def parse_as(kind: object, data: bytes, under: str = "") -> object:
    """What `build_as` gave; ValueLayoutError for anything else, with paths that begin at `under`."""
    try:
        value: object = _document(kind).parse(data).value
    except _RuleBroken as broken:
        raise ValueLayoutError(getattr(kind, "__name__", "value"), broken.told(under)) from None
    except (ConstructError, ValueError, IndexError, ZeroDivisionError, OverflowError) as error:
        raise ValueLayoutError(getattr(kind, "__name__", "value"), " ".join(str(error).split())) from None
    return value


def layout_number(kind: object) -> int:
    """A number of 32 bits for the layout of a type: another one as soon as anything of it is otherwise, down to the
    name of a field. So no firmware takes the bytes of another's for its own."""
    return int(_crc32("".join(_described(kind)).encode()))


def _described(kind: Any) -> Iterator[str]:
    """Words for a type and all that it is made of."""
    yield f"({getattr(kind, '__name__', get_origin(kind))}"
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        for field in fields(kind):
            if field.init:
                yield f" {field.name}"
                yield from _described(hints[field.name])
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        yield "".join(f" {member.name}" for member in kind)
    elif isinstance(kind, type) and issubclass(kind, tuple):
        for name, hint in get_type_hints(kind).items():
            yield f" {name}"
            yield from _described(hint)
    else:
        for argument in get_args(kind):
            yield from _described(argument)
    yield ")"


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


class _RuleBroken(ValueError):
    """A value breaks a rule of its type: where it stands, from the outside in, and what its type says."""

    def __init__(self, kind: Any, rule: str) -> None:
        super().__init__(rule)
        self._names = [one.name for one in fields(kind)] if is_dataclass(kind) else []
        self._rule = rule
        self.path: list[str] = []

    def told(self, under: str) -> str:
        """`path: rule`. A type's own path leads on from where its value stands; one that begins with the same name
        begins outside, and says it all."""
        path = "".join([under, *self.path]).removeprefix(".")
        named = _PATH.match(self._rule)
        if named is None or not path:
            return f"{path}: {self._rule}" if path else self._rule
        first = named[1]
        if first in self._names:
            return f"{path}.{self._rule}"
        return self._rule if path.startswith(first) else f"{path}: {self._rule}"


class _Inside(Subconstruct):  # type: ignore[misc]  # construct has no types
    """A field: what breaks a rule in it stands under its name."""

    def __init__(self, layout: Construct, name: str) -> None:
        super().__init__(layout)
        self._under = f".{name}"

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        try:
            return self.subcon._parsereport(stream, context, path)
        except _RuleBroken as broken:
            broken.path.insert(0, self._under)
            raise


class _Many(Subconstruct):  # type: ignore[misc]  # construct has no types
    """A count, and so many of the same; what breaks a rule stands under its place."""

    def _parse(self, stream: Any, context: Any, path: Any) -> Any:
        found = []
        for place in range(VarInt._parsereport(stream, context, path)):
            try:
                found.append(self.subcon._parsereport(stream, context, path))
            except _RuleBroken as broken:
                broken.path.insert(0, f"[{place}]")
                raise
        return found

    def _build(self, obj: Any, stream: Any, context: Any, path: Any) -> Any:
        VarInt._build(len(obj), stream, context, path)
        for one in obj:
            self.subcon._build(one, stream, context, path)
        return obj


class _Text(Adapter):  # type: ignore[misc]  # construct has no types
    """A text, by its place among the names in front."""

    def _decode(self, obj: int, context: Any, path: str) -> str:
        return str(context._root.names[obj])

    def _encode(self, obj: str, context: Any, path: str) -> int:
        return int(context._root.names.index(obj))


class _Made(Adapter):  # type: ignore[misc]  # construct has no types
    """A sequence of parts, and what they make."""

    def __init__(self, parts: Construct, make: Any, take: Any, kind: Any = None) -> None:
        """ValueErrors of `make` are told as those of a dataclass, if it is one."""
        super().__init__(parts)
        self._make, self._take, self._kind = make, take, kind

    def _decode(self, obj: Any, context: Any, path: str) -> Any:
        try:
            return self._make(obj)
        except ValueError as error:
            raise _RuleBroken(self._kind, str(error)) from None

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
        return _Made(_Many(_layout(arguments[0])), tuple, list)
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
        Sequenced(*(_Inside(_layout(hints[name]), name) for name in names)),
        lambda parts: kind(**dict(zip(names, parts, strict=True))),
        lambda value: [getattr(value, name) for name in names],
        kind,
    )
