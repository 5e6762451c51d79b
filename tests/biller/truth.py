"""What truly flowed, in closed form, and when the mains were there: the world's own, nothing of the meter's.

The mains are piecewise stationary, so energy between two instants is a sum of products. Energies are exact integers of
1e-24 J (fW times ns) in the order of `hal.energy.ENERGY_KINDS`.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from hal.units import S
from sim.bench import Bench
from sim.physics.energy import by_kind
from sim.physics.power import powers
from sim.physics.waves import Segment

NWH = 3_600_000_000_000_000_000
"""1e-24 J in a nano-watt-hour."""

Eight = tuple[int, ...]
PLACES = 11
"""The eight energies, and up to three sums that the customer defines."""
NOTHING: Eight = (0,) * PLACES
Sum = list[tuple[int, int]]
"""Signs and places of what is summed."""
ATOP_S = 2
"""How far about an instant the load is looked at to tell what it is to be some time off."""
LOOK_NS = 900 * S
LATE_NS = 10_000_000
"""The front end is asked some ms behind a boundary, and what flowed since it was last asked (a quarter of an hour ago
at most) is shared out evenly."""


@dataclass
class Truth:
    """Instants at which the mains changed, the powers in fW from there on, and the energies up to there."""

    customer: list[Sum] = field(default_factory=list)
    at_ns: list[int] = field(default_factory=list)
    powers: list[Eight] = field(default_factory=list)
    sums: list[Eight] = field(default_factory=list)
    reversed: list[bool] = field(default_factory=list)
    lives: list[list[int]] = field(default_factory=list)
    """From the mains' coming to their going, for those absences that outlasted the meter's hold-up."""
    _gone_ns: int = 0

    def watch(self, bench: Bench) -> None:
        def take(after: Segment) -> None:
            each = powers(after, bench.wiring, bench.setting.config.nameplate.summation)
            total = each.total
            self.change(bench.world.now, by_kind(total.active_fw, total.reactive_fvar, total.apparent_fva))
            self.reversed[-1] = any(one.active_fw < 0 for one in each.elements)

        def supply(at_ns: int, who: str, said: str) -> None:
            if who != "power":
                return
            if said == "fail":
                # The comparator tells of it some 20 ms later; what counts is when the mains went.
                self._gone_ns = self.at_ns[-1]
            elif said == "down" and self.lives:
                self.lives[-1][1] = self._gone_ns
            elif said.startswith("up"):
                self.lives.append([at_ns, -1])

        take(bench.mains.segment)
        bench.mains.subscribe(lambda _before, after: take(after))
        bench.on_note(supply)

    def change(self, now_ns: int, eight_fw: Eight) -> None:
        sums = [sum(sign * eight_fw[place] for sign, place in one) for one in self.customer]
        powers_fw = (*eight_fw, *sums, *[0] * (PLACES - len(eight_fw) - len(sums)))
        if self.at_ns and now_ns == self.at_ns[-1]:
            self.powers[-1] = powers_fw
            return
        self.sums.append(self.until(now_ns))
        self.at_ns.append(now_ns)
        self.powers.append(powers_fw)
        self.reversed.append(False)

    def until(self, now_ns: int) -> Eight:
        """What has flowed up to an instant."""
        place = bisect_right(self.at_ns, now_ns) - 1
        if place < 0:
            return NOTHING
        lasted = now_ns - self.at_ns[place]
        return tuple(s + p * lasted for s, p in zip(self.sums[place], self.powers[place], strict=True))

    def between(self, from_ns: int, to_ns: int) -> Eight:
        return tuple(b - a for a, b in zip(self.until(from_ns), self.until(to_ns), strict=True))

    def peak(self, at_ns: int, about_ns: int) -> int:
        """The highest apparent power about an instant, in fVA."""
        first = max(bisect_right(self.at_ns, at_ns - about_ns) - 1, 0)
        last = bisect_right(self.at_ns, at_ns + about_ns)
        return max((one[6] + one[7] for one in self.powers[first:last]), default=0)

    def blur(self, at_ns: int, unsure_ns: int) -> int:
        """What may be on either side of an edge that is known to some time only, in nWh, rounded up."""
        shared = self.between(max(at_ns - LOOK_NS, 0), at_ns + LOOK_NS)
        late = (shared[6] + shared[7]) * (LATE_NS + unsure_ns) // LOOK_NS
        return -(-(self.peak(at_ns, unsure_ns + ATOP_S * S) * unsure_ns + late) // NWH)
