"""The programme of a meter: what somebody who may can change in the field, as one value.

A programme is replaced as a whole, never changed in part; its number counts the programmings (the A1700 keeps this
count, the time and the author too).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Final, Self

from firmware.config import Settings
from firmware.registers.view import Registration
from firmware.tariff.calendar import Calendar

RATIO_MOST: Final = 0xFFFF_FFFF
"""Of numerator and denominator of a transformer ratio in lowest terms."""

PARTS: Final[tuple[str, ...]] = tuple(one.name for one in fields(Settings))
"""The parts of the settings; a change names some of them."""


@dataclass(frozen=True, slots=True)
class PassiveTariff:
    """A calendar that takes the place of the active one at `activate_s`, UTC in s."""

    calendar: Calendar
    activate_s: int

    def __post_init__(self) -> None:
        if not 0 <= self.activate_s <= 0xFFFF_FFFF:
            raise ValueError(f"activate: {self.activate_s} s is not within 0 to 2**32 - 1 s after 1970")


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
    settings: Settings
    passive: PassiveTariff | None = None

    def __post_init__(self) -> None:
        for name, ratio in (("ct_ratio", self.ct_ratio), ("vt_ratio", self.vt_ratio)):
            if not (0 < ratio.numerator <= RATIO_MOST and ratio.denominator <= RATIO_MOST):
                raise ValueError(f"{name}: {ratio} is not a ratio of numbers from 1 to {RATIO_MOST}")
        if self.passive is None:
            return
        active, passive = self.calendar, self.passive.calendar
        if (passive.rates, passive.rates_of_demand) != (active.rates, active.rates_of_demand):
            raise ValueError(
                f"passive.calendar.rates: {passive.rates} rates and {passive.rates_of_demand} of demand, the active "
                f"calendar has {active.rates} and {active.rates_of_demand}"
            )

    @property
    def calendar(self) -> Calendar:
        """The active one."""
        return self.settings.calendar

    @property
    def ratio(self) -> Fraction:
        """What a register of secondary energy is multiplied by: CT x VT; 1 where the secondary side is registered."""
        primary = self.settings.tariff.registration is Registration.PRIMARY
        return self.ct_ratio * self.vt_ratio if primary else Fraction(1)

    def due(self, utc_s: int) -> bool:
        """Whether the passive tariff is to take over by now."""
        return self.passive is not None and self.passive.activate_s <= utc_s

    def activated(self) -> Self:
        """The same programme once its passive tariff has taken over; ValueError if it has none."""
        if self.passive is None:
            raise ValueError("no passive tariff to activate")
        return replace(self, settings=replace(self.settings, calendar=self.passive.calendar), passive=None)

    def followed_by(self, change: "Change", utc_s: int, author: int) -> "Programme":
        """The next programme: this one with what `change` names. ValueError as above, and of the settings."""
        return Programme(
            number=self.number + 1,
            utc_s=utc_s,
            author=author,
            ct_ratio=self.ct_ratio if change.ct_ratio is None else change.ct_ratio,
            vt_ratio=self.vt_ratio if change.vt_ratio is None else change.vt_ratio,
            settings=change.settings_after(self.settings),
            passive=self.passive if change.passive is None else change.passive,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What one programming changes; what it leaves out stays as it is. `parts` are parts of the settings by their
    names, each at most once, in the order of `PARTS`. A new passive tariff takes the place of one that waits.

    ValueError, naming the part, for one that is unknown, out of order, or there twice.
    """

    ct_ratio: Fraction | None = None
    vt_ratio: Fraction | None = None
    passive: PassiveTariff | None = None
    parts: tuple[tuple[str, object], ...] = ()

    def __post_init__(self) -> None:
        places = []
        for name, _ in self.parts:
            if name not in PARTS:
                raise ValueError(f"{name}: there is no such part of the settings")
            places.append(PARTS.index(name))
            if places[-1] < max(places[:-1], default=-1) or places.count(places[-1]) > 1:
                raise ValueError(f"{name}: it is out of order, or there twice")

    @classmethod
    def of(
        cls,
        parts: Mapping[str, object],
        ct_ratio: Fraction | None = None,
        vt_ratio: Fraction | None = None,
        passive: PassiveTariff | None = None,
    ) -> Self:
        """A change of these parts, whatever their order; ValueError as above."""
        unknown = [name for name in parts if name not in PARTS]
        ordered = [name for name in PARTS if name in parts]
        return cls(ct_ratio, vt_ratio, passive, tuple((name, parts[name]) for name in [*unknown, *ordered]))

    @property
    def empty(self) -> bool:
        return self == Change()

    def settings_after(self, settings: Settings) -> Settings:
        """Settings with the parts that are named; ValueError, naming the path, if they do not fit together."""
        # Of the types that the fields have, or their own rules would not have let them through.
        named: dict[str, Any] = dict(self.parts)
        return replace(settings, **named) if named else settings
