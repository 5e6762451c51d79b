"""The thermal level against exact fractions, to the bits that it is said to hold."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.demand.thermal import DECAY_BITS, LEVEL_BITS, Thermal, decay
from tests.demand.ledger import THERMAL_ERROR_MW, tenth_root

MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
MOST_NWH = 2**40 * 10**6 // 60
"""2**40 mW for a minute."""


@pytest.mark.parametrize("minutes", MINUTES)
def test_the_decay_is_the_root_of_a_tenth_rounded_down(minutes: int) -> None:
    power = decay(minutes)
    assert 10 * power**minutes <= 1 << DECAY_BITS * minutes < 10 * (power + 1) ** minutes
    assert 0 <= tenth_root(minutes) - Fraction(power, 1 << DECAY_BITS) < Fraction(1, 1 << DECAY_BITS)


@pytest.mark.parametrize("minutes", MINUTES)
def test_a_step_is_nine_tenths_there_after_one_period(minutes: int) -> None:
    thermal = Thermal.empty(60 * minutes, 1)
    energy_nwh = 10**9 * 1_000 // 60 * 60
    for minute in range(minutes):
        assert not thermal.whole or minute == minutes - 1
        thermal = thermal.taken((energy_nwh,), 1, True)
    power_mw = Fraction(energy_nwh * 60, 10**6)
    level_mw = Fraction(thermal.levels[0], 1 << LEVEL_BITS)
    assert abs(level_mw - power_mw * 9 / 10) < THERMAL_ERROR_MW
    assert thermal.whole


def test_it_is_whole_after_a_period_of_whole_minutes_in_a_row() -> None:
    settled = Thermal.empty(300, 1)
    for _ in range(9):
        settled = settled.taken((1,), 1, True)
    assert settled.whole
    for broken in (settled.taken((1,), 1, False), settled.lost(1), settled.broken(), settled.cleared()):
        again = broken
        for _ in range(4):
            assert not again.whole
            again = again.taken((1,), 1, True)
        assert again.whole
    assert settled.broken().levels == settled.levels


minutes_of = st.one_of(st.none(), st.just(0), st.integers(-MOST_NWH, MOST_NWH), st.integers(0, 10**10))


@settings(max_examples=50)
@given(st.sampled_from(MINUTES), st.lists(st.tuples(minutes_of, minutes_of, st.integers(1, 200)), max_size=12))
def test_levels_are_exact_within_their_bits(minutes: int, script: list[tuple[int | None, int | None, int]]) -> None:
    """Minutes with energy, over and over, and minutes lost; two quantities that know nothing of one another."""
    kept = tenth_root(minutes)
    thermal = Thermal.empty(60 * minutes, 2)
    exact = [Fraction(0), Fraction(0)]
    for one, two, times in script:
        energies = (one or 0, two or 0)
        for _ in range(times):
            for place, energy in enumerate(energies):
                level = exact[place] * kept + Fraction(energy * 60, 10**6) * (1 - kept)
                exact[place] = Fraction(level.numerator * 2**128 // level.denominator, 2**128)
            if one is not None and two is not None:
                thermal = thermal.taken(energies, 1, True)
        if one is None or two is None:
            thermal = thermal.lost(times) if energies == (0, 0) else thermal
            exact = exact if energies == (0, 0) else [Fraction(level, 1 << LEVEL_BITS) for level in thermal.levels]
        for level, by_hand in zip(thermal.levels, exact, strict=True):
            assert abs(Fraction(level, 1 << LEVEL_BITS) - by_hand) < THERMAL_ERROR_MW


@given(st.sampled_from(MINUTES), st.integers(-MOST_NWH, MOST_NWH))
def test_a_level_decays_to_nothing_and_never_beyond(minutes: int, energy_nwh: int) -> None:
    thermal = Thermal.empty(60 * minutes, 1).taken((energy_nwh,), 1, True)
    after_hour = thermal
    for _ in range(60):
        after_hour = after_hour.taken((0,), 1, True)
    assert thermal.lost(60).levels == after_hour.levels
    assert abs(after_hour.levels[0]) <= abs(thermal.levels[0])
    assert thermal.lost(10**9).levels == (0,)
