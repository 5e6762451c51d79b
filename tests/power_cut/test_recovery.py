"""Cuts that come soon after another, and mains that come back in time."""

from dataclasses import replace

import pytest

from hal.units import MINUTE, MS, US, S
from sim.devices.flash import W25Q64, EraseCut, Kind, ProgramCut, Stage
from tests.power_cut.campaign import ORDINARY, learn
from tests.power_cut.scene import DETECTION_NS, EVENING, Cut, Seen, run

FIRST_NS = 13 * MINUTE + 7 * S
CHARGED_NS = 111_124 * US
"""From the return of the mains to power-up, with an empty capacitor."""

HALF_CHARGED_NS = 83_450 * US
"""The same from the voltage at which the meter went down, give or take what drains the capacitor in some seconds."""


def reasons(seen: Seen, life: int) -> list[str]:
    return [save.record.reason for save in seen.ledger.lives[life].saves]


@pytest.mark.parametrize("hold_up", [False, True])
@pytest.mark.parametrize("program", list(ProgramCut))
def test_a_second_cut_while_the_meter_recovers(hold_up: bool, program: ProgramCut) -> None:
    off = 3 * S
    up = FIRST_NS + off + (HALF_CHARGED_NS if hold_up else CHARGED_NS)
    erases = list(EraseCut)
    for step in range(25):
        # From 1 ms to 300 ms after power-up.
        second = up + MS + step * 12_458 * US
        cuts = (
            Cut(FIRST_NS, off, hold_up, program, erases[step % len(erases)]),
            Cut(second, S, False, program, erases[step % len(erases)]),
        )
        seen = run(EVENING, cuts)
        assert not seen.wrong, (cuts, seen.wrong)
        assert len(seen.ledger.lives) == 3
        assert abs(seen.ledger.lives[1].up_ns - up) < MS


def burst(supply_ns: int, count: int, hold_up: bool) -> Seen:
    """Outages of 3 s with so much supply between them."""
    charging = HALF_CHARGED_NS if hold_up else CHARGED_NS
    period = 3 * S + charging + supply_ns
    return run(EVENING, [Cut(FIRST_NS + number * period, 3 * S, hold_up) for number in range(count)])


@pytest.mark.parametrize("supply_ns", [20 * MS, 60 * MS, 400 * MS])
def test_a_burst_of_short_supplies_loses_nothing_with_hold_up(supply_ns: int) -> None:
    """Each life takes two sectors and may be too short to erase one: they must not run out."""
    seen = burst(supply_ns, 40, hold_up=True)
    assert not seen.wrong
    assert len(seen.ledger.lives) == 41
    assert all(life.slots for life in seen.ledger.lives)
    assert all(loss.intact for loss in seen.losses)


@pytest.mark.parametrize("supply_ns", [20 * MS, 60 * MS, 400 * MS, 800 * MS])
def test_a_burst_of_short_supplies_without_hold_up_is_told(supply_ns: int) -> None:
    seen = burst(supply_ns, 40, hold_up=False)
    assert not seen.wrong
    assert len(seen.ledger.lives) == 41
    assert not any(life.booted.clean for life in seen.ledger.lives[1:] if life.booted is not None)


def test_an_erase_under_way_is_suspended_for_the_save_at_power_fail() -> None:
    calm = [entry.operation for entry in learn() if entry.operation.at_ns < ORDINARY[0].at_ns]
    erases = [operation for operation in calm if operation.kind is Kind.ERASE and operation.start_ns > S]
    assert len(erases) > 5
    for operation in erases:
        for share in (1, 3, 5):
            heard = operation.start_ns + (operation.at_ns - operation.start_ns) * share // 8
            seen = run(EVENING, [Cut(heard - DETECTION_NS, 5 * S, hold_up=True)])
            assert not seen.wrong
            assert seen.busy_at(heard)
            # The processor may be a little faster or slower once the mains have gone.
            steps = [
                step
                for step in seen.operations
                if step.address == operation.address and abs(step.start_ns - operation.start_ns) < 2 * MS
            ]
            suspended = [step for step in steps if step.stage is Stage.SUSPENDED]
            saved = seen.ledger.lives[0].saves[-1]
            assert suspended, f"the erase at {operation.start_ns} ns went on"
            assert heard < suspended[0].at_ns < saved.at_ns
            assert saved.record.reason == "power_fail"
            # Capturing takes 1.2 ms at most, beginning a page 0.1 ms; no erase stands between.
            pages = [step for step in seen.operations if heard < step.at_ns <= saved.at_ns and step.stage is Stage.DONE]
            assert all(step.kind is Kind.PROGRAM for step in pages)
            assert saved.at_ns - heard < 2 * MS + W25Q64.suspend_worst_ns + len(pages) * W25Q64.program_worst_ns


