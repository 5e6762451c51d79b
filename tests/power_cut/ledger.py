"""A ledger of energy, life by life: what each life of the meter began with, what truly flowed in it, what it left.

Nothing here comes from the firmware but its published records; what a boot finds is read from the array as well, by the
storage's own recovery. On board `afe` with an ideal front end the two agree to the rounding of a reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware.save import BillingSet, MeterState, parse_billing, parse_state
from firmware.storage.memory_map import METER, plan
from firmware.storage.record import Record
from firmware.storage.ring import Ring
from hal.probe import BillingClosed, Booted, EventLogged, IntervalClosed, RegistersSaved
from sim.bench import Bench
from sim.devices.flash import FlashOperation, ProgramCut, Stage
from sim.oracles.energy import EnergyConserved
from sim.oracles.profile_journal import journal
from sim.oracles.reread import ReadOnlyFlash

Energies = tuple[int, ...]
ZERO: Energies = (0,) * 8


@dataclass(slots=True)
class Save:
    """A save that was published: when, and what had truly flowed up to the instant that it is for."""

    at_ns: int
    record: RegistersSaved
    flowed: Energies


@dataclass(slots=True)
class Life:
    """From one power-up to its power-down. Energies are true ones, since the world began."""

    up_ns: int
    flowed_up: Energies
    found: MeterState | None
    """The newest save in the array at boot."""
    billed: Energies
    """The registers of the newest billing set in the array at boot; zeros without one."""
    booted: Booted | None = None
    saves: list[Save] = field(default_factory=list)
    events: list[EventLogged] = field(default_factory=list)
    fail_ns: int | None = None
    """The last power-fail interrupt, unless the mains were good again after it."""
    flowed_fail: Energies = ZERO
    """At that interrupt. Mains that return for too short to be called good are not measured in time to be saved."""
    slots: int = 1
    """Erased slots for a save when that interrupt came."""
    down_ns: int | None = None
    flowed_down: Energies = ZERO
    cut: bool = False
    """The rail collapsed before the hold-up was spent."""
    gone_on: bool = False
    """It has marked the save that it began with."""

    @property
    def start(self) -> Energies:
        """The registers with which it began: from its first save, or else from what it found."""
        if self.saves:
            first = self.saves[0]
            sides = zip(first.record.totals, first.flowed, self.flowed_up, strict=True)
            return tuple(total - (now - up) for total, now, up in sides)
        found = ZERO if self.found is None else self.found.tariff.totals[:8]
        return tuple(map(max, found, self.billed))


class Ledger:
    """Watches a bench from its begin; `close` when the run is over."""

    def __init__(self, bench: Bench) -> None:
        self.lives: list[Life] = []
        self.intervals: list[tuple[int, int, IntervalClosed]] = []
        """Instant, index of the life, record."""
        self.billings: list[BillingClosed] = []
        self.history: tuple[BillingSet, ...] = ()
        """The billing sets in flash at the end, oldest first."""
        self.state: MeterState | None = None
        """The newest save in flash at the end."""
        self.profile: frozenset[int] = frozenset()
        """Stamps of the intervals of the load profile in flash at the end."""
        self._bench = bench
        self._energy = EnergyConserved()
        self._energy.watch(bench)
        layout = plan(METER, bench.board.flash.geometry)
        self._weak: list[int] = []
        """Where programs were cut that may read differently each time, until a boot has settled them."""
        array = ReadOnlyFlash(bench.board.flash)
        self._registers = Ring(array, layout.ring("registers"))
        self._billing = Ring(array, layout.ring("billing"))
        bench.on_note(self._noted)
        probe = bench.probe
        probe.subscribe(Booted, self._booted)
        probe.subscribe(RegistersSaved, self._saved)
        probe.subscribe(EventLogged, lambda at, record: self.lives[-1].events.append(record))
        probe.subscribe(IntervalClosed, lambda at, record: self.intervals.append((at, len(self.lives) - 1, record)))
        probe.subscribe(BillingClosed, lambda at, record: self.billings.append(record))

    def close(self) -> None:
        """The run is over."""
        self.history, self.state = self._sets(), self._newest()
        self.profile = frozenset(interval.end_s for interval in journal(self._bench.board.flash))

    def operation(self, operation: FlashOperation) -> None:
        """What the flash's listener is told."""
        if operation.left is ProgramCut.METASTABLE:
            self._weak.append(operation.address)
        region = self._registers.region
        marks = {region.mark_address(slot + 1) for slot in range(region.sectors * region.slots_per_sector)}
        if self.lives and operation.stage is Stage.DONE and operation.address in marks:
            self.lives[-1].gone_on = True

    def _flowed(self) -> Energies:
        return self._bench.truth.at(self._bench.world.now)

    def _noted(self, at_ns: int, who: str, what: str) -> None:
        life = self.lives[-1] if self.lives else None
        if who == "power" and what.startswith("up"):
            state, sets = self._newest(), self._sets()
            self.lives.append(Life(at_ns, self._flowed(), state, sets[-1].totals[:8] if sets else ZERO))
        elif life is None or life.down_ns is not None:
            return
        elif who == "fault" and what.endswith("power-cut"):
            life.cut = True
        elif who == "power" and what == "down":
            life.down_ns, life.flowed_down = at_ns, self._flowed()
        elif who == "power" and what == "fail":
            self._registers.recover()
            life.fail_ns, life.slots = at_ns, self._registers.free_slots
            life.flowed_fail = self._flowed()
        elif who == "power" and what == "good":
            life.fail_ns = None

    def _booted(self, at_ns: int, booted: Booted) -> None:
        life = self.lives[-1]
        life.booted = booted
        for record in self._registers.newest_first():
            if record.sequence == booted.save and self._is_weak(self._registers, record.sequence):
                # It might have read as torn, and did not.
                life.found = parse_state(record.payload)

    def _saved(self, at_ns: int, record: RegistersSaved) -> None:
        self._weak.clear()
        instant = self._bench.board.cpu.oscillator.true_of(record.at_ns)
        self.lives[-1].saves.append(Save(at_ns, record, self._energy.true_at(instant)))

    def _newest(self) -> MeterState | None:
        self._registers.recover()
        return next((parse_state(record.payload) for record in self._sure(self._registers)), None)

    def _sets(self) -> tuple[BillingSet, ...]:
        self._billing.recover()
        sets = [parse_billing(record.payload) for record in self._sure(self._billing)]
        by_number = {found.number: found for found in sets}
        return tuple(by_number[number] for number in sorted(by_number))

    def _sure(self, ring: Ring) -> Iterator[Record]:
        """The records that any boot finds."""
        return (record for record in ring.newest_first() if not self._is_weak(ring, record.sequence))

    def _is_weak(self, ring: Ring, sequence: int) -> bool:
        begin = ring.region.slot_address(sequence)
        return any(begin <= address < begin + ring.region.slot_bytes for address in self._weak)
