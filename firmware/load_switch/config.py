"""What is fitted of relay, limiter and load control, and how it works. Nothing is fitted by default.

Thresholds are at the meter's own terminals (secondary). ValueErrors name the path.
"""

import enum
from dataclasses import dataclass
from typing import Final

from firmware.load_switch.disconnect import ALLOWED, ControlMode
from hal.units import HOUR, MS, S

_SHORTEST_NS: Final = 100 * MS
_LONGEST_NS: Final = 24 * HOUR
_GROUPS_MOST: Final = 8
_RECONNECTIONS_MOST: Final = 20
_NUMBERS: Final = range(1, 1 << 16)
_RATES_MOST: Final = 255


class Monitored(enum.Enum):
    """`monitored_value`: what the limiter holds against its threshold."""

    IMPORT_POWER = "import-power"
    """The active power of all elements together, in uW; export is under every threshold."""
    CURRENT = "current"
    """The highest current of an element, in nA."""


class OnOver(enum.Enum):
    """What the meter does, besides logging it, once the value has been over the threshold for long enough."""

    LOG = "log"
    DISCONNECT = "disconnect"


class OnUnder(enum.Enum):
    """What it does once the value has been under the threshold for long enough."""

    LOG = "log"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """`manual_hold_ns`: how long the display's button is held down to disconnect or to reconnect by hand. A current of
    `unexpected_permille` of the rated one for `unexpected_delay_ns`, with the relay open, is unexpected consumption;
    half of that ends it. The figures are ours."""

    mode: ControlMode = ControlMode.MODE_4
    manual_hold_ns: int = 5 * S
    unexpected_permille: int = 5
    unexpected_delay_ns: int = 5 * S

    def __post_init__(self) -> None:
        _check_duration("relay.manual_hold", self.manual_hold_ns)
        _check_duration("relay.unexpected_delay", self.unexpected_delay_ns)
        if not 2 <= self.unexpected_permille <= 1_000:
            raise ValueError(f"load_switch.relay.unexpected: {self.unexpected_permille} permille is not from 2 to 1000")


@dataclass(frozen=True, slots=True)
class LimiterConfig:
    """`threshold` and `emergency_threshold` are in the unit of what is monitored; over is above them. `heeded` are the
    numbers of the emergency profiles that this meter takes part in. After `reconnections` within an hour the limiter
    leaves the relay open, for somebody to close by hand: a load that stays would have it switch, and log, for ever."""

    monitored: Monitored
    threshold: int
    emergency_threshold: int
    over_ns: int = 30 * S
    under_ns: int = 30 * S
    on_over: OnOver = OnOver.LOG
    on_under: OnUnder = OnUnder.LOG
    heeded: tuple[int, ...] = ()
    reconnections: int = 3

    def __post_init__(self) -> None:
        for name, value in (("threshold", self.threshold), ("emergency_threshold", self.emergency_threshold)):
            if value <= 0:
                raise ValueError(f"load_switch.limiter.{name}: {value} is not above 0")
        _check_duration("limiter.over", self.over_ns)
        _check_duration("limiter.under", self.under_ns)
        if not 1 <= self.reconnections <= _RECONNECTIONS_MOST:
            raise ValueError(
                f"load_switch.limiter.reconnections: {self.reconnections} is not from 1 to {_RECONNECTIONS_MOST}"
            )
        if len(self.heeded) > _GROUPS_MOST or any(number not in _NUMBERS for number in self.heeded):
            raise ValueError(f"load_switch.limiter.heeded: {self.heeded} are not up to {_GROUPS_MOST} numbers from 1")


@dataclass(frozen=True, slots=True)
class LoadControlConfig:
    """The rates in which the load is on, and the shortest times between two switches."""

    rates: tuple[int, ...]
    minimum_on_ns: int = 60 * S
    minimum_off_ns: int = 60 * S

    def __post_init__(self) -> None:
        if any(not 1 <= rate <= _RATES_MOST for rate in self.rates) or len(set(self.rates)) != len(self.rates):
            raise ValueError(f"load_switch.load_control.rates: {self.rates} are not rates, each once")
        _check_duration("load_control.minimum_on", self.minimum_on_ns)
        _check_duration("load_control.minimum_off", self.minimum_off_ns)


@dataclass(frozen=True, slots=True)
class LoadSwitchConfig:
    """None: it is not fitted."""

    relay: RelayConfig | None = None
    limiter: LimiterConfig | None = None
    load_control: LoadControlConfig | None = None

    def __post_init__(self) -> None:
        limiter = self.limiter
        if limiter is None:
            return
        letters = "" if self.relay is None else ALLOWED[self.relay.mode]
        if limiter.on_over is OnOver.DISCONNECT and "g" not in letters:
            raise ValueError("load_switch.limiter.on_over: there is no relay that a limiter may open")
        if limiter.on_under is OnUnder.RECONNECT and "h" not in letters:
            raise ValueError("load_switch.limiter.on_under: only in modes 5 and 6 may a limiter close the relay")

    @property
    def fitted(self) -> bool:
        """Whether anything is."""
        return any(part is not None for part in (self.relay, self.limiter, self.load_control))


def _check_duration(path: str, duration_ns: int) -> None:
    if not _SHORTEST_NS <= duration_ns <= _LONGEST_NS:
        raise ValueError(f"load_switch.{path}: {duration_ns} ns is not from {_SHORTEST_NS} to {_LONGEST_NS}")
