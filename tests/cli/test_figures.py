"""How figures are written: against exact rational numbers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.figures import energy, error, short

energies = st.integers(-(10**18), 10**18)


@given(energies)
def test_energies_are_truncated_to_a_milli_watt_hour(nwh: int) -> None:
    shown = Fraction(energy(nwh))
    exact = Fraction(nwh, 10**12)
    assert abs(shown) <= abs(exact) < abs(shown) + Fraction(1, 10**6)
    assert shown * exact >= 0


@given(energies, energies.filter(bool))
def test_errors_are_rounded_to_five_decimals(meter: int, true: int) -> None:
    text = error(meter, true)
    exact = Fraction(meter - true, true) * 100
    assert abs(Fraction(text.removesuffix(" %")) - exact) <= Fraction(1, 200_000)
    assert Decimal(text.removesuffix(" %")).as_tuple().exponent == -5


@pytest.mark.parametrize(
    ("meter", "true", "text"),
    [
        (1, 0, "-"),
        (10**9 - 1, 10**9, "0.00000 %"),
        (99, 100, "-1.00000 %"),
        (101, 100, "+1.00000 %"),
        (-99, -100, "-1.00000 %"),
    ],
)
def test_examples_of_errors(meter: int, true: int, text: str) -> None:
    assert error(meter, true) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0 ns"), (999, "999 ns"), (1_500, "1.500 us"), (-5_399_857_000_000, "-5399.857 s"), (17_272_000, "17.272 ms")],
)
def test_times(ns: int, text: str) -> None:
    assert short(ns) == text
