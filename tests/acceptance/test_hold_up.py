"""The hold-up capacitor at the end of its life gives at least twice what the worst save at power fail takes, and while
that save is made nothing less urgent than the store is in its way."""

import pytest

from firmware.config import RATES_MOST, usual_maxima
from firmware.demand.config import DemandConfig
from firmware.kernel.analysis import response_bounds
from firmware.kernel.kernel import Kernel
from firmware.save import state_bytes
from firmware.storage.hold_up import record_pages, save_ns, wait_with_suspend_ns
from firmware.storage.power_fail import batch_pages
from firmware.tariff.config import TariffConfig
from firmware.tariff.layout import billing_bytes
from hal.probe import JobDone
from hal.units import MS, S
from sim.devices.draw import DRAW
from sim.devices.flash import W25Q64
from sim.devices.supply import worst_hold_up_ns
from sim.devices.supply_part import SUPPLY
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from sim.scenario.storage_report import TASK, needed_ns
from tests.acceptance.playing import fault, play, reading, text_of, troubles
from tests.tariff.test_largest import largest

GEOMETRY = W25Q64.geometry
BOARDS = ("soc", "afe")
START = "2026-06-15T08:00:00+02:00"


def hold_up_ns() -> int:
    """From the interrupt to the brown-out, at the capacitor's worst and with all that the board can draw."""
    return worst_hold_up_ns(SUPPLY, DRAW.most_uw)


def rates_of(rates: int) -> str:
    """The table of a tariff with so many rates."""
    return f'[tariff]\nrates = {rates}\n[tariff.day_profiles]\nevery-day = {{ "00:00" = {rates} }}\n'


def powered(board: str, rates: int) -> Kernel:
    """A meter's program, a second after the scenario's start."""
    runner = Runner(parse(text_of(START, "1min", rates_of(rates), board)), 1)
    runner.advance(S)
    kernel = runner.bench.board.kernel
    assert isinstance(kernel, Kernel)
    return kernel


def bounds_of(kernel: Kernel, hz: int = 50_000_000) -> dict[str, int | None]:
    return response_bounds([task.spec for task in kernel.tasks], list(kernel.interrupts.values()), kernel.costs, hz)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("rates", range(1, RATES_MOST + 1))
def test_twice_what_the_worst_save_takes(board: str, rates: int) -> None:
    bound = bounds_of(powered(board, rates))[TASK]
    assert bound is not None
    kept = TariffConfig(), DemandConfig(maxima=usual_maxima(rates)), rates
    pages = batch_pages(
        record_pages(state_bytes(*kept, 8), GEOMETRY), record_pages(billing_bytes(*kept), GEOMETRY)
    )
    flash_alone = save_ns(GEOMETRY, pages, wait_with_suspend_ns(GEOMETRY))
    assert flash_alone < bound < needed_ns(GEOMETRY, bound)
    assert hold_up_ns() >= 2 * needed_ns(GEOMETRY, bound)


@pytest.mark.parametrize("board", BOARDS)
def test_twice_what_it_takes_with_all_that_billing_can_do(board: str) -> None:
    runner = Runner(parse(largest().replace('"afe"', f'"{board}"')), 1)
    runner.advance(S)
    kernel = runner.bench.board.kernel
    assert isinstance(kernel, Kernel)
    bounds = bounds_of(kernel)
    assert [task.name for task in kernel.tasks if (bounds[task.name] or S * S) > task.deadline_ns] == []
    bound = bounds[TASK]
    assert bound is not None
    assert hold_up_ns() >= 2 * needed_ns(GEOMETRY, bound)


@pytest.mark.parametrize("board", BOARDS)
def test_no_bound_lies_beyond_its_deadline(board: str) -> None:
    kernel = powered(board, RATES_MOST)
    bounds = bounds_of(kernel)
    late = {task.name: bounds[task.name] for task in kernel.tasks if (bounds[task.name] or S * S) > task.deadline_ns}
    assert late == {}


@pytest.mark.parametrize("board", BOARDS)
def test_what_a_run_prints(board: str) -> None:
    result = play(text_of(START, "1min", rates_of(RATES_MOST), board)).result
    row = result.hold_up
    assert row is not None
    assert row.given_ns == hold_up_ns()
    assert row.given_ns >= 2 * row.needed_ns > 400 * MS


@pytest.mark.parametrize("board", BOARDS)
def test_nothing_less_urgent_than_the_store_runs_in_a_save_and_all_goes_on_after_it(board: str) -> None:
    # The comparator tells of the first dip 20 ms after its beginning; the save then takes some 2 ms.
    dips = "".join(fault("supply-fail", f"{60_000 + number * 10_000} ms", "120 ms") for number in range(5))
    covers = "".join(fault("terminal-cover-open", f"{60_021 + number * 10_000} ms", "5s") for number in range(5))
    runner = Runner(parse(text_of(START, "2min", dips + covers + reading("all-along", "59 s"), board)), 1)
    jobs: list[JobDone] = []
    runner.bench.probe.subscribe(JobDone, lambda _at, job: jobs.append(job))
    result = runner.run()
    assert troubles(result) == []
    assert [row.problem for row in result.readings] == [None]
    others = [job for job in jobs if job.task not in (TASK, "store", "metering")]
    released = [
        (job, save)
        for save in jobs
        if save.task == TASK
        for job in others
        if save.release_ns < job.release_ns < save.end_ns
    ]
    assert {job.task for job, _ in released} >= {"inputs"}
    assert [job for job, save in released if job.end_ns <= save.end_ns] == []
