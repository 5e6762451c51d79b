"""The programme of a meter: what somebody who may can change in the field, as one value.

A programme is replaced as a whole, never changed in part; its number counts the programmings (the A1700 keeps this
count, the time and the author too).
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Self

from firmware.tariff.calendar import Calendar

RATIO_MOST: Final = 0xFFFF_FFFF
"""Of numerator and denominator of a transformer ratio in lowest terms."""


@dataclass(frozen=True, slots=True)
class PassiveTariff:
    """A calendar that takes the place of the active one at `activate_s`, UTC in s."""

    calendar: Calendar
    activate_s: int


@dataclass(frozen=True, slots=True)
class Programme:
    """`number` is 0 as the meter left the works, and one more with each programming.

    `utc_s` is when it was programmed, `author` the access level that did it. ValueError, naming the field, for values
    that do not fit together: a passive calendar with other rates than the active one, a ratio out of range.
    """

    number: int
    utc_s: int
    author: int
    ct_ratio: Fraction
    vt_ratio: Fraction
    calendar: Calendar
    passive: PassiveTariff | None = None

    def __post_init__(self) -> None:
        for name, ratio in (("ct_ratio", self.ct_ratio), ("vt_ratio", self.vt_ratio)):
            if not (0 < ratio.numerator <= RATIO_MOST and ratio.denominator <= RATIO_MOST):
                raise ValueError(f"{name}: {ratio} is not a ratio of numbers from 1 to {RATIO_MOST}")
        if self.passive is not None and self.passive.calendar.rates != self.calendar.rates:
            raise ValueError(
                f"passive.calendar: {self.passive.calendar.rates} rates, the active one has {self.calendar.rates}"
            )

    @property
    def ratio(self) -> Fraction:
        """CT x VT: what a register of secondary energy is multiplied by."""
        return self.ct_ratio * self.vt_ratio

    def due(self, utc_s: int) -> bool:
        """Whether the passive tariff is to take over by now."""
        return self.passive is not None and self.passive.activate_s <= utc_s

    def activated(self) -> Self:
        """The same programme once its passive tariff has taken over; ValueError if it has none."""
        if self.passive is None:
            raise ValueError("no passive tariff to activate")
        return replace(self, calendar=self.passive.calendar, passive=None)

    def followed_by(self, change: "Change", utc_s: int, author: int) -> "Programme":
        """The next programme: this one with what `change` names.

        ValueError as above, and for a calendar with another number of rates: registers are made for it at the works.
        """
        if change.calendar is not None and change.calendar.rates != self.calendar.rates:
            raise ValueError(f"calendar: {change.calendar.rates} rates, and the meter has {self.calendar.rates}")
        return Programme(
            number=self.number + 1,
            utc_s=utc_s,
            author=author,
            ct_ratio=self.ct_ratio if change.ct_ratio is None else change.ct_ratio,
            vt_ratio=self.vt_ratio if change.vt_ratio is None else change.vt_ratio,
            calendar=self.calendar if change.calendar is None else change.calendar,
            passive=self.passive if change.passive is None else change.passive,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What one programming changes; None leaves as it is. A new passive tariff takes the place of one that waits."""

    ct_ratio: Fraction | None = None
    vt_ratio: Fraction | None = None
    calendar: Calendar | None = None
    passive: PassiveTariff | None = None

    @property
    def empty(self) -> bool:
        return self == Change()
