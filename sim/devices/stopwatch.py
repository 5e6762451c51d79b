"""How long something has been active, in true ns, over all lives."""


class Stopwatch:
    """Starting one that runs, and stopping one that stands, changes nothing."""

    def __init__(self) -> None:
        self._before = 0
        self._since: int | None = None

    def start(self, now_ns: int) -> None:
        if self._since is None:
            self._since = now_ns

    def stop(self, now_ns: int) -> None:
        if self._since is not None:
            self._before += now_ns - self._since
            self._since = None

    def total(self, now_ns: int) -> int:
        """The active time up to an instant, not before the last change."""
        return self._before + (0 if self._since is None else now_ns - self._since)
