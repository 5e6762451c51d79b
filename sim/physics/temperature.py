"""Temperature at the meter: constant between changes."""

from collections.abc import Callable


class Temperature:
    """In thousandths of a degree Celsius; listeners are told each change, in the world's phase."""

    def __init__(self, millidegrees: int = 23_000) -> None:
        self.millidegrees = millidegrees
        self._listeners: list[Callable[[int], None]] = []

    def subscribe(self, listener: Callable[[int], None]) -> None:
        self._listeners.append(listener)

    def change(self, millidegrees: int) -> None:
        self.millidegrees = millidegrees
        for listener in self._listeners:
            listener(millidegrees)
