"""What a channel holds: of energies and their signed sums nothing is lost, samples are what they are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.metrology.instrumentation import Instrumentation
from firmware.profile.channel import CHANNELS, NO_VALUE, VALUE_MOST, channel_of, sampled
from firmware.profile.config import ProfileConfig
from firmware.profile.gathering import Gathering
from firmware.profile.interval import Layout
from hal.frontend import ElementWaves, LiveValues, PhaseValues, Waves, Wiring

UNIT = 10**9
PLACES = 11
SUMS = {"A": {0: 1, 1: -1}, "|A|": {0: 1, 1: 1}, "R+": {2: 1, 3: 1}, "R-": {4: 1, 5: 1}, "A+": {0: 1}, "C2": {9: 1}}


def test_codes_are_for_ever() -> None:
    """Records in flash bear them."""
    names = ("A+", "S-", "C3", "A", "R-", "reading A+", "demand A+", "mean U1", "minimum U1", "maximum U1", "last U1")
    assert [CHANNELS[name] for name in names] == [0, 7, 10, 11, 14, 16, 32, 48, 49, 50, 51]
    later = ("mean I1", "mean IN", "mean P", "mean P-", "mean Q3", "mean S", "mean PF", "mean f", "mean unbalance-I")
    assert [CHANNELS[name] for name in later] == [60, 72, 88, 96, 108, 136, 152, 156, 212]
    assert all(channel_of(code).text == name for name, code in CHANNELS.items())
    assert len({channel_of(code).identity for code in CHANNELS.values()}) == len(CHANNELS) - 15
    for code in (15, 31, 47, 216, 255, 256, -1):
        with pytest.raises(ValueError, match=f"{code} is no channel"):
            channel_of(code)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"channels": ()}, "profile.channels: 0 channels"),
        ({"channels": (*range(15), 16, 17)}, "profile.channels: 17 channels"),
        ({"channels": (0, 3, 0)}, r"profile.channels\[2\]: A\+ is there already"),
        ({"channels": (0, 15)}, r"profile.channels\[1\]: 15 is no channel"),
        ({"unit_nwh": 0}, "profile.unit"),
        ({"sample_s": 61}, "profile.sample"),
    ],
)
def test_what_is_no_profile(change: dict[str, tuple[int, ...] | int], where: str) -> None:
    with pytest.raises(ValueError, match=where):
        ProfileConfig(**change)  # type: ignore[arg-type]  # one of its fields each


steps = st.lists(st.tuples(st.lists(st.integers(-(10**14), 10**14), min_size=PLACES, max_size=PLACES)), max_size=8)


@given(steps, st.sampled_from(sorted(SUMS)), st.integers(1, 3 * UNIT), st.booleans())
def test_intervals_and_carry_are_the_advance_of_signed_sums_too(
    moves: list[tuple[list[int]]], name: str, unit: int, saved: bool
) -> None:
    """A save and a boot in between change nothing; more than a value holds stays in the carry."""
    layout = Layout(900, (CHANNELS[name], CHANNELS[name] + 16, CHANNELS[name] + 32), unit)
    totals = [0] * PLACES
    ours = Gathering(layout, totals)
    reported = level = before = 0
    for (move,) in moves:
        totals = [total + by for total, by in zip(totals, move, strict=True)]
        if saved:
            ours = Gathering.resumed(layout, totals, ours.kept(totals))
        level = sum(sign * totals[place] for place, sign in SUMS[name].items())
        advance, reading, demand = ours.close(totals, 900)
        reported += advance * unit
        assert abs(advance) <= VALUE_MOST
        rest = ours.kept(totals)[0][0]
        assert reported + rest == level
        assert abs(rest) < unit or abs(advance) == VALUE_MOST
        assert reading == int(Fraction(level, unit)) % 2**32
        assert demand == max(-VALUE_MOST, min(VALUE_MOST, int(Fraction((level - before) * 3_600, 900 * 10**6))))
        before = level


def measured(voltage_uv: int, power_uw: int, angle: int | None = None) -> Instrumentation:
    phase = PhaseValues(voltage_uv, 5_000_000_000, power_uw, 0, abs(power_uw) or 1)
    waves = ElementWaves(0, 0, angle, angle)
    live = LiveValues((phase, phase, phase), phase, 50_000_000)
    return Instrumentation(Wiring.THREE_PHASE_FOUR_WIRE, live, Waves((waves, waves, waves), 0))


SAMPLES = st.tuples(
    st.integers(0, 400_000_000),
    st.integers(-(10**10), 10**10),
    st.one_of(st.none(), st.integers(0, 359_999_999)),
)


@given(st.lists(st.lists(SAMPLES, max_size=6), min_size=1, max_size=4), st.booleans())
def test_samples_are_averaged_and_their_extremes_kept(
    periods: list[list[tuple[int, int, int | None]]], saved: bool
) -> None:
    names = [f"{what} {of}" for of in ("U1", "P", "angle-U3") for what in ("mean", "minimum", "maximum", "last")]
    layout = Layout(900, tuple(CHANNELS[name] for name in names), UNIT)
    assert sampled(layout.channels)
    totals = [0] * PLACES
    ours = Gathering(layout, totals)
    for period in periods:
        for sample in period:
            ours.sample(measured(*sample))
            if saved:
                ours = Gathering.resumed(layout, totals, ours.kept(totals))
        wanted: list[int] = []
        for place in range(3):
            found = [int(Fraction(sample[place], 1_000)) for sample in period if sample[place] is not None]
            if found:
                wanted += [int(Fraction(sum(found), len(found))), min(found), max(found), found[-1]]
            else:
                wanted += [NO_VALUE] * 4
        assert list(ours.close(totals, 900)) == wanted


def test_a_long_interval_has_its_real_mean() -> None:
    layout = Layout(900, (CHANNELS["demand A+"],), UNIT)
    ours = Gathering(layout, [0] * PLACES)
    assert ours.close([1_800 * UNIT, *[0] * 10], 1_800) == (3_600_000,)
    assert ours.close([2_700 * UNIT, *[0] * 10], 450) == (3_600_000,)


def test_another_ratio_expresses_the_rest_anew() -> None:
    layout = Layout(900, (CHANNELS["A+"], CHANNELS["A"]), 10 * UNIT)
    ours = Gathering(layout, [0] * PLACES)
    before, after = [7, 20, *[0] * 9], [14, 40, *[0] * 9]
    ours.rescale(before, after, Fraction(3, 2))
    assert ours.kept(after)[0] == (10, -19)
