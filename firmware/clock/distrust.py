"""How long an RTC that failed must count right before it is believed again: longer each time that it fails anew."""

from typing import Final

from hal.units import DAY, HOUR

SECOND_HOLD_NS: Final = HOUR
"""After its second failure; twice as long after each further one. A choice of ours: an RTC that leaps and recovers
leaves a dozen entries in ten years of it, not one an hour."""

FORGOTTEN_NS: Final = 30 * DAY
"""One that has told the time for so long fails for the first time again; a choice of ours."""


class Distrust:
    """The failures of one RTC since power-up. Instants are monotonic, in ns."""

    def __init__(self) -> None:
        self._failures = 0
        self._wrong_ns = 0
        self._believed_ns = 0

    @property
    def hold_ns(self) -> int:
        """How long it must count right; 0: one look that bears another out is enough."""
        return SECOND_HOLD_NS << self._failures - 2 if self._failures > 1 else 0

    def failed(self, now_ns: int) -> None:
        """It was believed, and is not any more."""
        if now_ns - self._believed_ns >= FORGOTTEN_NS:
            self._failures = 0
        self._failures += 1
        self._wrong_ns = now_ns

    def wrong(self, now_ns: int) -> None:
        """It failed, and is wrong again: its time begins anew."""
        self._wrong_ns = now_ns

    def over(self, now_ns: int) -> bool:
        """It failed, and has counted right up to now: whether that was long enough."""
        return now_ns - self._wrong_ns >= self.hold_ns

    def believed(self, now_ns: int) -> None:
        """It has been set, and is believed."""
        self._believed_ns = now_ns

    def forgive(self) -> None:
        """Somebody set the clock: what was, is forgotten."""
        self._failures = 0
