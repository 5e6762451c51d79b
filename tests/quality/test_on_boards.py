"""The meter with power quality configured, on both boards: what it logs, and what its statistics say."""

import pytest

import firmware.meter
from firmware.quality.disturbance import parse_detail
from sim.scenario.loader import load
from sim.scenario.runner import Runner
from tests.acceptance.playing import fault, play, text_of, troubles

BOARDS = ["soc", "afe"]
START = "2026-06-15T08:00:00+02:00"
DISTURBANCES = ("voltage-dip", "voltage-swell", "voltage-interruption")


def told(played):
    """Phase, ms and permille of each disturbance, in the order of the log."""
    return [(row.event, *parse_detail(row.detail)) for row in played.result.events if row.event in DISTURBANCES]


@pytest.fixture
def quality(monkeypatch):
    """The parts of power quality of each life that begins."""
    lives = []
    made = firmware.meter.add_quality

    def keep(kernel, priority, core):
        lives.append(made(kernel, priority, core))
        return lives[-1]

    monkeypatch.setattr(firmware.meter, "add_quality", keep)
    return lives


def test_both_boards_log_the_same_dips():
    dips = fault("supply-dips", "20s", more='to = "55 %"\nwidth = "70ms"\ncount = 2\nspacing = "11s"')
    sag = fault("voltage-fault", "50s", "4s", 'phase = 3\nto = "80 %"')
    logs = []
    for board in BOARDS:
        played = play(text_of(START, "70s", "[quality]\nstatistics = false\n" + dips + sag, board))
        assert not troubles(played.result)
        logs.append(told(played))
    for log in logs:
        assert [entry[0] for entry in log] == ["voltage-dip"] * 7
        for _, _, lasted_ms, permille in log[:-1]:
            assert 70 + 20 < lasted_ms < 70 + 45
            assert permille == 550
        assert log[-1][1] == 3
        assert 4_000 < log[-1][2] < 4_050
        assert log[-1][3] == 800
    for one, other in zip(sorted(logs[0]), sorted(logs[1]), strict=True):
        assert one[:2] == other[:2]
        assert abs(one[2] - other[2]) <= 11


def test_a_storm_leaves_ten_entries_a_minute_and_the_count_of_the_others(quality):
    storm = fault("supply-dips", "20s", more='to = "60 %"\nwidth = "60ms"\ncount = 60\nspacing = "250ms"')
    played = play(text_of(START, "3min", "[quality]\nstatistics = false\n" + storm))
    assert not troubles(played.result)
    untold = [row.detail for row in played.result.events if row.event == "voltage-events-untold"]
    assert len(told(played)) == 10
    assert sum(untold) == 180 - 10
    assert sum(quality[0].counts.values()) == 180


@pytest.mark.parametrize("board", BOARDS)
def test_statistics_of_a_quarter_of_an_hour_and_more(board, quality):
    """Without a fault, with a dip, with a higher voltage for five of ten minutes."""
    dip = fault("supply-dips", "15min", more='to = "60 %"\nwidth = "100ms"')
    played = play(
        text_of(START, "31min", '[quality]\n[world]\nvoltage = "236 V"\nfrequency = "50.2 Hz"\n' + dip, board)
    )
    assert not troubles(played.result)
    statistics = quality[0].statistics
    last, week = statistics.last, statistics.week.verdict
    assert last.whole
    assert not last.flagged
    assert last.voltages_uv == pytest.approx((236_000_000,) * 3, rel=1e-5)
    assert max(last.thd_ppm) < 4_000
    assert last.unbalance_ppm < 20
    # The first began before the meter did.
    assert (week.flagged, week.voltage[0].judged, week.voltage[0].kept) == (1, 1, 1)
    assert week.frequency.judged == week.frequency.kept >= 180
    assert week.held is True


@pytest.mark.parametrize("board", BOARDS)
def test_a_dip_that_goes_on_flags_every_interval_that_it_is_in(board, quality):
    """On one phase, in the third interval, the fourth and the fifth; the first is not whole."""
    sag = fault("voltage-fault", "25min", "16min", 'phase = 2\nto = "70 %"')
    played = play(text_of(START, "61min", "[quality]\n" + sag, board))
    assert not troubles(played.result)
    week = quality[0].statistics.week.verdict
    assert (week.flagged, week.voltage[0].judged) == (3, 2)


def test_a_frequency_out_of_range_is_seen(quality):
    slow = fault("frequency-wrong", "5min", "10min", 'frequency = "49.4 Hz"')
    played = play(text_of(START, "20min", "[quality]\n" + slow))
    assert not [check for check in troubles(played.result) if check.kind == "oracle"]
    week = quality[0].statistics.week.verdict
    out = week.frequency.judged - week.frequency.kept
    assert 59 <= out <= 61
    assert week.frequency_always.kept == week.frequency_always.judged
    assert week.frequency.held is False


def test_without_a_table_nothing_is_watched(quality):
    played = play(text_of(START, "60s", fault("supply-dips", "20s", more='to = "40 %"\nwidth = "100ms"')))
    assert quality == [None]
    assert told(played) == []


@pytest.mark.parametrize("board", BOARDS)
def test_the_shipped_scenario_holds(board):
    assert not troubles(Runner(load("voltage-dips", board=board), 1).run())
