"""The phase sequence."""

from firmware.events.delayed import Seen
from hal.frontend import LiveValues, PhaseSequence


def sequence_reversed(live: LiveValues) -> Seen:
    """The phases follow each other the wrong way round; it can't be told while one is missing."""
    return None if live.sequence is PhaseSequence.UNKNOWN else live.sequence is PhaseSequence.REVERSED
