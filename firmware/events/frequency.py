"""A frequency that a grid does not have."""

from firmware.events.delayed import Seen
from firmware.events.limits import Limits
from hal.frontend import LiveValues


def out_of_range(live: LiveValues, limits: Limits, there: bool) -> Seen:
    """Too slow or too fast, or none at all where there is a voltage; it can't be told without one."""
    if not live.frequency_uhz:
        return True if max(phase.voltage_uv for phase in live.phases) >= limits.failed_uv.ends else None
    return limits.slow_uhz.below(live.frequency_uhz, there) or limits.fast_uhz.above(live.frequency_uhz, there)
