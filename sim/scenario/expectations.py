"""Expectations: each table of a scenario, held against what was observed."""

from collections.abc import Mapping

from hal.energy import ENERGY_KINDS
from hal.outputs import Pulse
from sim.scenario.expect_tables import (
    BillingExpectation,
    ClockErrorExpectation,
    EnergyErrorExpectation,
    EventExpectation,
    ExpectTable,
    FramesRefusedExpectation,
    HistoryExpectation,
    IntervalExpectation,
    OutcomeExpectation,
    ProfileCountExpectation,
    PulsesExpectation,
    RateExpectation,
    ReadingExpectation,
    RegisterExpectation,
)
from sim.scenario.observations import Observations, Sight, seconds
from sim.scenario.register_code import parse_register
from sim.scenario.result import Check, EventRow, Reading

_NWH_PER_WH = 10**9
_ACTIVE = 2
_SETS_TOLD = 4


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
    elif isinstance(expectation, OutcomeExpectation):
        held, message = _outcome(expectation, readings)
    elif isinstance(expectation, FramesRefusedExpectation):
        held = seen.frames_refused >= expectation.frames_refused
        message = f"the meter refused {seen.frames_refused} messages"
    elif isinstance(expectation, HistoryExpectation):
        held = seen.billing_sets == expectation.history
        message = f"{seen.billing_sets} ends of billing"
    elif isinstance(expectation, BillingExpectation):
        held, message = _billing(expectation, seen)
    elif isinstance(expectation, ClockErrorExpectation):
        low, high = expectation.clock_error_ns
        held = low <= sight.clock_error_ns <= high
        message = f"the clock is {seconds(sight.clock_error_ns)} off"
    elif isinstance(expectation, RateExpectation):
        held, message = sight.rate == expectation.rate, f"rate {sight.rate} is in force"
    elif isinstance(expectation, IntervalExpectation):
        held, message = _interval(expectation, seen)
    elif isinstance(expectation, PulsesExpectation):
        sent = seen.pulses(Pulse(expectation.pulses))
        held, message = expectation.least <= sent <= expectation.most, f"{sent} {expectation.pulses} pulses were sent"
    elif isinstance(expectation, ProfileCountExpectation):
        held, message = _profile_count(expectation, seen)
    else:
        held, message = _energy_error(expectation, seen)
    return Check(expectation.id, held, message, None if held else (end_ns if at_ns is None else at_ns))


def _event(expectation: EventExpectation, seen: Observations) -> tuple[bool, str]:
    window = expectation.within_ns
    times = [row.at_ns for row in seen.events if _meant(expectation, row, seen)]
    inside = times if window is None else [at for at in times if window[0] <= at <= window[1]]
    message = f"{expectation.event}{_which(expectation)} logged {len(times)} times"
    if times:
        message += f", first at {seconds(times[0])}"
    if expectation.never:
        return not inside, message
    if expectation.count is not None:
        return len(inside) == expectation.count, message
    return bool(inside), message


def _meant(expectation: EventExpectation, row: EventRow, seen: Observations) -> bool:
    stamp = expectation.stamp_ns
    return (
        row.event == expectation.event
        and expectation.clock in (None, row.clock)
        and expectation.detail in (None, row.detail)
        and (stamp is None or stamp[0] <= seen.told_ns(row) <= stamp[1])
    )


def _which(expectation: EventExpectation) -> str:
    parts = [
        None if expectation.clock is None else f"clock {expectation.clock}",
        None if expectation.detail is None else f"detail {expectation.detail}",
        None if expectation.stamp_ns is None else f"stamp {' to '.join(map(seconds, expectation.stamp_ns))}",
    ]
    said = ", ".join(part for part in parts if part is not None)
    return f" ({said})" if said else ""


def _billing(expectation: BillingExpectation, seen: Observations) -> tuple[bool, str]:
    stamp = expectation.stamp_ns
    meant = [
        one
        for one in seen.billing
        if expectation.source in (None, one.source)
        and (stamp is None or stamp[0] <= seen.stamped_ns(one) <= stamp[1])
    ]
    told = ", ".join(f"{one.source} stamped {seconds(seen.stamped_ns(one))}" for one in seen.billing[:_SETS_TOLD])
    more = f" and {len(seen.billing) - _SETS_TOLD} more" if len(seen.billing) > _SETS_TOLD else ""
    message = f"{len(meant)} such of {len(seen.billing)} ends of billing{': ' if told else ''}{told}{more}"
    return len(meant) == expectation.billing, message


def _interval(expectation: IntervalExpectation, seen: Observations) -> tuple[bool, str]:
    """Of several with the same stamp (the clock had gone back) one will do."""
    found = [one for one in seen.intervals if seen.stamped_ns(one) == expectation.interval_at_ns]
    if not found:
        return False, f"none of {len(seen.intervals)} intervals ends there"
    kind = ENERGY_KINDS.index(expectation.channel)
    for interval in found:
        values = dict(zip(interval.kinds, interval.values, strict=True))
        value = values.get(kind, -1) * interval.unit_nwh
        held = (
            set(expectation.status) <= set(interval.status)
            and not set(expectation.without) & set(interval.status)
            and expectation.missed in (None, interval.missed)
            and (not expectation.bounded or (kind in values and expectation.admits(value)))
        )
        message = f"interval {interval.number}: {expectation.channel} {_kwh(value) if value >= 0 else 'not recorded'}"
        message += f", {interval.length_s} s, {', '.join(interval.status) or 'no flags'}"
        message += f", {interval.missed} missed" if interval.missed else ""
        if held:
            break
    return held, message


def _profile_count(expectation: ProfileCountExpectation, seen: Observations) -> tuple[bool, str]:
    low, high = expectation.within_ns or (None, None)
    kind = ENERGY_KINDS.index(expectation.channel)
    meant = [
        interval
        for interval in seen.intervals
        if set(expectation.status) <= set(interval.status)
        and (low is None or low <= seen.stamped_ns(interval))
        and (high is None or seen.stamped_ns(interval) <= high)
    ]
    recorded = all(kind in interval.kinds for interval in meant)
    total = sum(dict(zip(one.kinds, one.values, strict=True)).get(kind, 0) * one.unit_nwh for one in meant)
    held = len(meant) == expectation.profile_count
    held = held and (not expectation.bounded or (recorded and expectation.admits(total)))
    message = f"{len(meant)} such intervals of {len(seen.intervals)}"
    return held, f"{message}, {expectation.channel} {_kwh(total)} in all" if recorded else message


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
        place = (expectation.value or 1) - 1
        message = f"{expectation.address}({')('.join(values)}) was read"
        return place < len(values) and values[place] == expectation.text, message
    number, _, unit = values[0].partition("*")
    whole, _, decimals = number.partition(".")
    if not (whole + decimals).isdecimal() or not unit.startswith("k"):
        return False, f"{expectation.address}({values[0]}) is no energy"
    value = int(whole + decimals) * 10 ** (12 - len(decimals))
    return expectation.admits(value), f"{expectation.address}({values[0]}) was read"


def _outcome(expectation: OutcomeExpectation, readings: Mapping[str, Reading]) -> tuple[bool, str]:
    reading = readings.get(expectation.reading)
    if reading is None:
        return False, "the reading never ended"
    ended = "done" if reading.problem is None else reading.problem
    return ended == expectation.ends, f"the reading ended: {ended}"


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
