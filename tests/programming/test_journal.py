"""A programme comes out of the ring as it went in, or not at all: the newest one of which every part is there."""

import re
from dataclasses import make_dataclass, replace
from enum import Enum
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.comms.upload import BYTES_MOST
from firmware.display.config import DisplayConfig
from firmware.programming.journal import HEAD_BYTES, PARTS_MOST, newest, split
from firmware.programming.layout import build_change, build_programme, parse_change, parse_programme
from firmware.programming.programme import PARTS, Change, PassiveTariff, Programme
from firmware.programming.value_layout import layout_number
from firmware.save import LayoutError
from firmware.storage.memory_map import METER, RingLayout
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week
from tests.programming.values import RICH, all_settings
from tests.tariff.reference import calendars

u32 = st.integers(1, 0xFFFF_FFFF)
ratios = st.builds(Fraction, u32, u32)
passives = st.builds(PassiveTariff, calendars(), st.integers(0, 0xFFFF_FFFF))
programmes = st.builds(
    Programme,
    number=st.integers(0, 1_000),
    utc_s=st.integers(0, 0xFFFF_FFFF),
    author=st.integers(0, 4),
    ct_ratio=ratios,
    vt_ratio=ratios,
    settings=all_settings,
    passive=st.none(),
)


@st.composite
def all_changes(draw: st.DrawFn) -> Change:
    """Some parts of other settings, which need not go together."""
    other = draw(all_settings)
    parts = {name: getattr(other, name) for name in draw(st.sets(st.sampled_from(PARTS)))}
    return Change.of(parts, draw(st.none() | ratios), draw(st.none() | ratios), draw(st.none() | passives))


changes = all_changes()


@settings(max_examples=25)
@given(programmes, calendars(), st.integers(0, 0xFFFF_FFFF))
def test_a_programme_reads_back(programme: Programme, calendar: Calendar, activate_s: int) -> None:
    active = programme.calendar
    if (calendar.rates, calendar.rates_of_demand) == (active.rates, active.rates_of_demand):
        programme = replace(programme, passive=PassiveTariff(calendar, activate_s))
    assert parse_programme(build_programme(programme)) == programme


@settings(max_examples=25)
@given(changes)
def test_a_change_reads_back(change: Change) -> None:
    assert parse_change(build_change(change)) == change


@settings(max_examples=15)
@given(programmes, st.data())
def test_bytes_that_are_no_programme_are_refused(programme: Programme, data: st.DataObject) -> None:
    whole = build_programme(programme)
    torn = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(LayoutError, match="programme: "):
        parse_programme(torn)
    with pytest.raises(LayoutError, match="programme: "):
        parse_programme(whole + b"\0")


@settings(max_examples=15)
@given(st.lists(programmes, min_size=1, max_size=4), st.data())
def test_the_newest_whole_one_is_found_wherever_the_writing_was_cut(
    drawn: list[Programme], data: st.DataObject
) -> None:
    payload_bytes = data.draw(st.integers(90, 800))
    try:
        written = [split(replace(p, number=number), payload_bytes) for number, p in enumerate(drawn)]
    except ValueError:
        return
    records = [(number, part) for number, parts in enumerate(written) for part in parts]
    cut = data.draw(st.integers(0, len(records)))
    lost = set(data.draw(st.lists(st.integers(0, len(records) - 1), max_size=2)))
    kept = [record for place, record in enumerate(records[:cut]) if place not in lost]
    whole = [n for n, parts in enumerate(written) if sum(number == n for number, _ in kept) == len(parts)]
    found = newest((records.index(record), record[1]) for record in reversed(kept))
    if not whole:
        assert found is None
        return
    assert found is not None
    assert found.programme == replace(drawn[whole[-1]], number=whole[-1])
    assert {records[sequence] for sequence in found.sequences} == {(whole[-1], part) for part in written[whole[-1]]}


@settings(max_examples=15)
@given(programmes, st.data())
def test_a_programme_of_altered_parts_is_none(programme: Programme, data: st.DataObject) -> None:
    parts = split(programme, 2_000)
    place = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(HEAD_BYTES, len(parts[place]) - 1))
    mask = data.draw(st.integers(1, 255))
    altered = bytearray(parts[place])
    altered[at] ^= mask
    parts[place] = bytes(altered)
    assert newest(enumerate(parts)) is None


