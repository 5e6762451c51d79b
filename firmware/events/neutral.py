"""A neutral that is lost: the star point leaves the middle, and one phase voltage rises while another falls.

With a load that is the same on all phases nothing moves, and nothing can be seen.
"""

from firmware.events.delayed import Seen
from firmware.events.limits import Limits
from hal.frontend import LiveValues, Wiring


def neutral_lost(live: LiveValues, limits: Limits, there: bool) -> Seen:
    """One voltage to neutral is high and another low; it can't be told when all are gone."""
    if limits.wiring is not Wiring.THREE_PHASE_FOUR_WIRE:
        return False
    voltages = [live.phases[element].voltage_uv for element in limits.elements]
    if max(voltages) < limits.failed_uv.ends:
        return None
    return limits.high_uv.above(max(voltages), there) and limits.low_uv.below(min(voltages), there)
