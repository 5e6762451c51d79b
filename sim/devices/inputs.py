"""Covers, magnet sensor, buttons, control inputs."""

from collections.abc import Callable

from hal.inputs import Input


class DigitalInputs:
    """Model of `hal.inputs.Inputs`."""

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._states = dict.fromkeys(Input, False)

    def state(self, which: Input) -> bool:
        return self._states[which]

    def put(self, which: Input, state: bool) -> None:
        """The world opens a cover, holds a magnet to the case, presses a button. In the world's phase."""
        if self._states[which] != state:
            self._states[which] = state
            self._interrupt()
