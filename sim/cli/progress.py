"""A progress bar for long runs: on a terminal only, and only once two seconds have gone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_S: Final = 2.0


class _Bar:
    def __init__(self, end_ns: int | None, stream: TextIO) -> None:
        self._end_ns = end_ns
        self._stream = stream
        self._begun_s = time.monotonic()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def advanced(self, now_ns: int) -> None:
        """The run has come to a true instant."""
        if self._progress is None:
            if time.monotonic() - self._begun_s < PATIENCE_S:
                return
            self._show()
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=now_ns)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("running"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(file=self._stream), transient=True)
        self._task = self._progress.add_task("run", total=self._end_ns)
        self._progress.start()

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


@contextmanager
def progress(end_ns: int | None, stream: TextIO) -> Iterator[Callable[[int], None] | None]:
    """A callable that takes true instants, while the run lasts; None where no one would see a bar.

    `end_ns` is the end of the run, None if it is not known yet.
    """
    if not stream.isatty():
        yield None
        return
    bar = _Bar(end_ns, stream)
    try:
        yield bar.advanced
    finally:
        bar.close()
