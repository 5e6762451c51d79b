"""The model of the part against a plain bytearray, its times, what it refuses, and what power cuts leave."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.flash import FlashError
from hal.units import MS, US
from sim.devices.flash import (
    W25Q64,
    EraseCut,
    FlashOperation,
    Kind,
    NorFlash,
    ProgramCut,
    Refusal,
    Stage,
    Timing,
)
from sim.world import Phase, World

PART = replace(W25Q64, sectors=3)
SIZE = PART.sectors * PART.sector_bytes
PAGE = PART.page_bytes
SECTOR = PART.sector_bytes


class Rig:
    def __init__(self, seed: int = 1, timing: Timing = Timing.TYPICAL) -> None:
        self.world = World(seed)
        self.interrupts: list[int] = []
        self.flash = NorFlash(self.world, PART, lambda: self.interrupts.append(self.world.now), timing=timing)
        self.told: list[FlashOperation] = []
        self.flash.listener = self.told.append
        self.flash.power_up()

    def settle(self) -> None:
        self.world.run_until(self.world.now + 500 * MS)

    def after(self, ns: int) -> None:
        self.world.run_until(self.world.now + ns)

    def cut_after(self, ns: int) -> None:
        at = self.world.now + ns
        self.world.at(at, Phase.WORLD, self.flash.power_down)
        self.world.run_until(at)

    def refused(self) -> list[Refusal]:
        return [violation.refusal for violation in self.flash.violations]

    def contents(self) -> bytes:
        return self.flash.peek(0, SIZE)


def filled(seed: int = 1) -> Rig:
    """Sector 1 full of a pattern, its neighbours with a page each."""
    rig = Rig(seed)
    for page in range(SECTOR // PAGE - 1, 2 * SECTOR // PAGE + 1):
        rig.flash.program(page * PAGE, bytes((page * 37 + 11 * i) % 256 for i in range(PAGE)))
        rig.settle()
    rig.told.clear()
    return rig


# Contents.

addresses = st.integers(0, SIZE - 1)
steps = st.one_of(
    st.tuples(st.just("program"), addresses, st.binary(min_size=1, max_size=PAGE + 8)),
    st.tuples(st.just("clear"), addresses, st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("erase"), st.integers(0, PART.sectors - 1), st.just(b"")),
    st.tuples(st.just("read"), addresses, st.binary(max_size=300)),
)


@given(st.lists(steps, max_size=30))
def test_contents_follow_a_bytearray(sequence: list[tuple[str, int, bytes]]) -> None:
    rig = Rig()
    reference = bytearray(b"\xff" * SIZE)
    for what, where, data in sequence:
        if what == "erase":
            rig.flash.erase(where)
            reference[where * SECTOR : (where + 1) * SECTOR] = b"\xff" * SECTOR
        elif what == "read":
            if where + len(data) <= SIZE:
                assert rig.flash.read(where, len(data)) == reference[where : where + len(data)]
        else:
            if what == "clear":  # a program that the part must take, if it stays inside a page
                data = bytes(a & b for a, b in zip(data, reference[where:], strict=False))
            inside = where % PAGE + len(data) <= PAGE
            clears = all(a & b == a for a, b in zip(data, reference[where:], strict=False))
            if inside and clears:
                rig.flash.program(where, data)
                for i, byte in enumerate(data):
                    reference[where + i] &= byte
            else:
                before = len(rig.flash.violations)
                with pytest.raises(FlashError):
                    rig.flash.program(where, data)
                assert len(rig.flash.violations) == before + 1
        rig.settle()
    assert rig.contents() == reference


def test_blank_sectors_take_no_memory() -> None:
    rig = Rig()
    assert rig.flash.read(0, SIZE) == b"\xff" * SIZE
    rig.flash.erase(0)
    rig.settle()
    assert rig.flash.allocated_sectors == 0
    rig.flash.program(5, b"\x00")
    rig.settle()
    assert rig.flash.allocated_sectors == 1
    rig.flash.erase(0)
    rig.settle()
    assert rig.flash.allocated_sectors == 0


# Time.


@pytest.mark.parametrize(
    ("timing", "program_ns", "erase_ns"), [(Timing.TYPICAL, 400 * US, 45 * MS), (Timing.WORST, 3 * MS, 400 * MS)]
)
def test_constant_times(timing: Timing, program_ns: int, erase_ns: int) -> None:
    rig = Rig(timing=timing)
    rig.flash.program(0, b"\x00")
    rig.settle()
    start = rig.world.now
    rig.flash.erase(0)
    rig.settle()
    assert rig.interrupts == [program_ns, start + erase_ns]


def test_spread_times_stay_mostly_near_typical_and_never_pass_the_worst() -> None:
    rig = Rig(timing=Timing.SPREAD)
    for _ in range(600):
        rig.flash.program(0, b"\x00")
        rig.settle()
    took = sorted(told.at_ns - told.start_ns for told in rig.told if told.stage is Stage.DONE)
    assert len(took) == 600
    near = [ns for ns in took if 300 * US <= ns <= 500 * US]
    assert len(near) >= 540
    assert 500 * US < took[-1] <= 3 * MS
    assert len(set(took)) > 300


def test_it_ends_in_the_devices_phase() -> None:
    rig = Rig()
    seen: list[tuple[Phase, bool, bytes]] = []

    def look(phase: Phase) -> None:
        busy = rig.flash.busy()
        seen.append((phase, busy, rig.flash.peek(0, 1)))

    rig.world.at(400 * US, Phase.INTERRUPTS, lambda: look(Phase.INTERRUPTS))
    rig.flash.program(0, b"\x5a")
    assert rig.flash.busy()
    rig.world.at(400 * US, Phase.WORLD, lambda: look(Phase.WORLD))
    rig.settle()
    assert seen == [(Phase.WORLD, True, b"\xff"), (Phase.INTERRUPTS, False, b"\x5a")]
    assert rig.interrupts == [400 * US]


def test_the_same_seed_repeats() -> None:
    def run(seed: int) -> tuple[list[FlashOperation], bytes]:
        rig = Rig(seed, Timing.SPREAD)
        for page in range(20):
            rig.flash.program(page * PAGE, bytes(PAGE))
            rig.cut_after(100 * US)
            rig.flash.power_up()
            rig.flash.program(SECTOR + page * PAGE % SECTOR + page // 16, b"\x00")
            rig.settle()
        return rig.told, rig.contents()

    assert run(3) == run(3)
    assert run(3) != run(4)


# Refusals.


def test_refuses_while_busy() -> None:
    rig = Rig()
    rig.flash.program(0, b"\x00")
    with pytest.raises(FlashError, match="busy"):
        rig.flash.read(SECTOR, 1)
    with pytest.raises(FlashError, match="busy"):
        rig.flash.program(SECTOR, b"\x00")
    with pytest.raises(FlashError, match="busy"):
        rig.flash.erase(1)
    rig.settle()
    assert rig.refused() == [Refusal.BUSY] * 3
    assert rig.flash.violations[0].at_ns == 0
    assert len(rig.interrupts) == 1
    assert (rig.flash.programs, rig.flash.erases, rig.flash.wear(1)) == (1, 0, 0)


def test_refuses_what_lies_outside_or_across() -> None:
    rig = Rig()
    for address, length in ((-1, 1), (SIZE, 1), (SIZE - 1, 2)):
        with pytest.raises(FlashError, match="outside"):
            rig.flash.read(address, length)
        with pytest.raises(FlashError, match="outside"):
            rig.flash.program(address, bytes(length))
    for sector in (-1, PART.sectors):
        with pytest.raises(FlashError, match="outside"):
            rig.flash.erase(sector)
    for address, length in ((0, PAGE + 1), (PAGE - 1, 2), (0, 0)):
        with pytest.raises(FlashError, match="across a page"):
            rig.flash.program(address, bytes(length))
    assert not rig.flash.busy()
    assert rig.refused() == [Refusal.RANGE] * 8 + [Refusal.PAGE_CROSSED] * 3


def test_refuses_to_set_a_bit_and_says_so_to_the_oracle() -> None:
    rig = Rig()
    rig.flash.program(300, b"\xf0")
    rig.settle()
    with pytest.raises(FlashError, match="zero back to one"):
        rig.flash.program(299, b"\xff\xf1")
    assert rig.flash.read(299, 2) == b"\xff\xf0"
    assert [(v.refusal, v.address, v.at_ns) for v in rig.flash.violations] == [
        (Refusal.NOT_ERASED, 299, rig.world.now)
    ]


def test_refuses_everything_without_supply() -> None:
    rig = Rig()
    rig.flash.power_down()
    assert not rig.flash.busy()
    rig.flash.suspend()
    assert not rig.flash.resume()
    for call in (
        lambda: rig.flash.read(0, 1),
        lambda: rig.flash.program(0, b"\x00"),
        lambda: rig.flash.erase(0),
    ):
        with pytest.raises(FlashError, match="without supply"):
            call()


# Suspended erases.


def test_suspend_lets_other_sectors_be_read_and_programmed() -> None:
    rig = filled()
    rig.flash.erase(1)
    rig.after(10 * MS)
    asked = rig.world.now
    rig.flash.suspend()
    assert rig.flash.busy()
    rig.after(PART.geometry.suspend_worst_ns)
    assert not rig.flash.busy()
    assert asked < rig.interrupts[-1] <= asked + PART.geometry.suspend_worst_ns
    rig.flash.program(0, b"\x12")
    rig.after(MS)
    assert rig.flash.read(0, 1) == b"\x12"
    for address, length in ((SECTOR, 1), (2 * SECTOR - 1, 1), (SECTOR - 1, 2), (0, SIZE)):
        with pytest.raises(FlashError, match="suspended"):
            rig.flash.read(address, length)
    with pytest.raises(FlashError, match="suspended"):
        rig.flash.program(SECTOR, b"\x00")
    with pytest.raises(FlashError, match="another is suspended"):
        rig.flash.erase(2)
    rig.flash.read(SECTOR - 1, 1)
    rig.flash.read(2 * SECTOR, 1)
    assert rig.flash.resume()
    assert not rig.flash.resume()
    rig.settle()
    assert rig.flash.read(SECTOR, SECTOR) == b"\xff" * SECTOR
    assert rig.flash.read(2 * SECTOR, PAGE) != b"\xff" * PAGE
    assert rig.flash.erases == 1


@given(
    st.lists(st.tuples(st.integers(0, 20 * MS), st.integers(0, 50 * MS)), max_size=12),
    st.sampled_from(list(Timing)),
)
def test_suspended_time_is_not_erasing_time(pauses: list[tuple[int, int]], timing: Timing) -> None:
    """Time spent erasing, the latency of each suspension included, adds up to the erase's own time."""
    rig = Rig(timing=timing)
    rig.flash.erase(1)
    for run_ns, pause_ns in pauses:
        rig.after(run_ns)
        if not rig.flash.busy():
            break
        rig.flash.suspend()
        asked = rig.world.now
        while rig.flash.busy() and rig.world.now < asked + PART.geometry.suspend_worst_ns:
            rig.after(US)
        assert not rig.flash.busy()
        rig.after(pause_ns)
        if not rig.flash.resume():
            break
    rig.settle()
    active = 0
    since = None
    for told in rig.told:
        if told.stage in (Stage.STARTED, Stage.RESUMED):
            since = told.at_ns
        else:
            assert since is not None
            active += told.at_ns - since
    assert rig.told[-1].stage is Stage.DONE
    if timing is Timing.TYPICAL:
        assert active == 45 * MS
    elif timing is Timing.WORST:
        assert active == 400 * MS
    else:
        assert 0 < active <= 400 * MS
    assert len(rig.interrupts) == sum(told.stage in (Stage.DONE, Stage.SUSPENDED) for told in rig.told)


