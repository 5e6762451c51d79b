"""What a machine asks of the port that carries it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetBaud:
    """Set the port's speed, both directions, before anything else is sent or received."""

    baud: int


@dataclass(frozen=True, slots=True)
class Send:
    """Send `data` (7-bit values) once the reaction time is over; when its last byte has left whole, do `then`."""

    data: bytes
    then: SetBaud | None = None
