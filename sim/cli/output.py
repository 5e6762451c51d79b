"""In which form a result is printed."""

import enum


class Output(enum.Enum):
    SUMMARY = enum.auto()
    """Tables for people."""
    JSON = enum.auto()
    DIGEST = enum.auto()
    """One line."""
