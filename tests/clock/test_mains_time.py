"""Cycles of the mains as time."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.mains_time import MainsTime
from hal.units import S


@given(st.sampled_from([50, 60]), st.lists(st.tuples(st.integers(S, 900 * S), st.integers(900, 1_100)), min_size=1))
def test_cycles_at_their_nominal_frequency_are_the_time(nominal_hz: int, stretches: list[tuple[int, int]]) -> None:
    """Stretches of so many ns at so many thousandths of the nominal frequency; the looks lie between them."""
    mains = MainsTime(nominal_hz * 10**6)
    now, cycles = 0, 0
    assert mains.look(now, cycles) is None
    for elapsed_ns, permille in stretches:
        now += elapsed_ns
        before, cycles = cycles, cycles + (elapsed_ns * nominal_hz * permille << 16) // (1_000 * S)
        advance = mains.look(now, cycles)
        assert advance is not None
        assert advance.elapsed_ns == elapsed_ns
        assert abs(advance.mains_ns - elapsed_ns * permille // 1_000) <= S // (nominal_hz << 16) + 2
        if permille not in (950, 1_050):
            assert advance.good == (950 < permille < 1_050)
        assert before <= cycles


def test_a_count_that_falls_or_stands_tells_no_time() -> None:
    mains = MainsTime(50_000_000)
    mains.look(0, 1_000 << 16)
    assert mains.look(10 * S, 5) is None
    advance = mains.look(20 * S, 5)
    assert advance is not None
    assert not advance.good


def test_two_looks_in_one_second_are_one() -> None:
    mains = MainsTime(50_000_000)
    mains.look(0, 0)
    assert mains.look(S // 2, 25 << 16) is None
    advance = mains.look(2 * S, 100 << 16)
    assert advance is not None
    assert (advance.elapsed_ns, advance.mains_ns) == (2 * S, 2 * S)


def test_the_band_has_an_edge_to_leave_by_and_one_to_come_back_by() -> None:
    mains = MainsTime(50_000_000)
    assert mains.tells(47_500_000, followed=True)
    assert not mains.tells(47_499_999, followed=True)
    assert not mains.tells(47_500_000, followed=False)
    assert mains.tells(48_000_000, followed=False)
