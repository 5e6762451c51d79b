"""A ring whose sectors are all past their endurance: the meter goes on, says so, and does not wear itself away."""

from dataclasses import replace

import pytest

from hal.probe import EventLogged, RegistersSaved
from hal.units import HOUR
from sim.devices.flash import FlashOperation, Kind, Stage
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from tests.faults.cases import CASES, text

READ = '\n[[reading]]\nid = "read"\nat = "39h"\n'
FLASH_WORN_OUT = 0x8000


class Worn:
    """The fault `flash-wear` an hour after the start."""

    def __init__(self, erases: int, duration: str) -> None:
        fault = f'ring = "registers"\nerases = {erases}'
        case = replace(CASES["flash-wear"], fault=fault, duration=duration, around=READ if duration == "40h" else "")
        runner = Runner(parse(text("flash-wear", case), "worn"), seed=1)
        self.events: list[str] = []
        self.saves = 0
        self.done: dict[Kind, int] = dict.fromkeys(Kind, 0)
        bench = runner.bench
        bench.probe.subscribe(EventLogged, lambda _at_ns, logged: self.events.append(logged.event))
        bench.probe.subscribe(RegistersSaved, lambda _at_ns, _saved: self._saved())
        bench.board.flash.listener = self._heard
        self.result = runner.run()
        self.premises = {premise.oracle for fault in runner.faults for premise in fault.premises()}
        self.broken = [check.name for check in self.result.oracles if not check.held]

    def _saved(self) -> None:
        self.saves += 1

    def _heard(self, operation: FlashOperation) -> None:
        if operation.stage is Stage.DONE and operation.at_ns > HOUR:
            self.done[operation.kind] += 1


@pytest.mark.parametrize(("erases", "duration"), [(100_100, "3h"), (100_100, "40h"), (105_000, "40h")])
def test_a_worn_ring_costs_an_erase_a_save_and_no_more(erases: int, duration: str) -> None:
    worn = Worn(erases, duration)
    found = worn.events.count("flash-worn")
    assert found >= 5
    assert worn.events.count("flash-corrupt") <= 2
    assert worn.done[Kind.ERASE] <= worn.saves + found + 2
    assert worn.done[Kind.PROGRAM] <= 6 * (worn.saves + found)
    assert worn.broken == []


def test_with_no_sound_sector_left_worn_ones_have_to_do() -> None:
    worn = Worn(110_000, "40h")
    assert worn.events.count("flash-worn") == 52
    assert worn.events.count("flash-worn-out") == 1
    assert worn.events.count("flash-corrupt") <= 2
    assert worn.saves >= 4 * 39
    assert worn.done[Kind.ERASE] <= worn.saves + 2 * 52
    (reading,) = worn.result.readings
    assert int(reading.registers["F.F"][0], 16) & FLASH_WORN_OUT


@pytest.mark.parametrize("erases", [100_001, 105_000, 110_000])
def test_within_a_tenth_over_its_endurance_nothing_is_excused_but_for_a_save_that_bits_stick_in(erases: int) -> None:
    worn = Worn(erases, "20h")
    assert worn.broken == []
    assert worn.premises <= {"durability", "hold-up"}


def test_far_beyond_it_what_saves_are_for_is_not_asked_for() -> None:
    worn = Worn(200_000, "3h")
    assert worn.broken == []
    assert worn.premises >= {"durability", "hold-up", "profile", "timing"}
