"""Which symbols are lit: phases, quadrant, rate, alarms and states."""

from dataclasses import dataclass
from typing import Final

from firmware.display.modes import Mode
from firmware.load_switch.disconnect import SupplyState
from firmware.status_word import Status
from hal.display import Symbol
from hal.frontend import LiveValues, PhaseSequence

EVERY: Final = frozenset(Symbol)

_PHASES: Final = (Symbol.L1, Symbol.L2, Symbol.L3)
_RATES: Final = (Symbol.T1, Symbol.T2, Symbol.T3, Symbol.T4, Symbol.T5, Symbol.T6, Symbol.T7, Symbol.T8)

_ALARMS: Final = (
    Status.REGISTER_BACKUP_USED
    | Status.POWER_DOWN_INCOMPLETE
    | Status.RTC_NOT_INCREMENTING
    | Status.RTC_NOT_BELIEVED
    | Status.PHASE_FAILED
    | Status.FRONT_END_FAILED
    | Status.FLASH_WORN_OUT
)
"""Of the status word; a battery and a clock that are not as they should be have symbols of their own."""

_CLOCK: Final = Status.CLOCK_DOUBTFUL | Status.CLOCK_INVALID


@dataclass(frozen=True, slots=True)
class Facts:
    """What symbols stand for. `elements` are those in use, `present_uv` the voltage from which on a phase is there,
    `start_uw` the power below which nothing flows. `alarms` is the alarm register, 0 for none."""

    live: LiveValues
    elements: tuple[int, ...]
    present_uv: int
    start_uw: int
    rate: int
    status: Status
    alarms: int = 0
    supply: SupplyState = SupplyState.CONNECTED
    load_on: bool = False


def lit(facts: Facts, mode: Mode) -> frozenset[Symbol]:
    """The symbols that go with any page."""
    live = facts.live
    symbols = {_PHASES[element] for element in facts.elements if live.phases[element].voltage_uv >= facts.present_uv}
    quadrant = _quadrant(live, facts.start_uw)
    if quadrant is not None:
        symbols.add(quadrant)
    if 1 <= facts.rate <= len(_RATES):
        symbols.add(_RATES[facts.rate - 1])
    conditions = {
        Symbol.SEQUENCE: live.sequence is PhaseSequence.REVERSED,
        Symbol.ALARM: bool(facts.alarms or facts.status & _ALARMS),
        Symbol.CLOCK: bool(facts.status & _CLOCK),
        Symbol.BATTERY: bool(facts.status & Status.BATTERY_FAILED),
        Symbol.OPEN: facts.supply is not SupplyState.CONNECTED,
        Symbol.READY: facts.supply is SupplyState.READY_FOR_RECONNECTION,
        Symbol.LOAD: facts.load_on,
        Symbol.MANUAL: mode in (Mode.STEPPED, Mode.MANUAL),
        Symbol.TEST: mode is Mode.TEST,
    }
    return frozenset(symbols | {symbol for symbol, holds in conditions.items() if holds})


def _quadrant(live: LiveValues, start_uw: int) -> Symbol | None:
    """None while nothing flows; what is too little to be counted has no sign, as in the registers."""
    active, reactive = live.total.active_uw, live.total.reactive_uvar
    active = active if abs(active) >= start_uw else 0
    reactive = reactive if abs(reactive) >= start_uw else 0
    if not active and not reactive:
        return None
    if active >= 0:
        return Symbol.Q1 if reactive >= 0 else Symbol.Q4
    return Symbol.Q2 if reactive >= 0 else Symbol.Q3
