"""A board for each test, once for each entry of the registry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hal_contract.boards import BOARDS
from tests.hal_contract.harness import Feature, Harness


@pytest.fixture(params=list(BOARDS))
def board_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def board_off(board_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A board before `boot`. `@pytest.mark.needs(Feature...)` skips what the board declares absent, with its reason."""
    kind = BOARDS[board_name]
    for mark in request.node.iter_markers("needs"):
        for feature in mark.args:
            skip_if_absent(kind, feature)
    with kind(tmp_path) as board:
        yield board


@pytest.fixture
def board(board_off: Harness) -> Harness:
    """A board that runs, and records its interrupts."""
    board_off.boot(board_off.recorder())
    return board_off


def skip_if_absent(kind: type[Harness], feature: Feature) -> None:
    if feature in kind.absent:
        pytest.skip(f"{feature.value}: {kind.absent[feature]}")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*features): what a board must have for this test")
