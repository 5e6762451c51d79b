"""The explorer forks; a test runner's own threads are none of its business."""

import pytest

FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/explore" in item.path.as_posix():
            item.add_marker(FORKS)
