"""Two profiles of a meter: independent, both whole wherever the power is cut; the second is free while it is off."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hal.probe import ProfileRecorded
from hal.units import S
from tests.acceptance.playing import Played, fault, play, text_of, troubles

START = "2026-03-28T23:10:00+01:00"
TWO = """
[profile]
period = "5min"
missed = "fill"
[profile_2]
period = "3min"
channels = ["S+", "A+", "reading A+", "demand A+", "minimum U2", "mean U2", "maximum U2", "last PF", "A"]
unit = "0.0001 kWh"
[billing]
day = 29
"""


def intervals(played: Played, profile: int) -> list[ProfileRecorded]:
    return [told for _, told in played.of(ProfileRecorded) if told.profile == profile]


def test_each_has_its_own_intervals_channels_and_missed_ones() -> None:
    played = play(text_of(START, "121min", TWO + fault("supply-fail", "31min", "20min")))
    assert troubles(played.result) == []
    first, second = intervals(played, 1), intervals(played, 2)
    assert {one.period_s for one in first} == {300}
    assert {one.period_s for one in second} == {180}
    assert len(first) == 121 // 5
    assert [one.missed for one in second if one.missed] == [6]
    assert {one.kinds for one in second} == {(6, 0, 16, 32, 53, 52, 54, 155, 11)}
    assert [one.number for one in second] == list(range(1, len(second) + 1))
    whole = [one for one in second if one.length_s == 180][1:]
    for one, before in zip(whole[1:], whole, strict=False):
        if one.number == before.number + 1:
            assert abs(one.values[2] - before.values[2] - one.values[1]) <= 1
    for one in whole:
        least, mean, greatest = one.values[4:7]
        assert least <= mean <= greatest
        assert abs(mean - 230_000) < 100
        assert one.values[8] == one.values[1]


def test_the_second_one_costs_nothing_while_it_is_off() -> None:
    """A meter without it has no ring, no boundary and no record of it."""
    played = play(text_of(START, "2h"))
    ring = next(row for row in played.result.flash.regions if row.name == "profile-2")
    assert ring.erases_most == 0


CUTS = st.lists(
    st.tuples(st.integers(2 * S, 50 * 60 * S), st.sampled_from(["80ms", "2s", "4min"])), min_size=1, max_size=5
)


@settings(max_examples=8, deadline=None)
@given(CUTS)
def test_both_are_whole_wherever_the_power_is_cut(cuts: list[tuple[int, str]]) -> None:
    """The capacitor is spent or not there: what is lost is what the last save did not have, and no closed interval."""
    body, free_ns = TWO, 0
    for number, (at_ns, away) in enumerate(sorted(cuts)):
        if at_ns > free_ns:
            body += fault("power-cut", f"{at_ns}ns", away).replace('id = "', f'id = "n{number}-')
            free_ns = at_ns + 5 * 60 * S
    assert troubles(play(text_of(START, "62min", body)).result) == []
