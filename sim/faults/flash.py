"""Faults of the flash. A cut must hit its operation; damage must be met by somebody, or it was none."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from firmware.events.codes import Event
from firmware.storage.memory_map import METER, plan
from firmware.storage.region import Region
from hal.probe import Booted, RegistersSaved
from hal.units import MINUTE
from sim.bench import Bench
from sim.devices.flash import EraseCut, FlashOperation, Kind, NorFlash, ProgramCut, Stage
from sim.faults.fault import Fault
from sim.faults.flash_rings import SOUND_LEAST, WORN_OUT, newest_slot, premise_of, region_of, worn_out
from sim.faults.owed import Owed
from sim.faults.supply import POWER_EVENTS, power_events
from sim.oracles.premise import Premise
from sim.scenario import flash_faults as tables
from sim.scenario.fault_base import FaultBase
from sim.world import Phase, Stream

_TRIES: Final = 64
"""Draws of a place before none is believed to be left."""


class FlashCut(Fault):
    """The operation was under way, and was cut."""

    given: tables.FlashCut
    owes = POWER_EVENTS

    def __init__(self, given: tables.FlashCut) -> None:
        super().__init__(given)
        self._seen = 0
        self._cut_at_ns: int | None = None
        self._down_ns: int | None = None

    def begin(self, bench: Bench) -> None:
        bench.board.flash.subscribe(lambda operation: self._told(bench, operation))

    def _told(self, bench: Bench, operation: FlashOperation) -> None:
        now = bench.world.now
        if operation.stage is Stage.CUT and self._cut_at_ns == now:
            left = "" if operation.left is None else f", which left {operation.left.value}"
            self.effect = self.effect or f"the {operation.kind.value} at {operation.address:#x} was cut{left}"
            self._down_ns = now
        if operation.stage is not Stage.STARTED or self._cut_at_ns is not None:
            return
        if self.given.operation not in ("any", operation.kind.value):
            return
        self._seen += 1
        ends_ns = bench.board.flash.ends_ns
        if self._seen < self.given.nth or ends_ns is None:
            return
        self._cut_at_ns = now + (ends_ns - now) * self.given.share_permille // 1_000
        bench.world.at(self._cut_at_ns, Phase.WORLD, lambda: self._cut(bench))

    def _cut(self, bench: Bench) -> None:
        flash = bench.board.flash
        kept = flash.forced_program_cut, flash.forced_erase_cut
        left = self.given.left
        if left is not None:
            flash.forced_program_cut = ProgramCut(left) if left in {mode.value for mode in ProgramCut} else kept[0]
            flash.forced_erase_cut = EraseCut(left) if left in {mode.value for mode in EraseCut} else kept[1]
        bench.note("fault", f"{self.id} cuts")
        bench.board.supply.cut()
        flash.forced_program_cut, flash.forced_erase_cut = kept
        bench.mains.fail()
        bench.world.at(bench.world.now + self.given.duration_ns, Phase.WORLD, bench.mains.restore)

    def events(self) -> Sequence[Owed]:
        return power_events(self._down_ns)


class _Damaged(Fault):
    """Bits that are not what they should be. The witness is an access that met one of them."""

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self._bytes: set[int] = set()

    def watch(self, bench: Bench) -> None:
        def met(address: int, length: int) -> None:
            if not self.effect and any(address <= byte < address + length for byte in self._bytes):
                self.effect = f"damage at {address:#x} was met at {bench.world.now} ns"

        bench.board.flash.subscribe_damage(met)


class _Placed(_Damaged):
    """Damage of some bits, at an address or in a ring.

    What lies only once in the flash can't bear it: a record of billing, of an event, of the profile. Nor can the newest
    save, until there is a newer one; a meter that boots before that goes on from the last but one. What that one holds
    is then what counts, and the log must say that something was corrupt, or all of the state lost. Bits that nobody
    needs leave no event.
    """

    given: tables.FlashRot | tables.FlashStuck | tables.FlashMetastable
    owes = (Event.FLASH_CORRUPT, Event.STATE_LOST)
    suspends: tuple[str, ...] = ("durability", "profile", "programming", "hold-up")

    def __init__(self, given: tables.FlashRot | tables.FlashStuck | tables.FlashMetastable) -> None:
        super().__init__(given)
        self._lost: dict[str, int] = {}
        """From when on a ring holds something that may be lost."""
        self._saved_ns: int | None = None
        self._last_save = 0
        self._fell_back_ns: int | None = None
        self._fell_back_to = 0
        """The save that a boot went on from then; 0 for none."""
        self._newest: tuple[int, bytes] = (0, b"")
        self._written: tuple[int, list[int]] = (-1, [])
        """At an instant, the addresses of which one is drawn."""

    @property
    def gap_ns(self) -> int:
        """Between one bit and the next."""
        return 0

    @abstractmethod
    def candidates(self, held: int) -> int:
        """Those bits of a byte that can be damaged."""

    @abstractmethod
    def damage(self, flash: NorFlash, address: int, mask: int) -> None:
        """Damage these bits of a byte."""

    def watch(self, bench: Bench) -> None:
        super().watch(bench)

        def saved(at_ns: int, saved: RegistersSaved) -> None:
            self._last_save = max(self._last_save, saved.sequence)
            if "registers" in self._lost and at_ns > self._lost["registers"] and self._saved_ns is None:
                self._saved_ns = at_ns

        def booted(at_ns: int, booted: Booted) -> None:
            open_ = "registers" in self._lost and self._saved_ns is None
            if open_ and booted.save < self._last_save and self._fell_back_ns is None:
                self._fell_back_ns, self._fell_back_to = at_ns, booted.save

        bench.probe.subscribe(RegistersSaved, saved)
        bench.probe.subscribe(Booted, booted)

    def begin(self, bench: Bench) -> None:
        draws = bench.world.stream(f"fault.{self.id}")
        if self.given.ring is not None and self.given.where == "newest":
            self._newest = newest_slot(bench.board.flash, region_of(bench.board.flash, self.given.ring))
        for number in range(self.given.bits):
            bench.world.at(self.at_ns + number * self.gap_ns, Phase.WORLD, lambda: self._strike_bit(bench, draws))

    def _strike_bit(self, bench: Bench, draws: Stream) -> None:
        flash = bench.board.flash
        drawn = self.given.address is None
        address = self._drawn_byte(flash, draws, bench.world.now) if drawn else self._next_byte(flash)
        if address is None:
            return
        needed = self._needed(flash, address)
        if needed:
            self._lost.setdefault(needed, bench.world.now)
        possible = [1 << bit for bit in range(8) if self.candidates(flash.peek(address, 1)[0]) >> bit & 1]
        self.damage(flash, address, possible[draws.below(len(possible))])
        self._bytes.add(address)

    def _next_byte(self, flash: NorFlash) -> int | None:
        """The first byte from the given address on, in its sector, that has a bit to damage."""
        first = self.given.address
        assert first is not None
        size = flash.part.sector_bytes
        left = flash.peek(first, size - first % size) if first < size * flash.part.sectors else b""
        return next((first + at for at, held in enumerate(left) if self.candidates(held)), None)

    def _drawn_byte(self, flash: NorFlash, draws: Stream, now_ns: int) -> int | None:
        if self._written[0] != now_ns:
            self._written = now_ns, _programmed(flash, *self._place(flash))
        written = self._written[1]
        for _ in range(_TRIES if written else 0):
            address = written[draws.below(len(written))]
            if self.candidates(flash.peek(address, 1)[0]):
                return address
        return None

    def _place(self, flash: NorFlash) -> tuple[int, int]:
        """First address and length of where a bit is drawn from."""
        assert self.given.ring is not None
        if self.given.where == "newest":
            return self._newest[0], len(self._newest[1])
        region = region_of(flash, self.given.ring)
        return region.first_sector * flash.part.sector_bytes, region.sectors * flash.part.sector_bytes

    def _needed(self, flash: NorFlash, address: int) -> str:
        """The ring that holds this byte and has no other copy of what it stands in; "" if there is none."""
        sector = address // flash.part.sector_bytes
        for region in plan(METER, flash.geometry).regions:
            if isinstance(region, Region) and region.first_sector <= sector < region.first_sector + region.sectors:
                if region.name != "registers" or region.name in self._lost:
                    return region.name
                begin, data = newest_slot(flash, region)
                return region.name if begin <= address < begin + len(data) else ""
        return ""

    def events(self) -> Sequence[Owed]:
        if self._fell_back_ns is None:
            return ()
        event = Event.FLASH_CORRUPT if self._fell_back_to else Event.STATE_LOST
        return [Owed(event, self._fell_back_ns, MINUTE)]

    def premises(self) -> Sequence[Premise]:
        found = [
            premise_of(ring, since, self._saved_ns if ring == "registers" else None)
            for ring, since in self._lost.items()
        ]
        if "registers" in self._lost:
            # A boot that can't read the save at power fail goes on from the one before.
            found.append(Premise("hold-up", self._lost["registers"], self._saved_ns))
        return found


def _programmed(flash: NorFlash, begin: int, length: int) -> list[int]:
    """The addresses of bytes that hold a zero, in a stretch. Most sectors of a young meter hold none."""
    found: list[int] = []
    for first in range(begin, begin + length, flash.part.sector_bytes):
        data = flash.peek(first, min(flash.part.sector_bytes, begin + length - first))
        if data.count(0xFF) != len(data):
            found += [first + at for at, held in enumerate(data) if held != 0xFF]
    return found


class FlashRot(_Placed):
    """Bits that had leaked were read before they were written anew."""

    given: tables.FlashRot

    @property
    def gap_ns(self) -> int:
        return 0 if self.given.over_ns is None else self.given.over_ns // self.given.bits

    def candidates(self, held: int) -> int:
        return ~held & 0xFF

    def damage(self, flash: NorFlash, address: int, mask: int) -> None:
        flash.rot(address, mask)


class FlashStuck(_Placed):
    """Bits that stick made a difference to a read, a program or an erase."""

    given: tables.FlashStuck
    suspends = tuple(dict.fromkeys((*_Placed.suspends, *WORN_OUT)))

    def __init__(self, given: tables.FlashStuck) -> None:
        super().__init__(given)
        self._flash: NorFlash | None = None

    def watch(self, bench: Bench) -> None:
        super().watch(bench)
        self._flash = bench.board.flash

    def premises(self) -> Sequence[Premise]:
        """Of a ring that has hardly a sector without a stuck bit nothing can be asked."""
        found = list(super().premises())
        if self._flash is None:
            return found
        size = self._flash.part.sector_bytes
        hit = {address // size for address in self._bytes}
        for region in plan(METER, self._flash.geometry).regions:
            if isinstance(region, Region):
                sound = set(range(region.first_sector, region.first_sector + region.sectors)) - hit
                found += worn_out(region.name, self.at_ns) if len(sound) < SOUND_LEAST else ()
        return found

    def candidates(self, held: int) -> int:
        return ~held & 0xFF if self.given.level else held

    def damage(self, flash: NorFlash, address: int, mask: int) -> None:
        flash.stick(address, mask, self.given.level)


class FlashMetastable(_Placed):
    """Bits that read differently each time were read."""

    given: tables.FlashMetastable

    def candidates(self, held: int) -> int:
        return 0xFF

    def damage(self, flash: NorFlash, address: int, mask: int) -> None:
        flash.weaken(address, mask)


class FlashTorn(_Damaged):
    """A program left bits as they were, and somebody read them.

    A meter that reads back what it wrote writes it again elsewhere: nothing is lost, and whether that is told is its
    own affair.
    """

    given: tables.FlashTorn

    def __init__(self, given: tables.FlashTorn) -> None:
        super().__init__(given)
        self._seen = 0
        self._target: int | None = None

    def begin(self, bench: Bench) -> None:
        bench.board.flash.subscribe(lambda operation: self._told(bench.board.flash, operation))

    def _told(self, flash: NorFlash, operation: FlashOperation) -> None:
        if operation.kind is not Kind.PROGRAM:
            return
        if operation.stage is Stage.STARTED and self._seen < self.given.nth:
            self._seen += 1
            if self._seen == self.given.nth:
                self._target = operation.start_ns
        elif operation.stage is Stage.DONE and operation.start_ns == self._target:
            done = operation.length * self.given.share_permille // 1_000
            for address in range(operation.address + done, operation.address + operation.length):
                blank = ~flash.peek(address, 1)[0] & 0xFF
                if blank and flash.rot(address, blank):
                    self._bytes.add(address)