@settings(max_examples=25)
@given(programmes, changes)
def test_the_next_programme_has_what_the_change_names(programme: Programme, change: Change) -> None:
    refusal, after = "", programme
    try:
        after = programme.followed_by(change, 12, 3)
    except ValueError as error:
        # Refused whole, with the path of what does not go with the rest.
        refusal = str(error)
    if refusal:
        assert re.match(r"[a-z_0-9]+(\.[a-z_0-9]+|\[\d+\])*: .", refusal), refusal
        return
    assert (after.number, after.utc_s, after.author) == (programme.number + 1, 12, 3)
    for name in ("ct_ratio", "vt_ratio", "passive"):
        named = getattr(change, name)
        assert getattr(after, name) == (getattr(programme, name) if named is None else named)
    named = dict(change.parts)
    for name in PARTS:
        assert getattr(after.settings, name) == named.get(name, getattr(programme.settings, name))


@given(st.data())
def test_a_change_names_each_part_once_in_order(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([*PARTS, "nameplate"]), max_size=4))
    right = all(PARTS.index(one) < PARTS.index(two) for one, two in pairwise(names) if "nameplate" not in (one, two))
    if right and "nameplate" not in names:
        assert [name for name, _ in Change(parts=tuple((name, None) for name in names)).parts] == names
        return
    with pytest.raises(ValueError, match=r"there is no such part|out of order, or there twice"):
        Change(parts=tuple((name, None) for name in names))


def test_an_option_that_is_taken_away_is_not_one_that_stays() -> None:
    change = Change.of({"profile_2": None})
    assert parse_change(build_change(change)) == change
    assert not change.empty
    assert change.settings_after(RICH).profile_2 is None
    assert Change().settings_after(RICH) is RICH


def test_bytes_of_another_layout_are_refused() -> None:
    """Where the number of the layout stands another one, all else is as it was."""
    data = build_change(Change.of({"test_mode_s": 60}))
    with pytest.raises(LayoutError, match="change: it is cut off, or of another layout"):
        parse_change(bytes([data[0] ^ 1]) + data[1:])


def test_a_layout_has_another_number_once_a_field_is_otherwise() -> None:
    def kind(name: str, *of: tuple[str, object]) -> type:
        return make_dataclass(name, of, frozen=True)

    colour, shade = Enum("Colour", "RED GREEN"), Enum("Colour", "RED BLUE")
    numbers = [
        layout_number(one)
        for one in (
            kind("Tree", ("height", int), ("colour", colour)),
            kind("Tree", ("length", int), ("colour", colour)),
            kind("Tree", ("colour", colour), ("height", int)),
            kind("Tree", ("height", int), ("colour", shade)),
            kind("Tree", ("height", int | None), ("colour", colour)),
            kind("Tree", ("height", tuple[int, ...]), ("colour", colour)),
        )
    ]
    assert len(set(numbers)) == len(numbers)
    assert layout_number(kind("Tree", ("height", int), ("colour", colour))) == numbers[0]


def test_the_greatest_programme_fits_the_ring_and_the_port() -> None:
    """Two calendars of the greatest size, with names of 16 characters, and full lists everywhere else."""

    def switches(i: int) -> tuple[Switch, ...]:
        return tuple(Switch(46 * minute, 1 + (i + minute) % 8) for minute in range(32))

    days = tuple(DayProfile(f"a day of type {i:2}", switches(i), switches(i + 1)) for i in range(48))
    weeks = tuple(Week(f"a week typed {i:3}", *(days[(i + at) % 48].name for at in range(7))) for i in range(24))
    seasons = tuple(Season(f"season number {i}", 1 + i // 2, 1 + 14 * (i % 2), weeks[i].name) for i in range(24))
    specials = tuple(SpecialDay(1 + i % 12, 1 + i // 12, days[i % 48].name, 2_026) for i in range(128))
    calendar = Calendar(8, days, weeks, seasons, specials, 8)
    pages = tuple(f"{1 + i % 10}.8.{i % 9}@{1 + i % 36}" for i in range(64))
    display = DisplayConfig(pages, pages[::-1], pages)
    greatest = replace(RICH, calendar=calendar, display=display)
    passive = PassiveTariff(calendar, 2**32 - 1)
    programme = Programme(2**32 - 1, 2**32 - 1, 4, Fraction(2**32 - 1, 2**31 - 1), Fraction(1), greatest, passive)
    room = next(ring for ring in METER if ring.name == "configuration")
    assert isinstance(room, RingLayout)
    assert len(split(programme, room.payload_bytes)) <= PARTS_MOST
    assert room.records >= 2 * PARTS_MOST
    assert room.urgent_records > PARTS_MOST
    parts = {name: getattr(greatest, name) for name in PARTS}
    assert len(build_change(Change.of(parts, passive=passive))) <= BYTES_MOST
