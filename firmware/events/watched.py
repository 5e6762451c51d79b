"""The inputs whose changes are logged."""

from collections.abc import Mapping
from typing import Final

from firmware.events.codes import Event
from hal.inputs import Input

WATCHED: Final[Mapping[Input, tuple[Event, Event]]] = {
    Input.TERMINAL_COVER: (Event.TERMINAL_COVER_OPENED, Event.TERMINAL_COVER_CLOSED),
    Input.MAIN_COVER: (Event.MAIN_COVER_OPENED, Event.MAIN_COVER_CLOSED),
    Input.MAGNET: (Event.MAGNET_DETECTED, Event.MAGNET_GONE),
}
"""What is logged when an input becomes true, and when it becomes false."""
