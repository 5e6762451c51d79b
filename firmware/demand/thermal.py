"""Thermal demand: what the pointer of a bimetal meter shows, 90 % of a step after one period.

Each minute, level = level x d + power x (1 - d), where power is the minute's energy over a minute and d = 10**(-1/m)
for a period of m minutes. It is a function of whole minutes' energies alone: how a minute's energy came in does not
matter. A minute of which nothing is known has no energy: the level decays.

Fixed point. A level is a signed int of 2**-16 mW (64 bits hold 140 GW), d an int of 2**-62, rounded down; their
product is cut toward zero, so steady power is approached from below and a level decays to zero. For powers under 2**40
mW a level is off the exact one by less than 2**-10 mW: under 2 units are cut a minute, and 1 / (1 - d) is under 27 at
60 min.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Self

LEVEL_BITS: Final = 16
DECAY_BITS: Final = 62
MINUTE_S: Final = 60

_UNITY: Final = 1 << DECAY_BITS
_MW_PER_NWH_A_MINUTE: Final = (3, 50_000)
"""1 nWh in a minute is 60 / 10**6 mW."""


@lru_cache
def decay(minutes: int) -> int:
    """10**(-1/minutes) in 2**-62, rounded down: the integer root, found by halving."""
    most = (1 << DECAY_BITS * minutes) // 10
    low, high = 0, _UNITY
    while high - low > 1:
        middle = (low + high) // 2
        if middle**minutes <= most:
            low = middle
        else:
            high = middle
    return low


@dataclass(frozen=True, slots=True)
class Thermal:
    """The period in s, the levels in 2**-16 mW, and how many whole minutes in a row went in (at most the period's)."""

    period_s: int
    levels: tuple[int, ...]
    whole_minutes: int

    @classmethod
    def empty(cls, period_s: int, quantities: int) -> Self:
        return cls(period_s, (0,) * quantities, 0)

    @property
    def whole(self) -> bool:
        return self.whole_minutes >= self._minutes - 1

    @property
    def held(self) -> int:
        return 0

    @property
    def _minutes(self) -> int:
        return self.period_s // MINUTE_S

    def demands_mw(self, energies: Sequence[int]) -> tuple[int, ...]:
        return tuple([level >> LEVEL_BITS for level in self._after(energies)])

    def rate(self, rate: int) -> int:
        """That of the running minute."""
        return rate

    def taken(self, energies: Sequence[int], rate: int, whole: bool) -> Self:
        minutes = min(self.whole_minutes + 1, self._minutes) if whole else 0
        return replace(self, levels=self._after(energies), whole_minutes=minutes)

    def lost(self, count: int) -> Self:
        if not count:
            return self
        levels, nothing = self.levels, (0,) * len(self.levels)
        for _ in range(count):
            if not any(levels):
                break
            levels = replace(self, levels=levels)._after(nothing)
        return replace(self, levels=levels, whole_minutes=0)

    def broken(self) -> Self:
        """It goes on: the clock was set, no time has passed."""
        return replace(self, whole_minutes=0)

    def cleared(self) -> Self:
        return replace(self, levels=(0,) * len(self.levels), whole_minutes=0)

    def _after(self, energies: Sequence[int]) -> tuple[int, ...]:
        kept = decay(self._minutes)
        share = _UNITY - kept
        numerator, denominator = _MW_PER_NWH_A_MINUTE
        after = []
        for level, energy in zip(self.levels, energies, strict=True):
            power = _cut(energy * (numerator << LEVEL_BITS), denominator)
            after.append(_cut(level * kept + power * share, _UNITY))
        return tuple(after)


def _cut(value: int, divisor: int) -> int:
    """The quotient, cut toward zero."""
    return value // divisor if value >= 0 else -(-value // divisor)
