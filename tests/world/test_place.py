"""A place that is kept for what is known only later."""

import pytest

from sim.world import Phase, World


def test_what_is_put_in_a_kept_place_runs_before_what_was_scheduled_since() -> None:
    world, ran = World(1), []
    world.at(10, Phase.WORLD, lambda: ran.append("before"))
    place = world.hold_place(2)
    world.at(10, Phase.WORLD, lambda: ran.append("after"))
    world.run_until(5)
    world.at(10, Phase.WORLD, lambda: ran.append("last"))
    with world.in_place(place):
        world.at(10, Phase.WORLD, lambda: ran.append("kept"))
        world.at(10, Phase.WORLD, lambda: ran.append("kept too"))
    world.at(10, Phase.WORLD, lambda: ran.append("very last"))
    world.run_until(10)
    assert ran == ["before", "kept", "kept too", "after", "last", "very last"]


def test_a_place_holds_so_many_and_no_more() -> None:
    world = World(1)
    place = world.hold_place(1)
    with world.in_place(place):
        world.at(1, Phase.WORLD, lambda: None)
        with pytest.raises(IndexError):
            world.at(1, Phase.WORLD, lambda: None)