def test_an_erase_that_ends_before_the_suspension_takes_hold_just_ends() -> None:
    rig = Rig()
    rig.flash.erase(1)
    rig.after(45 * MS - 10 * US)
    rig.flash.suspend()
    assert rig.flash.busy()
    rig.after(40 * US)
    assert rig.interrupts == [45 * MS]
    assert not rig.flash.resume()
    assert [told.stage for told in rig.told] == [Stage.STARTED, Stage.DONE]


def test_a_suspend_that_follows_a_resume_waits_until_the_part_takes_it() -> None:
    rig = Rig()
    rig.flash.erase(1)
    rig.after(MS)
    rig.flash.suspend()
    rig.after(MS)
    assert rig.interrupts.pop() == MS + 20 * US
    rig.flash.resume()
    rig.flash.suspend()
    rig.after(MS)
    assert rig.interrupts.pop() == 2 * MS + 40 * US
    rig.flash.resume()
    rig.after(30 * US)
    rig.flash.suspend()
    rig.after(MS)
    assert rig.interrupts.pop() == 3 * MS + 50 * US


def test_suspend_has_no_effect_on_a_program_or_with_nothing_to_suspend() -> None:
    rig = Rig()
    rig.flash.suspend()
    assert not rig.flash.busy()
    rig.flash.program(0, b"\x00")
    rig.flash.suspend()
    rig.settle()
    assert rig.interrupts == [400 * US]
    assert not rig.flash.resume()


