"""A clock that follows the mains: as long as their frequency is near its nominal value, their cycles are the time."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from hal.probe import IntervalClosed
from hal.units import MS, S
from sim.physics.overlays import FrequencyForced
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import KINDS, Played, at, fault, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
MAINS = '[clock]\nsource = "mains"\n'
NOMINAL_UHZ = 50_000_000

Stretch = tuple[int, int]
"""True ns from which on the grid runs at a frequency in uHz; 0 for its own."""


def play(text: str, *stretches: Stretch) -> Played:
    runner = Runner(parse(text), 1)
    played = Played(runner)
    for kind in KINDS:
        runner.bench.probe.subscribe(kind, lambda at_ns, record: played.records.append((at_ns, record)))
    bench, laid = runner.bench, []

    def change(uhz: int) -> None:
        while laid:
            bench.mains.lift(laid.pop())
        if uhz:
            laid.append(FrequencyForced(uhz))
            bench.mains.lay(laid[0])

    for from_ns, uhz in stretches:
        bench.world.at(from_ns, Phase.WORLD, lambda uhz=uhz: change(uhz))
    played.result = runner.run()
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def reference_error_ns(stretches: Sequence[Stretch], end_ns: int) -> int:
    """How far a clock is off that counts cycles at 50 Hz within 5 %, and real seconds else."""
    error = 0
    for (begin, uhz), (end, _) in zip(stretches, (*stretches[1:], (end_ns, 0)), strict=True):
        if uhz and abs(uhz - NOMINAL_UHZ) * 20 <= NOMINAL_UHZ:
            error += (end - begin) * (uhz - NOMINAL_UHZ) // NOMINAL_UHZ
    return error


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_the_clock_is_as_fast_as_the_mains(board):
    hours = 6 if board == "afe" else 1
    body = MAINS + ('[demand]\nperiod = "15min"\n' if board == "soc" else "")
    stretches = [(at(0, 5), 50_050_000), (at(0, 35), 49_990_000)]
    played = play(text_of(START, f"{hours}h", body, board=board), *stretches)
    error = reference_error_ns(stretches, at(hours))
    assert played.result.clock_error_ns == pytest.approx(error, abs=60 * MS)
    assert played.count("clock-on-crystal") == 0
    # The RTC is kept near, for the next outage.
    assert abs(played.runner.bench.board.rtc.shown_ns() - played.runner.bench.world.utc_ns - error) < 700 * MS


def test_without_the_option_the_crystal_keeps_the_time():
    played = play(text_of(START, "2h"), (at(0, 5), 50_400_000))
    assert abs(played.result.clock_error_ns) < 100 * MS


@pytest.mark.parametrize("uhz", [47_400_000, 52_600_000, 40_000_000])
def test_outside_the_band_the_crystal_takes_over_and_back(uhz):
    stretches = [(at(1), 50_100_000), (at(2, 10), uhz), (at(4, 10), 50_100_000)]
    played = play(text_of(START, "6h", MAINS), *stretches)
    assert played.count("clock-on-crystal") == 1
    assert played.count("clock-on-mains") == 1
    (left,) = [row.at_ns for row in played.result.events if row.event == "clock-on-crystal"]
    assert 0 <= left - at(2, 10) < 2 * S
    (back,) = [row.at_ns for row in played.result.events if row.event == "clock-on-mains"]
    assert 0 <= back - at(4, 10) < 2 * S
    assert played.result.clock_error_ns == pytest.approx(reference_error_ns(stretches, at(6)), abs=150 * MS)


def test_every_interval_ends_once_and_on_its_second():
    played = play(text_of(START, "12h", MAINS), (at(1), 51_000_000), (at(5), 49_100_000), (at(9), 0))
    closed = played.of(IntervalClosed)
    assert [record.utc_s - closed[0][1].utc_s for _, record in closed] == [1_800 * n for n in range(len(closed))]
    assert not any(record.short for _, record in closed[1:])
    # At 51 Hz a half-hour is over in 30/51 * 50 minutes.
    apart = [(after - before) / S for (before, _), (after, _) in pairwise(closed)]
    assert apart[3] == pytest.approx(1_800 * 50 / 51, abs=0.1)
    assert [record.demand_mw for _, record in closed][3] == pytest.approx(3_600_000 * 50 / 51, rel=1e-3)


def test_after_an_outage_the_clock_goes_on_from_where_the_mains_had_brought_it():
    body = MAINS + fault("supply-fail", "3h", "1h")
    played = play(text_of(START, "8h", body), (at(1), 50_500_000))
    assert played.result.clock_error_ns == pytest.approx(0.01 * at(6), abs=S)
    assert played.count("clock-restored") == 0


def test_a_clock_that_has_neither_mains_nor_rtc_is_doubtful():
    """The RTC stands still while the mains tell the time: no harm, until they leave their band."""
    body = MAINS + fault("rtc-stop", "1h", "8h", "flagged = false")
    body += fault("frequency-wrong", "2h10min", "2h", 'frequency = "47 Hz"')
    played = play(text_of(START, "6h", body))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    rows = {row.event: row for row in played.result.events}
    assert rows["rtc-failed"].clock == "valid"
    assert 0 <= rows["clock-doubtful"].at_ns - at(2, 10) < 2 * S
    assert rows["clock-on-mains"].clock == "doubtful"
