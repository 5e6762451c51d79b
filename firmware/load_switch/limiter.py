"""The limiter: a measured value that stays over a threshold for a time, and under it again; and the emergency profile
that puts another threshold in force for a while.

COSEM's limiter, class 71 version 0 (IEC 62056-6-2): a normal and an emergency threshold, the least durations over and
under it, an emergency profile with a number, an activation time and a duration, and the numbers that this meter heeds.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


class Side(enum.Enum):
    """Where the value stands, or is on its way to."""

    UNDER = "under"
    RISING = "rising"
    """Over the threshold, and not yet for long enough."""
    OVER = "over"
    FALLING = "falling"
    """Under the threshold again, and not yet for long enough."""


_NEXT: Final[Mapping[tuple[Side, bool], Side]] = {
    (Side.UNDER, False): Side.UNDER,
    (Side.UNDER, True): Side.RISING,
    (Side.RISING, False): Side.UNDER,
    (Side.RISING, True): Side.RISING,
    (Side.OVER, False): Side.FALLING,
    (Side.OVER, True): Side.OVER,
    (Side.FALLING, False): Side.FALLING,
    (Side.FALLING, True): Side.OVER,
}
"""By where it stands, and whether it is over the threshold now."""

_SETTLED: Final[Mapping[Side, Side]] = {Side.RISING: Side.OVER, Side.FALLING: Side.UNDER}
"""Where a side leads when its duration is over."""


class Limiter:
    """One value over time. What was seen last is taken to hold until it is told otherwise; times are monotonic ns."""

    def __init__(self, over_ns: int, under_ns: int, over: bool = False) -> None:
        """`over`: it was over the threshold for long enough when the meter went down."""
        self._durations_ns = {Side.RISING: over_ns, Side.FALLING: under_ns}
        self._side = Side.OVER if over else Side.UNDER
        self._since_ns = 0

    @property
    def over(self) -> bool:
        """Whether the limit counts as exceeded."""
        return self._side in (Side.OVER, Side.FALLING)

    @property
    def due_ns(self) -> int | None:
        """When the duration that runs is over."""
        duration_ns = self._durations_ns.get(self._side)
        return None if duration_ns is None else self._since_ns + duration_ns

    def feed(self, above: bool, now_ns: int) -> bool | None:
        """Tell whether the value is over the threshold now: True if the limit counts as exceeded from now on, False if
        no longer, None if neither came about."""
        following = _NEXT[self._side, above]
        if following is not self._side:
            self._side, self._since_ns = following, now_ns
        due_ns = self.due_ns
        if due_ns is None or now_ns < due_ns:
            return None
        self._side = _SETTLED[self._side]
        return self.over


@dataclass(frozen=True, slots=True)
class EmergencyProfile:
    """`emergency_profile`: in force from `begin_s` (UTC) for `duration_s`, in meters that heed its number."""

    number: int = 0
    begin_s: int = 0
    duration_s: int = 0

    @property
    def end_s(self) -> int:
        return self.begin_s + self.duration_s

    def active(self, utc_s: int, heeded: tuple[int, ...]) -> bool:
        """`emergency_profile_active`."""
        return self.number in heeded and self.begin_s <= utc_s < self.end_s

    def next_s(self, utc_s: int, heeded: tuple[int, ...]) -> int | None:
        """When that changes next, UTC in s; None if it does not any more."""
        if self.number not in heeded or utc_s >= self.end_s:
            return None
        return self.begin_s if utc_s < self.begin_s else self.end_s


NO_EMERGENCY: Final = EmergencyProfile()
