"""The bytes of a programme, and of a change to it, as the configuration ring and the port carry them.

Both begin with the number of the layout (`value_layout.layout_number`), so that what another firmware wrote is never
misread: such a programme counts as none, such a change is refused. What is read is checked by the rules of its types.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, get_type_hints

from construct import (
    Const,
    ConstructError,
    GreedyBytes,
    Int32ul,
    PascalString,
    Prefixed,
    PrefixedArray,
    Struct,
    Terminated,
    VarInt,
)

from firmware.config import Settings
from firmware.programming.programme import PARTS, Change, PassiveTariff, Programme
from firmware.programming.value_layout import (
    ValueLayoutError,
    build,
    build_as,
    layout_number,
    parse,
    parse_as,
)
from firmware.save import LayoutError


class ChangeRefused(LayoutError):
    """A change that can't be understood, or breaks a rule: `path: rule`."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a change names beside the settings."""

    ct_ratio: Fraction | None
    vt_ratio: Fraction | None
    passive: PassiveTariff | None


_KINDS: Final = get_type_hints(Settings)
_BYTES: Final = Prefixed(VarInt, GreedyBytes)
_PROGRAMME: Final = Struct("layout" / Const(layout_number(Programme), Int32ul), "value" / GreedyBytes)
_CHANGE: Final = Struct(
    "layout" / Const(layout_number(Programme), Int32ul),
    "beside" / _BYTES,
    "parts" / PrefixedArray(VarInt, Struct("name" / PascalString(VarInt, "ascii"), "value" / _BYTES)),
    Terminated,
)


def build_programme(programme: Programme) -> bytes:
    built: bytes = _PROGRAMME.build({"value": build(programme)})
    return built


def parse_programme(data: bytes) -> Programme:
    """LayoutError for bytes that hold no programme of this layout, or one that breaks its own rules."""
    try:
        return parse(Programme, _PROGRAMME.parse(data).value)
    except ConstructError:
        raise LayoutError("programme: it is of another layout") from None
    except ValueLayoutError as error:
        raise LayoutError(f"programme: {error.reason}") from None


def build_change(change: Change) -> bytes:
    built: bytes = _CHANGE.build(
        {
            "beside": build(_Beside(change.ct_ratio, change.vt_ratio, change.passive)),
            "parts": [{"name": name, "value": build_as(_KINDS[name], value)} for name, value in change.parts],
        }
    )
    return built


def parse_change(data: bytes) -> Change:
    """ChangeRefused, with path and rule, for bytes that hold no change, or parts that break rules."""
    try:
        found = _CHANGE.parse(data)
    except (ConstructError, UnicodeError):
        raise ChangeRefused("change: it is cut off, or of another layout") from None
    try:
        beside = parse(_Beside, found.beside)
    except ValueLayoutError as error:
        raise ChangeRefused(error.reason) from None
    parts: list[tuple[str, object]] = []
    for part in found.parts:
        if part.name not in PARTS:
            raise ChangeRefused(f"{part.name}: there is no such part of the settings")
        try:
            parts.append((part.name, parse_as(_KINDS[part.name], part.value, part.name)))
        except ValueLayoutError as error:
            raise ChangeRefused(_named(part.name, error.reason)) from None
    try:
        return Change(beside.ct_ratio, beside.vt_ratio, beside.passive, tuple(parts))
    except ValueError as error:
        raise ChangeRefused(str(error)) from None


def _named(part: str, reason: str) -> str:
    """Both load profiles call themselves `profile`."""
    second = part == "profile_2" and reason.startswith("profile.")
    return f"{part}{reason.removeprefix('profile')}" if second else reason
