"""A load profile by the definitions, second by second and without any of the firmware's arithmetic: energy is counted
into the period that the wall clock's second falls into; what an outage or a clock set breaks is cut there.
"""

from dataclasses import dataclass, field

UNIT = 10**9


@dataclass
class Cell:
    """What one stored interval must be."""

    end_s: int
    seconds: int
    nwh: int
    missed: int
    flags: set[str]
    turn: int
    """The number of the first cell of the row in which stamps have risen up to this one."""


@dataclass
class Reference:
    """`now` is the meter's clock, UTC in s. A constant offset of the grid stands for the zone."""

    period_s: int
    offset_s: int
    now: int
    fill: bool = False
    cells: list[Cell] = field(default_factory=list)
    flags: set[str] = field(default_factory=lambda: {"power-up"})
    seconds: int = 0
    nwh: int = 0

    def place(self, utc_s: int) -> int:
        """The number of the period in which this second lies."""
        return (utc_s + self.offset_s) // self.period_s

    def close(self, end_s: int) -> None:
        """Whatever has been measured is stored under this stamp; nothing measured, nothing stored."""
        if not self.seconds:
            return
        turn = len(self.cells) + 1 if self.cells and end_s <= self.cells[-1].end_s else None
        before = self.place(self.cells[-1].end_s - 1) if self.cells else self.place(end_s - 1) - 1
        missed = max(self.place(end_s - 1) - before - 1, 0)
        flags = set(self.flags)
        if missed:
            flags.add("missed")
        if self.seconds < self.period_s:
            flags.add("short")
        if self.cells and end_s <= max(cell.end_s for cell in self.cells):
            flags.add("repeated")
        rising = turn or (self.cells[-1].turn if self.cells else 1)
        self.cells.append(Cell(end_s, self.seconds, self.nwh, missed, flags, rising))
        self.seconds, self.nwh, self.flags = 0, 0, set()

    def run(self, seconds: int, nwh_per_s: int) -> None:
        """The meter works for so long."""
        for _ in range(seconds):
            self.seconds += 1
            self.nwh += nwh_per_s
            self.now += 1
            if (self.now + self.offset_s) % self.period_s == 0:
                self.close(self.now)

    def outage(self, seconds: int) -> None:
        """Power is away; the clock goes on, and may lose time (`seconds` below 0)."""
        self.flags.add("power-down")
        place, down = self.place(self.now), self.now
        self.now += seconds
        if seconds < 0:
            self.close(down)
        elif self.place(self.now) != place:
            if "power-up" in self.flags:
                # Power came in that period, be it for less than a second.
                self.seconds = max(self.seconds, 1)
            self.close((place + 1) * self.period_s - self.offset_s)
            if self.fill and self.cells:
                self._fill()
        self.flags.add("power-up")

    def _fill(self) -> None:
        skipped = 0
        for place in range(self.place(self.cells[-1].end_s - 1) + 1, self.place(self.now)):
            end_s = (place + 1) * self.period_s - self.offset_s
            if end_s <= max(cell.end_s for cell in self.cells):
                # The clock had gone back: there is one with this stamp already.
                skipped += 1
                continue
            turn = self.cells[-1].turn
            self.cells.append(Cell(end_s, 0, 0, skipped, {"missed", "power-down", "short"}, turn))
            skipped = 0

    def set(self, by_s: int) -> None:
        self.flags.add("clock-adjusted")
        self.close(self.now)
        self.now += by_s
        self.flags.add("clock-adjusted")
