"""What a load profile is made of."""

import enum
from dataclasses import dataclass
from typing import Final

from firmware.profile.channel import channel_of
from firmware.profile.interval import CHANNELS_MOST, UNIT_MOST
from hal.energy import ENERGY_KINDS

WH: Final = 10**9
"""nWh in a watt-hour."""


class Missed(enum.Enum):
    """What becomes of periods that lay wholly in an outage. Meters of this class offer both."""

    GAP = "gap"
    """The next interval says how many there were."""
    FILL = "fill"
    """Each has an interval of its own, flagged, that holds nothing."""


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """`period_s` None is the demand period; `channels` are codes of `firmware.profile.channel`. `unit_nwh` is that of
    energies. Where a metering IC measures, it is read for a sample each `sample_s`, if a channel is made of samples.

    ValueError, naming the field, for channels that are unknown, there twice, or none, and for no unit.
    """

    period_s: int | None = None
    channels: tuple[int, ...] = tuple(range(len(ENERGY_KINDS)))
    unit_nwh: int = WH
    missed: Missed = Missed.GAP
    sample_s: int = 30

    def __post_init__(self) -> None:
        channels = self.channels
        if not 1 <= len(channels) <= CHANNELS_MOST:
            raise ValueError(f"profile.channels: {len(channels)} channels, 1 to {CHANNELS_MOST} are possible")
        for place, code in enumerate(channels):
            if code in channels[:place]:
                raise ValueError(f"profile.channels[{place}]: {channel_of(code).text} is there already")
            try:
                channel_of(code)
            except ValueError as error:
                raise ValueError(f"profile.channels[{place}]: {error}") from None
        if not 1 <= self.unit_nwh <= UNIT_MOST:
            raise ValueError(f"profile.unit: {self.unit_nwh} nWh is no unit, 1 to {UNIT_MOST} are")
        if not 1 <= self.sample_s <= 60:
            raise ValueError(f"profile.sample: {self.sample_s} s, 1 to 60 are possible")
