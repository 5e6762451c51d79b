"""Reverse run: active energy is exported, by a phase or by all together."""

from firmware.events.delayed import Seen
from firmware.events.limits import Limits
from hal.frontend import LiveValues, Wiring


def reverse_run(live: LiveValues, limits: Limits, element: int, there: bool) -> Seen:
    """An element's active power is negative. With two elements that says nothing: it happens at a low power factor."""
    if limits.wiring is Wiring.THREE_PHASE_THREE_WIRE:
        return False
    if live.phases[element].voltage_uv < limits.failed_uv.begins:
        return None
    return limits.reverse_uw.below(live.phases[element].active_uw, there)


def reverse_run_total(live: LiveValues, limits: Limits, there: bool) -> Seen:
    """The sum of active powers is negative; it can't be told without any voltage. A sum of moduli never is."""
    if not live.frequency_uhz:
        return None
    return limits.reverse_total_uw.below(live.total.active_uw, there)
