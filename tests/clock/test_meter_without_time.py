"""A meter that has no time: nothing before its firmware is the time, and its first clock set makes up for nothing."""

from collections.abc import Callable

import pytest

from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import ProfileRecorded
from hal.units import HOUR, S
from sim.bench import Bench
from sim.devices.flash import W25Q64
from sim.oracles.reread import ReadOnlyFlash
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import KINDS, Played, at, fault, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
BEFORE_JULY = "2026-06-30T20:00:00+02:00"
JULY_UTC_S = 1_782_856_800
YEAR_2000_UTC_S = 946_684_800

Deed = tuple[int, Callable[[Bench], object]]


def play(text: str, *deeds: Deed) -> Played:
    """Run a scenario, and do these things to its board."""
    runner = Runner(parse(text), 1)
    played = Played(runner)
    for kind in KINDS:
        runner.bench.probe.subscribe(kind, lambda at_ns, record: played.records.append((at_ns, record)))
    for instant, deed in deeds:
        runner.bench.world.at(instant, Phase.WORLD, lambda deed=deed: deed(runner.bench))
    played.result = runner.run()
    return played


def to_epoch(flagged: bool) -> Callable[[Bench], object]:
    return lambda bench: bench.board.rtc.reset_to_epoch(flagged)


def lose_saves(bench: Bench) -> None:
    """Every save in flash rots."""
    layout = plan(METER, W25Q64.geometry).ring("registers")
    while True:
        ring = Ring(ReadOnlyFlash(bench.board.flash), layout)
        ring.recover()
        held = list(ring.newest_first())
        if not held:
            return
        for record in held:
            bench.board.flash.rot(layout.slot_address(record.sequence), 0xFF)


@pytest.mark.parametrize("flagged", [False, True])
def test_a_virgin_meter_takes_no_epoch_for_the_time_and_its_first_set_makes_up_for_nothing(flagged: bool) -> None:
    body = reading("unset", "30min") + reading("set", "1h10min", "set-clock") + reading("right", "1h20min")
    played = play(text_of(START, "3h", body), (0, to_epoch(flagged)))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert played.count("clock-invalid") == 1
    assert int(played.registers("unset")["F.F"][0], 16) & 32
    assert int(played.registers("right")["F.F"][0], 16) == 0
    assert abs(played.result.clock_error_ns) < 2 * S
    assert played.billing() == []
    told = [record for _, record in played.of(ProfileRecorded)]
    assert {record.clock for record in told} == {"invalid", "valid"}
    assert [record.missed for record in told] == [0] * len(told)


def test_after_its_first_set_a_meter_bills_as_any_other() -> None:
    body = reading("set", "1h10min", "set-clock")
    played = play(text_of(BEFORE_JULY, "6h", body), (0, to_epoch(False)))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    assert played.billing() == [("billing-date", JULY_UTC_S)]


def test_a_meter_that_lived_through_a_date_makes_one_end_of_billing_for_it_when_it_is_set() -> None:
    """Its saves are lost, and its RTC: it goes on from the newest record, in doubt, and is set behind midnight."""
    body = reading("bill", "1h5min", "billing-reset") + fault("power-cut", "2h10min", "4h")
    body += reading("set", "6h40min", "set-clock")
    played = play(text_of(BEFORE_JULY, "7h", body), (at(3), to_epoch(False)), (at(3), lose_saves))
    rows = {row.event: row for row in played.result.events}
    assert rows["state-lost"].clock == "doubtful"
    assert "clock-invalid" not in rows
    lost_ns = rows["clock-restored"].detail * S - played.runner.bench.setting.start_utc_ns
    assert at(2) <= lost_ns <= at(2, 10)
    assert [source for source, _ in played.billing()] == ["optical", "billing-date"]
    assert abs(played.result.clock_error_ns) < 2 * S


def test_an_rtc_behind_the_newest_record_is_not_believed_by_a_meter_that_lost_its_saves() -> None:
    behind = (at(2, 30), lambda bench: bench.board.rtc.jump(-2 * HOUR))
    outage = fault("power-cut", "2h10min", "1h")
    played = play(text_of(START, "4h", outage), behind, (at(2, 30), lose_saves))
    assert (played.count("clock-restored"), played.count("clock-invalid")) == (1, 0)
    played = play(text_of(START, "4h", outage), (at(2, 30), lose_saves))
    assert (played.count("clock-restored"), played.count("clock-invalid")) == (0, 0)
    assert abs(played.result.clock_error_ns) < 2 * S


def test_an_rtc_that_leaps_over_and_over_fills_no_log() -> None:
    """By 37 minutes, each 37 minutes, for two days."""
    leaps = [(37 * n * 60 * S, lambda bench: bench.board.rtc.jump(37 * 60 * S)) for n in range(1, 78)]
    played = play(text_of(START, "52h"), *leaps)
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    # None but the first leap leaves it right for as long as it takes after the second.
    assert (played.count("rtc-failed"), played.count("rtc-restored")) == (2, 2)
    assert abs(played.result.clock_error_ns) < 2 * S
