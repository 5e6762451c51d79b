"""Each local midnight that the meter's clock passes has its daily freeze, with the registers of that instant.

- A freeze is made for a local midnight, by a wall calendar, and never twice in a row for the same.
- Its registers lie between those of the last save before it and of the first whole save after it, unless the ratio of
  the transformers changed between.
- In each save, the last midnight that passed since the meter began, or since its clock was last set or lost, is frozen.
"""

from firmware.config import Settings
from hal.probe import Booted, ClockChanged, DayFrozen, RegistersSaved
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.clerk import utc_of, wall_time
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle

_LATE_S = 2
"""A save may be laid out between the second of midnight and its being seen to: energy before it comes 0.4 s late."""


class Daily(Oracle):
    name = "daily"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._made: set[int] = set()
        self._newest_s = 0
        self._excused_s: int | None = None
        """Midnights up to here owe nothing."""
        self._save: RegistersSaved | None = None
        self._frozen: list[DayFrozen] = []
        """Freezes since the last save."""
        self._count = 0

    def watch(self, bench: Bench) -> None:
        self._zone = bench.setting.config.clock.zone
        follow(bench, self._agreed, self._programmed)
        bench.probe.subscribe(DayFrozen, self._froze)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(ClockChanged, self._moved)
        bench.probe.subscribe(Booted, self._booted)

    def _programmed(self, _before: Settings, after: Settings) -> None:
        """Midnights of another zone owe nothing before."""
        if after.clock.zone != self._zone:
            self._zone, self._excused_s = after.clock.zone, None

    def _moved(self, at_ns: int, changed: ClockChanged) -> None:
        self._excused_s = None

    def _booted(self, at_ns: int, booted: Booted) -> None:
        if not booted.clean:
            # A cut may have left a freeze whole that nobody was told of; and registers fall back to the last save.
            self._excused_s, self._save, self._frozen = None, None, []

    def _midnight(self, utc_s: int) -> int:
        """The last local midnight up to an instant, both UTC in s."""
        wall = wall_time(self._zone, utc_s)
        return utc_of(self._zone, wall.replace(hour=0, minute=0, second=0))

    def _froze(self, at_ns: int, freeze: DayFrozen) -> None:
        self._count += 1
        if self._midnight(freeze.utc_s) != freeze.utc_s:
            self.breaks(at_ns, f"a daily freeze is for {freeze.utc_s} s, which is no midnight")
        if freeze.utc_s == self._newest_s:
            self.breaks(at_ns, f"midnight {freeze.utc_s} s is frozen twice")
        self._newest_s = freeze.utc_s
        self._made.add(freeze.utc_s)
        before = self._save
        if before is not None and before.ratio == freeze.ratio and _below(freeze.totals, before.totals):
            self.breaks(at_ns, f"the freeze for {freeze.utc_s} s lies below the save before it")
        self._frozen.append(freeze)

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        for freeze in self._frozen:
            if freeze.ratio == saved.ratio and _below(saved.totals, freeze.totals):
                self.breaks(at_ns, f"a save lies below the freeze for {freeze.utc_s} s before it")
        self._frozen, self._save = [], saved
        due_s = self._midnight(saved.utc_s - _LATE_S)
        if self._excused_s is None:
            self._excused_s = saved.utc_s
        elif due_s > self._excused_s and due_s not in self._made:
            self.breaks(at_ns, f"the meter's clock has passed midnight, {due_s} s, and no registers were frozen for it")

    @property
    def message(self) -> str:
        return f"{self._count} midnights, each with its registers"


def _below(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    return any(mine < theirs for mine, theirs in zip(first, second, strict=True))
