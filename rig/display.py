"""A display whose lines stand in memory, and are written to a stream if there is one."""

from typing import TextIO

from hal.display import COLUMNS, LINES


class BenchDisplay:
    """Implements `hal.display.Display`; `lines` is what it shows, each padded to its width."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.lines = [" " * COLUMNS for _ in range(LINES)]
        self._stream = stream

    def show(self, line: int, text: str) -> None:
        if not 0 <= line < LINES:
            raise ValueError(f"the display has lines 0 to {LINES - 1}, not {line}")
        if len(text) > COLUMNS:
            raise ValueError(f"{text!r} is longer than the display's {COLUMNS} columns")
        if not text.isascii() or not text.isprintable():
            raise ValueError(f"{text!r} is not printable ASCII")
        self.lines[line] = text.ljust(COLUMNS)
        if self._stream is not None:
            self._stream.write(f"[{line}] {self.lines[line]}\n")
