"""Cuts on the board that samples: the save at power fail holds the block and the window that are not full yet."""

from hal.units import MS, S
from sim.world import Stream
from tests.power_cut.scene import DETECTION_NS, TWO_MINUTES, Cut, run

BLOCK_NS = 200 * MS


def test_the_partial_block_is_in_the_save_at_power_fail() -> None:
    draw = Stream(2, "power-cut.soc")
    shares = []
    for number in range(12):
        # Anywhere in a block, the interrupt too; not where the load changes.
        at = 25 * S + number * 3 * S + draw.between(0, BLOCK_NS)
        seen = run(TWO_MINUTES, [Cut(at, 5 * S, hold_up=True)])
        assert not seen.wrong, (at, seen.wrong)
        (loss,) = seen.losses
        assert loss.intact
        # A block of this load is 333 mWh: its loss would show.
        shares.append(loss.lost_nwh * 3_600 * S // (TWO_MINUTES.day_mw * 10**6))
    # What is lost is the time from power-up to the first sample, and the same each time.
    assert max(shares) - min(shares) < 2 * MS
    assert max(shares) < DETECTION_NS


def test_a_cut_without_hold_up_loses_what_was_measured_since_the_last_save() -> None:
    draw = Stream(3, "power-cut.soc")
    for number in range(12):
        at = draw.between(2 * S, 105 * S)
        seen = run(TWO_MINUTES, [Cut(at, (number % 3 + 1) * S, hold_up=False)])
        assert not seen.wrong, (at, seen.wrong)
        assert len(seen.ledger.lives) == 2
