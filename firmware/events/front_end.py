"""What the front end says of itself: that it delivers, and which of its channels can't be right."""

from firmware.events.delayed import Seen
from hal.frontend import LiveValues


def stopped(live: LiveValues) -> Seen:
    """Nothing new comes."""
    return not live.alive


def channel_failed(live: LiveValues, channel: int) -> Seen:
    """A converter is stuck or at its stop; it can't be told while nothing new comes."""
    return bool(live.faulty >> channel & 1) if live.alive else None