# Power cuts.


@given(
    st.binary(min_size=1, max_size=PAGE),
    st.binary(min_size=PAGE, max_size=PAGE),
    st.sampled_from(list(ProgramCut)),
    st.integers(0, 400 * US),
    st.integers(0, 1000),
)
def test_what_a_cut_leaves_of_a_program(first: bytes, mask: bytes, left: ProgramCut, after_ns: int, seed: int) -> None:
    rig = Rig(seed)
    rig.flash.program(SECTOR, first)
    rig.settle()
    before = rig.contents()
    data = bytes(a & b for a, b in zip(before[SECTOR : SECTOR + PAGE], mask, strict=True))
    rig.flash.forced_program_cut = left
    rig.flash.program(SECTOR, data)
    rig.cut_after(after_ns)
    rig.settle()
    rig.flash.power_up()
    after = rig.flash.read(SECTOR, PAGE)
    old = before[SECTOR : SECTOR + PAGE]
    assert all(d & o == d and d | a == a and a | o == o for d, a, o in zip(data, after, old, strict=True))
    if left is ProgramCut.NOTHING:
        assert after == old
    elif left is ProgramCut.DONE:
        assert after == data
    elif left is ProgramCut.PREFIX:
        assert any(after == data[:k] + old[k:] for k in range(1, PAGE))
    assert rig.contents()[:SECTOR] == before[:SECTOR]
    assert rig.contents()[SECTOR + PAGE :] == before[SECTOR + PAGE :]
    assert (rig.flash.cuts_in_program, rig.flash.cuts_in_erase) == (1, 0)
    assert (rig.told[-1].stage, rig.told[-1].left) == (Stage.CUT, left)
    assert len(rig.interrupts) == 1


