"""What a board declares absent, it is missing; what it does not declare, it has."""

from pathlib import Path

import pytest

from hal.frontend import MeteringFrontEnd, SampledFrontEnd
from tests.hal_contract.boards import BOARDS
from tests.hal_contract.harness import Feature, Harness

FRONT_ENDS = {Feature.SAMPLED_FRONT_END: SampledFrontEnd, Feature.METERING_FRONT_END: MeteringFrontEnd}

HANDS = {
    Feature.POWER_CYCLE: Harness.power_cycle,
    Feature.BACKUP_LOSS: Harness.lose_backup,
    Feature.LOAD: Harness.load,
    Feature.MAINS: Harness.feed,
    Feature.CELL: Harness.kill_cell,
    Feature.INPUTS: Harness.move_input,
    Feature.OUTPUTS: Harness.output,
    Feature.DISPLAY: Harness.shown,
    Feature.SERIAL: Harness.far_end,
}


@pytest.mark.parametrize("name", list(BOARDS))
def test_each_absence_has_its_reason(name: str) -> None:
    assert all(BOARDS[name].absent.values())


@pytest.mark.parametrize("name", list(BOARDS))
@pytest.mark.parametrize("feature", list(HANDS))
def test_a_harness_can_do_what_it_does_not_declare_absent(name: str, feature: Feature) -> None:
    own = getattr(BOARDS[name], HANDS[feature].__name__)
    assert (own is HANDS[feature]) == (feature in BOARDS[name].absent)


@pytest.mark.parametrize("name", list(BOARDS))
def test_a_board_has_one_front_end_of_the_kind_it_says(name: str, tmp_path: Path) -> None:
    with BOARDS[name](tmp_path) as board:
        board.boot(board.recorder())
        for feature, protocol in FRONT_ENDS.items():
            assert isinstance(board.board().front_end, protocol) == (feature not in board.absent)
