"""Contract of `hal.frontend.SampledFrontEnd`."""

import numpy as np
import pytest

from hal.frontend import CHANNELS, FULL_SCALE, SampleBlock, SampledFrontEnd
from hal.processor import Line
from hal.units import MS, TURN, S
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.SAMPLED_FRONT_END)


def count(block: SampleBlock) -> int:
    return int(block.samples.shape[1])


def take(board: Harness) -> SampleBlock:
    board.expect(Line.SAMPLES)
    block = board.sampled_front_end().take()
    assert block is not None
    return block


def started(board: Harness) -> tuple[SampledFrontEnd, int]:
    front_end = board.sampled_front_end()
    front_end.start()
    return front_end, board.processor().now()


def test_the_scale_says_what_counts_mean(board: Harness) -> None:
    front_end = board.sampled_front_end()
    scale = front_end.scale
    assert scale.voltage_peak_uv > 0
    assert scale.current_peak_na > 0
    assert S % scale.rate_hz == 0
    assert front_end.block_samples > 0


def test_it_is_silent_until_it_is_started(board: Harness) -> None:
    board.advance(S)
    assert not board.pending(Line.SAMPLES)
    assert board.sampled_front_end().take() is None
    assert board.sampled_front_end().flush() is None


def test_blocks_are_contiguous_and_stamped_by_the_rate(board: Harness) -> None:
    front_end, start = started(board)
    period = S // front_end.scale.rate_hz
    for number in range(20):
        block = take(board)
        assert block.samples.shape == (len(CHANNELS), front_end.block_samples)
        assert block.samples.dtype == np.int32
        assert block.first == number * front_end.block_samples
        assert block.end_ns == start + (block.first + front_end.block_samples) * period
        assert block.end_ns <= board.processor().now()
        assert block.lost == 0


def test_a_block_is_taken_once(board: Harness) -> None:
    front_end, _ = started(board)
    take(board)
    assert front_end.take() is None


def test_blocks_not_taken_are_counted_as_lost(board: Harness) -> None:
    front_end, _ = started(board)
    size = front_end.block_samples
    board.advance(3 * size * S // front_end.scale.rate_hz + MS)
    block = front_end.take()
    assert block is not None
    assert (block.first, block.lost) == (2 * size, 2 * size)
    board.raised.clear()
    following = take(board)
    assert (following.first, following.lost) == (3 * size, 0)


@pytest.mark.parametrize("after_ns", [30 * MS, 250 * MS, 399_999_999])
def test_a_flush_gives_the_rest_and_nothing_is_lost_or_doubled(board: Harness, after_ns: int) -> None:
    front_end, start = started(board)
    period = S // front_end.scale.rate_hz
    board.advance(after_ns)
    got = [front_end.take(), front_end.flush()]
    whole = (board.processor().now() - start) // period
    blocks = [block for block in got if block is not None]
    assert [block.lost for block in blocks] == [0] * len(blocks)
    assert sum(count(block) for block in blocks) == whole
    assert front_end.flush() is None
    # It goes on behind what was flushed.
    board.raised.clear()
    end = whole
    for _ in range(3):
        block = take(board)
        assert (block.first, block.lost) == (end, 0)
        end += count(block)
        assert block.end_ns == start + end * period


def test_starting_anew_counts_anew(board: Harness) -> None:
    front_end, _ = started(board)
    board.advance(S // 2)
    board.raised.clear()
    front_end.start()
    start = board.processor().now()
    assert front_end.take() is None
    block = take(board)
    assert block.first == 0
    assert block.end_ns == start + front_end.block_samples * S // front_end.scale.rate_hz


@pytest.mark.needs(Feature.LOAD)
def test_samples_are_the_voltages_and_currents(board: Harness) -> None:
    """Whole cycles of 50 Hz: the mean square of each channel, and the mean product, follow from the rms values."""
    board.load(230_000_000, 5_000_000_000, TURN // 6)
    front_end, _ = started(board)
    take(board)
    samples = take(board).samples.astype(np.float64)
    scale = front_end.scale
    volts = samples[:3] * scale.voltage_peak_uv / FULL_SCALE / 1e6
    amperes = samples[3:6] * scale.current_peak_na / FULL_SCALE / 1e9
    assert np.sqrt((volts**2).mean(axis=1)) == pytest.approx([230.0] * 3, rel=2e-3)
    assert np.sqrt((amperes**2).mean(axis=1)) == pytest.approx([5.0] * 3, rel=2e-3)
    assert (volts * amperes).mean(axis=1) == pytest.approx([230.0 * 5.0 / 2] * 3, rel=2e-3)


def test_without_load_the_currents_are_noise(board: Harness) -> None:
    started(board)
    assert np.abs(take(board).samples[3:]).max() < FULL_SCALE // 1000
