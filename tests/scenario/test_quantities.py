"""Quantities: exact both ways, and errors that say what was expected."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.units import DAY, HOUR, MINUTE, MS, US, S
from sim.scenario import quantities
from sim.scenario.quantities import (
    CURRENT,
    DEVIATION,
    DURATION_PATTERN,
    ENERGY,
    FREQUENCY,
    POWER,
    TEMPERATURE,
    VOLTAGE,
    Quantity,
    QuantityError,
    format_duration,
    parse_duration,
    parse_signed_duration,
)

KINDS = (VOLTAGE, CURRENT, ENERGY, POWER, FREQUENCY, DEVIATION, TEMPERATURE)
UNITS_NS = {"d": DAY, "h": HOUR, "min": MINUTE, "s": S, "ms": MS, "us": US, "ns": 1}

sizes = st.integers(0, 10**18)
signed = st.integers(-(10**18), 10**18)


@given(sizes)
def test_durations_read_back(ns: int) -> None:
    assert parse_duration(format_duration(ns)) == ns
    assert re.search(DURATION_PATTERN, format_duration(ns))


@given(signed)
def test_signed_durations_read_back(ns: int) -> None:
    assert parse_signed_duration(format_duration(ns)) == ns


@given(st.sampled_from(KINDS), signed)
def test_quantities_read_back(kind: Quantity, value: int) -> None:
    text = kind.format(value)
    assert kind.parse(text) == value
    assert re.search(kind.pattern, text)


@given(
    st.lists(st.sampled_from(sorted(UNITS_NS, key=UNITS_NS.__getitem__, reverse=True)), min_size=1, unique=True),
    st.data(),
)
def test_durations_are_the_sums_of_their_parts(units: list[str], data: st.DataObject) -> None:
    ordered = sorted(units, key=UNITS_NS.__getitem__, reverse=True)
    numbers = [data.draw(st.integers(0, 10**6)) for _ in ordered]
    gap = data.draw(st.sampled_from(["", " "]))
    text = gap.join(f"{number}{gap}{unit}" for number, unit in zip(numbers, ordered, strict=True))
    assert parse_duration(text) == sum(n * UNITS_NS[u] for n, u in zip(numbers, ordered, strict=True))


@given(st.sampled_from(KINDS), st.integers(-(10**12), 10**12), st.integers(0, 12), st.data())
def test_decimals_are_exact_or_refused(kind: Quantity, digits: int, places: int, data: st.DataObject) -> None:
    """Against rational numbers: the int is the number times the unit, and what is not whole is refused."""
    unit = data.draw(st.sampled_from(sorted(kind.units)))
    whole, rest = divmod(abs(digits), 10**places)
    number = f"{'-' if digits < 0 else ''}{whole}" + (f".{rest:0{places}}" if places else "")
    meant = Fraction(digits, 10**places) * int(kind.units[unit])
    if meant.denominator == 1:
        assert kind.parse(f"{number} {unit}") == meant
    else:
        with pytest.raises(QuantityError, match="finer than"):
            kind.parse(f"{number} {unit}")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (VOLTAGE, "230 V", 230_000_000),
        (VOLTAGE, "63.5V", 63_500_000),
        (VOLTAGE, "20 kV", 20_000_000_000),
        (CURRENT, "5 A", 5_000_000_000),
        (CURRENT, "20 mA", 20_000_000),
        (ENERGY, "4000 kWh", 4 * 10**15),
        (POWER, "-2.5 kW", -2_500_000_000),
        (FREQUENCY, "50 Hz", 50_000_000),
        (DEVIATION, "200 ppm", 200_000),
        (DEVIATION, "-5 ppb", -5),
        (DEVIATION, "0.02 %", 200_000),
        (TEMPERATURE, "23 °C", 23_000),
        (TEMPERATURE, "-25.5 C", -25_500),
    ],
)
def test_examples(kind: Quantity, text: str, value: int) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("30h", 30 * HOUR),
        ("90min", 90 * MINUTE),
        ("1 d", DAY),
        ("500 ms", 500 * MS),
        ("1h30min", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("0s", 0),
        ("3 µs", 3 * US),
    ],
)
def test_examples_of_durations(text: str, ns: int) -> None:
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    ("kind", "given_value"),
    [
        (VOLTAGE, "230"),
        (VOLTAGE, "230 A"),
        (VOLTAGE, "1e3 V"),
        (VOLTAGE, "nan V"),
        (VOLTAGE, 230),
        (VOLTAGE, "٢٣٠ V"),
        (ENERGY, "4000 kwh"),
        (TEMPERATURE, "23 K"),
        (DEVIATION, "0.02"),
        (CURRENT, "9" * 40 + " A"),
    ],
)
def test_errors_say_what_was_expected_and_given(kind: Quantity, given_value: object) -> None:
    with pytest.raises(QuantityError) as refused:
        kind.parse(given_value)
    assert f"expected {kind.expected}" in str(refused.value)
    assert str(given_value) in str(refused.value)


@pytest.mark.parametrize(
    "given_value", ["", "2", "2m", "h", "-2h", "2h 3h", "30min 2h", "0.1ns", "1e3s", 7200, None, "2hours"]
)
def test_what_is_no_duration_is_refused(given_value: object) -> None:
    with pytest.raises(QuantityError):
        parse_duration(given_value)


@pytest.mark.parametrize("given_value", ["--2h", "+-2h", "-", "2m"])
def test_what_is_no_signed_duration_is_refused(given_value: object) -> None:
    with pytest.raises(QuantityError):
        parse_signed_duration(given_value)


def test_no_float_is_used() -> None:
    """0.1 + 0.2 and the like: numbers that binary floats miss stay exact."""
    assert ENERGY.parse("0.000000000001 kWh") == 1
    assert parse_duration("0.1s") + parse_duration("0.2s") == parse_duration("0.3s")
    assert quantities.VOLTAGE.parse("9007199254740993 uV") == 9_007_199_254_740_993
