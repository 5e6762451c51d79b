"""A button: how long it was held says what was meant."""

import enum


class Press(enum.Enum):
    SHORT = "short"
    """Let go before it was long."""
    LONG = "long"
    """Held for long enough, and perhaps still."""


class Button:
    """One button. Times are monotonic ns. One that is down at first was not pressed now: it must be let go before."""

    def __init__(self, long_ns: int, down: bool = False) -> None:
        self._long_ns = long_ns
        self._down = down
        self._since_ns: int | None = None

    @property
    def down(self) -> bool:
        """As it was seen last."""
        return self._down

    @property
    def due_ns(self) -> int | None:
        """When a press that goes on is long."""
        return None if self._since_ns is None else self._since_ns + self._long_ns

    def feed(self, down: bool, now_ns: int) -> Press | None:
        """Tell whether it is down now; the press that this makes, if any."""
        if down and not self._down:
            self._since_ns = now_ns
        self._down = down
        due_ns = self.due_ns
        if due_ns is None:
            return None
        if down and now_ns < due_ns:
            return None
        self._since_ns = None
        return Press.LONG if now_ns >= due_ns else Press.SHORT
