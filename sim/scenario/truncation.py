"""A scenario cut short: what lies past the cut is left out, and named."""

from sim.scenario.errors import ScenarioError
from sim.scenario.expect_tables import (
    ClockErrorExpectation,
    EventExpectation,
    ExpectTable,
    IntervalExpectation,
    OutcomeExpectation,
    ProfileCountExpectation,
    RateExpectation,
    ReadingExpectation,
    RegisterExpectation,
)
from sim.scenario.quantities import format_duration
from sim.scenario.schema import Scenario


def truncated(scenario: Scenario, until_ns: int) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario with an end at `until_ns`, and the ids of the faults, readings and expectations that it lost.

    Whatever is expected at the scenario's end is lost too, unless it is that something never happens. ScenarioError for
    an instant past the end.
    """
    if scenario.duration_ns is not None and until_ns > scenario.duration_ns:
        end = format_duration(scenario.duration_ns)
        raise ScenarioError(f"{scenario.source}: --until {format_duration(until_ns)} lies past the end, {end}")
    if until_ns <= 0:
        raise ScenarioError(f"{scenario.source}: --until {format_duration(until_ns)} leaves nothing to run")
    if until_ns == scenario.duration_ns:
        return scenario, ()
    faults = tuple(fault for fault in scenario.faults if fault.at_ns < until_ns)
    readings = tuple(reading for reading in scenario.readings if reading.at_ns < until_ns)
    read = {reading.id for reading in readings}
    expectations = tuple(e for e in scenario.expectations if _decided(e, until_ns, read))
    pairs = ((scenario.faults, faults), (scenario.readings, readings), (scenario.expectations, expectations))
    lost = tuple(entry.id for before, after in pairs for entry in before if entry not in after)
    changes = {"duration_ns": until_ns, "faults": faults, "readings": readings, "expectations": expectations}
    return scenario.model_copy(update=changes), lost


def _decided(expectation: ExpectTable, until_ns: int, read: set[str]) -> bool:
    """Whether a run up to an instant decides what the whole run would."""
    match expectation:
        case EventExpectation(never=True, within_ns=None):
            return True
        case EventExpectation(within_ns=window):
            return window is not None and window[1] <= until_ns
        case RegisterExpectation(at_ns=at_ns) | ClockErrorExpectation(at_ns=at_ns) | RateExpectation(at_ns=at_ns):
            return at_ns is not None and at_ns <= until_ns
        case IntervalExpectation(interval_at_ns=at_ns):
            return at_ns < until_ns
        case ProfileCountExpectation(within_ns=window):
            return window is not None and window[1] < until_ns
        case ReadingExpectation(reading=reading) | OutcomeExpectation(reading=reading):
            return reading in read
        case _:
            return False
