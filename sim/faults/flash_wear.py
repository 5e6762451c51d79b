"""The fault of the flash that wears out."""

from collections.abc import Sequence
from typing import Final

from firmware.profile.profiles import RINGS as PROFILE_RINGS
from hal.probe import RegistersSaved
from sim.bench import Bench
from sim.faults.fault import Fault
from sim.faults.flash_rings import WORN_OUT, premise_of, region_of, whole, worn_out
from sim.oracles.premise import Premise
from sim.scenario import flash_faults as tables

_BEYOND: Final = 10
"""The part of its endurance by which a sector may exceed it, and still take records: it has up to six stuck bits."""

_BEYOND_PROFILE: Final = 100
"""The same for the profile: a ring of so many sectors takes more than an hour to find that none erases clean."""


class FlashWear(Fault):
    """Bits of the ring's sectors had worn out, and made a difference.

    A stuck bit may do no harm, where it is wanted as it is: no event is owed. Records that bits have stuck in are gone;
    nothing else is, for a record that a sector does not take goes to the next. Only with all sectors of a ring by a
    tenth and more over their endurance there may be none that takes one: then what the ring is for can't be asked for.
    """

    given: tables.FlashWear
    suspends = WORN_OUT

    def __init__(self, given: tables.FlashWear) -> None:
        super().__init__(given)
        self._hopeless = False
        self._hit = False
        """A record was whole, and is not any more."""
        self._saved_ns: int | None = None
        """The first whole save since."""

    def watch(self, bench: Bench) -> None:
        def saved(at_ns: int, _saved: RegistersSaved) -> None:
            if self.begun and self._saved_ns is None:
                self._saved_ns = at_ns

        bench.probe.subscribe(RegistersSaved, saved)

    def premises(self) -> Sequence[Premise]:
        found: list[Premise] = []
        if self._hit:
            ring = self.given.ring
            found.append(premise_of(ring, self.at_ns, self._saved_ns if ring == "registers" else None))
            if ring == "registers":
                found.append(Premise("hold-up", self.at_ns, self._saved_ns))
        if self._hopeless:
            found += worn_out(self.given.ring, self.at_ns)
        return found

    def begin(self, bench: Bench) -> None:
        flash = bench.board.flash
        region = region_of(flash, self.given.ring)
        size = flash.part.sector_bytes
        endurance = flash.part.endurance_cycles
        beyond = _BEYOND_PROFILE if self.given.ring in PROFILE_RINGS else _BEYOND
        self._hopeless = self.given.erases > endurance + endurance // beyond
        before = whole(flash, region)
        for sector in range(region.first_sector, region.first_sector + region.sectors):
            if self.given.erases > flash.wear(sector):
                flash.wear_to(sector, self.given.erases)
        self._hit = not before <= whole(flash, region)
        first = region.first_sector * size

        def met(address: int, length: int) -> None:
            if not self.effect and address < first + region.sectors * size and address + length > first:
                self.effect = f"wear at {address:#x} was met at {bench.world.now} ns"

        flash.subscribe_damage(met)
