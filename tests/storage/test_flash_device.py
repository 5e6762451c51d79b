"""The part's array against a plain bytearray, its times, what it makes of nonsense, suspended erases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.flash import FlashError
from hal.units import MS, US
from sim.devices.flash import FlashOperation, Kind, Refusal, Stage, Timing, Violation
from sim.world import Phase
from tests.storage.flash_bench import PAGE, PART, SECTOR, SIZE, Rig, filled

# Contents.

addresses = st.integers(0, SIZE - 1) | st.sampled_from([SECTOR - PAGE, SECTOR - PAGE + 9, SECTOR - 9, SECTOR])
steps = st.one_of(
    st.tuples(st.just("program"), addresses, st.binary(min_size=1, max_size=PAGE + 8)),
    st.tuples(st.just("clear"), addresses, st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("erase"), st.integers(0, PART.sectors - 1), st.just(b"")),
    st.tuples(st.just("read"), addresses, st.binary(max_size=300)),
)


@given(st.lists(steps, max_size=30))
def test_contents_follow_a_bytearray(sequence: list[tuple[str, int, bytes]]) -> None:
    """Whatever is programmed: bits are only cleared, and what runs over the end of a page goes to its beginning."""
    rig = Rig()
    reference = bytearray(b"\xff" * SIZE)
    wrong: list[Refusal] = []
    for what, where, data in sequence:
        if what == "erase":
            rig.flash.erase(where)
            reference[where * SECTOR : (where + 1) * SECTOR] = b"\xff" * SECTOR
        elif what == "read":
            if where + len(data) <= SIZE:
                assert rig.flash.read(where, len(data)) == reference[where : where + len(data)]
        else:
            if what == "clear":  # what a correct program would write, if it stays inside a page
                data = bytes(a & b for a, b in zip(data, reference[where:], strict=False))
            if not data or len(data) > PAGE or where + len(data) > SIZE:
                with pytest.raises(FlashError):
                    rig.flash.program(where, data)
                wrong.append(Refusal.RANGE if where + len(data) > SIZE else Refusal.LENGTH)
                continue
            rig.flash.program(where, data)
            places = [where - where % PAGE + (where + i) % PAGE for i in range(len(data))]
            if places[-1] < where:
                wrong.append(Refusal.PAGE_CROSSED)
            if any(byte & ~reference[place] for place, byte in zip(places, data, strict=True)):
                wrong.append(Refusal.NOT_ERASED)
            for place, byte in zip(places, data, strict=True):
                reference[place] &= byte
        rig.settle()
    assert rig.contents() == reference
    assert rig.refused() == wrong
    assert (rig.flash.damage_met, rig.flash.damaged_sectors) == (0, 0)


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


# Nonsense.


def test_a_busy_part_ignores_what_it_is_told_and_reads_as_ones() -> None:
    rig = filled()
    before = rig.contents()
    done = rig.flash.programs
    rig.flash.erase(0)
    asked = rig.world.now
    assert rig.flash.read(SECTOR, 3) == b"\xff\xff\xff"
    rig.flash.program(SECTOR, b"\x00")
    rig.flash.erase(1)
    assert rig.refused() == [Refusal.BUSY] * 3
    assert {violation.at_ns for violation in rig.flash.violations} == {asked}
    rig.settle()
    assert rig.interrupts[-1] == asked + 45 * MS
    assert rig.contents()[SECTOR:] == before[SECTOR:]
    assert (rig.flash.programs, rig.flash.erases, rig.flash.wear(1)) == (done, 1, 0)


def test_a_program_across_a_page_goes_on_at_its_beginning() -> None:
    rig = Rig()
    rig.program(2 * PAGE - 2, b"\x01\x02\x03\x04\x05")
    assert rig.flash.read(PAGE, 4) == b"\x03\x04\x05\xff"
    assert rig.flash.read(2 * PAGE - 3, 4) == b"\xff\x01\x02\xff"
    assert rig.told[-1] == FlashOperation(Kind.PROGRAM, PAGE, PAGE, Stage.DONE, 0, 400 * US)
    assert [(v.refusal, v.address, v.at_ns) for v in rig.flash.violations] == [
        (Refusal.PAGE_CROSSED, 2 * PAGE - 2, 0),
    ]


def test_a_bit_that_is_zero_stays_zero_and_the_oracle_hears_of_it() -> None:
    rig = Rig()
    rig.program(300, b"\xf0")
    asked = rig.world.now
    rig.program(299, b"\xff\x71")
    assert rig.flash.read(299, 2) == b"\xff\x70"
    assert [(v.refusal, v.address, v.at_ns) for v in rig.flash.violations] == [(Refusal.NOT_ERASED, 299, asked)]


def test_a_violation_is_told_before_the_call_returns() -> None:
    rig = Rig()
    heard: list[Violation] = []
    rig.flash.subscribe_violations(heard.append)
    rig.after(MS)
    rig.flash.erase(0)
    assert heard == []
    rig.flash.erase(2)
    assert [(v.at_ns, v.refusal, v.address) for v in heard] == [(MS, Refusal.BUSY, 2 * SECTOR)]
    assert "busy" in heard[0].text
    assert rig.flash.violations == heard


def test_refuses_what_can_not_be_put_to_it() -> None:
    rig = Rig()
    for address, length in ((-1, 1), (SIZE, 1), (SIZE - 1, 2)):
        with pytest.raises(FlashError, match="outside"):
            rig.flash.read(address, length)
        with pytest.raises(FlashError, match="outside"):
            rig.flash.program(address, bytes(length))
    for sector in (-1, PART.sectors):
        with pytest.raises(FlashError, match="outside"):
            rig.flash.erase(sector)
    for length in (0, PAGE + 1):
        with pytest.raises(FlashError, match="more than a page"):
            rig.flash.program(0, bytes(length))
    assert not rig.flash.busy()
    assert rig.refused() == [Refusal.RANGE] * 8 + [Refusal.LENGTH] * 2


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
    assert rig.flash.violations == []
    assert rig.flash.resume()
    assert not rig.flash.resume()
    rig.settle()
    assert rig.flash.read(SECTOR, SECTOR) == b"\xff" * SECTOR
    assert rig.flash.read(2 * SECTOR, PAGE) != b"\xff" * PAGE
    assert rig.flash.erases == 1


def test_the_sector_of_a_suspended_erase_can_not_be_used() -> None:
    rig = filled()
    rig.flash.erase(1)
    rig.after(MS)
    rig.flash.suspend()
    rig.after(MS)
    before = rig.contents()
    done = rig.flash.programs
    interrupts = len(rig.interrupts)
    for neighbour in (SECTOR - 1, 2 * SECTOR):
        assert rig.flash.read(neighbour, 1)[0] == before[neighbour]
    assert rig.flash.violations == []
    for address, length in ((SECTOR, 64), (2 * SECTOR - 64, 64), (SECTOR - 1, 65), (0, SIZE)):
        first, second = rig.flash.read(address, length), rig.flash.read(address, length)
        assert len(first) == length
        assert first != second
        for at, got in zip(range(address, address + length), first, strict=True):
            assert SECTOR <= at < 2 * SECTOR or got == before[at]
    assert rig.refused() == [Refusal.SUSPENDED_SECTOR] * 8
    rig.program(SECTOR, b"\x00")
    rig.erase(2)
    assert rig.refused()[8:] == [Refusal.SUSPENDED_SECTOR, Refusal.SUSPENDED_ERASE]
    assert not rig.flash.busy()
    assert rig.contents() == before
    assert (rig.flash.programs, rig.flash.erases, len(rig.interrupts)) == (done, 1, interrupts)


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


# Listeners.


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


def test_who_subscribes_is_told_what_the_listener_is() -> None:
    rig = Rig()
    one: list[FlashOperation] = []
    other: list[FlashOperation] = []
    rig.flash.subscribe(one.append)
    rig.flash.subscribe(other.append)
    rig.program(5, b"ab")
    assert one == other == rig.told
    rig.flash.listener = None
    rig.erase(0)
    assert one == other
    assert [told.stage for told in one] == [Stage.STARTED, Stage.DONE] * 2


def test_when_what_is_under_way_will_end() -> None:
    rig = Rig()
    assert rig.flash.ends_ns is None
    rig.flash.erase(1)
    assert rig.flash.ends_ns == 45 * MS
    rig.after(MS)
    rig.flash.suspend()
    rig.after(MS)
    assert rig.flash.ends_ns is None
    rig.flash.program(0, b"\x00")
    assert rig.flash.ends_ns == 2 * MS + 400 * US
    rig.after(MS)
    rig.flash.resume()
    ends = rig.flash.ends_ns
    assert ends == 45 * MS + 2 * MS - 20 * US
    rig.settle()
    assert rig.interrupts[-1] == ends
    assert rig.flash.ends_ns is None
