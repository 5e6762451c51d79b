"""A display whose lines stand in memory, and are written to a stream if there is one."""

from collections.abc import Callable
from typing import TextIO

from hal.display import COLUMNS, LINES, Symbol


class BenchDisplay:
    """Implements `hal.display.Display`; `lines` is what it shows, each padded to its width, `lit` the symbols."""

    def __init__(self, stream: TextIO | None = None, interrupt: Callable[[], None] = lambda: None) -> None:
        """`interrupt` raises the display's line."""
        self.lines = [" " * COLUMNS for _ in range(LINES)]
        self.lit: frozenset[Symbol] = frozenset()
        self._stream = stream
        self._interrupt = interrupt

    def look(self) -> None:
        """Have it drawn."""
        self._interrupt()

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

    def light(self, symbols: frozenset[Symbol]) -> None:
        self.lit = symbols
        if self._stream is not None:
            self._stream.write(f"[*] {' '.join(each.value for each in Symbol if each in symbols)}\n")
