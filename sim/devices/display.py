"""The dot-matrix display: what it shows, and nothing more.

Its refresh ticks only when somebody looks: between two looks nobody can tell what it showed, and nothing is drawn.
"""

from collections.abc import Callable

from hal.display import COLUMNS, LINES, Symbol


class DotMatrix:
    """Model of `hal.display.Display`."""

    def __init__(self, note: Callable[[str, str], None], interrupt: Callable[[], None] = lambda: None) -> None:
        """`note` hears each change; `interrupt` raises the display's line."""
        self._note = note
        self._interrupt = interrupt
        self.lines = [""] * LINES
        self.lit: frozenset[Symbol] = frozenset()

    def show(self, line: int, text: str) -> None:
        if not 0 <= line < LINES:
            raise ValueError(f"the display has lines 0 to {LINES - 1}, not {line}")
        if len(text) > COLUMNS or not (text.isascii() and (text == "" or text.isprintable())):
            raise ValueError(f"a line takes up to {COLUMNS} printable ASCII characters, not {text!r}")
        if self.lines[line] != text:
            self.lines[line] = text
            self._note("display", f"{line} {text}")

    def light(self, symbols: frozenset[Symbol]) -> None:
        if symbols != self.lit:
            self.lit = symbols
            self._note("display", f"symbols {' '.join(each.value for each in Symbol if each in symbols)}")

    # The world

    def look(self) -> None:
        """Somebody looks: the display asks to be drawn, which a CPU without power does not hear. In the world's or the
        devices' phase."""
        self._interrupt()

    def power_down(self) -> None:
        self.lines = [""] * LINES
        self.lit = frozenset()
