"""Covers, magnet sensor, buttons, control inputs."""

from collections.abc import Callable
from typing import Final

from hal.inputs import Input
from hal.units import US
from sim.world import Phase, World

HOLD_NS: Final = 1_100 * US
"""The debouncer looks at all inputs this often at most, and has one line for them; a figure of ours."""


class DigitalInputs:
    """Model of `hal.inputs.Inputs`."""

    def __init__(self, world: World, interrupt: Callable[[], None]) -> None:
        self._world = world
        self._interrupt = interrupt
        self._states = dict.fromkeys(Input, False)
        self._free_ns = 0
        self._held = False
        self.waited = 0
        """Changes that the line told of later than they came."""
        self._told: list[Callable[[int], None]] = []

    def on_change(self, told: Callable[[int], None]) -> None:
        """Observers are told the true instant at which an input has changed."""
        self._told.append(told)

    def state(self, which: Input) -> bool:
        return self._states[which]

    def put(self, which: Input, state: bool) -> None:
        """The world opens a cover, holds a magnet to the case, presses a button. In the world's phase."""
        if self._states[which] == state:
            return
        self._states[which] = state
        for told in self._told:
            told(self._world.now)
        if not self._held and self._world.now >= self._free_ns:
            self._tell()
            return
        self.waited += 1
        if not self._held:
            self._held = True
            self._world.at(self._free_ns, Phase.DEVICES, self._let_go)

    def _let_go(self) -> None:
        self._held = False
        self._tell()

    def _tell(self) -> None:
        self._free_ns = self._world.now + HOLD_NS
        self._interrupt()
