"""The relay in the world: it moves late, stays where it is, and takes the load off the mains and nothing else."""

from dataclasses import replace

import pytest

from hal.outputs import Output
from hal.units import MS
from sim.devices.relay import MOVES_NS, DisconnectRelay
from sim.physics.mains import Mains
from sim.physics.waves import SILENT, Segment, Wave
from sim.world import Phase, World

DRAWN = Segment(
    50_000_000, (Wave(230_000_000), SILENT, SILENT), (Wave(5_000_000_000), SILENT, SILENT, Wave(5_000_000_000))
)


class Place:
    def __init__(self) -> None:
        self.world = World(1, 0)
        self.mains = Mains(self.world)
        self.notes: list[tuple[int, str]] = []
        self.relay = DisconnectRelay(self.world, self.mains, lambda _who, text: self.notes.append((self.now, text)))
        self.world.at(0, Phase.WORLD, lambda: self.mains.demand(DRAWN))

    @property
    def now(self) -> int:
        return self.world.now

    def drive(self, at_ns: int, closed: bool) -> None:
        self.world.at(at_ns, Phase.FIRMWARE, lambda: self.relay.drive(Output.RELAY, closed))


@pytest.fixture
def place() -> Place:
    return Place()


def test_it_takes_the_currents_off_and_leaves_the_voltages(place: Place) -> None:
    place.drive(10 * MS, False)
    place.world.run_until(10 * MS + MOVES_NS - 1)
    assert place.mains.segment == DRAWN
    place.world.run_until(10 * MS + MOVES_NS)
    assert place.mains.segment == replace(DRAWN, currents=(SILENT,) * 4)
    place.drive(100 * MS, True)
    place.world.run_until(200 * MS)
    assert place.mains.segment == DRAWN
    assert place.notes == [(30 * MS, "open"), (120 * MS, "closed")]


def test_a_pulse_takes_the_place_of_one_whose_contacts_have_not_moved(place: Place) -> None:
    place.drive(10 * MS, False)
    place.drive(20 * MS, True)
    place.world.run_until(200 * MS)
    assert (place.relay.closed, place.notes) == (True, [])


def test_welded_it_stays_closed_and_open_it_still_closes(place: Place) -> None:
    place.world.at(0, Phase.WORLD, place.relay.weld)
    place.drive(10 * MS, False)
    place.world.run_until(100 * MS)
    assert (place.relay.closed, place.relay.told_closed) == (True, False)
    place.world.at(150 * MS, Phase.WORLD, place.relay.free)
    place.world.run_until(150 * MS)
    assert not place.relay.closed
    place.world.at(160 * MS, Phase.WORLD, place.relay.weld)
    place.drive(170 * MS, True)
    place.world.run_until(200 * MS)
    assert place.relay.closed


def test_another_output_does_not_move_it(place: Place) -> None:
    place.world.at(0, Phase.FIRMWARE, lambda: place.relay.drive(Output.ALARM, False))
    place.world.run_until(100 * MS)
    assert place.relay.closed
