"""Contracts of `hal.power`: supply and battery."""

import pytest

from hal.processor import Line
from hal.units import MS, S
from tests.hal_contract.harness import Feature, Harness


@pytest.mark.needs(Feature.SUPPLY)
class TestSupply:
    def test_a_board_that_runs_on_mains_says_so(self, board: Harness) -> None:
        assert board.supply().mains_good()
        assert board.supply().hold_up_mv() > 0
        assert not board.pending(Line.POWER_FAIL)

    @pytest.mark.needs(Feature.MAINS)
    def test_mains_that_fail_and_return_are_told_in_turn(self, board: Harness) -> None:
        supply = board.supply()
        for _ in range(3):
            board.feed(False)
            failed = board.expect(Line.POWER_FAIL)
            assert not supply.mains_good()
            board.feed(True)
            returned = board.expect(Line.POWER_GOOD)
            assert supply.mains_good()
            assert failed <= returned
        assert not board.raised

    @pytest.mark.needs(Feature.MAINS)
    def test_hold_up_does_not_grow_without_mains(self, board: Harness) -> None:
        supply = board.supply()
        board.feed(False)
        board.expect(Line.POWER_FAIL)
        before = supply.hold_up_mv()
        for _ in range(10):
            board.advance(10 * MS)
            after = supply.hold_up_mv()
            assert 0 < after <= before
            before = after

    @pytest.mark.needs(Feature.MAINS)
    def test_feeding_what_is_fed_changes_nothing(self, board: Harness) -> None:
        board.feed(True)
        board.advance(50 * MS)
        assert not board.raised


    @pytest.mark.needs(Feature.LOAD)
    def test_a_dip_to_half_the_voltage_for_a_minute_is_borne(self, board: Harness) -> None:
        """IEC 62052-11, voltage dips."""
        board.load(115_000_000, 0, 0)
        board.advance(60 * S)
        assert board.supply().mains_good()
        assert not board.pending(Line.POWER_FAIL)

    @pytest.mark.needs(Feature.LOAD)
    def test_mains_below_the_drop_out_are_no_mains_until_they_are_well_above_it(self, board: Harness) -> None:
        supply = board.supply()
        board.load(39_000_000, 0, 0)
        board.expect(Line.POWER_FAIL)
        board.load(43_000_000, 0, 0)
        board.advance(500 * MS)
        assert not supply.mains_good()
        board.load(60_000_000, 0, 0)
        board.expect(Line.POWER_GOOD)
        board.load(43_000_000, 0, 0)
        board.advance(S)
        assert supply.mains_good()


@pytest.mark.needs(Feature.BATTERY)
class TestBattery:
    def test_a_good_cell_has_its_voltage(self, board: Harness) -> None:
        assert 2_000 < board.battery().test() < 5_000

    @pytest.mark.needs(Feature.CELL)
    def test_a_dead_one_has_next_to_none(self, board: Harness) -> None:
        board.kill_cell()
        assert 0 <= board.battery().test() < 500
