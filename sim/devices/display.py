"""The dot-matrix display: what it shows, and nothing more."""

from hal.display import COLUMNS, LINES


class DotMatrix:
    """Model of `hal.display.Display`."""

    def __init__(self) -> None:
        self.lines = [""] * LINES

    def show(self, line: int, text: str) -> None:
        if not 0 <= line < LINES:
            raise ValueError(f"the display has lines 0 to {LINES - 1}, not {line}")
        if len(text) > COLUMNS or not (text.isascii() and (text == "" or text.isprintable())):
            raise ValueError(f"a line takes up to {COLUMNS} printable ASCII characters, not {text!r}")
        self.lines[line] = text

    def power_down(self) -> None:
        self.lines = [""] * LINES
