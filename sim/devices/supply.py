"""The meter's power supply: fed by the mains, held up by a capacitor, watched by two comparators.

The converter behind the mains runs from one voltage up, and drops out below a lower one. While it runs it charges the
capacitor; what the board draws comes out of that. The power-fail comparator says that the converter stands still, or
runs again, each after a while of its own. The reset controller lets the processor start above one voltage of the
capacitor, with power good, and stops it below another.

What the board draws is asked for, not told (`sim.devices.draw`). The instant of a brown-out is predicted with the
largest draw, which is never too late, and predicted anew when it comes.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hal.units import US
from sim.devices.supply_part import SupplyPart
from sim.physics.capacitor import Capacitor, energy_fj
from sim.world import Phase, World

_NEAR_NS: Final = US
"""A brown-out that would come so soon even at the largest draw has come."""


def hold_up_ns(part: SupplyPart, capacity_uf: int, draw_uw: int) -> int:
    """From the power-fail interrupt to the brown-out: a capacitor that was full, at a constant draw. Rounded down."""
    usable = energy_fj(capacity_uf, part.full_mv) - energy_fj(capacity_uf, part.brown_out_mv)
    return usable // draw_uw - part.detection_ns


def worst_hold_up_ns(part: SupplyPart, most_uw: int) -> int:
    """The same at the worst: the lower end of the capacitor's tolerance, the end of its life, and the largest draw
    (`sim.devices.draw.DrawPart.most_uw`)."""
    return hold_up_ns(part, part.worst_capacity_uf, most_uw)


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
    """Model of `hal.power.Supply`. `drawn_fj` tells the energy that the board has drawn since the start, `most_uw` the
    most that it can draw. ValueError if the converter can't deliver that."""

    def __init__(
        self, world: World, part: SupplyPart, lines: SupplyLines, drawn_fj: Callable[[], int], most_uw: int
    ) -> None:
        if not 0 < most_uw < part.charge_uw:
            raise ValueError(f"a supply of {part.charge_uw} uW can't feed a board that draws {most_uw} uW")
        self.part = part
        self.rail = Rail.DEAD
        self.capacitor = Capacitor(part.present_capacity_uf, part.full_mv)
        self._world = world
        self._lines = lines
        self._drawn_fj = drawn_fj
        self._most_uw = most_uw
        self._fed = False
        self._good = False
        """What the comparator says."""
        self._settled_ns = world.now
        self._settled_fj = 0
        self._change = 0
        self._judgement = 0

    # hal.power.Supply

    def mains_good(self) -> bool:
        return self._good

    def hold_up_mv(self) -> int:
        self._settle()
        return self.capacitor.voltage_mv()

    # The world

    def feed(self, voltage_uv: int) -> None:
        """The mains have this voltage from now on, the highest of the phases. In the world's phase."""
        fed = voltage_uv >= 1_000 * (self.part.drop_out_mv if self._fed else self.part.pick_up_mv)
        if fed == self._fed:
            return
        self._settle()
        self._fed = fed
        self._judge()
        self._plan()

    def cut(self) -> None:
        """The rail collapses at this instant: no hold-up, no warning. In the world's phase."""
        self._settle()
        self.capacitor.short()
        self._good = False
        if self.rail is not Rail.DEAD:
            self._stop()
        self._judge()
        self._plan()

    # Energy

    def _settle(self) -> None:
        """Bring the capacitor up to now. Between two changes it only fills or only empties."""
        now, drawn = self._world.now, self._drawn_fj()
        passed, self._settled_ns = now - self._settled_ns, now
        out, self._settled_fj = drawn - self._settled_fj, drawn
        if self.rail is Rail.DEAD:
            out += self.part.off_uw * passed
        self.capacitor.move((self.part.charge_uw * passed if self._fed else 0) - out)

    def _plan(self) -> None:
        """Something has changed: what was to come is stale. The capacitor has been settled."""
        self._change += 1
        part, now = self.part, self._world.now
        if self.rail is Rail.DEAD and self._fed and self._good:
            missing = -self.capacitor.above_fj(part.start_mv)
            self._expect(now + max(-(-missing // (part.charge_uw - part.off_uw)), 0), self._start)
        elif self.rail is not Rail.DEAD and not self._fed:
            self._expect(now + max(self.capacitor.above_fj(part.brown_out_mv), 0) // self._most_uw, self._drained)

    def _expect(self, instant: int, action: Callable[[], None]) -> None:
        change = self._change

        def come() -> None:
            if change == self._change:
                action()

        self._world.at(instant, Phase.WORLD, come)

    def _drained(self) -> None:
        """With the largest draw the capacitor would be empty by now: see what is left."""
        self._settle()
        if self.capacitor.above_fj(self.part.brown_out_mv) < self._most_uw * _NEAR_NS:
            self._stop()
        self._plan()

    def _start(self) -> None:
        self._settle()
        self.rail = Rail.FED
        self._lines.power_up()
        self._plan()

    def _stop(self) -> None:
        self._lines.brown_out()
        self.rail = Rail.DEAD

    # The power-fail comparator

    def _judge(self) -> None:
        """The converter has started or stopped: the comparator changes its mind after a while, if that lasts."""
        self._judgement += 1
        judgement = self._judgement
        if self._fed == self._good:
            return
        delay = self.part.qualify_ns if self._fed else self.part.detection_ns

        def turn() -> None:
            if judgement == self._judgement:
                self._turn()

        self._world.at(self._world.now + delay, Phase.WORLD, turn)

    def _turn(self) -> None:
        self._good = self._fed
        if self.rail is Rail.FED and not self._good:
            self.rail = Rail.HELD
            self._lines.power_fail()
        elif self.rail is Rail.HELD and self._good:
            self.rail = Rail.FED
            self._lines.power_good()
        elif self.rail is Rail.DEAD:
            self._settle()
            self._plan()
