"""What a power cut leaves of a program and of an erase, in each mode, early and late; and what it leaves alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.units import MS, US
from sim.devices.flash import EraseCut, Kind, ProgramCut, Refusal, Stage
from tests.storage.flash_bench import PAGE, SECTOR, Rig, filled


def bits(data: bytes) -> int:
    return int.from_bytes(data, "little")


def unsteady(rig: Rig, address: int, length: int) -> int:
    """The bits that differed in some of many reads."""
    reads = [bits(rig.flash.read(address, length)) for _ in range(40)]
    seen = 0
    for read in reads:
        seen |= read ^ reads[0]
    return seen


# A program.


def torn(left: ProgramCut, after_ns: int, seed: int = 1, data: bytes = bytes(PAGE)) -> Rig:
    """A blank page on which a program was cut."""
    rig = Rig(seed)
    rig.flash.forced_program_cut = left
    rig.flash.program(SECTOR, data)
    rig.cut_after(after_ns)
    rig.flash.power_up()
    return rig


@given(
    st.binary(min_size=1, max_size=PAGE),
    st.binary(min_size=PAGE, max_size=PAGE),
    st.sampled_from(list(ProgramCut)),
    st.integers(0, 400 * US),
    st.integers(0, 1000),
)
def test_what_a_cut_leaves_of_a_program(first: bytes, mask: bytes, left: ProgramCut, after_ns: int, seed: int) -> None:
    rig = Rig(seed)
    rig.program(SECTOR, first)
    before = rig.contents()
    old = before[SECTOR : SECTOR + PAGE]
    data = bytes(a & b for a, b in zip(old, mask, strict=True))
    rig.flash.forced_program_cut = left
    rig.flash.program(SECTOR, data)
    rig.cut_after(after_ns)
    rig.settle()
    rig.flash.power_up()
    after = rig.flash.read(SECTOR, PAGE)
    assert all(d & o == d and d | a == a and a | o == o for d, a, o in zip(data, after, old, strict=True))
    if left is ProgramCut.NOTHING:
        assert after == old
    elif left is ProgramCut.DONE:
        assert after == data
    elif left is ProgramCut.PREFIX:
        done = min(max(PAGE * after_ns // (400 * US), 1), PAGE - 1)
        assert after == data[:done] + old[done:]
    moving = bits(old) & ~bits(data)
    differing = unsteady(rig, SECTOR, PAGE)
    assert differing & ~moving == 0
    assert bool(differing) is (left is ProgramCut.METASTABLE and moving != 0)
    assert rig.contents()[:SECTOR] == before[:SECTOR]
    assert rig.contents()[SECTOR + PAGE :] == before[SECTOR + PAGE :]
    assert (rig.flash.cuts_in_program, rig.flash.cuts_in_erase) == (1, 0)
    assert (rig.told[-1].stage, rig.told[-1].left) == (Stage.CUT, left)
    assert len(rig.interrupts) == 1


@pytest.mark.parametrize("left", [ProgramCut.RANDOM_BITS, ProgramCut.METASTABLE])
def test_the_later_the_cut_the_more_is_programmed(left: ProgramCut) -> None:
    cleared = []
    for after_ns in (0, 100 * US, 200 * US, 300 * US, 400 * US):
        rig = torn(left, after_ns)
        loose = unsteady(rig, SECTOR, PAGE)
        cleared.append((~bits(rig.flash.read(SECTOR, PAGE)) & ~loose & (1 << 8 * PAGE) - 1).bit_count())
    assert cleared == sorted(cleared)
    assert cleared[0] < 8 * PAGE // 20
    assert cleared[-1] > 8 * PAGE * 19 // 20


def test_few_bits_are_metastable_near_the_ends_of_a_program_and_many_in_its_middle() -> None:
    early, middle, late = (
        unsteady(torn(ProgramCut.METASTABLE, after_ns), SECTOR, PAGE).bit_count()
        for after_ns in (0, 200 * US, 400 * US)
    )
    assert 1 <= early < 40
    assert 1 <= late < 40
    assert 700 < middle < 1400


def test_a_metastable_bit_is_seen_in_whatever_is_read() -> None:
    for data in (b"\xfe", b"\x7f"):
        assert unsteady(torn(ProgramCut.METASTABLE, 200 * US, data=data), SECTOR, 1) == 255 ^ data[0]


def test_each_read_draws_metastable_bits_anew_and_looking_draws_none() -> None:
    def run(looks: int) -> list[bytes]:
        rig = torn(ProgramCut.METASTABLE, 200 * US)
        seen = []
        for _ in range(20):
            looked = {rig.flash.peek(SECTOR, PAGE) for _ in range(looks)}
            assert len(looked) <= 1
            seen.append(rig.flash.read(SECTOR, PAGE))
        return seen

    assert run(0) == run(5)
    assert len(set(run(0))) == 20


def test_a_program_makes_metastable_bits_zero_and_an_erase_makes_them_one() -> None:
    rig = torn(ProgramCut.METASTABLE, 200 * US)
    rig.program(SECTOR, b"\x00" * 100 + b"\xff" * (PAGE - 100))
    assert rig.flash.read(SECTOR, 100) == bytes(100)
    assert unsteady(rig, SECTOR, 100) == 0
    assert unsteady(rig, SECTOR + 100, PAGE - 100) != 0
    rig.erase(1)
    assert unsteady(rig, SECTOR, PAGE) == 0
    assert rig.flash.read(SECTOR, PAGE) == b"\xff" * PAGE


def test_what_a_cut_left_between_the_levels_is_not_erased() -> None:
    """Even if it happened to read as ones."""
    rig = torn(ProgramCut.METASTABLE, 200 * US, data=b"\xfe")
    while rig.flash.read(SECTOR, 1) != b"\xff":
        pass
    rig.program(SECTOR, b"\x01")
    assert rig.refused() == [Refusal.NOT_ERASED]


# An erase.


def zeros(data: bytes) -> int:
    return 8 * len(data) - bits(data).bit_count()


@pytest.mark.parametrize("left", list(EraseCut))
@pytest.mark.parametrize("after_ns", [0, 10 * MS, 22 * MS, 45 * MS])
@pytest.mark.parametrize("suspended", [False, True])
def test_what_a_cut_leaves_of_an_erase(left: EraseCut, after_ns: int, suspended: bool) -> None:
    rig = filled()
    before = rig.contents()
    rig.flash.forced_erase_cut = left
    rig.flash.erase(1)
    if suspended:
        rig.after(min(after_ns, 44 * MS))
        rig.flash.suspend()
        rig.cut_after(MS)
    else:
        rig.cut_after(after_ns)
    rig.settle()
    rig.flash.power_up()
    old, new = before[SECTOR : 2 * SECTOR], rig.flash.peek(SECTOR, SECTOR)
    differing = unsteady(rig, SECTOR, SECTOR)
    risen = (bits(new) & ~bits(old)).bit_count()
    fallen = (bits(old) & ~bits(new)).bit_count()
    pages = [
        (new[i : i + PAGE] == old[i : i + PAGE], new[i : i + PAGE] == b"\xff" * PAGE) for i in range(0, SECTOR, PAGE)
    ]
    done = sum(blank for _, blank in pages)
    share = min(max(after_ns / (45 * MS), 1 / 256), 255 / 256)
    noise = SECTOR // 8
    match left:
        case EraseCut.NOTHING:
            assert new == old
        case EraseCut.DONE:
            assert new == b"\xff" * SECTOR
        case EraseCut.PRE_PROGRAMMED:
            assert risen == 0
            assert abs(fallen - share * bits(old).bit_count()) < noise
        case EraseCut.HALF:
            assert fallen == 0
            assert abs(risen - share * zeros(old)) < noise
        case EraseCut.PAGES:
            assert all(same or blank for same, blank in pages)
            assert abs(done - 16 * share) <= 1
            assert 1 <= done <= 15
        case EraseCut.METASTABLE:
            assert fallen == 0
            assert abs(differing.bit_count() - min(share, 1 - share) * zeros(old)) < noise
            assert differing & bits(old) == 0
    assert bool(differing) is (left is EraseCut.METASTABLE)
    assert rig.contents()[:SECTOR] == before[:SECTOR]
    assert rig.contents()[2 * SECTOR :] == before[2 * SECTOR :]
    assert rig.flash.wear(1) == 1
    assert (rig.flash.cuts_in_program, rig.flash.cuts_in_erase) == (0, 1)
    assert (rig.told[-1].stage, rig.told[-1].left) == (Stage.CUT, left)
    rig.flash.forced_erase_cut = None
    rig.erase(1)
    assert rig.flash.read(SECTOR, SECTOR) == b"\xff" * SECTOR


@given(st.integers(0, 1000))
def test_a_metastable_erase_leaves_at_least_a_bit_of_it(seed: int) -> None:
    rig = Rig(seed)
    rig.program(0, b"\xfe")
    rig.flash.forced_erase_cut = EraseCut.METASTABLE
    rig.flash.erase(0)
    rig.cut_after(0)
    rig.flash.power_up()
    assert unsteady(rig, 0, SECTOR) == 1


# Either.


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
    rig.program(SECTOR, b"\x00")
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
