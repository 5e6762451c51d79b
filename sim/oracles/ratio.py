"""Registers of secondary energy across a change of the transformers' ratio: what is to become of them.

The rule that was agreed: each rate's register times the old ratio over the new one, cut off; the total is their sum.
"""

from collections.abc import Sequence
from fractions import Fraction


def factor(before: tuple[int, int], after: tuple[int, int]) -> Fraction:
    """What a register is multiplied by."""
    return Fraction(*before) / Fraction(*after)


def expressed(registers: Sequence[int], by: Fraction) -> tuple[int, ...]:
    """Registers times a factor, cut off."""
    return tuple(int(register * by // 1) for register in registers)


def totals(rates: Sequence[Sequence[int]], by: Fraction) -> tuple[int, ...]:
    """The totals, from the rates before."""
    return tuple(map(sum, zip(*(expressed(rate, by) for rate in rates), strict=True)))
