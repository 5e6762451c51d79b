"""Values of parameters: what is drawn lies in range, and simpler ones come to an end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.units import DAY, HOUR, MS, NS, S
from sim.explore.values import Choice, Durations, Leaps, Maybe, Numbers, Subset, Values, rounder, wide
from sim.scenario.quantities import format_duration, parse_duration
from sim.world import Stream

SOME: list[Values] = [
    Durations(21 * MS, 2 * DAY),
    Numbers(3, 500, "%"),
    Numbers(1, 40),
    Numbers(1, 1_000, "ppm", signed=True),
    Leaps(DAY),
    Choice(("a", "b", "c")),
    Subset((1, 2, 3)),
    Maybe(Choice(("a", "b"))),
]

streams = st.integers(0, 10**6).map(lambda seed: Stream(seed, "test"))


@given(streams)
def test_durations_lie_in_range(stream: Stream) -> None:
    value = parse_duration(Durations(21 * MS, 2 * DAY).draw(stream))
    assert 21 * MS <= value <= 2 * DAY


@given(streams, st.integers(1, 10**15), st.integers(0, 10**15))
def test_wide_numbers_lie_in_range(stream: Stream, least: int, more: int) -> None:
    assert least <= wide(stream, least, least + more) <= least + more


def test_wide_numbers_are_small_as_often_as_large() -> None:
    drawn = [wide(Stream(seed, "wide"), 1, 2**40 - 1) for seed in range(400)]
    assert 150 < sum(number < 2**20 for number in drawn) < 250


@given(streams)
def test_numbers_lie_in_range_and_bear_their_unit(stream: Stream) -> None:
    drawn = Numbers(3, 500, "%").draw(stream)
    assert isinstance(drawn, str)
    number, unit = drawn.split()
    assert unit == "%"
    assert 3 <= int(number) <= 500


@pytest.mark.parametrize("values", SOME, ids=repr)
@given(stream=streams)
def test_following_simpler_values_comes_to_an_end(values: Values, stream: Stream) -> None:
    value = values.draw(stream)
    seen = []
    while value is not None:
        assert value not in seen
        seen.append(value)
        # The least simple of them: the longest way.
        value = next(iter([*values.simpler(value)][::-1]), None)
    assert len(seen) < 200


def test_the_simplest_comes_first() -> None:
    longer = 3 * HOUR + 17 * S + 5 * NS
    assert format_duration(next(rounder(longer, 0))) == "0s"
    assert next(format_duration(new) for new in rounder(longer, S)) == "1s"
    assert next(iter(Durations(21 * MS, DAY).simpler("1h3min2ns"))) in ("1s", "1h", "1min")
    assert list(Choice(("a", "b", "c")).simpler("c")) == ["a", "b"]
    assert next(iter(Subset((1, 2, 3)).simpler([1, 3]))) == [1]
    assert next(iter(Maybe(Choice(("a", "b"))).simpler("b"))) is None


@given(st.integers(0, 10**16), st.integers(0, 10**9))
def test_rounder_values_are_no_later_and_no_less_than_allowed(value: int, least: int) -> None:
    for new in rounder(value + least, least):
        assert least <= new <= value + least
