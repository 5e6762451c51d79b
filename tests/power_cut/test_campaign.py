"""Power cut at 240 instants of an evening: nothing that was whole is lost, and no more energy than may be."""

from collections.abc import Callable
from functools import cache

import pytest

from sim.devices.flash import EraseCut, ProgramCut
from tests.power_cut.campaign import CUTS, Aim, aims, shoot

PARTS = 8

planned = cache(aims)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_cut_at_any_instant_loses_no_more_than_it_may(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    wrong: list[tuple[Aim, tuple[str, ...]]] = []
    for aim in planned()[part::PARTS]:
        shot = shoot(aim)
        record_property("power cut", shot.flat())
        if shot.wrong:
            wrong.append((aim, shot.wrong))
        # The plan's own count of hits stands on this.
        assert shot.hit or aim.purpose is None or aim.cut.hold_up, f"missed: {aim}"
    assert not wrong


def test_the_plan_hits_every_kind_of_operation_in_every_way() -> None:
    inside = [aim for aim in planned() if aim.purpose is not None]
    cut = [aim for aim in inside if not aim.cut.hold_up]
    assert len(planned()) == CUTS
    assert 2 * sum(aim.cut.hold_up for aim in planned()) == CUTS
    # Even without those that hold-up turns into a mere interruption.
    assert len(cut) >= 100
    erased = {aim.cut.erase for aim in cut if "erase" in str(aim.purpose)}
    programmed = {aim.cut.program for aim in cut if "erase" not in str(aim.purpose)}
    assert erased == set(EraseCut)
    assert programmed == set(ProgramCut)
    saves = {f"save, {reason}" for reason in ("boot", "period", "command", "power fail")}
    erases = {"first erase", "erase ahead", "first sector header", "sector header"}
    records = {"event", "billing set", "profile record", "daily freeze", "mark"}
    assert {aim.purpose for aim in cut} == {*saves, *erases, *records}
