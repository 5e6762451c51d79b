"""The inputs' one line: told of every change, and never sooner than its contract allows."""

from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hal.inputs import Input
from hal.units import MS, US
from sim.devices.inputs import DigitalInputs
from sim.world import Phase, World

changes = st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from(Input), st.booleans()), max_size=30)


@given(changes)
def test_whoever_looks_when_the_line_says_so_sees_the_last_state_and_has_a_millisecond(
    drawn: list[tuple[int, Input, bool]],
) -> None:
    world = World(1)
    told: list[int] = []
    seen = dict.fromkeys(Input, False)

    def look() -> None:
        told.append(world.now)
        for which in Input:
            seen[which] = inputs.state(which)

    inputs = DigitalInputs(world, look)
    last = dict.fromkeys(Input, False)
    for at_us, which, state in sorted(drawn, key=lambda change: change[0]):
        last[which] = state
        world.at(at_us * US, Phase.WORLD, partial(inputs.put, which, state))
    world.run_until(60 * MS)
    assert seen == last
    assert all(after - before > MS for before, after in pairwise(told))
