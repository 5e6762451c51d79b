"""What must hold between the tables of a scenario; the first rule that is broken is raised with its path."""

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from firmware.events.codes import Event
from hal.units import S
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
from sim.scenario.fault_base import SOUND, FaultBase
from sim.scenario.fields import RTC_END_NS
from sim.scenario.load_table import ConstantLoad
from sim.scenario.problem import problem
from sim.scenario.quantities import format_duration
from sim.scenario.reading_table import ReadingTable
from sim.scenario.register_code import parse_register

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

_USED_PHASES = {"3p4w": (1, 2, 3), "3p3w": (1, 2, 3), "1p2w": (1,)}
_ELEMENTS = {"3p4w": (1, 2, 3), "3p3w": (1, 3), "1p2w": (1,)}


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


def check_ids(
    faults: Sequence[FaultBase], readings: Sequence[ReadingTable], expectations: Sequence[ExpectTable]
) -> None:
    """Ids are unique in each list, and readings that are expected exist."""
    for key, entries in (("fault", faults), ("reading", readings), ("expect", expectations)):
        _check_unique(key, entries)
    known = [reading.id for reading in readings]
    for place, expectation in enumerate(expectations):
        if isinstance(expectation, ReadingExpectation | OutcomeExpectation) and expectation.reading not in known:
            listed = f"there are {', '.join(known)}" if known else "there is none"
            raise problem(("expect", place, "reading"), f'no reading has the id "{expectation.reading}": {listed}')


def _check_unique(key: str, entries: Iterable[_Identified]) -> None:
    first: dict[str, int] = {}
    for place, entry in enumerate(entries):
        if first.setdefault(entry.id, place) != place:
            raise problem((key, place, "id"), f'"{entry.id}" is taken by {key}[{first[entry.id]}]')


def check_kinds(scenario: "Scenario") -> None:
    """What the meter, its board and its firmware can't have is not asked of them."""
    errors = scenario.world.front_end
    if scenario.board == "afe":
        if errors.noise_millicounts:
            raise problem(("world", "front_end", "noise"), 'needs the converter of board "soc"')
        if errors.voltage_gain_ppm:
            raise problem(
                ("world", "front_end", "voltage_gain"), 'needs the converter of board "soc"; give current_gain'
            )
    phase = scenario.load.phase
    if phase is not None and (scenario.meter.wiring == "3p3w" or phase not in _USED_PHASES[scenario.meter.wiring]):
        raise problem(("load", "phase"), f"a load can't hang on L{phase} of a {scenario.meter.wiring} service")
    if isinstance(scenario.load, ConstantLoad) and scenario.load.currents_na and scenario.meter.wiring != "3p4w":
        raise problem(("load", "currents"), f"a {scenario.meter.wiring} service has no three currents of their own")
    rates = scenario.tariff.calendar().rates
    for place, expectation in enumerate(scenario.expectations):
        rate = 0
        if isinstance(expectation, RateExpectation):
            rate = expectation.rate
        elif isinstance(expectation, RegisterExpectation):
            rate = parse_register(expectation.register_code).rate
        if rate > rates:
            key = "rate" if isinstance(expectation, RateExpectation) else "register"
            raise problem(("expect", place, key), f"there are {rates} rates, and no rate {rate}")
        if isinstance(expectation, EventExpectation):
            _check_event(place, expectation.event, scenario.firmware)


