"""A programme comes out of the ring as it went in, or not at all: the newest one of which every part is there."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.programming.journal import HEAD_BYTES, newest, split
from firmware.programming.layout import build_change, build_programme, parse_change, parse_programme
from firmware.programming.programme import Change, PassiveTariff, Programme
from firmware.save import LayoutError
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
    calendar=calendars(),
    passive=st.none() | passives,
)
changes = st.builds(
    Change,
    ct_ratio=st.none() | ratios,
    vt_ratio=st.none() | ratios,
    calendar=st.none() | calendars(),
    passive=st.none() | passives,
)


@given(programmes)
def test_a_programme_reads_back(programme: Programme) -> None:
    assert parse_programme(build_programme(programme)) == programme


@given(changes)
def test_a_change_reads_back(change: Change) -> None:
    assert parse_change(build_change(change)) == change


@given(programmes, st.data())
def test_bytes_that_are_no_programme_are_refused(programme: Programme, data: st.DataObject) -> None:
    whole = build_programme(programme)
    torn = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(LayoutError, match="programme: "):
        parse_programme(torn)
    with pytest.raises(LayoutError, match="programme: "):
        parse_programme(whole + b"\0")


@settings(max_examples=60)
@given(st.lists(programmes, min_size=1, max_size=4), st.data())
def test_the_newest_whole_one_is_found_wherever_the_writing_was_cut(
    drawn: list[Programme], data: st.DataObject
) -> None:
    payload_bytes = data.draw(st.integers(60, 400))
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


@given(programmes, changes)
def test_the_next_programme_has_what_the_change_names(programme: Programme, change: Change) -> None:
    named = [change.calendar, *(passive.calendar for passive in (change.passive, programme.passive) if passive)]
    if any(calendar is not None and calendar.rates != programme.calendar.rates for calendar in named):
        with pytest.raises(ValueError, match="rates"):
            programme.followed_by(change, 12, 3)
        return
    after = programme.followed_by(change, 12, 3)
    assert (after.number, after.utc_s, after.author) == (programme.number + 1, 12, 3)
    for name in ("ct_ratio", "vt_ratio", "calendar", "passive"):
        named = getattr(change, name)
        assert getattr(after, name) == (getattr(programme, name) if named is None else named)
