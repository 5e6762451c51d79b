"""The dot-matrix display: what it shows, and nothing more."""

from collections.abc import Callable

from hal.display import COLUMNS, LINES


class DotMatrix:
    """Model of `hal.display.Display`."""

    def __init__(self, note: Callable[[str, str], None]) -> None:
        """`note` hears each change of a line."""
        self._note = note
        self.lines = [""] * LINES

    def show(self, line: int, text: str) -> None:
        if not 0 <= line < LINES:
            raise ValueError(f"the display has lines 0 to {LINES - 1}, not {line}")
        if len(text) > COLUMNS or not (text.isascii() and (text == "" or text.isprintable())):
            raise ValueError(f"a line takes up to {COLUMNS} printable ASCII characters, not {text!r}")
        if self.lines[line] != text:
            self.lines[line] = text
            self._note("display", f"{line} {text}")

    def power_down(self) -> None:
        self.lines = [""] * LINES
