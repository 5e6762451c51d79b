"""Codes of energy registers in scenarios."""

import re

import pytest

from sim.scenario.register_code import REGISTER_PATTERN, parse_register

TOTALS = (1, 20, 300, 4_000, 50_000, 600_000, 7_000_000, 80_000_000)
RATES = (TOTALS[::-1], TOTALS)


def accepted(code: str) -> bool:
    try:
        parse_register(code)
    except ValueError:
        return False
    return True


def test_the_pattern_is_what_is_accepted() -> None:
    codes = [f"{c}.8.{e}" for c in range(140) for e in range(70)]
    codes += ["1.8", "1.8.0*01", "1.7.0", "1.6.0", "F.F", "C.8.0", "01.8.0", "1.8.01", "1.8.0 ", ""]
    assert [code for code in codes if accepted(code)] == [
        code for code in codes if re.fullmatch(REGISTER_PATTERN, code)
    ]
    assert accepted("10.8.63")
    assert not accepted("128.8.0")


def test_a_refusal_names_the_code() -> None:
    with pytest.raises(ValueError, match=r'not "1\.8\.64"'):
        parse_register("1.8.64")


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1.8.0", 1),
        ("3.8.0", 4_300),
        ("4.8.0", 650_000),
        ("8.8.0", 600_000),
        ("10.8.0", 80_000_000),
        ("15.8.0", 21),
        ("1.8.1", 80_000_000),
        ("1.8.2", 1),
        ("1.8.3", None),
    ],
)
def test_the_value_of_a_register(code: str, value: int | None) -> None:
    assert parse_register(code).value(TOTALS, RATES) == value