@pytest.mark.parametrize("off_ns", [21 * MS, 22 * MS, 100 * MS, 400 * MS, 900 * MS])
def test_mains_that_return_in_the_hold_up_reset_nothing(off_ns: int) -> None:
    seen = run(EVENING, [Cut(FIRST_NS, off_ns, hold_up=True)])
    assert not seen.wrong
    assert len(seen.ledger.lives) == 1
    assert reasons(seen, 0)[2:4] == ["power_fail", "period"]
    assert seen.ledger.lives[0].gone_on


def test_a_cut_after_mains_that_returned_loses_what_was_measured_since() -> None:
    dip = Cut(FIRST_NS, 200 * MS, hold_up=True)
    for after in (2 * S, 20 * S, MINUTE):
        seen = run(EVENING, [dip, Cut(dip.end_ns + after, 5 * S, hold_up=False)])
        assert not seen.wrong
        (loss,) = seen.losses
        assert reasons(seen, 0)[-1] == "power_fail"
        assert after < loss.since_ns < after + dip.off_ns
        booted = seen.ledger.lives[1].booted
        assert booted is not None
        assert not booted.clean


def test_mains_that_return_and_fail_again_are_saved_anew() -> None:
    """Fail, good and fail again, faster than a job of the task follows another. Mains that return for less than 20 ms
    are not told to be good."""
    for on in (25 * MS, 30 * MS, 150 * MS, 350 * MS):
        for off in (25 * MS, 120 * MS, 310 * MS):
            first = Cut(FIRST_NS, off, hold_up=True)
            seen = run(EVENING, [first, Cut(first.end_ns + on, 5 * S, hold_up=True)])
            assert not seen.wrong, (on, off, seen.wrong)
            assert reasons(seen, 0)[-1] == "power_fail"


def test_three_interruptions_of_a_second_are_spanned() -> None:
    """IEC 62052-11, voltage dips and short interruptions: 100 %, 1 s, three times, 50 ms between. Where the capacitor
    runs out all is saved, and the meter says rightly whether it was."""
    seen = run(EVENING, [Cut(FIRST_NS + number * 1_050 * MS, S, hold_up=True) for number in range(3)])
    assert not seen.wrong


def test_a_dip_too_short_to_be_heard_of_does_not_stop_the_store() -> None:
    """The mains are gone for less than the comparator's 20 ms just while a save is written."""
    writes = [entry.operation for entry in learn() if entry.purpose == "save, period"]
    for operation in writes:
        for before in (0, MS, 5 * MS):
            dip = Cut(operation.start_ns - before, 19 * MS, hold_up=True)
            cut = Cut(EVENING.duration_ns - 4 * MINUTE, S, hold_up=False)
            seen = run(EVENING, [dip, cut])
            assert not [problem for problem in seen.wrong if "cut-0" not in problem], (dip, seen.wrong)
            assert len(reasons(seen, 0)) == len(EVENING.interval_ends()) + 2


def test_two_billing_sets_may_be_whole_before_a_save_is() -> None:
    """The button is pressed as the month ends and the mains fail: the save at power fail follows both sets, and the
    rail collapses in each of its operations in turn."""
    scene = replace(EVENING, presses=(EVENING.midnight_ns + MS,))
    fail = Cut(EVENING.midnight_ns + 20 * MS - DETECTION_NS, 5 * S, hold_up=True)
    calm = run(scene, [fail])
    assert not calm.wrong
    assert len(calm.ledger.history) == 2
    saved = calm.ledger.lives[0].saves[-1]
    steps = [step for step in calm.operations if step.stage is Stage.DONE and fail.heard_ns < step.at_ns <= saved.at_ns]
    assert len(steps) >= 6
    for step in steps:
        for program in ProgramCut:
            cut = Cut((step.start_ns + step.at_ns) // 2, 7 * S, hold_up=False, program=program)
            seen = run(scene, [fail, cut])
            assert not seen.wrong, (cut, seen.wrong)


@pytest.mark.parametrize("hold_up", [False, True])
def test_mains_that_fail_about_a_boundary_end_billing_once(hold_up: bool) -> None:
    """The save at power fail may be laid out in the second of the boundary, but before it."""
    for step in range(-20, 30):
        heard = EVENING.midnight_ns + step * 100 * US
        seen = run(EVENING, [Cut(heard - (DETECTION_NS if hold_up else 0), 5 * S, hold_up)])
        assert not seen.wrong, (step, seen.wrong)


@pytest.mark.parametrize("purpose", ["billing set", "save, power fail", "save, period", "event"])
def test_a_record_whole_but_never_told_of_counts(purpose: str) -> None:
    """The cut comes so late in its last page that the record is whole; the firmware could not say so."""
    for entry in learn():
        operation = entry.operation
        if entry.purpose == purpose and operation.at_ns < EVENING.midnight_ns:
            seen = run(EVENING, [*ORDINARY, Cut(operation.at_ns, MINUTE, hold_up=False, program=ProgramCut.DONE)])
            assert not seen.wrong, (operation, seen.wrong)
