"""Expectations: each table of a scenario, held against what was observed."""

from collections.abc import Mapping

from sim.scenario.expect_tables import (
    ClockErrorExpectation,
    EnergyErrorExpectation,
    EventExpectation,
    ExpectTable,
    HistoryExpectation,
    RateExpectation,
    ReadingExpectation,
    RegisterExpectation,
)
from sim.scenario.observations import Observations, Sight, seconds
from sim.scenario.register_code import parse_register
from sim.scenario.result import Check, Reading

_NWH_PER_WH = 10**9
_ACTIVE = 2


def instant_of(expectation: ExpectTable) -> int | None:
    """The instant at which something must be looked at, if it is not the end."""
    if isinstance(expectation, RegisterExpectation | ClockErrorExpectation | RateExpectation):
        return expectation.at_ns
    return None


def hold(expectation: ExpectTable, seen: Observations, readings: Mapping[str, Reading], end_ns: int) -> Check:
    """Whether it was as expected."""
    at_ns = instant_of(expectation)
    sight = seen.now() if at_ns is None else seen.sights.get(at_ns, seen.now())
    if isinstance(expectation, EventExpectation):
        held, message = _event(expectation, seen)
    elif isinstance(expectation, RegisterExpectation):
        held, message = _register(expectation, sight)
    elif isinstance(expectation, ReadingExpectation):
        held, message = _reading(expectation, readings)
    elif isinstance(expectation, HistoryExpectation):
        held = seen.billing_sets == expectation.history
        message = f"{seen.billing_sets} ends of billing"
    elif isinstance(expectation, ClockErrorExpectation):
        low, high = expectation.clock_error_ns
        held = low <= sight.clock_error_ns <= high
        message = f"the clock is {seconds(sight.clock_error_ns)} off"
    elif isinstance(expectation, RateExpectation):
        held, message = sight.rate == expectation.rate, f"rate {sight.rate} is in force"
    else:
        held, message = _energy_error(expectation, seen)
    return Check(expectation.id, held, message, None if held else (end_ns if at_ns is None else at_ns))


def _event(expectation: EventExpectation, seen: Observations) -> tuple[bool, str]:
    window = expectation.within_ns
    times = [row.at_ns for row in seen.events if row.event == expectation.event]
    inside = times if window is None else [at for at in times if window[0] <= at <= window[1]]
    message = f"{expectation.event} logged {len(times)} times"
    if times:
        message += f", first at {seconds(times[0])}"
    if expectation.never:
        return not times, message
    if expectation.count is not None:
        return len(inside) == expectation.count, message
    return bool(inside), message


def _register(expectation: RegisterExpectation, sight: Sight) -> tuple[bool, str]:
    code = parse_register(expectation.register_code)
    value = None if sight.save is None else code.value(sight.save.totals, sight.save.rates)
    if value is None:
        return False, f"{expectation.register_code} is in no save"
    return expectation.admits(value), f"{expectation.register_code} is {_kwh(value)} in the last save"


def _reading(expectation: ReadingExpectation, readings: Mapping[str, Reading]) -> tuple[bool, str]:
    reading = readings.get(expectation.reading)
    if reading is None:
        return False, "the reading never ended"
    if reading.problem is not None:
        return False, f"the reading failed: {reading.problem}"
    values = reading.registers.get(expectation.address)
    if values is None:
        return False, f"{expectation.address} was not among the {len(reading.registers)} data sets read"
    if expectation.text is not None:
        return values[0] == expectation.text, f"{expectation.address}({values[0]}) was read"
    number, _, unit = values[0].partition("*")
    whole, _, decimals = number.partition(".")
    if not (whole + decimals).isdecimal() or not unit.startswith("k"):
        return False, f"{expectation.address}({values[0]}) is no energy"
    value = int(whole + decimals) * 10 ** (12 - len(decimals))
    return expectation.admits(value), f"{expectation.address}({values[0]}) was read"


def _energy_error(expectation: EnergyErrorExpectation, seen: Observations) -> tuple[bool, str]:
    if seen.save is None:
        return False, "no save was made"
    held, worst = True, 0
    for meter, true in zip(seen.save.totals[:_ACTIVE], seen.true_at_save[:_ACTIVE], strict=True):
        error = abs(meter - true) * 10**9
        held = held and error <= expectation.energy_error_ppb * true
        if true:
            worst = max(worst, error // true)
    return held, f"active energy is {worst / 1000:.3f} ppm off"


def _kwh(nwh: int) -> str:
    wh = nwh // _NWH_PER_WH
    return f"{wh // 1000}.{wh % 1000:03} kWh"