@pytest.mark.parametrize("left", list(EraseCut))
@pytest.mark.parametrize("after_ns", [0, 20 * MS, 45 * MS])
def test_what_a_cut_leaves_of_an_erase(left: EraseCut, after_ns: int) -> None:
    rig = filled()
    before = rig.contents()
    rig.flash.forced_erase_cut = left
    rig.flash.erase(1)
    rig.cut_after(after_ns)
    rig.settle()
    rig.flash.power_up()
    old, new = before[SECTOR : 2 * SECTOR], rig.flash.read(SECTOR, SECTOR)
    set_bits = sum((n & ~o).bit_count() for o, n in zip(old, new, strict=True))
    cleared = sum((o & ~n).bit_count() for o, n in zip(old, new, strict=True))
    pages = [
        (new[i : i + PAGE] == old[i : i + PAGE], new[i : i + PAGE] == b"\xff" * PAGE) for i in range(0, SECTOR, PAGE)
    ]
    match left:
        case EraseCut.NOTHING:
            assert new == old
        case EraseCut.DONE:
            assert new == b"\xff" * SECTOR
        case EraseCut.PRE_PROGRAMMED:
            assert set_bits == 0
            assert cleared > SECTOR
        case EraseCut.HALF:
            assert cleared == 0
            assert SECTOR < set_bits < sum(8 - o.bit_count() for o in old) - SECTOR
        case EraseCut.PAGES:
            assert all(same or blank for same, blank in pages)
            assert any(same for same, _ in pages)
            assert any(blank for _, blank in pages)
    assert rig.contents()[:SECTOR] == before[:SECTOR]
    assert rig.contents()[2 * SECTOR :] == before[2 * SECTOR :]
    assert rig.flash.wear(1) == 1
    assert (rig.flash.cuts_in_program, rig.flash.cuts_in_erase) == (0, 1)


