"""What was agreed with the meter: the configuration that it was made with, and each programming by its number.

It comes from the scenario and from what the reader has sent, never from what the meter says that it holds.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from firmware.config import MeterConfig, Settings
from firmware.programming.programme import Change, PassiveTariff
from firmware.registers.view import Registration
from firmware.tariff.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds under one number: the settings, the calendar that is to follow, and the transformers' ratios."""

    settings: Settings
    passive: PassiveTariff | None
    ct_ratio: Fraction
    vt_ratio: Fraction

    @property
    def calendar(self) -> Calendar:
        return self.settings.calendar

    @property
    def ratio(self) -> Fraction:
        """CT x VT; 1 where the secondary side is registered."""
        primary = self.settings.tariff.registration is Registration.PRIMARY
        return self.ct_ratio * self.vt_ratio if primary else Fraction(1)

    def activates(self, utc_s: int) -> bool:
        """Whether the passive tariff is to be in force by a time of the meter's clock."""
        return self.passive is not None and utc_s >= self.passive.activate_s

    def activated(self) -> "Terms":
        """The same once the passive tariff, if there is one, has taken over."""
        if self.passive is None:
            return self
        return Terms(replace(self.settings, calendar=self.passive.calendar), None, self.ct_ratio, self.vt_ratio)

    def changed(self, change: Change) -> "Terms":
        """The same with what a change names."""
        return Terms(
            change.settings_after(self.settings),
            self.passive if change.passive is None else change.passive,
            self.ct_ratio if change.ct_ratio is None else change.ct_ratio,
            self.vt_ratio if change.vt_ratio is None else change.vt_ratio,
        )


class Agreed:
    """Terms by number. The newest number has the change that was sent last before the meter first told of it."""

    def __init__(self, config: MeterConfig) -> None:
        plate = config.nameplate
        self._terms = [Terms(config.settings, None, plate.ct_ratio, plate.vt_ratio)]
        self._sent: Change | None = None
        self._over: set[int] = set()
        self.acknowledged = 0
        """The number that the meter has acknowledged last."""
        self.unkept = False
        """It has acknowledged a change, and never told that one is in force."""

    def sent(self, change: Change) -> None:
        """The reader asks for this change, and all of it has been sent."""
        self._sent = change

    def answered(self) -> None:
        """The meter has acknowledged it."""
        self.unkept |= self._sent is not None
        self.acknowledged = len(self._terms) - 1

    def terms(self, number: int) -> Terms | None:
        """None for a number that nobody asked for."""
        if number == len(self._terms) and self._sent is not None:
            newest = self._terms[-1]
            now = newest.activated() if number - 1 in self._over else newest
            self._terms.append(now.changed(self._sent))
            self._sent = None
        return self._terms[number] if 0 <= number < len(self._terms) else None

    def at(self, number: int, utc_s: int) -> Terms | None:
        """The terms at a time of the meter's clock, the passive tariff considered: once it has taken over it stays."""
        terms = self.terms(number)
        if terms is not None and (number in self._over or terms.activates(utc_s)):
            self._over.add(number)
            return terms.activated()
        return terms
