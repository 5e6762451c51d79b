"""Contract of `hal.watchdog.Watchdog`. Windows are wide where a kick must fall inside: a host may be slow."""

import pytest

from hal.units import MS, S
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.WATCHDOG)


def test_it_sleeps_until_it_is_started(board: Harness) -> None:
    board.watchdog().kick()
    board.advance(20 * MS)
    board.watchdog().kick()
    assert not board.bites


def test_kicks_inside_the_window_keep_it_quiet(board: Harness) -> None:
    watchdog = board.watchdog()
    watchdog.start(20 * MS, 60 * S)
    for _ in range(4):
        board.advance(25 * MS)
        watchdog.kick()
    board.advance(25 * MS)
    assert not board.bites


def test_no_kick_resets(board: Harness) -> None:
    board.watchdog().start(0, 30 * MS)
    assert not board.bites
    board.advance(40 * MS)
    assert len(board.bites) == 1


def test_each_window_counts_from_the_last_kick(board: Harness) -> None:
    watchdog = board.watchdog()
    watchdog.start(0, 60 * S)
    watchdog.kick()
    watchdog.kick()
    board.advance(10 * MS)
    assert not board.bites


@pytest.mark.parametrize("good_kicks", [0, 1])
def test_an_early_kick_resets(board: Harness, good_kicks: int) -> None:
    watchdog = board.watchdog()
    watchdog.start(100 * MS, 60 * S)
    for _ in range(good_kicks):
        board.advance(110 * MS)
        watchdog.kick()
    watchdog.start(0, 60 * S)  # a second start opens no window
    watchdog.kick()
    board.advance(10 * MS)
    assert len(board.bites) == 1


def test_a_second_start_does_not_stop_it(board: Harness) -> None:
    watchdog = board.watchdog()
    watchdog.start(0, 50 * MS)
    board.advance(10 * MS)
    watchdog.start(0, 60 * S)
    board.advance(60 * MS)
    assert len(board.bites) == 1


@pytest.mark.parametrize(("earliest", "latest"), [(10, 10), (11, 10), (-1, 10)])
def test_an_empty_window_is_refused(board: Harness, earliest: int, latest: int) -> None:
    with pytest.raises(ValueError, match="window"):
        board.watchdog().start(earliest, latest)
    board.advance(MS)
    assert not board.bites
