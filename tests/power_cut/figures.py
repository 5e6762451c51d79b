"""The campaign's figures, as a table of text."""

from collections import Counter
from collections.abc import Iterable, Sequence

from hal.units import MINUTE, S
from tests.power_cut.campaign import Shot
from tests.power_cut.verdicts import METERING_IC, Loss

_BETWEEN = "between operations"


def table(shots: Sequence[Shot]) -> list[str]:
    """Lines of text: the hits by purpose and by what was left of them, and the worst losses."""
    cut = [shot for shot in shots if not shot.hold_up]
    held = [shot for shot in shots if shot.hold_up]
    hits = sum(shot.hit for shot in shots)
    torn = sum(shot.hit for shot in cut)
    lines = [
        f"{len(shots)} cuts, {hits} of them inside a program or an erase: {len(cut)} without hold-up ({torn} inside), "
        f"{len(held)} with ({hits - torn} inside)",
        f"{'inside':<24}{'without':>10}{'with hold-up':>14}",
    ]
    without, with_ = _purposes(cut), _purposes(held)
    for purpose in sorted(without | with_, key=lambda name: (name == _BETWEEN, name)):
        lines.append(f"{purpose:<24}{without[purpose]:>10}{with_[purpose]:>14}")
    left = Counter(left for shot in shots for left in shot.left)
    lines.append("left: " + ", ".join(f"{name} {count}" for name, count in sorted(left.items())))
    boots, incomplete = sum(shot.boots for shot in shots), sum(shot.incomplete for shot in shots)
    lines.append(f"{boots} boots after an outage, {incomplete} of them after an incomplete power-down, which they told")
    lines += _losses([loss for shot in shots for loss in shot.losses])
    lines += [f"WRONG: {problem}" for shot in shots for problem in shot.wrong]
    return lines


def _purposes(shots: Iterable[Shot]) -> Counter[str]:
    return Counter(shot.purpose if shot.hit and shot.purpose else _BETWEEN for shot in shots)


def _losses(losses: Sequence[Loss]) -> list[str]:
    lines = []
    intact = [loss.lost_nwh for loss in losses if loss.intact]
    if intact:
        lines.append(
            f"hold-up intact: {len(intact)} power-downs, at worst {max(intact)} nWh lost "
            f"(the rounding of a reading is {METERING_IC.rounding} nWh)"
        )
    cut = [loss for loss in losses if not loss.intact]
    if cut:
        worst = max(cut, key=lambda loss: loss.lost_nwh)
        lines.append(
            f"save prevented: {len(cut)} power-downs, at worst {worst.lost_nwh / 1e12:.6f} kWh lost of "
            f"{worst.bound_nwh / 1e12:.6f} kWh since the last whole save, {worst.since_ns / S:.3f} s before "
            f"(allowed: {15 * MINUTE // S} s)"
        )
    return lines
