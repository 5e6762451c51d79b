"""Progress of work that is counted: a bar with the time left on a terminal, else a line now and then.

Nothing here starts a thread: the work forks.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.progress import TaskID

REFRESH_S: Final = 0.2
LINES_S: Final = 15.0
"""How long a log waits for the next line."""

Counted = Callable[[int, int], None]
"""Takes how many are done, and how many of these are bad."""


class _Bar:
    def __init__(self, what: str, total: int, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[bad]} bad"),
            TimeRemainingColumn(),
        )
        console = Console(file=stream)
        self._progress: Progress = Progress(*columns, console=console, transient=True, auto_refresh=False)
        self._task: TaskID = self._progress.add_task(what, total=total, bad=0)
        self._progress.start()
        self._shown_s = 0.0

    def counted(self, done: int, bad: int) -> None:
        now = time.monotonic()
        self._progress.update(self._task, completed=done, bad=bad)
        if now - self._shown_s >= REFRESH_S:
            self._shown_s = now
            self._progress.refresh()

    def close(self) -> None:
        self._progress.stop()


class _Lines:
    def __init__(self, what: str, total: int, stream: TextIO) -> None:
        self._what, self._total, self._stream = what, total, stream
        self._begun_s = self._shown_s = time.monotonic()
        self._first: int | None = None

    def counted(self, done: int, bad: int) -> None:
        now = time.monotonic()
        if self._first is None:
            # What was known from before took no time now.
            self._first = done - 1
        if now - self._shown_s < LINES_S:
            return
        self._shown_s = now
        left_s = (now - self._begun_s) * (self._total - done) / max(done - self._first, 1)
        self._stream.write(f"{done} of {self._total} {self._what}, {bad} bad, about {_short(left_s)} left\n")
        self._stream.flush()

    def close(self) -> None:
        """A line is whole when it is written."""


def _short(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextmanager
def counting(what: str, total: int, stream: TextIO) -> Iterator[Counted]:
    """A callable that takes the count, while the work lasts."""
    shown = _Bar(what, total, stream) if stream.isatty() else _Lines(what, total, stream)
    try:
        yield shown.counted
    finally:
        shown.close()
