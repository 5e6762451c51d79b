"""Flash that is damaged: rot, stuck bits, worn sectors, and cuts whose bits read differently each time."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from firmware.save import parse_state
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import Booted, EventLogged, Record, RegistersSaved
from hal.units import HOUR, MINUTE, MS, S
from sim.devices.flash import W25Q64, EraseCut, NorFlash, ProgramCut
from sim.oracles.reread import ReadOnlyFlash
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.power_cut.campaign import ORDINARY, Learnt, learn
from tests.power_cut.scene import DETECTION_NS, EVENING, Cut, run

LAYOUT = plan(METER, W25Q64.geometry)
MONTH_END_S = 1_774_994_400
"""2026-04-01 00:00 at UTC+2."""


class Meter:
    """A meter on board `afe` from the evening before a month's end, and what it publishes."""

    def __init__(self, hours: int, faults: str = "") -> None:
        text = f"""
schema = 1
title = "Damage"
start = 2026-03-31T21:00:00+02:00
duration = "{hours}h"
board = "afe"
[load]
power = "6 kW"
{faults}"""
        self.runner = Runner(parse(text, "damage"), seed=1)
        self.bench = self.runner.bench
        self.flash: NorFlash = self.bench.board.flash
        self.seen: list[tuple[int, Record]] = []
        for kind in (Booted, EventLogged, RegistersSaved):
            self.bench.probe.subscribe(kind, lambda at_ns, record: self.seen.append((at_ns, record)))

    def at(self, instant_ns: int, action: Callable[[], object]) -> None:
        self.bench.world.at(instant_ns, Phase.WORLD, lambda: [action(), None][1])

    def run(self) -> None:
        self.result = self.runner.run()
        assert self.flash.violations == []

    def ring(self, name: str) -> Ring:
        ring = Ring(ReadOnlyFlash(self.flash), LAYOUT.ring(name))
        ring.recover()
        return ring

    def rot(self, name: str, age: int = 0) -> None:
        """Let a byte of a record leak, the newest one or one so much older."""
        region = LAYOUT.ring(name)
        record = [*self.ring(name).newest_first()][age]
        # The header's first byte is an "M": some of its bits hold 0.
        assert self.flash.rot(region.slot_address(record.sequence), 0xFF)

    def logged(self, event: str) -> list[tuple[int, int]]:
        """When, and the detail."""
        found = [(at_ns, record) for at_ns, record in self.seen if isinstance(record, EventLogged)]
        return [(at_ns, record.detail) for at_ns, record in found if record.event == event]

    def saves(self) -> list[tuple[int, RegistersSaved]]:
        return [(at_ns, record) for at_ns, record in self.seen if isinstance(record, RegistersSaved)]

    def boots(self) -> list[Booted]:
        return [record for _, record in self.seen if isinstance(record, Booted)]


OUTAGE = '[[fault]]\nid = "outage"\nkind = "supply-fail"\nat = "4h"\nduration = "10min"\n'
OFF_NS = 4 * HOUR + 5 * MINUTE


@pytest.mark.parametrize("rotten", [1, 3])
def test_a_rotten_save_is_told_and_the_one_before_is_used(rotten: int) -> None:
    meter = Meter(6, OUTAGE)
    for age in range(rotten):
        # Each time the newest that is left.
        meter.at(OFF_NS + age, lambda: meter.rot("registers"))
    meter.run()
    before = [save for at_ns, save in meter.saves() if at_ns < OFF_NS]
    after = [save for at_ns, save in meter.saves() if at_ns > OFF_NS]
    booted = meter.boots()[1]
    assert not booted.clean
    assert booted.save == before[-1 - rotten].sequence
    assert [detail for at_ns, detail in meter.logged("flash-corrupt")] == [rotten]
    assert len(meter.logged("register-backup-used")) == 1
    assert after[0].totals == before[-1 - rotten].totals
    assert meter.logged("flash-corrupt")[0][0] > OFF_NS


def test_with_no_save_left_the_newest_billing_set_is_gone_on_from() -> None:
    meter = Meter(6, OUTAGE)

    def all_saves() -> None:
        while list(meter.ring("registers").newest_first()):
            meter.rot("registers")

    meter.at(OFF_NS, all_saves)
    meter.run()
    sets = [record for at_ns, record in meter.seen if at_ns < OFF_NS and isinstance(record, RegistersSaved)]
    billed = next(save for save in sets if save.billing == 1)
    after = [save for at_ns, save in meter.saves() if at_ns > OFF_NS]
    assert 0 < after[0].totals[0] == billed.totals[0]
    assert sum(map(sum, (rate[:1] for rate in after[0].rates))) == after[0].totals[0]
    assert after[0].billing == 1
    # A clock set back over the date must not bring it again.
    state = parse_state(next(meter.ring("registers").newest_first()).payload)
    assert state.tariff.billed == (MONTH_END_S,)
    assert len(meter.logged("state-lost")) == 1
    assert not meter.boots()[1].clean


