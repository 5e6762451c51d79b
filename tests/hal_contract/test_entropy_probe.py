"""Contracts of `hal.entropy` and `hal.probe`."""

import copy

import pytest

from hal.probe import JobDone, MailboxDropped
from hal.units import MS
from tests.hal_contract.harness import Feature, Harness


@pytest.mark.needs(Feature.ENTROPY)
class TestEntropy:
    @pytest.mark.parametrize("length", [0, 1, 16, 33, 4096])
    def test_it_gives_as_many_bytes_as_asked(self, board: Harness, length: int) -> None:
        data = board.entropy().read(length)
        assert isinstance(data, bytes)
        assert len(data) == length

    def test_it_never_repeats_itself(self, board: Harness) -> None:
        entropy = board.entropy()
        assert len({entropy.read(16) for _ in range(200)}) == 200

    def test_all_byte_values_come(self, board: Harness) -> None:
        data = board.entropy().read(1 << 14)
        assert len(set(data)) == 256
        # 2**14 bytes: a value comes 64 times, and 8 is the deviation.
        assert all(0 < data.count(value) < 160 for value in range(256))


@pytest.mark.needs(Feature.PROBE)
def test_publishing_changes_nothing(board: Harness) -> None:
    for record in (JobDone("metering", 5, 7, False), MailboxDropped("events", 3)):
        before = copy.copy(record)
        assert board.probe().publish(record) is None  # type: ignore[func-returns-value]  # that is what is tested
        assert record == before
    board.advance(10 * MS)
    assert not board.raised
