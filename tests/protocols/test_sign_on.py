"""Opening messages, baud characters, and the figures of time."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iec62056_21 import timing
from protocols.iec62056_21.baud import MODE_B_BAUD, MODE_C_BAUD, Mode, baud_of, mode_c_character, mode_of
from protocols.iec62056_21.errors import ParseError
from protocols.iec62056_21.sign_on import (
    WAKE_UP,
    Identification,
    OptionSelect,
    address_matches,
    encode_sign_on,
    parse_identification,
    parse_option_select,
    parse_sign_on,
)

UPPER = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ANY_LETTER = st.sampled_from("ABCXYZabcxyz")
ONE = st.sampled_from([chr(code) for code in range(0x20, 0x7F) if chr(code) not in "/!\\"])
NAMES = st.text(st.sampled_from([chr(code) for code in range(0x20, 0x7F) if chr(code) not in "/!"]), max_size=16)
IDENTIFICATIONS = st.builds(
    Identification,
    st.tuples(UPPER, UPPER, ANY_LETTER).map("".join),
    ONE,
    NAMES.filter(lambda name: not name.startswith("\\")),
    st.lists(ONE, max_size=2).map(tuple),
)
CR_LF = b"!\r\n"
ADDRESSES = st.text(st.sampled_from("0123456789ABCxyz "), max_size=32)


def test_published_openings() -> None:
    assert encode_sign_on() == b"/?!\r\n"
    assert encode_sign_on("12345678") == b"/?12345678!\r\n"
    assert OptionSelect("0", "5", "1").encode() == b"\x06051\r\n"
    assert parse_identification(b"/YTL:001511420144\r\n") == Identification("YTL", ":", "001511420144")
    assert parse_identification(b"/GRX512345678\r\n") == Identification("GRX", "5", "12345678")
    iskra = parse_identification(b"/ISk5\\2MT382-1000\r\n")
    assert iskra == Identification("ISk", "5", "MT382-1000", ("2",))
    assert iskra.mode is Mode.E
    assert iskra.baud == 9600
    assert iskra.reaction_min_ns == 20_000_000


@given(IDENTIFICATIONS)
def test_an_identification_is_read_back(identification: Identification) -> None:
    assert parse_identification(identification.encode()) == identification


@given(ADDRESSES)
def test_a_sign_on_is_read_back(address: str) -> None:
    assert parse_sign_on(encode_sign_on(address)) == address


@given(ONE, ONE, ONE)
def test_an_option_select_is_read_back(protocol: str, baud_character: str, mode: str) -> None:
    option = OptionSelect(protocol, baud_character, mode)
    assert parse_option_select(option.encode()) == option


RECODERS: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: encode_sign_on(parse_sign_on(data)),
    lambda data: parse_identification(data).encode(),
    lambda data: parse_option_select(data).encode(),
)


@given(
    st.sampled_from(RECODERS), st.binary(max_size=40) | st.binary(max_size=20).map(lambda data: b"/?" + data + CR_LF)
)
def test_other_bytes_are_refused_with_an_offset(recode: Callable[[bytes], bytes], data: bytes) -> None:
    try:
        recoded = recode(data)
    except ParseError as error:
        offset = error.offset
    else:
        assert recoded == data
        return
    assert 0 <= offset <= len(data)


@pytest.mark.parametrize("address", ["a" * 33, "1-2", "1!", "é"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ValueError, match="device address"):
        encode_sign_on(address)


@pytest.mark.parametrize(
    ("own", "asked", "answers"),
    [
        ("12345678", "", True),
        ("12345678", "12345678", True),
        ("12345678", "0012345678", True),
        ("00012345", "12345", True),
        ("00012345", "0012345", True),
        ("12345678", "1234567", False),
        ("12345678", "123456780", False),
        ("12345678", "0", False),
        ("ABc", "abc", False),
        ("000", "0", True),
        ("", "", True),
        ("", "0", False),
    ],
)
def test_who_answers(own: str, asked: str, answers: bool) -> None:
    assert address_matches(own, asked) is answers


@pytest.mark.parametrize("manufacturer", ["", "AB", "aBC", "AbC", "A1C", "ABCD", "ÄBC"])
def test_manufacturers_that_are_none(manufacturer: str) -> None:
    with pytest.raises(ValueError, match="manufacturer"):
        Identification(manufacturer, "5", "1")


@pytest.mark.parametrize("name", ["a" * 17, "a/b", "a!", "a\r", "\\2a"])
def test_identifications_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match="identification"):
        Identification("ABC", "5", name)


def test_baud_characters() -> None:
    assert [baud_of(character) for character in "0123456"] == [300, 600, 1200, 2400, 4800, 9600, 19200]
    assert [baud_of(character) for character in "ABCDEF"] == [600, 1200, 2400, 4800, 9600, 19200]
    assert {baud_of(character) for character in "789GHZ:a "} == {300}
    assert {mode_of(character) for character in MODE_C_BAUD} == {Mode.C}
    assert {mode_of(character, ("2",)) for character in MODE_C_BAUD} == {Mode.E}
    assert {mode_of(character, ("@",)) for character in MODE_C_BAUD} == {Mode.C}
    assert {mode_of(character, ("2",)) for character in MODE_B_BAUD} == {Mode.B}
    assert {mode_of(character) for character in "789GHZ:a "} == {Mode.A}
    assert [mode_c_character(baud_of(character)) for character in "0123456"] == list("0123456")
    with pytest.raises(ValueError, match="115200"):
        mode_c_character(115_200)


def test_times() -> None:
    assert Identification("ABC", "5", "").reaction_min_ns == timing.REACTION_MIN_NS == 200_000_000
    assert Identification("ABc", "5", "").reaction_min_ns == timing.REACTION_MIN_SHORT_NS == 20_000_000
    assert timing.REACTION_MAX_NS == timing.INTER_CHARACTER_MAX_NS == 1_500_000_000
    assert (timing.INACTIVITY_MIN_NS, timing.INACTIVITY_MAX_NS) == (60_000_000_000, 120_000_000_000)
    assert len(WAKE_UP) * 10 * 1_000_000_000 // 300 == timing.WAKE_UP_NULS_NS