@pytest.mark.parametrize(("name", "within"), [("billing", 24 * HOUR), ("registers", 16 * MINUTE)])
def test_what_rots_while_the_meter_runs_is_found_and_made_good(name: str, within: int) -> None:
    meter = Meter(28)
    rots = 4 * HOUR + 5 * S
    held: list[bytes] = []
    meter.at(rots - 1, lambda: held.append(next(meter.ring(name).newest_first()).payload))
    meter.at(rots, lambda: meter.rot(name))
    meter.run()
    (found,) = meter.logged("flash-corrupt")
    assert rots < found[0] < rots + within
    assert found[1] == 1
    if name == "billing":
        assert next(meter.ring(name).newest_first()).payload == held[0]
    else:
        assert [at_ns for at_ns, save in meter.saves() if found[0] - S < at_ns < found[0] + S]
    assert [check for check in meter.result.oracles if not check.held] == []


def test_saves_that_rot_again_and_again_are_told_and_made_anew_once_an_hour() -> None:
    meter = Meter(9)
    sectors: list[int] = []

    def rot() -> None:
        ring = meter.ring("registers")
        sectors.append(ring.region.sector_of(ring.newest_sequence))
        meter.rot("registers")

    for number in range(16):
        meter.at(4 * HOUR + number * 15 * MINUTE + 5 * S, rot)
    meter.run()
    told = meter.logged("flash-corrupt")
    assert 3 <= len(told) <= 5
    # Told when the event is whole: some ms after it was logged, now more, now less.
    assert all(later - earlier > HOUR - S for (earlier, _), (later, _) in pairwise(told))
    worn = {detail for _, detail in meter.logged("flash-worn")}
    assert len(worn) >= 8
    assert worn <= set(sectors)
    assert len(meter.saves()) <= 4 * 9 + 8


@pytest.mark.parametrize("level", [0, 1])
def test_a_sector_with_stuck_bits_is_stepped_over_and_told(level: int) -> None:
    meter = Meter(6)
    region = LAYOUT.ring("registers")

    def stick() -> None:
        # A sector that was erased ahead, in the places of a record's header and payload.
        ring = meter.ring("registers")
        taken = region.sector_of(ring.newest_sequence + 2)
        for page in (1, 2):
            meter.flash.stick(taken * region.sector_bytes + page * region.page_bytes + 9, 0xFF, level)

    meter.at(HOUR + MINUTE, stick)
    meter.run()
    worn = meter.logged("flash-worn")
    assert len(worn) == 1
    periods = [save for at_ns, save in meter.saves() if at_ns > HOUR + MINUTE]
    assert len(periods) >= 4 * 4
    assert [check for check in meter.result.oracles if not check.held] == []


def test_worn_sectors_are_found_when_they_do_not_erase_clean() -> None:
    meter = Meter(20)
    region = LAYOUT.ring("registers")

    def wear() -> None:
        for number in (3, 4, 9):
            sector = region.first_sector + number
            meter.flash.stick(sector * region.sector_bytes + 400 * number, 0x10, 0)

    meter.at(HOUR + MINUTE, wear)
    meter.run()
    worn = [detail for _, detail in meter.logged("flash-worn")]
    assert sorted(worn) == [3, 4, 9]
    assert len(meter.saves()) >= 4 * 20
    assert [check for check in meter.result.oracles if not check.held] == []


def _of_each_kind() -> list[Learnt]:
    """The last operation of each purpose that a cut can hit."""
    found = {entry.purpose: entry for entry in learn() if entry.operation.at_ns < 80 * MINUTE}
    return [found[purpose] for purpose in sorted(found)]


@pytest.mark.parametrize("share", [4, 500, 996])
def test_metastable_bits_of_every_kind_of_operation(share: int) -> None:
    """The rail collapses in one operation of each kind, and again and again while the meter boots."""
    kinds = _of_each_kind()
    assert len(kinds) >= 10
    for entry in kinds:
        operation = entry.operation
        at = operation.start_ns + (operation.at_ns - operation.start_ns) * share // 1000
        first = Cut(at, 2 * S, hold_up=False, program=ProgramCut.METASTABLE, erase=EraseCut.METASTABLE)
        calm = run(EVENING, [*_others(first), first])
        assert not calm.wrong, (entry.purpose, calm.wrong)
        up_ns = next(life.up_ns for life in calm.ledger.lives if life.up_ns > at)
        for later in (1_500, 6_000):
            second = Cut(up_ns + later * 1_000, S, False, ProgramCut.METASTABLE, EraseCut.METASTABLE)
            seen = run(EVENING, [*_others(first), first, second])
            assert not seen.wrong, (entry.purpose, later, seen.wrong)


