"""What a load profile is made of."""

import enum
from dataclasses import dataclass
from typing import Final

from firmware.profile.interval import CHANNELS_MOST
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
    """`period_s` None is the demand period; `channels` are places in `hal.energy.ENERGY_KINDS`.

    ValueError, naming the field, for channels that are unknown, not in rising order, or none, and for no unit.
    """

    period_s: int | None = None
    channels: tuple[int, ...] = tuple(range(len(ENERGY_KINDS)))
    unit_nwh: int = WH
    missed: Missed = Missed.GAP

    def __post_init__(self) -> None:
        channels = self.channels
        if not 1 <= len(channels) <= CHANNELS_MOST:
            raise ValueError(f"profile.channels: {len(channels)} channels, 1 to {CHANNELS_MOST} are possible")
        if list(channels) != sorted(set(channels)) or not set(channels) <= set(range(len(ENERGY_KINDS))):
            raise ValueError(f"profile.channels: {channels} are not places of energies in rising order")
        if not 1 <= self.unit_nwh < 1 << 63:
            raise ValueError(f"profile.unit: {self.unit_nwh} nWh is no unit")
