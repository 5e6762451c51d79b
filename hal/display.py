"""A two-line dot-matrix display."""

from typing import Final, Protocol

LINES: Final = 2
COLUMNS: Final = 16


class Display(Protocol):
    def show(self, line: int, text: str) -> None:
        """Replace a line (0 or 1) by up to 16 printable ASCII characters; ValueError for others."""