def _others(cut: Cut) -> list[Cut]:
    return [other for other in ORDINARY if cut.at_ns > other.end_ns + MINUTE or cut.end_ns + MINUTE < other.at_ns]


def test_metastable_saves_at_power_fail() -> None:
    """The hold-up ends in each operation of the save at power fail, at several shares of it."""
    fail = Cut(31 * MINUTE + 7 * S, 5 * S, hold_up=True)
    calm = run(EVENING, [fail])
    steps = [step for step in calm.operations if fail.heard_ns < step.start_ns < fail.heard_ns + 100 * MS]
    assert len({step.start_ns for step in steps}) >= 3
    assert fail.heard_ns - fail.at_ns == DETECTION_NS
    for step in steps:
        for share in (4, 500, 996):
            at = step.start_ns + max((step.at_ns - step.start_ns) * share // 1000, 1)
            cut = Cut(at, 7 * S, hold_up=False, program=ProgramCut.METASTABLE, erase=EraseCut.METASTABLE)
            seen = run(EVENING, [fail, cut])
            assert not seen.wrong, (cut, seen.wrong)


def outages(*minutes: int) -> str:
    """Each of two minutes, at these minutes from the start."""
    return "".join(
        f'[[fault]]\nid = "outage-{minute}"\nkind = "supply-fail"\nat = "{minute}min"\nduration = "2min"\n'
        for minute in minutes
    )


def test_a_billing_set_that_rotted_is_told_by_one_boot_and_no_other() -> None:
    meter = Meter(8, outages(190, 240, 300, 360))
    meter.at(191 * MINUTE, lambda: meter.rot("billing"))
    meter.run()
    assert len(meter.boots()) == 5
    assert [booted.dropped for booted in meter.boots()] == [0, 1, 0, 0, 0]
    assert [detail for _, detail in meter.logged("flash-corrupt")] == [1]
    assert all(booted.clean for booted in meter.boots())


def test_sectors_that_wore_out_are_told_once_whatever_boots() -> None:
    meter = Meter(10, outages(*range(100, 560, 20)))
    region = LAYOUT.ring("registers")

    def wear() -> None:
        for number in range(20):
            sector = region.first_sector + number
            # In a record, behind it, and in the mark behind that.
            at = (300, 2_000, region.page_bytes + region.slot_bytes - region.mark_bytes + 2)[number % 3]
            meter.flash.stick(sector * region.sector_bytes + at, 0x10, number % 4 == 0)

    meter.at(HOUR + MINUTE, wear)
    meter.run()
    worn = [detail for _, detail in meter.logged("flash-worn")]
    assert len(worn) == len(set(worn)) >= 12
    assert len(meter.boots()) == 24
    assert all(booted.clean for booted in meter.boots())
    assert meter.logged("flash-corrupt") == []
    assert max(meter.flash.wear(sector) for sector in set(worn)) <= 3
    assert [check for check in meter.result.oracles if not check.held] == []


@pytest.mark.parametrize("outage", ["", outages(62)])
@pytest.mark.parametrize("bad", [5, 30])
def test_a_record_goes_on_to_the_next_sector_as_long_as_one_takes_it(bad: int, outage: str) -> None:
    """So many sectors in a row, all erased ahead, do not take a save; it may be that at power fail which meets them."""
    meter = Meter(3, outage)
    region = LAYOUT.ring("registers")

    def stick() -> None:
        ring = meter.ring("registers")
        for number in range(bad):
            address = region.slot_address(ring.newest_sequence + 1 + number)
            meter.flash.stick(address + 9, 0xFF, 1)

    meter.at(HOUR + MINUTE, stick)
    meter.run()
    told = len(meter.logged("flash-worn"))
    # What the save at power fail has found, nobody tells any more.
    assert bad - 16 <= told < bad if outage else told == bad
    assert meter.logged("flash-worn-out") == []
    assert len([save for at_ns, save in meter.saves() if at_ns > HOUR + MINUTE]) >= 7
    broken = [check.name for check in meter.result.oracles if not check.held]
    assert broken == (["hold-up"] if outage and bad == 30 else [])
