"""What must hold between the tables of a scenario; the first rule that is broken is raised with its path."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from firmware.events.codes import Event
from hal.units import S
from sim.scenario.expect_tables import (
    ClockErrorExpectation,
    EventExpectation,
    ExpectTable,
    RateExpectation,
    ReadingExpectation,
    RegisterExpectation,
)
from sim.scenario.fault_tables import BatteryFail, BatteryReplace, FaultTable, PhaseFail
from sim.scenario.fields import RTC_END_NS
from sim.scenario.problem import problem
from sim.scenario.quantities import format_duration
from sim.scenario.reading_table import ReadingTable
from sim.scenario.register_code import parse_register

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

_USED_PHASES = {"3p4w": (1, 2, 3), "3p3w": (1, 2, 3), "1p2w": (1,)}


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


def check_ids(
    faults: Sequence[FaultTable], readings: Sequence[ReadingTable], expectations: Sequence[ExpectTable]
) -> None:
    """Ids are unique in each list, and readings that are expected exist."""
    for key, entries in (("fault", faults), ("reading", readings), ("expect", expectations)):
        _check_unique(key, entries)
    known = [reading.id for reading in readings]
    for place, expectation in enumerate(expectations):
        if isinstance(expectation, ReadingExpectation) and expectation.reading not in known:
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


def check_faults(faults: Sequence[FaultTable], wiring: str) -> None:
    """A fault that another one has already brought about would never take effect."""
    for place, fault in enumerate(faults):
        if isinstance(fault, PhaseFail):
            for index, phase in enumerate(fault.phases):
                if phase not in _USED_PHASES[wiring]:
                    raise problem(("fault", place, "phases", index), f"a {wiring} service has no L{phase}")
                if phase in fault.phases[:index]:
                    raise problem(("fault", place, "phases", index), f"L{phase} stands here twice")
        for other in faults[:place]:
            _check_pair(place, fault, other)
    _check_cells(faults)


def _check_pair(place: int, fault: FaultTable, other: FaultTable) -> None:
    if fault.kind != other.kind or fault.end_ns is None or other.end_ns is None:
        return
    if isinstance(fault, PhaseFail) and isinstance(other, PhaseFail) and not set(fault.phases) & set(other.phases):
        return
    # A fault that begins where the same one ends leaves it open which comes first.
    if fault.at_ns <= other.end_ns and other.at_ns <= fault.end_ns:
        lasts = f"{format_duration(other.at_ns)} to {format_duration(other.end_ns)}"
        raise problem(("fault", place, "at"), f'{format_duration(fault.at_ns)} falls into "{other.id}", {lasts}')


def _check_cells(faults: Sequence[FaultTable]) -> None:
    cells = [(f.at_ns, place, f) for place, f in enumerate(faults) if isinstance(f, BatteryFail | BatteryReplace)]
    cells.sort(key=lambda cell: cell[:2])
    for (before_ns, _, before), (at_ns, place, fault) in pairwise(cells):
        if at_ns == before_ns:
            raise problem(("fault", place, "at"), f'is the instant of "{before.id}", which concerns the same cell')
        if isinstance(before, BatteryFail) and isinstance(fault, BatteryFail):
            raise problem(("fault", place, "at"), f'the cell is dead since "{before.id}"; replace it in between')
    alive = True
    for _, place, fault in cells:
        if alive and isinstance(fault, BatteryReplace):
            raise problem(("fault", place, "at"), "the cell is alive then; a battery-fail comes before")
        alive = isinstance(fault, BatteryReplace)


def check_instants(scenario: "Scenario") -> None:
    """Nothing is asked past the end, and the end is one that a clock can show."""
    end_ns = scenario.duration_ns
    if end_ns is None:
        return
    for place, fault in enumerate(scenario.faults):
        _check_before(("fault", place, "at"), fault.at_ns, end_ns - 1, end_ns)
    for place, reading in enumerate(scenario.readings):
        _check_before(("reading", place, "at"), reading.at_ns, end_ns - 1, end_ns)
    for place, expectation in enumerate(scenario.expectations):
        if isinstance(expectation, EventExpectation) and expectation.within_ns is not None:
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
