"""A cut at every flash operation of a programming leaves the old programme whole, or the new one whole; what the change
brings with it is done exactly once."""

import pytest

from firmware.events.codes import Event
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import Programmed
from hal.units import MINUTE, MS, S
from sim.devices.flash import FlashOperation, ProgramCut
from sim.oracles.reread import ReadOnlyFlash
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.programming.field import FLAT, Cut, Seen, done, large, play, program, scenario, table

SETTINGS = (
    'settings = { demand = { period = "5min", maxima = [{ energy = "A+" }, { energy = "R1", rate = 1 }] }, '
    'profile = { period = "1min", channels = ["A+", "mean U1"] }, billing = { day = 15, time = "10:01" }, '
    'display = { automatic = ["2.8.0"] }, supervision = { voltage_low = "80 %" } }\n'
    'tariff = { rates = 3, registers = ["A+", "R1"], day_profiles = { flat = { "00:00" = 2 } } }\n'
)
"""Registers, an end of billing within the run, and a profile that waits for the power to come back."""

CHANGES = {
    "ratio": 'ct = "200 A / 5 A"\n' + FLAT,
    "large": 'ct = "75 A / 5 A"\n' + large(1),
    "tariff": FLAT,
    "settings": SETTINGS,
}
CT_AND_LARGE = 'ct = "50 A / 5 A"\n' + large(2)
RATIOS = {"ratio": (40, 1), "large": (15, 1), "tariff": (20, 1), "settings": (20, 1)}
ENDS_BILLING = ("ratio", "large", "settings")


def evening(change: str) -> str:
    long = change == "large"
    body = program("p", "30s", CHANGES[change]) + table("reading", "r", "200s" if long else "100s")
    return scenario(body, duration="220s" if long else "120s")


def check(seen: Seen, change: str, what: object) -> None:
    """Old or new, whole; and all that goes with it once."""
    assert not seen.wrong, (what, seen.wrong)
    number = seen.number
    assert seen.value("r", "C.2.0") == f"{number:04}", what
    assert seen.events(Event.PROGRAMMED.value) == [1] * number, what
    made = ["programming"] * bool(number and change in ENDS_BILLING)
    # The last one is made by the date that was programmed.
    assert seen.sets() == made + ["billing-date"] * bool(number and change == "settings"), what
    assert seen.value("r", "C.14.0") == ("02" if number else "01"), what
    if seen.reading("p").problem is None:
        assert number == 1, what
    last = seen.of(Programmed)[-1]
    assert (last.number, last.ratio) == (number, RATIOS[change] if number else (20, 1)), what


def operations(calm: Seen) -> list[FlashOperation]:
    """Those from the acceptance of the change to half a second after all is done."""
    told_ns = next(at for at, record in calm.records if isinstance(record, Programmed) and record.number)
    return done(calm.operations, told_ns - 1_500 * MS, told_ns + 500 * MS)


