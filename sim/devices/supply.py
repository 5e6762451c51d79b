"""The meter's power supply: fed by the mains, held up by a capacitor, watched by two comparators.

The capacitor charges while the mains feed it, and drains with what the board draws when they don't. The power-fail
comparator sees the mains' absence after a delay; the reset controller lets the processor start above one voltage and
stops it below another.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hal.units import MS
from sim.physics.capacitor import Capacitor
from sim.world import Phase, World


@dataclass(frozen=True, slots=True)
class SupplyPart:
    """A supply's figures. The defaults are of our own design, no particular meter's."""

    capacity_uf: int = 4_700
    full_mv: int = 12_000
    start_mv: int = 10_000
    brown_out_mv: int = 5_000
    charge_uw: int = 2_000_000
    draw_uw: int = 250_000
    detection_ns: int = 20 * MS
    """How long the mains must be gone before the comparator says so: one cycle."""


SUPPLY: Final = SupplyPart()


class Rail(enum.Enum):
    """What the board's supply rail does."""

    DEAD = enum.auto()
    """Below the reset controller's threshold: nothing runs."""
    FED = enum.auto()
    """The processor runs, on mains."""
    HELD = enum.auto()
    """The processor runs, and has been told that the mains are gone."""


@dataclass(frozen=True, slots=True)
class SupplyLines:
    """What the supply tells the board."""

    power_up: Callable[[], None]
    brown_out: Callable[[], None]
    power_fail: Callable[[], None]
    power_good: Callable[[], None]


class MeterSupply:
    """Model of `hal.power.Supply`."""

    def __init__(self, world: World, part: SupplyPart, lines: SupplyLines) -> None:
        self.part = part
        self.rail = Rail.DEAD
        self.capacitor = Capacitor(part.capacity_uf, part.full_mv)
        self._world = world
        self._lines = lines
        self._fed = False
        self._change = 0

    # hal.power.Supply

    def mains_good(self) -> bool:
        return self._fed

    def hold_up_mv(self) -> int:
        return self.capacitor.voltage_mv(self._world.now)

    # The world

    def feed(self, fed: bool) -> None:
        """The mains have come or gone. In the world's phase."""
        if fed == self._fed:
            return
        self._fed = fed
        self._plan()
        if fed and self.rail is Rail.HELD:
            self.rail = Rail.FED
            self._lines.power_good()

    def cut(self) -> None:
        """The rail collapses at this instant: no hold-up, no warning. In the world's phase."""
        self.capacitor.short(self._world.now)
        if self.rail is not Rail.DEAD:
            self._stop()
        self._plan()

    def hold(self) -> None:
        """The board has started, or draws another power: think anew when what happens."""
        self._plan()

    def _plan(self) -> None:
        """The flow has changed: everything that was to come is stale, and what comes now is known in closed form."""
        self._change += 1
        now = self._world.now
        part = self.part
        draw = 0 if self.rail is Rail.DEAD else part.draw_uw
        self.capacitor.flow(now, part.charge_uw if self._fed else -draw)
        if self._fed and self.rail is Rail.DEAD:
            self._expect(self.capacitor.reaches(part.start_mv), self._start)
            if self.capacitor.voltage_mv(now) >= part.start_mv:
                self._expect(now, self._start)
        if not self._fed and self.rail is not Rail.DEAD:
            self._expect(self.capacitor.reaches(part.brown_out_mv), self._stop_and_plan)
            if self.rail is Rail.FED:
                self._expect(now + part.detection_ns, self._fail)

    def _expect(self, instant: int | None, action: Callable[[], None]) -> None:
        if instant is None:
            return
        change = self._change

        def come() -> None:
            if change == self._change:
                action()

        self._world.at(instant, Phase.WORLD, come)

    def _fail(self) -> None:
        self.rail = Rail.HELD
        self._lines.power_fail()

    def _start(self) -> None:
        self.rail = Rail.FED
        self._lines.power_up()
        self._plan()

    def _stop(self) -> None:
        self.rail = Rail.DEAD
        self._lines.brown_out()

    def _stop_and_plan(self) -> None:
        self._stop()
        self._plan()
