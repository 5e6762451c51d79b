"""What every load is, and how it is put on the mains."""

from collections.abc import Iterator
from typing import Protocol

from sim.physics.mains import Mains
from sim.physics.waves import Segment
from sim.world import Phase, World


class LoadError(Exception):
    """A load can't be made of what was given; the text names the file and the row, or the value."""


class Load(Protocol):
    """A source of changes."""

    def timeline(self, start_utc_ns: int) -> Iterator[tuple[int, Segment]]:
        """The changes from an instant on, each with its true ns since then: the first at 0, none before the last.

        A timeline may be endless. What it tells last stays.
        """


class LoadOnMains:
    """Puts a load on the mains from the world's start on; only its next change waits in the world's queue."""

    def __init__(self, world: World, mains: Mains, load: Load) -> None:
        self._world = world
        self._mains = mains
        self._changes = load.timeline(world.start_utc_ns)
        self._next: Segment | None = None
        self._wait()

    def _wait(self) -> None:
        change = next(self._changes, None)
        if change is not None:
            at_ns, self._next = change
            self._world.at(at_ns, Phase.WORLD, self._change)

    def _change(self) -> None:
        if self._next is not None:
            self._mains.demand(self._next)
        self._wait()