@pytest.mark.parametrize("change", list(CHANGES))
@pytest.mark.parametrize("mode", list(ProgramCut))
def test_old_or_new_whole_wherever_it_is_cut(change: str, mode: ProgramCut) -> None:
    calm = play(evening(change))
    check(calm, change, "calm")
    assert calm.number == 1
    steps = operations(calm)
    assert len(steps) >= {"ratio": 8, "large": 12, "tariff": 4, "settings": 8}[change]
    numbers: list[int] = []
    for place, step in enumerate(steps):
        if change == "large" and place % 5 != list(ProgramCut).index(mode):
            continue
        cut = Cut((step.start_ns + step.at_ns) // 2, program=mode)
        seen = play(evening(change), [cut])
        check(seen, change, (place, cut))
        numbers.append(seen.number)
    # The first step is the programme's own, or one just before it.
    assert numbers[-1] == 1
    assert numbers == sorted(numbers)
    assert numbers[0] == 0 or mode is ProgramCut.DONE


@pytest.mark.parametrize("change", ["ratio", "tariff"])
def test_with_hold_up_too(change: str) -> None:
    calm = play(evening(change))
    for step in operations(calm):
        for heard_ns in (step.start_ns, (step.start_ns + step.at_ns) // 2):
            cut = Cut(heard_ns - 20 * MS, hold_up=True)
            check(play(evening(change), [cut]), change, cut)


def test_a_second_cut_while_a_boot_does_it_over() -> None:
    calm = play(evening("ratio"))
    told_ns = next(at for at, record in calm.records if isinstance(record, Programmed) and record.number)
    # The programme is whole, and the billing set perhaps; the save is not.
    for step in [step for step in operations(calm) if step.at_ns < told_ns][1::2]:
        first = Cut((step.start_ns + step.at_ns) // 2, program=ProgramCut.PREFIX)
        once = play(evening("ratio"), [first])
        up_ns = first.at_ns + first.off_ns
        for again in done(once.operations, up_ns, up_ns + S)[::3]:
            second = Cut((again.start_ns + again.at_ns) // 2, program=ProgramCut.PREFIX)
            check(play(evening("ratio"), [first, second]), "ratio", (first, second))


def test_a_boot_knows_the_settings_of_the_save_although_they_were_programmed_too() -> None:
    """The second programming changes the demand period: the end of billing that goes with it is made once."""
    first = program("a", "20s", 'settings = { demand = { period = "15min" } }\n')
    body = first + program("p", "40s", 'settings = { demand = { period = "5min" } }\n')
    text = scenario(body, duration="70s")
    calm = play(text)
    told_ns = max(at for at, record in calm.records if isinstance(record, Programmed))
    for step in done(calm.operations, told_ns - 1_500 * MS, told_ns + 200 * MS):
        seen = play(text, [Cut((step.start_ns + step.at_ns) // 2, program=ProgramCut.PREFIX)])
        assert not seen.wrong, (step, seen.wrong)
        assert seen.number in (1, 2), step
        assert seen.sets() == ["programming"] * seen.number, step


def passive(activate: str) -> str:
    return f"passive = {{ activate = {activate}, {FLAT.strip()} }}\n"


def test_a_passive_tariff_takes_over_once_wherever_it_is_cut() -> None:
    """It is due at 10:01:30, on no boundary of the meter's own."""
    body = program("p", "20s", passive("2026-06-15T10:01:30+02:00")) + table("reading", "r", "120s")
    text = scenario(body, duration="140s")
    calm = play(text)
    assert calm.programme is not None
    assert calm.programme.passive is None
    steps = done(calm.operations, 90 * S, 91 * S)
    assert len(steps) >= 4
    for step in steps:
        for mode in ProgramCut:
            cut = Cut((step.start_ns + step.at_ns) // 2, program=mode)
            seen = play(text, [cut])
            assert not seen.wrong, (cut, seen.wrong)
            assert seen.events(Event.TARIFF_ACTIVATED.value) == [1], cut
            assert seen.events(Event.PROGRAMMED.value) == [1], cut
            assert seen.value("r", "C.14.0") == "02", cut
            told = seen.of(Programmed)
            assert told[-1].passive_s == 0, cut
            assert seen.programme is not None, cut
            assert seen.programme.passive is None, cut
            assert {record.number for record in told} == {0, 1}, cut


def test_a_passive_tariff_due_in_an_outage_holds_from_the_first_second() -> None:
    body = program("p", "20s", passive("2026-06-15T10:05:00+02:00"))
    outage = table("fault", "out", "2min", 'kind = "supply-fail"\nduration = "10min"\n')
    again = table("fault", "again", "20min", 'kind = "supply-fail"\nduration = "1min"\n')
    seen = play(scenario(body + outage + again + table("reading", "r", "25min"), duration="30min"))
    assert not seen.wrong, seen.wrong
    assert seen.events(Event.TARIFF_ACTIVATED.value) == [1]
    saves = [(at, record) for at, record in seen.records if hasattr(record, "rates")]
    before = [record for at, record in saves if at < 3 * MINUTE][-1]
    first = next(record for at, record in saves if at > 12 * MINUTE)
    last = saves[-1][1]
    assert first.rates[0] == before.rates[0] == last.rates[0]
    assert last.rates[1][0] > 0


def test_many_unclean_boots_do_not_wear_a_programme_away() -> None:
    """Each takes a slot of the ring, which goes round; the records of a programme stay, also of one that was to be
    replaced and was not."""
    body = program("p", "30s", CHANGES["large"]) + program("q", "150s", CT_AND_LARGE) + table("reading", "r", "690s")
    text = scenario(body, duration="700s")
    calm = play(text)
    told_ns = [at for at, record in calm.records if isinstance(record, Programmed) and record.number][1]
    parts = [step for step in done(calm.operations, told_ns - 1_500 * MS, told_ns) if step.length == 256]
    first = Cut((parts[9].start_ns + parts[9].at_ns) // 2, program=ProgramCut.PREFIX)
    cuts = [first, *(Cut(first.at_ns + 7 * S * n, off_ns=2 * S) for n in range(1, 72))]
    seen = play(text, cuts)
    assert not seen.wrong, seen.wrong
    ring = seen.ring("configuration")
    assert ring.last_sequence > ring.region.sectors * ring.region.slots_per_sector + 10
    assert seen.value("r", "C.2.0") == "0001"


def test_every_part_of_the_programme_in_force_is_re_read_and_written_again() -> None:
    """The first part and the last rot while the meter runs; what was written again rots once more."""
    text = scenario(program("p", "30s", CHANGES["large"]), duration="40h")
    held: list[bytes] = []

    def rot(runner: Runner, nth: int) -> None:
        bench = runner.bench
        ring = Ring(ReadOnlyFlash(bench.board.flash), plan(METER, bench.board.flash.geometry).ring("configuration"))
        ring.recover()
        parts = {record.payload[4]: record for record in reversed([*ring.newest_first()])}
        held[:] = [parts[number].payload for number in sorted(parts)]
        part = parts[0 if nth else len(parts) - 1]
        bench.board.flash.rot(ring.region.slot_address(part.sequence), 0xFF)

    def prepare(runner: Runner) -> None:
        for nth, hour in enumerate((1, 2, 20)):
            runner.bench.world.at(hour * 60 * MINUTE, Phase.WORLD, lambda nth=nth: rot(runner, nth))

    seen = play(text, prepare=prepare)
    assert seen.events(Event.FLASH_CORRUPT.value) == [1, 1, 1]
    parts = {record.payload[4]: record.payload for record in reversed([*seen.held("configuration")])}
    assert [parts[number] for number in sorted(parts)] == held
    assert len(held) >= 2
    assert seen.number == 1
