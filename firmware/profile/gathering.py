"""What the channels of the running interval have gathered so far.

The carry of an energy is not kept apart: it is what the register has advanced beyond what intervals have told.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from firmware.profile.channel import NO_VALUE, READING_MODULUS, VALUE_MOST, Channel, Method, channel_of
from firmware.profile.interval import Layout

if TYPE_CHECKING:
    from firmware.metrology.instrumentation import Instrumentation

COUNT_MOST: Final = 0xFFFF
"""Samples that a mean is made of; an interval of an hour has 18,000 windows of 200 ms. Later ones are left out."""

_MW_S: Final = 3_600
_MW_NWH: Final = 10**6
"""A milliwatt is 10**6 nWh in 3,600 s."""

Kept = tuple[tuple[int, ...], tuple[int, ...]]
"""What a save keeps: of each channel an amount, and how many samples it is made of."""


class Gathering:
    """One layout's channels. `totals` are the registers in nWh as they stand, always."""

    def __init__(self, layout: Layout, totals: Sequence[int], told: Mapping[int, int] | None = None) -> None:
        """`told` has the levels up to which energies have been told, by the codes of their channels; those that are not
        in it are told of from now on."""
        known = {} if told is None else told
        self.layout = layout
        self._channels = tuple(channel_of(code) for code in layout.channels)
        self._counts = [0] * len(self._channels)
        self._amounts = [self._begin(channel, totals, known) for channel in self._channels]
        self._measured = [place for place, channel in enumerate(self._channels) if channel.measured is not None]

    @staticmethod
    def _begin(channel: Channel, totals: Sequence[int], told: Mapping[int, int]) -> int:
        if channel.method is Method.ADVANCE and channel.code in told:
            return told[channel.code]
        return 0 if channel.energy is None else channel.energy.level(totals)

    @classmethod
    def resumed(cls, layout: Layout, totals: Sequence[int], kept: Kept) -> "Gathering":
        """As a save has kept it, in which the registers stood at `totals`."""
        found = cls(layout, totals)
        amounts, counts = kept
        found._counts = list(counts)
        found._amounts = [
            amount if channel.energy is None else channel.energy.level(totals) - amount
            for channel, amount in zip(found._channels, amounts, strict=True)
        ]
        return found

    def kept(self, totals: Sequence[int]) -> Kept:
        """What a save keeps, with the registers as they stand in it: of an energy the rest that is not told yet, or
        what the interval has so far."""
        amounts = [
            amount if channel.energy is None else channel.energy.level(totals) - amount
            for channel, amount in zip(self._channels, self._amounts, strict=True)
        ]
        return tuple(amounts), tuple(self._counts)

    @property
    def told(self) -> dict[int, int]:
        """The levels up to which energies have been told, by code."""
        pairs = zip(self._channels, self._amounts, strict=True)
        return {channel.code: amount for channel, amount in pairs if channel.method is Method.ADVANCE}

    def sample(self, now: "Instrumentation") -> None:
        """Take in what is measured now; what is not told is left out."""
        for place in self._measured:
            channel = self._channels[place]
            assert channel.measured is not None
            value = channel.measured.read(now)
            if value is None:
                continue
            count, method = self._counts[place], channel.method
            if method is Method.MEAN:
                if count == COUNT_MOST:
                    continue
                self._amounts[place] += value
            elif method is Method.LAST or not count:
                self._amounts[place] = value
            else:
                extreme = min if method is Method.MINIMUM else max
                self._amounts[place] = extreme(self._amounts[place], value)
            self._counts[place] = min(count + 1, COUNT_MOST)

    def close(self, totals: Sequence[int], length_s: int) -> tuple[int, ...]:
        """The interval has ended, after so many seconds: its values; the next begins."""
        unit = self.layout.unit_nwh
        lasted_s = max(length_s, self.layout.period_s)
        values = []
        for place, channel in enumerate(self._channels):
            if channel.energy is None:
                values.append(self._close_measured(place, channel.method))
                continue
            level, amount = channel.energy.level(totals), self._amounts[place]
            if channel.method is Method.ADVANCE:
                value = clamped(truncated(level - amount, unit))
                self._amounts[place] = amount + value * unit
            elif channel.method is Method.DEMAND:
                value = clamped(truncated((level - amount) * _MW_S, _MW_NWH * lasted_s))
                self._amounts[place] = level
            else:
                value = truncated(level, unit) % READING_MODULUS
                self._amounts[place] = level
            values.append(value)
        return tuple(values)

    def _close_measured(self, place: int, method: Method) -> int:
        count, amount = self._counts[place], self._amounts[place]
        self._counts[place] = self._amounts[place] = 0
        if not count:
            return NO_VALUE
        return clamped(truncated(amount, count) if method is Method.MEAN else amount)

    def empty(self, totals: Sequence[int]) -> tuple[int, ...]:
        """The values of an interval in which the meter did not work."""
        unit = self.layout.unit_nwh
        return tuple(
            NO_VALUE
            if channel.energy is None
            else truncated(channel.energy.level(totals), unit) % READING_MODULUS
            if channel.method is Method.READING
            else 0
            for channel in self._channels
        )

    def rescale(self, before: Sequence[int], after: Sequence[int], factor: Fraction) -> None:
        """The registers are expressed anew, by a factor: so is what is not told yet, cut off to a whole nWh."""
        for place, channel in enumerate(self._channels):
            if channel.energy is not None:
                rest = channel.energy.level(before) - self._amounts[place]
                scaled = truncated(rest * factor.numerator, factor.denominator)
                self._amounts[place] = channel.energy.level(after) - scaled


def truncated(amount: int, by: int) -> int:
    """The quotient, truncated toward zero."""
    return amount // by if amount >= 0 else -(-amount // by)


def clamped(value: int) -> int:
    return max(-VALUE_MOST, min(VALUE_MOST, value))
