"""Digital inputs: covers, magnet sensor, buttons, control inputs."""

import enum
from typing import Protocol


class Input(enum.Enum):
    """True means: cover open, magnet present, button pressed, control input energised."""

    TERMINAL_COVER = "terminal-cover"
    MAIN_COVER = "main-cover"
    MAGNET = "magnet"
    RESET_BUTTON = "reset-button"
    DISPLAY_BUTTON = "display-button"
    CONTROL_1 = "control-1"
    CONTROL_2 = "control-2"


class Inputs(Protocol):
    """Debounced by the board; `Line.INPUTS` says that one has changed."""

    def state(self, which: Input) -> bool: ...
