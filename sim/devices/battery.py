"""The cell behind the RTC."""

from collections.abc import Callable
from typing import Final

from hal.units import HOUR
from sim.world import Phase, World

CELL_MV: Final = 3_000
"""A lithium cell under its test load."""


class Cell:
    """Model of `hal.power.Battery`: a charge that drains with what it feeds, and is dead when it is spent.

    The charge is kept in nA ns, so that draining is exact. The voltage is flat until the end, as a lithium cell's
    nearly is.
    """

    def __init__(self, world: World, capacity_uah: int = 1_200_000) -> None:
        self._world = world
        self._charge = capacity_uah * 1_000 * HOUR
        self._since = 0
        self._draw_na = 0
        self._change = 0
        self._listeners: list[Callable[[bool], None]] = []

    # hal.power.Battery

    def test(self) -> int:
        return CELL_MV if self.alive else 0

    # The world

    @property
    def alive(self) -> bool:
        return self._left() > 0

    def subscribe(self, listener: Callable[[bool], None]) -> None:
        """Tell a listener when the cell dies, or is replaced by a live one."""
        self._listeners.append(listener)

    def draw(self, current_na: int) -> None:
        """From now on feed this current."""
        self._charge = self._left()
        self._since = self._world.now
        self._draw_na = current_na
        self._change += 1
        if current_na and self._charge:
            change = self._change
            spent = self._since - (-self._charge // current_na)
            self._world.at(spent, Phase.WORLD, lambda: self._spent(change))

    def fail(self) -> None:
        """It dies now, whatever charge it had."""
        self.replace(0)

    def replace(self, capacity_uah: int) -> None:
        """Another cell takes its place at once."""
        was = self.alive
        self._charge = capacity_uah * 1_000 * HOUR
        self._since = self._world.now
        self.draw(self._draw_na)
        if self.alive != was:
            self._tell()

    def _left(self) -> int:
        return max(self._charge - self._draw_na * (self._world.now - self._since), 0)

    def _spent(self, change: int) -> None:
        if change == self._change:
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self.alive)
