"""The view: how a register's exact content is shown. Nothing that is kept ever passes through it.

Content is secondary energy in nWh and demand in mW (or var, VA). A view multiplies by the transformers' ratio, an exact
rational, cuts off below its resolution, toward zero, and shows as many digits as the register has: above that it rolls
over. Signed values keep their sign.
"""

import enum
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_NANO: Final = 9
_MILLI: Final = 3
_RESOLUTIONS: Final = range(-3, 7)
_DIGITS: Final = range(4, 16)
_TENS: Final[tuple[int, ...]] = tuple([int(10**power) for power in range(16)])


class Registration(enum.Enum):
    """Which side of the transformers a meter shows."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


def truncated(content: int, ratio: Fraction, power: int) -> int:
    """`content` times `ratio` over ten to the power of `power`, 0 to 15, cut off toward zero."""
    numerator, denominator = ratio.as_integer_ratio()
    if content < 0:
        return -(-content * numerator // (denominator * _TENS[power]))
    return content * numerator // (denominator * _TENS[power])


@dataclass(frozen=True, slots=True)
class View:
    """`energy_resolution` and `demand_resolution` are powers of ten of a Wh and a W: 0 shows whole ones, 3 kWh or kW.
    `digits` is how many an energy register has in all.

    Six digits before the point of kWh and three behind it, by default. ValueError, naming the field, for a resolution
    outside -3 to 6 and digits outside 4 to 15.
    """

    energy_resolution: int = 0
    demand_resolution: int = 0
    digits: int = 9
    registration: Registration = Registration.PRIMARY

    def __post_init__(self) -> None:
        for name in ("energy_resolution", "demand_resolution"):
            if getattr(self, name) not in _RESOLUTIONS:
                raise ValueError(f"{name}: 10**{getattr(self, name)} is not from 10**-3 to 10**6")
        if self.digits not in _DIGITS:
            raise ValueError(f"digits: {self.digits} is not from {_DIGITS[0]} to {_DIGITS[-1]}")

    def effective(self, ratio: Fraction) -> Fraction:
        """What registers made now are multiplied by: the transformers' ratio, or 1 where the secondary side is shown.

        To be kept with a historical set, so that a change of the registration does not change it.
        """
        return ratio if self.registration is Registration.PRIMARY else Fraction(1)

    def energy(self, content_nwh: int, ratio: Fraction) -> int:
        """An energy register as shown, in units of its resolution."""
        shown = truncated(content_nwh, ratio, _NANO + self.energy_resolution)
        most = _TENS[self.digits]
        return shown % most if shown >= 0 else -(-shown % most)

    def demand(self, content_mw: int, ratio: Fraction) -> int:
        """A demand as shown, in units of its resolution. Demand does not roll over."""
        return truncated(content_mw, ratio, _MILLI + self.demand_resolution)
