"""Random appends, cuts at random instants inside programs and erases, reboots: a ring against what it was given.

What is held at each boot:
- each record that was confirmed and is among those the ring must keep is found whole, and so is the newest of all;
- nothing is found that was not given; a record that was never confirmed is found whole or not at all, and what one
  boot has found, or not, every later one does too, whatever reads differently each time;
- a sequence number that was confirmed or found is never given to another record;
- finished erases differ by at most 1 from sector to sector of a ring, and by one more for each time that the ring had
  to step over the sector with the newest whole record; an erase that a cut ended comes on top, in its own sector;
- the part never had to refuse anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from firmware.storage.operation import Erase, Operation, Program, begin
from firmware.storage.record import Record
from firmware.storage.ring import Appending, Ring
from sim.devices.flash import EraseCut, ProgramCut
from tests.storage.bench import Bench, Cut, region

payload_sizes = st.sampled_from([0, 1, 100, 240, 241, 500, 752, 1008])
kinds = st.integers(0, 255)
cuts = st.builds(
    Cut,
    operation=st.integers(0, 3),
    permille=st.integers(0, 1000),
    program=st.sampled_from(list(ProgramCut)),
    erase=st.sampled_from(list(EraseCut)),
)


@dataclass
class Given:
    """A record as it was handed to the ring."""

    kind: int
    payload: bytes
    confirmed: bool = False


class RingMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.set_up(1, 256, 1, 0)

    @initialize(
        seed=st.integers(0, 1000),
        slot_bytes=st.sampled_from([256, 512, 1024, 1280, 3840]),
        ahead=st.integers(1, 2),
        more=st.integers(0, 2),
    )
    def set_up(self, seed: int, slot_bytes: int, ahead: int, more: int) -> None:
        self.bench = Bench(seed)
        self.region = region(ahead + 3 + more, slot_bytes, ahead)
        self.given: dict[int, Given] = {}
        self.attempts = 0
        self.last = 0
        """The highest sequence number handed out; a slot that is given up counts, even before its first program."""
        self.taken = 0
        """The highest that was confirmed or found."""
        self.cut_erases = 0
        self.absent: set[int] = set()
        """Sequence numbers of which the last boot found no record."""
        self.boot()

    def hand_over(self, size: int, kind: int) -> Iterator[Operation]:
        """The ring's own operations; notes the sequence number and the confirmation."""
        self.attempts += 1
        payload = (self.attempts.to_bytes(4, "little") * (size // 4 + 1))[: min(size, self.region.payload_bytes)]
        if not self.ring.free_slots:
            assert self.bench.run(self.ring.maintenance())
        appending = self.ring.append(payload, kind)
        assert appending.sequence > self.taken
        self.last = max(self.last, appending.sequence)
        return self.watched(Given(kind, payload), appending)

    def watched(self, given: Given, appending: Appending) -> Iterator[Operation]:
        self.given[appending.sequence] = given
        for operation in appending:
            assert isinstance(operation, Program)
            yield operation
        given.confirmed = True
        self.taken = max(self.taken, appending.sequence)
        assert self.ring.newest_sequence == self.taken

    @rule(size=payload_sizes, kind=kinds)
    def append(self, size: int, kind: int) -> None:
        assert self.bench.run(self.hand_over(size, kind))

    @rule(count=st.integers(2, 12), size=payload_sizes)
    def append_and_maintain(self, count: int, size: int) -> None:
        for _ in range(count):
            self.append(size, 0)
            self.maintain()

    @rule(size=payload_sizes, kind=kinds, cut=cuts)
    def append_and_cut(self, size: int, kind: int, cut: Cut) -> None:
        if not self.bench.run(self.hand_over(size, kind), cut):
            self.boot()

    @rule(size=payload_sizes, done=st.integers(1, 3))
    def give_up_an_append(self, size: int, done: int) -> None:
        """Not before its first program, which no store leaves out."""
        operations = self.hand_over(size, 0)
        for _ in range(done):
            operation = next(operations, None)
            if operation is not None:
                self.bench.do(operation)

    @rule()
    def maintain(self) -> None:
        assert self.bench.run(self.ring.maintenance())
        assert not self.ring.erase_due

    @precondition(lambda self: self.ring.erase_due)
    @rule(cut=cuts)
    def maintain_and_cut(self, cut: Cut) -> None:
        unfinished = self.bench.flash.erases - self.bench.prepared.total()
        if not self.bench.run(self.ring.maintenance(), cut):
            self.cut_erases += self.bench.flash.erases - self.bench.prepared.total() - unfinished
            self.boot()

    @precondition(lambda self: self.ring.erase_due and self.ring.free_slots)
    @rule(
        size=payload_sizes,
        run_ns=st.integers(0, 45_000_000),
        cut=st.none() | st.tuples(st.sampled_from(list(EraseCut)), st.integers(0, 50_000_000)),
    )
    def append_while_an_erase_is_suspended(self, size: int, run_ns: int, cut: tuple[EraseCut, int] | None) -> None:
        maintenance = self.ring.maintenance()
        erase = next(maintenance)
        assert isinstance(erase, Erase)
        begin(self.bench.flash, erase)
        self.bench.world.run_until(self.bench.world.now + run_ns)
        self.bench.flash.suspend()
        self.bench.wait()
        assert self.bench.run(self.hand_over(size, 0))
        self.bench.flash.resume()
        if cut is None:
            self.bench.wait()
            assert self.bench.run(maintenance)
        else:
            self.bench.power_cycle(cut[1], erase=cut[0])
            self.cut_erases += 1
            self.boot()

    @rule()
    def reboot(self) -> None:
        self.bench.power_cycle(0)
        self.boot()

    @rule(cut=cuts)
    def reboot_and_cut_while_settling(self, cut: Cut) -> None:
        self.bench.power_cycle(0)
        self.boot(cut)

    def boot(self, cut: Cut | None = None) -> None:
        self.ring = Ring(self.bench.flash, self.region)
        recovery = self.ring.recover()
        if not self.bench.settle(self.ring.settle(torn=True), cut):
            self.last = max(self.last, self.ring.last_sequence)
            self.boot()
            return
        self.last = max(self.last, self.ring.last_sequence)
        found = list(self.ring.newest_first())
        again = Ring(self.bench.flash, self.region)
        again.recover()
        assert list(again.newest_first())[: self.region.capacity] == found[: self.region.capacity]
        assert recovery.newest == (found[0] if found else None)
        assert len({dropped.sequence for dropped in recovery.dropped}) == len(recovery.dropped)
        self.check_found(found)
        self.check_wear()
        assert self.bench.flash.violations == []
        if recovery.newest is not None:
            self.given[recovery.newest.sequence].confirmed = True

    def check_found(self, found: list[Record]) -> None:
        sequences = [record.sequence for record in found]
        assert sequences == sorted(set(sequences), reverse=True)
        oldest = self.last - self.region.capacity
        assert not {sequence for sequence in sequences if sequence > oldest} & self.absent, "it has come back"
        self.absent = set(range(max(oldest, 1), self.last + 1)) - set(sequences)
        for record in found:
            given = self.given[record.sequence]
            assert (record.region, record.kind, record.payload) == (self.region.number, given.kind, given.payload)
        self.taken = max([self.taken, *sequences])
        confirmed = [sequence for sequence, given in sorted(self.given.items()) if given.confirmed]
        kept = self.region.capacity + self.region.slots_per_sector
        sure = {sequence for sequence in confirmed if sequence > self.last - kept} | set(confirmed[-1:])
        assert sure <= set(sequences)

    def check_wear(self) -> None:
        sectors = range(self.region.first_sector, self.region.first_sector + self.region.sectors)
        finished = [self.bench.prepared[sector] for sector in sectors]
        wear = [self.bench.flash.wear(sector) for sector in sectors]
        order = self.bench.order
        stepped_over = sum((b - a) % self.region.sectors - 1 for a, b in pairwise(order))
        assert max(finished) - min(finished) <= 1 + stepped_over
        assert sum(wear) - sum(finished) == self.cut_erases
        if not self.cut_erases:
            assert [self.ring.erases(sector) for sector in sectors] == wear

    def teardown(self) -> None:
        self.reboot()


TestRing = RingMachine.TestCase
TestRing.settings = settings(stateful_step_count=40)