def _check_event(place: int, event: str, firmware: str) -> None:
    """Our own firmware's events are known; a slip would make `never` hold for ever."""
    known = [event.text for event in Event]
    if event not in known and firmware.startswith("firmware."):
        near = difflib.get_close_matches(event, known, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else f": it logs {', '.join(known)}"
        raise problem(("expect", place, "event"), f'the firmware logs no "{event}"{hint}')


def check_faults(faults: Sequence[FaultBase], wiring: str, board: str) -> None:
    """A fault that this meter can't have, or that another one has already brought about, would never take effect."""
    for place, fault in enumerate(faults):
        if board not in fault.boards:
            raise problem(("fault", place, "kind"), f'needs board "{next(iter(fault.boards))}"')
        if wiring not in fault.wirings:
            raise problem(("fault", place, "kind"), f"a {wiring} service can't have it")
        _check_phases(place, fault, wiring)
        for other in faults[:place]:
            _check_pair(place, fault, other)
    _check_turns(faults)


def _check_phases(place: int, fault: FaultBase, wiring: str) -> None:
    used = (_ELEMENTS if fault.elements_only else _USED_PHASES)[wiring]
    for key, phases in fault.phases_by_key.items():
        for index, phase in enumerate(phases):
            path = ("fault", place, key, index) if len(phases) > 1 or key == "phases" else ("fault", place, key)
            if phase not in used:
                raise problem(path, f"a {wiring} service has no L{phase}")
            if phase in phases[:index]:
                raise problem(path, f"L{phase} stands here twice")


def _check_pair(place: int, fault: FaultBase, other: FaultBase) -> None:
    """Two that claim the same thing don't overlap. One that ends by no means claims it to the end."""
    if not fault.claims & other.claims:
        return
    # A fault that begins where the same one ends leaves it open which comes first.
    if (other.end_ns is None or fault.at_ns <= other.end_ns) and (fault.end_ns is None or other.at_ns <= fault.end_ns):
        end = "the end" if other.end_ns is None else format_duration(other.end_ns)
        lasts = f"{format_duration(other.at_ns)} to {end}"
        raise problem(("fault", place, "at"), f'{format_duration(fault.at_ns)} falls into "{other.id}", {lasts}')


def _check_turns(faults: Sequence[FaultBase]) -> None:
    """What turns a thing into a state finds it in another, and two never do so at one instant."""
    last: dict[str, FaultBase] = {}
    for place, fault in sorted(enumerate(faults), key=lambda entry: (entry[1].at_ns, entry[0])):
        turn = fault.turn
        if turn is None:
            continue
        before = last.get(turn.thing)
        if before is not None and before.at_ns == fault.at_ns:
            text = f'is the instant of "{before.id}", which concerns the same {turn.thing}'
            raise problem(("fault", place, "at"), text)
        state = SOUND if before is None or before.turn is None else before.turn.makes
        if state in turn.refused:
            since = "" if before is None else before.id
            raise problem(("fault", place, "at"), turn.refused[state].format(before=since))
        last[turn.thing] = fault


def check_instants(scenario: "Scenario") -> None:
    """Nothing is asked past the end, and the end is one that a clock can show."""
    end_ns = scenario.duration_ns
    if end_ns is None:
        return
    for place, fault in enumerate(scenario.faults):
        _check_before(("fault", place, "at"), fault.at_ns, end_ns - 1, end_ns)
    for place, step in enumerate(scenario.world.temperature_steps):
        _check_before(("world", "temperature_step", place, "at"), step.at_ns, end_ns - 1, end_ns)
    for place, reading in enumerate(scenario.readings):
        _check_before(("reading", place, "at"), reading.at_ns, end_ns - 1, end_ns)
    for place, expectation in enumerate(scenario.expectations):
        if isinstance(expectation, IntervalExpectation):
            _check_before(("expect", place, "interval_at"), expectation.interval_at_ns, end_ns - 1, end_ns)
        if isinstance(expectation, EventExpectation | ProfileCountExpectation) and expectation.within_ns is not None:
            _check_before(("expect", place, "within", 1), expectation.within_ns[1], end_ns, end_ns)
        if isinstance(expectation, RegisterExpectation | ClockErrorExpectation | RateExpectation):
            at_ns = expectation.at_ns
            if at_ns is not None:
                _check_before(("expect", place, "at"), at_ns, end_ns, end_ns)
    if scenario.start_utc_ns is not None and scenario.start_utc_ns + end_ns > RTC_END_NS - S:
        raise problem(("duration",), "ends after 2099, where an RTC ends")


def _check_before(path: tuple[str | int, ...], at_ns: int, last_ns: int, end_ns: int) -> None:
    if at_ns > last_ns:
        raise problem(path, f"{format_duration(at_ns)} lies past the end, {format_duration(end_ns)}")
