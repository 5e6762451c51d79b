"""The oracle of the flash breaks at the instant at which the part is asked for nonsense, not at the end of the run."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from hal.units import MS
from sim.bench import Bench
from sim.devices.flash import EraseCut, ProgramCut
from sim.oracles.flash_rules import FlashRules
from tests.storage.flash_bench import PAGE, SECTOR, Rig


def watched() -> tuple[Rig, FlashRules, Bench]:
    rig, oracle = Rig(), FlashRules()
    bench = cast(Bench, SimpleNamespace(board=SimpleNamespace(flash=rig.flash)))
    oracle.watch(bench)
    return rig, oracle, bench


def test_it_holds_for_what_the_part_allows_damage_and_cuts_included() -> None:
    rig, oracle, bench = watched()
    rig.program(0, b"\x0f")
    rig.program(0, b"\x03")
    rig.erase(0)
    rig.flash.stick(9, 0xFF, 0)
    rig.flash.weaken(10, 0xFF)
    rig.program(8, b"\x5a\x5a\x5a")
    rig.flash.rot(8, 0xFF)
    rig.flash.read(0, 100)
    rig.flash.forced_program_cut, rig.flash.forced_erase_cut = ProgramCut.METASTABLE, EraseCut.METASTABLE
    rig.flash.program(PAGE, bytes(PAGE))
    rig.cut_after(1000)
    rig.flash.power_up()
    rig.flash.erase(0)
    rig.cut_after(1000)
    rig.flash.power_up()
    rig.flash.read(0, SECTOR)
    oracle.finish(bench)
    assert oracle.broken is None
    assert oracle.message == "4 programs and 2 erases, all as the part allows"


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda rig: rig.flash.program(0, b"\x01"), "not erased"),
        (lambda rig: rig.flash.program(PAGE - 1, b"\x00\x00"), "across a page"),
        (lambda rig: (rig.flash.erase(1), rig.flash.read(0, 1)), "while busy"),
        (lambda rig: (rig.flash.erase(1), rig.flash.program(SECTOR, b"\x00")), "while busy"),
    ],
)
def test_it_breaks_at_the_instant_of_the_first_nonsense(ask: Callable[[Rig], object], text: str) -> None:
    rig, oracle, _ = watched()
    rig.program(0, b"\x00")
    asked = rig.world.now
    assert oracle.broken is None
    ask(rig)
    assert oracle.broken is not None
    assert text in oracle.broken
    assert oracle.broken_at_ns == asked
    rig.after(MS)
    rig.flash.program(2 * PAGE - 1, b"\x00\x00")
    assert oracle.broken_at_ns == asked
