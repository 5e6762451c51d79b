"""Data sets: what is sent is read back, and what may not be sent is refused where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iec62056_21.data import (
    DataSet,
    Value,
    check_value_limit,
    encode_line,
    parse_line,
    parse_lines,
)
from protocols.iec62056_21.errors import ParseError

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
NAMES = st.sampled_from([c for c in PRINTABLE if c not in "()/!"])
TEXTS = st.text(st.sampled_from([c for c in PRINTABLE if c not in "()*/!"]), max_size=128)
VALUES = st.builds(Value, TEXTS, st.none() | st.text(NAMES, min_size=1, max_size=16))


def data_sets(min_address: int = 0) -> st.SearchStrategy[DataSet]:
    addresses = st.text(NAMES, min_size=min_address, max_size=16)
    return st.builds(DataSet, addresses, st.lists(VALUES, min_size=1, max_size=4).map(tuple))


@pytest.mark.parametrize(
    ("text", "data_set"),
    [
        ("1.8.0(000123.456*kWh)", DataSet.of("1.8.0", "000123.456", "kWh")),
        ("0.9.1(12:34:56)", DataSet.of("0.9.1", "12:34:56")),
        ("1.8.0*05(000100.000*kWh)", DataSet.of("1.8.0*05", "000100.000", "kWh")),
        ("1-1:1.8.0*126(0*kWh)", DataSet.of("1-1:1.8.0*126", "0", "kWh")),
        ("1.6.0(12.3*kW)(2611220815)", DataSet("1.6.0", (Value("12.3", "kW"), Value("2611220815")))),
        ("F.F(00000000)", DataSet.of("F.F", "00000000")),
        ("(00000000)", DataSet.of("", "00000000")),
        ("00000034()", DataSet.of("00000034", "")),
        ("3.8.0(1*kvar*h)", DataSet.of("3.8.0", "1", "kvar*h")),
    ],
)
def test_examples(text: str, data_set: DataSet) -> None:
    assert parse_line(text) == (data_set,)
    assert data_set.encode() == text


@given(data_sets(), st.lists(data_sets(min_address=1), max_size=4))
def test_a_line_is_read_back(first: DataSet, others: list[DataSet]) -> None:
    line = (first, *others)
    assert parse_line(encode_line(line)) == line


@given(st.lists(data_sets(), max_size=6), st.booleans())
def test_lines_are_read_back(sets: list[DataSet], ended: bool) -> None:
    text = "\r\n".join(data_set.encode() for data_set in sets)
    assert parse_lines(text + "\r\n" * (ended and bool(sets))) == tuple(sets)


@given(st.text(max_size=60) | st.text(st.sampled_from("()*/!1.8a\r\n"), max_size=30))
def test_any_text_is_parsed_to_what_encodes_the_same_or_refused_inside_it(text: str) -> None:
    try:
        parsed = parse_lines(text)
    except ParseError as error:
        refusal = error
    else:
        assert "".join(data_set.encode() for data_set in parsed) == text.replace("\r\n", "")
        return
    assert 0 <= refusal.offset <= len(text)
    assert f"offset {refusal.offset}" in str(refusal)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("1.8.0", 5),
        ("1.8.0(1", 7),
        ("1.8.0(1)2.8.0", 13),
        ("1.8.0(1/2)", 7),
        ("1.8!0(1)", 3),
        ("1.8.0(1*kW/h)", 10),
        ("1.8.0(1*)", 8),
        ("1.8.0((1)", 6),
        ("1.8.0(1))", 9),
        ("12345678901234567(1)", 16),
        ("a(" + "0" * 129 + ")", 130),
        ("a(1*12345678901234567)", 20),
        ("a(1)\r\n\r\nb(1)", 6),
        ("a(1)\r\nb(\x07)", 8),
        ("a(1)\nb(1)", 4),
    ],
)
def test_refused_at_an_offset(text: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        parse_lines(text)
    assert caught.value.offset == offset


@pytest.mark.parametrize("character", "()*/!\r\x00\x7f°")
def test_characters_that_no_value_has(character: str) -> None:
    with pytest.raises(ValueError, match="value has"):
        Value(f"1{character}")


@pytest.mark.parametrize("character", "()/!\n\x80")
def test_characters_that_no_name_has(character: str) -> None:
    with pytest.raises(ValueError, match="unit has"):
        Value("1", f"k{character}")
    with pytest.raises(ValueError, match="address has"):
        DataSet.of(f"1{character}", "1")


def test_lengths() -> None:
    assert Value("0" * 128).text
    with pytest.raises(ValueError, match="129 characters"):
        Value("0" * 129)
    with pytest.raises(ValueError, match="17 characters"):
        Value("0", "u" * 17)
    with pytest.raises(ValueError, match="17 characters"):
        DataSet.of("a" * 17, "")
    with pytest.raises(ValueError, match="at least one"):
        Value("0", "")
    with pytest.raises(ValueError, match="no value"):
        DataSet("a", ())


def test_value_limit_of_modes_a_and_b() -> None:
    check_value_limit([DataSet.of("a", "0" * 32)])
    with pytest.raises(ValueError, match=r"'a'.*33"):
        check_value_limit([DataSet.of("a", "0" * 33)])
    with pytest.raises(ParseError) as caught:
        parse_line("a(" + "0" * 33 + ")", limit=32)
    assert caught.value.offset == 34


def test_a_set_without_address_would_join_its_neighbour() -> None:
    with pytest.raises(ValueError, match="data set 1"):
        encode_line([DataSet.of("a", "1"), DataSet.of("", "2")])
