"""The disconnect relay: a bistable one, whose contacts lie between the meter and the load.

It moves when its coil is driven, some time later, and stays where it is without power. Welded contacts do not open.
"""

from collections.abc import Callable
from typing import Final

from hal.outputs import Output
from hal.units import MS
from sim.physics.mains import Mains
from sim.physics.overlays import LoadOff
from sim.world import Phase, World

MOVES_NS: Final = 20 * MS
"""From the coil's pulse to the contacts; latching meter relays of 100 A take 20 ms at most (from memory)."""

_OFF: Final = LoadOff()


class DisconnectRelay:
    """All phases at once. It leaves the works closed."""

    def __init__(self, world: World, mains: Mains, note: Callable[[str, str], None]) -> None:
        self._world = world
        self._mains = mains
        self._note = note
        self._drives = 0
        self._welded = False
        self._listeners: list[Callable[[], None]] = []
        self.told_closed = True
        """Where the last pulse of the coil was to move it."""
        self.closed = True
        """Where the contacts stand."""

    def drive(self, which: Output, closed: bool) -> None:
        """An output was set; that of the relay gives its coil a pulse."""
        if which is not Output.RELAY:
            return
        self._drives += 1
        drives = self._drives

        def move() -> None:
            # Another pulse may have come before the contacts moved.
            if drives == self._drives:
                self.told_closed = closed
                self._settle()

        self._world.at(self._world.now + MOVES_NS, Phase.WORLD, move)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Be told when the contacts have moved, or should have."""
        self._listeners.append(listener)

    @property
    def welded(self) -> bool:
        return self._welded

    def weld(self) -> None:
        """From now on closed contacts do not open. In the world's phase."""
        self._welded = True

    def free(self) -> None:
        """The contacts can move again, and go to where they were told. In the world's phase."""
        self._welded = False
        self._settle()

    def _settle(self) -> None:
        closed = self.told_closed or (self._welded and self.closed)
        if closed != self.closed:
            self.closed = closed
            self._note("relay", "closed" if closed else "open")
            if closed:
                self._mains.lift(_OFF)
            else:
                self._mains.lay(_OFF)
        for listener in self._listeners:
            listener()
