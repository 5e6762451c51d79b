"""Thermal demand (docs/demand.md): a pointer that moves 90 % of a step in one period, minute by minute.

In real numbers; the error of these lies far below that of measuring.
"""

from dataclasses import replace

from tests.biller.agreement import Agreement
from tests.biller.demand_block import Demand
from tests.biller.truth import NWH, PLACES

_RESET = ("rate", "outage", "lost")
"""A clock that is set resets nothing: no time has passed."""


def thermal(agreed: Agreement, minutes: list[Demand]) -> list[Demand]:
    period_min = agreed.demand_s // 60
    decay = 10.0 ** (-1 / period_min)
    levels, whole, blur = [0.0] * PLACES, 0, 0.0
    found = []
    for one in minutes:
        if one.anew in _RESET:
            levels, whole = [0.0] * PLACES, 0
        for _ in range(min(one.zeros, 60 * period_min)):
            levels, blur = [level * decay for level in levels], blur * decay
        powers = [60 * flowed / (NWH * 10**6) for flowed in one.energy]
        levels = [level * decay + power * (1 - decay) for level, power in zip(levels, powers, strict=True)]
        blur = blur * decay + 60 * one.blur_nwh / 10**6 * (1 - decay)
        whole = 0 if one.short or one.zeros else whole + 1
        found.append(
            replace(
                one,
                levels=tuple(int(level // 1) for level in levels),
                blur_nwh=int(blur * one.period_s * 10**6 / 3_600) + 1,
                short=whole < period_min,
            )
        )
    return found
