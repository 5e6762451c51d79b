"""What can go wrong with a channel of a measuring front end, or with all of it, and how faults lie over each other."""

import enum
from dataclasses import dataclass, field

from hal.frontend import CHANNELS
from sim.physics.waves import MILLION


class Disturbance(enum.Enum):
    """One way in which a front end fails."""

    STUCK = "stuck"
    """The converter gives the value of that instant for ever."""
    SATURATED = "saturated"
    """The converter is at its upper stop: full scale."""
    OFFSET = "offset"
    """A direct voltage at the converter's input; the amount is in millionths of full scale."""
    MISSING = "missing"
    """No signal reaches the converter."""
    FROZEN = "frozen"
    """No new samples or registers: the whole front end, whichever channel is named."""


@dataclass(frozen=True, slots=True)
class ChannelFault:
    """A disturbance of a channel. `amount` is in ppm of full scale for an offset, else in counts."""

    how: Disturbance
    amount: int


@dataclass(slots=True)
class Disturbed:
    """The faults of a front end. The last of several on a channel is the one that shows; freezing lies over all."""

    _channels: tuple[list[ChannelFault], ...] = field(default_factory=lambda: tuple([] for _ in CHANNELS))
    _freezes: list[int] = field(default_factory=list)

    @property
    def frozen(self) -> bool:
        """Whether it gives nothing new."""
        return bool(self._freezes)

    @property
    def any(self) -> bool:
        """Whether any fault lies over the front end."""
        return self.frozen or any(self._channels)

    def of(self, channel: int) -> ChannelFault | None:
        """The fault that a channel shows."""
        faults = self._channels[channel]
        return faults[-1] if faults else None

    def begin(self, channel: int, how: Disturbance, amount: int) -> None:
        """ValueError for a channel that does not exist, or an offset beyond full scale."""
        self._check(channel)
        if how is Disturbance.OFFSET and abs(amount) > MILLION:
            raise ValueError(f"an offset of {amount} ppm lies beyond full scale")
        if how is Disturbance.FROZEN:
            self._freezes.append(channel)
        else:
            self._channels[channel].append(ChannelFault(how, amount))

    def end(self, channel: int, how: Disturbance | None) -> Disturbance:
        """End the last fault of a channel, or its last of a kind; ValueError if there is none."""
        self._check(channel)
        faults = self._channels[channel]
        if how in (None, Disturbance.FROZEN) and channel in self._freezes and not (how is None and faults):
            self._freezes.remove(channel)
            return Disturbance.FROZEN
        for at in reversed(range(len(faults))):
            if how in (None, faults[at].how):
                return faults.pop(at).how
        raise ValueError(f"channel {CHANNELS[channel]} can't be settled: it is not disturbed")

    def _check(self, channel: int) -> None:
        if not 0 <= channel < len(CHANNELS):
            raise ValueError(f"there are channels 0 to {len(CHANNELS) - 1}, and no {channel}")
