"""A fixed layout packs and unpacks what construct does, field by field."""

import struct
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from construct import (
    Array,
    Bytes,
    Flag,
    Int8ul,
    Int16sl,
    Int16ul,
    Int32sl,
    Int32ub,
    Int32ul,
    Int64sl,
    Int64ul,
    Padding,
    PascalString,
    Struct,
)
from hypothesis import given
from hypothesis import strategies as st

from firmware import save
from firmware.events import entry
from firmware.events import state as events_state
from firmware.profile import interval, state
from firmware.storage import record, sector_header
from firmware.storage.fixed_layout import FixedLayout
from firmware.tariff import layout

INTEGERS = (Int8ul, Int16sl, Int16ul, Int32sl, Int32ul, Int64sl, Int64ul)

USED = (
    record._HEADER,
    sector_header._HEADER,
    interval._HEAD,
    state._STATE,
    save._STATE,
    entry._LAYOUT,
    events_state._LAYOUT,
    layout._STATE,
    layout._BILLING,
    layout._DAILY,
)

Values = Mapping[str, object]


def _integers(field: object) -> st.SearchStrategy[int]:
    bits = 8 * field.sizeof()
    signed = field.fmtstr[1:].islower()
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)


def _values(field: object) -> st.SearchStrategy[object]:
    if field is Flag:
        return st.booleans()
    if isinstance(field, Bytes):
        return st.binary(min_size=field.length, max_size=field.length)
    if isinstance(field, Array):
        return st.lists(_integers(field.subcon), min_size=field.count, max_size=field.count).map(tuple)
    return _integers(field)


def _filled(layout: Struct) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries({part.name: _values(part.subcon) for part in layout.subcons if part.name})


fields = st.one_of(
    st.sampled_from(INTEGERS),
    st.just(Flag),
    st.integers(1, 5).map(Bytes),
    st.integers(1, 3).map(Padding),
    st.builds(Array, st.integers(1, 4), st.sampled_from(INTEGERS)),
)


@st.composite
def layouts_and_values(draw: st.DrawFn) -> tuple[Struct, Values]:
    drawn = draw(st.lists(fields, min_size=1, max_size=8))
    named = [field if field.flagbuildnone else f"f{place}" / field for place, field in enumerate(drawn)]
    layout = Struct(*named)
    return layout, draw(_filled(layout))


def _same(parsed: SimpleNamespace, by_construct: Mapping[str, object], values: Values) -> None:
    for name, value in values.items():
        found = by_construct[name]
        assert getattr(parsed, name) == value == (tuple(found) if isinstance(value, tuple) else found)


@given(layouts_and_values())
def test_it_does_what_construct_does(drawn: tuple[Struct, Values]) -> None:
    layout, values = drawn
    fixed = FixedLayout(layout)
    built = layout.build(values)
    assert fixed.sizeof() == layout.sizeof()
    assert fixed.build(values) == built
    _same(fixed.parse(built + b"more"), layout.parse(built), values)


@pytest.mark.parametrize("fixed", USED)
@given(data=st.data())
def test_the_layouts_in_flash_are_those_that_construct_describes(fixed: FixedLayout, data: st.DataObject) -> None:
    values = data.draw(_filled(fixed.layout))
    built = fixed.layout.build(values)
    assert fixed.build(values) == built
    _same(fixed.parse(built), fixed.layout.parse(built), values)


@pytest.mark.parametrize("values", [{"a": 256, "b": (1, 2)}, {"a": 1, "b": (1, 2, 3)}, {"a": 1, "b": (1, -1)}])
def test_what_does_not_fit_is_refused(values: dict[str, int | bytes | tuple[int, ...]]) -> None:
    with pytest.raises(struct.error):
        FixedLayout(Struct("a" / Int8ul, "b" / Array(2, Int16ul))).build(values)


def test_too_few_bytes_are_refused() -> None:
    with pytest.raises(struct.error):
        FixedLayout(Struct("a" / Int32ul)).parse(b"\x00" * 3)


@pytest.mark.parametrize("field", [Int32ub, PascalString(Int8ul, "ascii"), Array(2, Flag), Struct("b" / Int8ul)])
def test_a_field_that_it_cannot_hold_is_named(field: object) -> None:
    with pytest.raises(TypeError, match="speed"):
        FixedLayout(Struct("speed" / field))
