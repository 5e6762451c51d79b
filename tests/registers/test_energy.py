"""The eleven energies, and the sums that a customer defines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.registers.energy import ENERGY_QUANTITIES, SOURCES, TERMS, CustomerSum, extended, units
from firmware.registers.identity import Direction, Quantity
from firmware.registers.value import Unit
from hal.energy import ENERGY_KINDS

A, R, S = (0, 1), (2, 3, 4, 5), (6, 7)
"""Places of one unit."""


@st.composite
def sums(draw: st.DrawFn) -> CustomerSum:
    places = draw(
        st.sampled_from([A, R, S]).flatmap(lambda one: st.lists(st.sampled_from(one), min_size=1, unique=True))
    )
    return CustomerSum(tuple((draw(st.sampled_from([1, -1])), place) for place in places))


energies = st.lists(st.integers(0, 10**18), min_size=8, max_size=8)


def test_the_first_eight_are_the_measured_ones() -> None:
    assert ENERGY_QUANTITIES == ("A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-", "C1", "C2", "C3")
    assert ENERGY_QUANTITIES[:8] == ENERGY_KINDS
    assert len(set(SOURCES)) == 11


@given(energies, st.lists(sums(), max_size=3))
def test_sums_are_signed_and_follow_the_measured_ones(eight: list[int], defined: list[CustomerSum]) -> None:
    found = extended(eight, defined)
    assert len(found) == 11
    assert list(found[:8]) == eight
    for place, one in enumerate(defined, start=8):
        assert found[place] == sum(sign * eight[source] for sign, source in one.terms)
    assert set(found[8 + len(defined) :]) <= {0}
    known = units(defined)
    assert known[:8] == (*[Unit.WATT_HOUR] * 2, *[Unit.VAR_HOUR] * 4, *[Unit.VOLT_AMPERE_HOUR] * 2)
    for place, one in enumerate(defined, start=8):
        assert known[place] == known[one.terms[0][1]]
    assert set(known[8 + len(defined) :]) <= {None}


@given(energies, energies, sums())
def test_a_sum_of_increments_is_the_increment_of_the_sum(
    one: list[int], other: list[int], defined: CustomerSum
) -> None:
    together = [first + second for first, second in zip(one, other, strict=True)]
    assert defined.of(together) == defined.of(one) + defined.of(other)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ((), "terms: 0 terms"),
        (((1, 2), (1, 3), (1, 4), (1, 5), (-1, 2), (1, 3)), "terms: 6 terms"),
        (((1, 0), (2, 1)), r"terms\[1\]: 2 is no sign"),
        (((0, 0),), r"terms\[0\]: 0 is no sign"),
        (((1, 8),), r"terms\[0\]: 8 is no place"),
        (((1, -1),), r"terms\[0\]: -1 is no place"),
        (((1, 2), (-1, 2)), r"terms\[1\]: R1 is there already"),
        (((1, 0), (1, 2)), r"terms\[1\]: R1 is in varh, and the first term in Wh"),
    ],
)
def test_what_is_no_sum_is_refused(terms: tuple[tuple[int, int], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CustomerSum(terms)


def test_other_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="7 energies"):
        extended([0] * 7, ())
    with pytest.raises(ValueError, match="4 sums"):
        extended([0] * 8, [CustomerSum(((1, 0),))] * 4)


def test_quadrants_make_up_import_and_export() -> None:
    assert TERMS[Quantity.REACTIVE, Direction.IMPORT] == ((1, 2), (1, 3))
    assert TERMS[Quantity.REACTIVE, Direction.EXPORT] == ((1, 4), (1, 5))
    assert TERMS[Quantity.ACTIVE, Direction.NET] == ((1, 0), (-1, 1))
