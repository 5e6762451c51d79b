"""A phase that has failed, or whose voltage is low, while another's is right; and one whose voltage is high."""

from firmware.events.delayed import Seen
from firmware.events.limits import Limits
from hal.frontend import LiveValues


def phase_failed(live: LiveValues, limits: Limits, element: int, there: bool) -> Seen:
    """The voltage of an element is gone, and another's is not.

    It can't be told when all are gone: that is an outage.
    """
    others = [live.phases[other].voltage_uv for other in limits.elements if other != element]
    if not others or max(others) < limits.failed_uv.ends:
        return None
    return limits.failed_uv.below(live.phases[element].voltage_uv, there)


def voltage_low(live: LiveValues, limits: Limits, element: int, there: bool) -> Seen:
    """The voltage of an element is low, and another's is not; it can't be told of one that has failed."""
    own = live.phases[element].voltage_uv
    others = [live.phases[other].voltage_uv for other in limits.elements if other != element]
    if not others or max(others) < limits.low_uv.begins or own < limits.failed_uv.ends:
        return None
    return limits.low_uv.below(own, there)


def voltage_high(live: LiveValues, limits: Limits, element: int, there: bool) -> Seen:
    """The voltage of an element is high, whatever the others are."""
    return limits.high_uv.above(live.phases[element].voltage_uv, there)
