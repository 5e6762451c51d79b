"""The explorer's schedules as hypothesis strategies, for tests. Needs hypothesis, which only developers install.

The same generators draw them; where the explorer takes numbers from a stream, these are hypothesis's own, so that it
can shrink them.
"""

from hypothesis import assume
from hypothesis import strategies as st

from sim.explore.document import Schedule
from sim.explore.generators import GENERATORS
from sim.explore.schedule import Space, draw_schedule


class _Drawn:
    """A `sim.explore.values.Chance` out of hypothesis's hands."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, bound: int) -> int:
        return self.between(0, bound - 1)

    def between(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))


@st.composite
def schedules(draw: st.DrawFn, space: Space, kinds: tuple[str, ...] = tuple(GENERATORS)) -> Schedule:
    """Schedules of a scenario: its own faults, and at least one more, all of them of these `kinds`."""
    schedule = draw_schedule(space, _Drawn(draw), kinds)
    assume(len(schedule) > len(space.own))
    return schedule
