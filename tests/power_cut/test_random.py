"""Random schedules of a few cuts, anywhere after the first save of the evening."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hal.units import MINUTE, MS, S
from sim.devices.flash import EraseCut, ProgramCut
from tests.power_cut.scene import EVENING, Cut, run

# Where much happens: the button's end of billing, the billing date, boots.
busy_places = st.sampled_from([10 * MINUTE, 25 * MINUTE, 25 * MINUTE + 3 * S, 40 * MINUTE, 50 * MINUTE, 55 * MINUTE])
first_cuts = st.one_of(st.integers(S, 60 * MINUTE), st.builds(int.__add__, busy_places, st.integers(-25 * MS, 60 * MS)))
away = st.one_of(st.integers(MS, 60 * MS), st.integers(60 * MS, 3 * S), st.integers(3 * S, 20 * MINUTE))
between = st.one_of(st.integers(1, 60 * MS), st.integers(60 * MS, 500 * MS), st.integers(S, 8 * S))


@st.composite
def schedules(draw: st.DrawFn) -> list[Cut]:
    cuts: list[Cut] = []
    at = draw(first_cuts)
    for _ in range(draw(st.integers(1, 4))):
        cut = Cut(
            at, draw(away), draw(st.booleans()), draw(st.sampled_from(ProgramCut)), draw(st.sampled_from(EraseCut))
        )
        if cut.end_ns > 80 * MINUTE:
            break
        cuts.append(cut)
        at = cut.end_ns + draw(between)
    return cuts


@settings(max_examples=200)
@given(schedules())
def test_whatever_cuts_come_all_that_was_whole_is_kept(cuts: list[Cut]) -> None:
    assert not run(EVENING, cuts).wrong
