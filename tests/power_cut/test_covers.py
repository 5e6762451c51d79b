"""Cuts about the opening and the closing of a cover: the log tells each once, however the save was prevented."""

from dataclasses import replace

import pytest

from firmware.events.entry import ENTRY_BYTES
from firmware.storage.record import HEADER_BYTES
from hal.units import MINUTE, MS, S
from sim.devices.flash import FlashOperation, ProgramCut, Stage
from tests.power_cut.scene import EVENING, Cut, Seen, run

OPENED_NS = 22 * MINUTE
CLOSED_NS = OPENED_NS + 40 * S
EVENT_BYTES = HEADER_BYTES + ENTRY_BYTES
SCENE = replace(EVENING, covers=(OPENED_NS,), presses=(), duration_ns=45 * MINUTE)


def _is_event(step: FlashOperation) -> bool:
    return step.length == EVENT_BYTES and step.stage is Stage.DONE


def covers(seen: Seen) -> list[str]:
    """What the log in flash says of the cover, oldest first."""
    return [event.event for event in seen.log if "cover" in event.event]


TOLD = ["terminal-cover-opened", "terminal-cover-closed"]


@pytest.mark.parametrize("at_ns", [OPENED_NS + S, OPENED_NS + 20 * S, CLOSED_NS + S, CLOSED_NS + 20 * S])
@pytest.mark.parametrize("off_ns", [2 * S, MINUTE])
def test_a_cover_is_told_to_be_opened_once_and_closed_once(at_ns: int, off_ns: int) -> None:
    seen = run(SCENE, [Cut(at_ns, off_ns, hold_up=False)])
    assert not seen.wrong, seen.wrong
    assert covers(seen) == TOLD


@pytest.mark.parametrize("change_ns", [OPENED_NS, CLOSED_NS])
@pytest.mark.parametrize("program", list(ProgramCut))
def test_a_cut_in_the_event_itself(change_ns: int, program: ProgramCut) -> None:
    """At any moment of its program, whole but never told of as well: told once, now or at the next boot."""
    calm = run(SCENE)
    step = next(step for step in calm.operations if step.start_ns >= change_ns and _is_event(step))
    for at_ns in (change_ns + 100_000, step.start_ns + MS // 10, step.at_ns - 1, step.at_ns):
        seen = run(SCENE, [Cut(at_ns, 3 * S, hold_up=False, program=program)])
        assert not seen.wrong, (at_ns, seen.wrong)
        assert covers(seen) == TOLD
        again = run(SCENE, [Cut(at_ns, 3 * S, False, program), Cut(at_ns + 5 * S, 3 * S, False)])
        assert not again.wrong, (at_ns, again.wrong)
        assert covers(again) == TOLD


def test_an_event_whole_but_never_told_of_is_found_in_flash() -> None:
    calm = run(SCENE)
    step = next(step for step in calm.operations if step.start_ns >= CLOSED_NS and _is_event(step))
    seen = run(SCENE, [Cut(step.at_ns, 3 * S, hold_up=False, program=ProgramCut.DONE)])
    told = [event.event for life in seen.ledger.lives for event in life.events]
    assert "terminal-cover-closed" not in told
    assert covers(seen) == TOLD
    assert not seen.wrong
