"""The mains: what the load makes of them, and what faults lay over that.

They are piecewise stationary: nothing changes between two changes, so energies follow in closed form and an idle hour
costs nothing. `demand` says what the load wants, `lay` and `fail` lay faults over it (`sim.physics.overlays`), `lift`
and `restore` take them away again. All belong into the WORLD phase.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from hal.frontend import Wiring
from hal.units import TURN
from sim.physics.overlays import Overlay, PhasesLost, laid_over
from sim.physics.waves import Segment, dead
from sim.world import World

Listener = Callable[[Segment, Segment], None]
"""Called with the segments before and after, while the world stands at the instant of the change."""

FED_UV: Final = 40_000_000
"""A supply for 57.7 V to 277 V nominal runs from 0.7 of the least on."""

_TURNS_PER_UHZ_NS: Final = (2**33, 5**15)
"""2**48 per 10**15, in lowest terms: what one uHz and one ns make of a turn."""


class Mains:
    """The one grid connection of the simulated world."""

    def __init__(self, world: World, wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE, fed_uv: int = FED_UV) -> None:
        self._world = world
        self._wiring = wiring
        self._fed_uv = fed_uv
        self._wanted = dead()
        self._segment = self._wanted
        self._failed = [0, 0, 0]
        self._overlays: list[Overlay] = []
        self._listeners: list[Listener] = []
        self._origin_ns = world.now
        self._origin_phase = 0

    @property
    def wiring(self) -> Wiring:
        """How the meter is connected to them."""
        return self._wiring

    @property
    def segment(self) -> Segment:
        """What stands at the terminals now."""
        return self._segment

    @property
    def fed(self) -> bool:
        """Whether any voltage is high enough to feed a meter's supply."""
        return any(wave.rms >= self._fed_uv for wave in self._segment.voltages)

    @property
    def phase_origin(self) -> tuple[int, int]:
        """An instant (true ns) and the mains' own phase then; from there it grows evenly with the present frequency."""
        return self._origin_ns, self._origin_phase

    def phase(self, true_ns: int) -> int:
        """The mains' own phase at an instant of the present segment, in 2**48ths of a turn, rounded down."""
        factor, divisor = _TURNS_PER_UHZ_NS
        turned = self._segment.frequency_uhz * (true_ns - self._origin_ns) * factor // divisor
        return (self._origin_phase + turned) % TURN

    def subscribe(self, listener: Listener) -> None:
        """Tell `listener` of every change from now on; listeners are told in the order of their subscription."""
        self._listeners.append(listener)

    def demand(self, segment: Segment) -> None:
        """Let the load and the grid, as far as no fault is laid over them, be `segment` from now on."""
        self._wanted = segment
        self._settle()

    def fail(self, phases: Iterable[int] = (0, 1, 2)) -> None:
        """Lose phases (0 is L1). A phase that several faults have lost comes back with the last of them."""
        for phase in phases:
            self._failed[phase] += 1
        self._settle()

    def restore(self, phases: Iterable[int] = (0, 1, 2)) -> None:
        """End one loss of phases; a ValueError for a phase that is not lost."""
        for phase in phases:
            if not self._failed[phase]:
                raise ValueError(f"phase L{phase + 1} can't be restored: it is not lost")
            self._failed[phase] -= 1
        self._settle()

    def lay(self, overlay: Overlay) -> None:
        """Lay a fault over the mains, until it is lifted. The same may lie there several times."""
        self._overlays.append(overlay)
        self._settle()

    def lift(self, overlay: Overlay) -> None:
        """Take one away; what it changed is exactly undone. A ValueError for one that does not lie there."""
        if overlay not in self._overlays:
            raise ValueError(f"{overlay} does not lie over the mains")
        self._overlays.remove(overlay)
        self._settle()

    def without(self, overlay: Overlay) -> Segment:
        """What would stand at the terminals now if one of this overlay did not lie there."""
        rest = list(self._overlays)
        if overlay in rest:
            rest.remove(overlay)
        return self._under(rest)

    def _settle(self) -> None:
        before, after = self._segment, self._under(self._overlays)
        if before == after:
            return
        if before.frequency_uhz != after.frequency_uhz:
            # Only then: a phase rounded at every change would depend on how often the load changes.
            now = self._world.now
            self._origin_ns, self._origin_phase = now, self.phase(now)
        self._segment = after
        for listener in self._listeners:
            listener(before, after)

    def _under(self, overlays: Sequence[Overlay]) -> Segment:
        """What the load wants, with these and the lost phases over it."""
        lost = tuple(phase for phase, count in enumerate(self._failed) if count)
        overlays = [*overlays, PhasesLost(lost)] if lost else overlays
        return laid_over(self._wanted, overlays, self._wiring) if overlays else self._wanted
