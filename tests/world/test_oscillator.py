"""Counts of an oscillator against true time: wake-ups round up, by as little as can be."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.devices.oscillator import LIMIT_PPB, Oscillator

OFFSETS = st.integers(-LIMIT_PPB, LIMIT_PPB) | st.sampled_from((0, 1, -1, LIMIT_PPB, -LIMIT_PPB))
CHANGES = st.lists(st.tuples(st.integers(0, 10**13) | st.integers(0, 300), OFFSETS), max_size=6)


def changed(first: int, changes: list[tuple[int, int]], start: int = 0) -> tuple[Oscillator, int, Fraction]:
    """An oscillator after some changes, the instant of the last one, and the exact count there."""
    oscillator = Oscillator(first)
    oscillator.restart(start)
    now, rate, count = start, first, Fraction(0)
    for gap, offset in changes:
        count += gap * Fraction(10**9 + rate, 10**9)
        now += gap
        rate = offset
        oscillator.change(now, offset)
    return oscillator, now, count


@given(OFFSETS, CHANGES, st.integers(0, 10**12), st.integers(0, 10**16) | st.integers(0, 50))
def test_a_wake_up_is_never_early_and_never_later_than_it_must_be(
    first: int, changes: list[tuple[int, int]], start: int, ahead: int
) -> None:
    oscillator, now, _ = changed(first, changes, start)
    mono = oscillator.mono_at(now) + ahead
    true = oscillator.true_of(mono)
    assert oscillator.mono_at(true) >= mono
    assert oscillator.mono_at(true - 1) < mono


@given(OFFSETS, CHANGES, st.integers(0, 10**14))
def test_the_count_is_exact_however_often_the_rate_changes(
    first: int, changes: list[tuple[int, int]], after: int
) -> None:
    oscillator, now, count = changed(first, changes)
    rate = changes[-1][1] if changes else first
    assert oscillator.mono_at(now + after) == (count + after * Fraction(10**9 + rate, 10**9)) // 1


@given(OFFSETS, st.integers(0, 10**15))
def test_the_count_never_goes_back_and_a_nanosecond_holds_two_at_most(offset: int, true: int) -> None:
    oscillator = Oscillator(offset)
    assert 0 <= oscillator.mono_at(true + 1) - oscillator.mono_at(true) <= 2


def test_a_reset_starts_at_nought_at_the_same_rate() -> None:
    oscillator = Oscillator(1_000_000)
    oscillator.change(500, 2_000_000)
    oscillator.restart(1_000)
    assert oscillator.mono_at(1_000) == 0
    assert oscillator.mono_at(1_000 + 10**6) == 1_002_000
    assert oscillator.true_of(1_002_000) == 1_000 + 10**6
    perfect = Oscillator()
    perfect.restart(77)
    assert (perfect.mono_at(100), perfect.true_of(23)) == (23, 100)


def test_followers_hear_of_changes() -> None:
    oscillator = Oscillator()
    heard: list[int] = []
    oscillator.follow(lambda: heard.append(oscillator.true_of(2_000_000_000)))
    oscillator.change(1_000_000_000, 10_000_000)
    assert heard == [1_000_000_000 + 990_099_010]


@pytest.mark.parametrize("offset", [LIMIT_PPB + 1, -LIMIT_PPB - 1])
def test_what_is_too_far_off_is_no_oscillator(offset: int) -> None:
    with pytest.raises(ValueError, match=f"{offset} ppb off"):
        Oscillator(offset)
    with pytest.raises(ValueError, match=f"{offset} ppb off"):
        Oscillator().change(0, offset)
