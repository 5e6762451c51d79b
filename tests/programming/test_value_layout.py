"""Configuration values come back from their bytes as they were, and nothing else does."""

import enum
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.programming.value_layout import ValueLayoutError, build, parse
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week
from tests.tariff.reference import calendars


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Pair(NamedTuple):
    first: int
    second: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    ratio: Fraction
    colour: Colour
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """Values of every kind; no negative number in `levels`."""

    name: str
    levels: tuple[int, ...]
    fixed: tuple[int, str, bool]
    leaf: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()

    def __post_init__(self) -> None:
        if any(level < 0 for level in self.levels):
            raise ValueError("levels: one is negative")


leaves = st.builds(
    Leaf, st.fractions(), st.sampled_from(Colour), st.lists(st.builds(Pair, st.integers(), st.booleans())).map(tuple)
)
trees = st.builds(
    Tree,
    st.text(),
    st.lists(st.integers(0)).map(tuple),
    st.tuples(st.integers(), st.text(), st.booleans()),
    st.none() | leaves,
    st.lists(leaves, max_size=3).map(tuple),
)


@given(trees)
def test_a_value_comes_back_as_it_was(tree: Tree) -> None:
    again = parse(Tree, build(tree))
    assert again == tree
    assert build(again) == build(tree)


@settings(max_examples=50)
@given(calendars())
def test_a_calendar_comes_back_and_is_indexed_again(calendar: Calendar) -> None:
    again = parse(Calendar, build(calendar))
    assert again == calendar
    assert again._energy == calendar._energy


@given(trees, st.data())
def test_bytes_that_are_cut_off_are_refused_and_changed_ones_at_most_another_value(
    tree: Tree, data: st.DataObject
) -> None:
    whole = build(tree)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(ValueLayoutError):
        parse(Tree, cut)
    with pytest.raises(ValueLayoutError):
        parse(Tree, whole + b"\0")
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    with suppress(ValueLayoutError):
        other = parse(Tree, changed)
        assert parse(Tree, build(other)) == other


def test_a_value_that_breaks_its_own_rules_is_refused_by_name() -> None:
    tree = Tree("oak", (1,), (0, "", False))
    data = build(tree).replace(b"\x01\x02", b"\x01\x01")
    with pytest.raises(ValueLayoutError, match="Tree: levels: one is negative"):
        parse(Tree, data)


def test_a_name_is_kept_once() -> None:
    days = (DayProfile("a day with a long name", (Switch(0, 1),)),)
    week = Week("w", *(["a day with a long name"] * 7))
    special = tuple(SpecialDay(1, day, "a day with a long name") for day in range(1, 29))
    assert build(Calendar(1, days, (week,), (Season("s", 1, 1, "w"),), special)).count(b"long name") == 1


def test_a_calendar_of_the_greatest_size_takes_less_than_12_000_bytes() -> None:
    def switches(i: int) -> tuple[Switch, ...]:
        return tuple(Switch(46 * minute, 1 + (i + minute) % 48) for minute in range(32))

    days = tuple(DayProfile(f"a day of type {i:2}", switches(i), switches(i + 1)) for i in range(48))
    weeks = tuple(Week(f"a week typed {i:3}", *(days[(i + at) % 48].name for at in range(7))) for i in range(24))
    seasons = tuple(Season(f"season number {i}", 1 + i // 2, 1 + 14 * (i % 2), weeks[i].name) for i in range(24))
    specials = tuple(SpecialDay(1 + i % 12, 1 + i // 12, days[i % 48].name, 2_026) for i in range(128))
    assert len(build(Calendar(48, days, weeks, seasons, specials, 48))) < 12_000
