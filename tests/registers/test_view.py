"""Views against rational arithmetic: cut off toward zero, rolled over, signed."""

from fractions import Fraction
from math import trunc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.registers.value import GOOD, Stamp, Unit, Value
from firmware.registers.view import Registration, View

ratios = st.builds(Fraction, st.integers(1, 100_000), st.integers(1, 1_000))
contents = st.integers(-(10**30), 10**30) | st.integers(-(10**12), 10**12)
NOW = Stamp(0, 0, ClockStatus.VALID)


@given(contents, ratios, st.integers(-3, 6), st.integers(4, 15))
def test_an_energy_is_cut_off_toward_zero_and_rolls_over(
    content: int, ratio: Fraction, resolution: int, digits: int
) -> None:
    shown = View(energy_resolution=resolution, digits=digits).energy(content, ratio)
    exact = trunc(Fraction(content) * ratio / Fraction(10) ** (9 + resolution))
    assert abs(shown) < 10**digits
    assert abs(shown) == abs(exact) % 10**digits
    assert shown * exact >= 0


@given(contents, ratios, st.integers(-3, 6))
def test_a_demand_is_cut_off_toward_zero(content: int, ratio: Fraction, resolution: int) -> None:
    shown = View(demand_resolution=resolution).demand(content, ratio)
    assert shown == trunc(Fraction(content) * ratio / Fraction(10) ** (3 + resolution))


def test_whole_watt_hours_in_nine_digits_are_the_default() -> None:
    view = View()
    assert view.energy(10**9 - 1, Fraction(1)) == 0
    assert view.energy(1 - 10**9, Fraction(1)) == 0
    assert view.energy(10**9, Fraction(1)) == 1
    assert view.energy(10**18 - 1, Fraction(1)) == 999_999_999
    assert view.energy(10**18, Fraction(1)) == 0
    assert view.demand(1_999, Fraction(1)) == 1


def test_the_secondary_side_has_no_ratio() -> None:
    assert View().effective(Fraction(40)) == 40
    assert View(registration=Registration.SECONDARY).effective(Fraction(40)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("energy_resolution", -4), ("energy_resolution", 7), ("demand_resolution", -4), ("digits", 3), ("digits", 16)],
)
def test_a_view_out_of_range_is_refused(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=field):
        View(**{field: value})


@given(st.integers(-(10**20), 10**20), st.integers(-9, 6), st.integers(-9, 6))
def test_a_value_with_another_scaler(amount: int, scaler: int, wanted: int) -> None:
    value = Value(amount, Unit.WATT, scaler, GOOD, NOW)
    assert value.exact == Fraction(amount) * Fraction(10) ** scaler
    assert value.at(wanted) == trunc(value.exact / Fraction(10) ** wanted)
