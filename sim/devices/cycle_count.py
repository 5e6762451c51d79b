"""Counts the cycles of mains whose frequency is constant between changes; exact."""

from typing import Final

_UHZ_NS: Final = 10**15
"""The uHz by ns in a cycle."""


class CycleCount:
    """Cycles since it was made."""

    def __init__(self, now_ns: int) -> None:
        self._since_ns = now_ns
        self._frequency_uhz = 0
        self._sum = 0

    def change(self, now_ns: int, frequency_uhz: int) -> None:
        """Go on with another frequency; with 0 the count stands."""
        self._sum = self._exact(now_ns)
        self._since_ns = now_ns
        self._frequency_uhz = frequency_uhz

    def at(self, now_ns: int) -> int:
        """The count at an instant not before the last change, in 2**16ths of a cycle, rounded down."""
        return (self._exact(now_ns) << 16) // _UHZ_NS

    def _exact(self, now_ns: int) -> int:
        return self._sum + self._frequency_uhz * (now_ns - self._since_ns)
