"""The interrupt logic of a metering IC: it tells that something has passed a level, and never too often."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from hal.frontend import Levels, LiveValues
from hal.units import MS
from sim.world import Phase, World

UPDATE_NS: Final = 200 * MS
"""Registers of rms values and powers are renewed after 10 cycles (IEC 61000-4-30); no interrupt comes more often."""

State = tuple[object, ...]


class LevelWatch:
    """Compares what the IC shows with levels, and raises its interrupt when a comparison comes out otherwise."""

    def __init__(self, world: World, interrupt: Callable[[], None]) -> None:
        self._world = world
        self._interrupt = interrupt
        self._levels: Levels | None = None
        self._elements: tuple[int, ...] = ()
        self._now: State = ()
        self._told: State = ()
        self._told_ns = -UPDATE_NS
        self._pending = False
        self._owed = False
        self._life = 0

    def begin(self, levels: Levels, elements: tuple[int, ...], live: LiveValues) -> None:
        """Watch levels; what holds already is taken as told."""
        self._levels = levels
        self._elements = elements
        self._now = self._told = _state(levels, elements, live)

    def end(self) -> None:
        """The supply is gone: nothing is watched, and no interrupt is owed."""
        self._levels = None
        self._life += 1
        self._pending = self._owed = False
        self._told_ns = self._world.now - UPDATE_NS

    @property
    def watching(self) -> bool:
        return self._levels is not None

    def look(self, live: LiveValues) -> None:
        """Something may have changed."""
        if self._levels is None:
            return
        self._now = _state(self._levels, self._elements, live)
        if self._now != self._told:
            self._arm()

    def owe(self) -> None:
        """There is something else to tell by the same interrupt."""
        self._owed = True
        self._arm()

    def _arm(self) -> None:
        if not self._pending:
            self._pending = True
            at_ns = max(self._world.now, self._told_ns + UPDATE_NS)
            self._world.at(at_ns, Phase.DEVICES, partial(self._tell, self._life))

    def _tell(self, life: int) -> None:
        if life != self._life:
            return
        self._pending = False
        if self._owed or self._now != self._told:
            self._owed = False
            self._told = self._now
            self._told_ns = self._world.now
            self._interrupt()


def _state(levels: Levels, elements: tuple[int, ...], live: LiveValues) -> State:
    """How all comparisons come out."""
    phases = [live.phases[element] for element in elements]
    return (
        live.alive,
        live.sequence,
        live.faulty,
        tuple(_above(phase.voltage_uv, levels.voltages_uv) for phase in phases),
        tuple(_above(phase.current_na, levels.currents_na) for phase in phases),
        tuple(_above(phase.active_uw, levels.powers_uw) for phase in phases),
        _above(live.total.active_uw, levels.total_powers_uw),
        _above(live.frequency_uhz, levels.frequencies_uhz),
    )


def _above(value: int, levels: Iterable[int]) -> int:
    """How many of the levels the value reaches."""
    return sum(value >= level for level in levels)
