"""How long what is told to last has lasted, so that its end can say so.

Within a life the monotonic clock counts, whatever happens to the time of day. Over an outage the time of day does: what
is told to last is taken to have lasted all the while, unless the clock has lost the time; then the outage counts
nothing.
"""

from collections.abc import Mapping
from typing import Final

from firmware.events.state import LASTING_KEPT
from hal.units import S

KEPT_MOST: Final = LASTING_KEPT
"""So many begins are kept over an outage, the oldest first; the end of any more bears no duration."""


class Lasting:
    """Begins by subject, a number each (`firmware.events.told`). Instants are monotonic ns."""

    def __init__(self) -> None:
        self._begun_ns: dict[int, int] = {}

    def began(self, subject: int, now_ns: int) -> None:
        """It begins now; one that lasts already goes on."""
        self._begun_ns.setdefault(subject, now_ns)

    def ended(self, subject: int, now_ns: int) -> int | None:
        """It ends now: how long it has lasted in s, None if nobody knows."""
        begun_ns = self._begun_ns.pop(subject, None)
        return None if begun_ns is None else _seconds(now_ns - begun_ns)

    def lasted_s(self, subject: int, now_ns: int) -> int | None:
        """How long it has lasted so far; None if it does not last, or nobody knows."""
        begun_ns = self._begun_ns.get(subject)
        return None if begun_ns is None else _seconds(now_ns - begun_ns)

    def kept(self, now_ns: int) -> tuple[tuple[int, int], ...]:
        """Of what a save keeps, the subjects, and how many s each has lasted; oldest first."""
        oldest = sorted(self._begun_ns.items(), key=lambda begun: begun[1])[:KEPT_MOST]
        return tuple((subject, _seconds(now_ns - begun_ns)) for subject, begun_ns in oldest)

    def resume(self, lasted_s: Mapping[int, int], now_ns: int) -> None:
        """So much has each of these lasted by now."""
        self._begun_ns = {subject: now_ns - lasted * S for subject, lasted in lasted_s.items()}


def _seconds(lasted_ns: int) -> int:
    """To the nearest second."""
    return (max(lasted_ns, 0) + S // 2) // S