def test_a_cut_beats_a_completion_at_the_same_instant_but_not_an_earlier_one() -> None:
    for after_ns, done in ((400 * US, False), (400 * US + 1, True)):
        rig = Rig()
        rig.flash.forced_program_cut = ProgramCut.NOTHING
        rig.flash.program(0, b"\x00")
        rig.cut_after(after_ns)
        rig.settle()
        assert rig.contents()[:1] == (b"\x00" if done else b"\xff")
        assert bool(rig.interrupts) is done


def test_a_cut_while_suspended_hits_the_erase_and_the_program_beside_it() -> None:
    rig = filled()
    before = rig.contents()
    rig.flash.forced_program_cut = ProgramCut.DONE
    rig.flash.forced_erase_cut = EraseCut.HALF
    rig.flash.erase(1)
    rig.after(MS)
    rig.flash.suspend()
    rig.after(MS)
    rig.flash.program(0, b"\x00")
    rig.cut_after(US)
    rig.flash.power_up()
    assert not rig.flash.busy()
    assert not rig.flash.resume()
    assert rig.flash.read(0, 1) == b"\x00"
    assert rig.flash.read(SECTOR, SECTOR) not in (before[SECTOR : 2 * SECTOR], b"\xff" * SECTOR)
    rig.flash.program(SECTOR, b"\x00")
    rig.settle()
    rig.flash.power_down()
    rig.flash.power_up()
    assert (rig.flash.cuts_in_program, rig.flash.cuts_in_erase) == (1, 1)
    rig.flash.erase(1)
    rig.settle()
    assert rig.flash.read(SECTOR, SECTOR) == b"\xff" * SECTOR


def test_a_stale_wake_up_ends_nothing_of_the_next_life() -> None:
    rig = Rig()
    rig.flash.erase(0)
    rig.cut_after(44 * MS)
    rig.flash.power_up()
    rig.flash.erase(1)
    rig.after(2 * MS)
    assert rig.flash.busy()
    rig.settle()
    assert rig.interrupts == [89 * MS]


def test_unforced_cuts_draw_every_mode() -> None:
    rig = filled()
    for _ in range(60):
        rig.flash.erase(1)
        rig.cut_after(MS)
        rig.flash.power_up()
        rig.flash.program(0, b"\x00")
        rig.cut_after(US)
        rig.flash.power_up()
    drawn = {(told.kind, told.left) for told in rig.told if told.stage is Stage.CUT}
    assert drawn == {(Kind.PROGRAM, left) for left in ProgramCut} | {(Kind.ERASE, left) for left in EraseCut}
    assert rig.flash.wear(1) == 60


def test_a_listener_is_told_start_and_end() -> None:
    rig = Rig()
    rig.flash.program(5, b"ab")
    rig.settle()
    rig.flash.erase(2)
    rig.after(MS)
    assert rig.told == [
        FlashOperation(Kind.PROGRAM, 5, 2, Stage.STARTED, 0, 0),
        FlashOperation(Kind.PROGRAM, 5, 2, Stage.DONE, 0, 400 * US),
        FlashOperation(Kind.ERASE, 2 * SECTOR, SECTOR, Stage.STARTED, 500 * MS, 500 * MS),
    ]
