"""What fills or empties at a constant rate between two changes: its content is linear in time, known in closed form.

All arithmetic is on ints. The unit is the user's: rate times nanoseconds. A current in nA makes a charge in nA ns
(10**-18 C), a power in uW makes an energy in fJ.
"""


class Reservoir:
    """Holds between nothing and `full`."""

    def __init__(self, full: int, content: int, now_ns: int = 0) -> None:
        if full < 0 or not 0 <= content <= full:
            raise ValueError(f"{content} do not lie between nothing and {full}")
        self.full = full
        self._content = content
        self._since = now_ns
        self._rate = 0

    def at(self, now_ns: int) -> int:
        """What it holds at an instant, not before the last change."""
        return min(max(self._content + self._rate * (now_ns - self._since), 0), self.full)

    def flow(self, now_ns: int, rate: int) -> None:
        """From now on fill (above 0) or empty (below 0) at this rate."""
        self._content = self.at(now_ns)
        self._since = now_ns
        self._rate = rate

    def take(self, now_ns: int, amount: int) -> int:
        """Take this much out at once; how much of it there was."""
        held = self.at(now_ns)
        self.flow(now_ns, self._rate)
        self._content = max(held - amount, 0)
        return held - self._content

    def reaches(self, level: int) -> int | None:
        """The first instant at which it holds `level` or more while it fills, or `level` or less while it empties;
        None if never, or if it does already."""
        missing = level - self._content
        if self._rate > 0 and 0 < missing <= self.full - self._content:
            return self._since - (-missing // self._rate)
        if self._rate < 0 and missing < 0 <= level:
            return self._since - (missing // -self._rate)
        return None
