"""What the meter keeps: saves of its state, billing sets, events; how they get to flash, and how they come back."""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.events.codes import LogName
from firmware.kernel.kernel import Kernel
from firmware.kernel.task import Task
from firmware.save import LayoutError, MeterState, SaveReason, parse_billing, parse_daily, parse_state
from firmware.storage.flash_port import CHECK_COST, READ_COST, FlashPort, FlashUser
from firmware.storage.hold_up import record_pages
from firmware.storage.memory_map import METER, MemoryMap, plan
from firmware.storage.operation import Erase, Operation
from firmware.storage.recovery import Recovery
from firmware.storage.ring import Ring
from firmware.storage.scrub import SOON_NS, Kept, Scrub
from firmware.tariff.billing import BillingSet
from firmware.tariff.daily import DAYS, DailyFreeze
from hal.flash import Flash
from hal.probe import MailboxDropped

SAVES: Final = 2
"""Saves that are looked after: the newest, and the one that takes its place if it rots."""

RE_READ: Final = SAVES + 1
"""Records that are re-read at a time: the saves, and one of another ring."""

HISTORY: Final = 36
"""Billing sets that are kept."""

LOG_RINGS: Final = tuple(log.ring for log in LogName)

RINGS: Final = ("registers", "billing", "profile", "configuration", "daily", *LOG_RINGS)
"""Those of every meter; there is another one for a second load profile."""

EVENTS: Final = "events"
"""The queue that all logs share: what may wait at power fail does not grow with their number."""

CAPACITY: Final = {
    "registers": 1,
    "billing": 2,
    EVENTS: 16,
    "profile": 8,
    "profile-2": 8,
    "configuration": 1,
    "daily": 2,
}
"""Records of each queue that may wait to be written; a boot that answers to a battery failure queues 7 events."""

_LIFE: Final = {"registers": 3, "billing": 2, "profile": 2, "profile-2": 2, "log-power": 9, "log-standard": 9}
"""Slots that the shortest life takes: what its boot gives up, and what it writes. No job begins before they are there.
A virgin flash has none: rings that such a life leaves alone are left out, and erased ahead in the seconds after."""

ERASER_OPERATIONS: Final = 4
"""Of one job: an erase, a header, and two slots that are given up."""

_COUNTED: Final = ("billing", "daily")
"""Rings whose records a save counts."""

_AT_POWER_FAIL: Final = (*_COUNTED, EVENTS)
"""Queues whose waiting records are written at power fail. A save that waits is older than the one that is made then,
which holds what the profile lacks; a configuration that is not whole yet was never acknowledged."""


@dataclass(frozen=True, slots=True)
class Request:
    """A record to write, and what to do with its sequence number once it is whole in flash and was read back."""

    ring: str
    payload: bytes
    written: Callable[[int], None]


def queue_of(ring: str) -> str:
    """The queue in which records of a ring wait: its own, or that of all logs."""
    return EVENTS if ring in LOG_RINGS else ring


class Outcome(enum.Enum):
    """What came of writing a record."""

    WHOLE = "whole"
    GAVE_WAY = "gave-way"
    """Power fails: the flash is another's."""
    REFUSED = "refused"
    """It did not come back as it was written: the sector is worn."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a boot found: the newest whole save, the history and the daily freezes (oldest first), and how many records
    were torn or foreign."""

    state: MeterState | None
    save: int
    history: tuple[BillingSet, ...]
    days: tuple[DailyFreeze, ...]
    dropped: int
    virgin: bool
    """Nothing at all was in the flash."""
    uncounted: BillingSet | None
    """The newest set, if the save does not count it."""
    clean: bool
    """The newest save is one of a power fail, nothing is newer, and no life has gone on from it yet."""


class Store:
    """The rings of one flash, and the queue of what is to be written to them."""

    def __init__(self, kernel: Kernel, flash: Flash, port: FlashPort, more: Sequence[str] = ()) -> None:
        """`more` are the rings that not every meter has."""
        self.map: MemoryMap = plan(METER, flash.geometry)
        self.rings = {name: Ring(flash, self.map.ring(name)) for name in (*RINGS, *more)}
        self.dropped = 0
        """Records that found no place to wait, or that the flash did not take, since boot."""
        self.work = kernel.signal()
        """There may be something to write, and somewhere to write it."""
        self.erase = kernel.signal()
        """A sector is to be erased ahead."""
        self.prepared: Callable[[int], None] = lambda _now_ns: None
        """Told when there are slots that somebody may have waited for."""
        self.writing: Request | None = None
        """What the store's task is about to make whole, or gave up for a power fail."""
        self.busy = True
        """The store's task is inside a record, or has not made solid yet what the boot has found."""
        self.yielding = False
        """Power fails: the flash is another's."""
        self.corrupt: Callable[[str, int], None] = lambda _ring, _records: None
        """Told the ring that has records which were whole and are not any more, and how many more they are."""
        self._scrub = Scrub()
        self._unsettled: list[Operation] = []
        self._dropped: list[tuple[Ring, int]] = []
        """The slots that this boot counted as dropped, which is told once."""
        self._recovered: dict[str, Recovery] = {}
        """Of the rings that were recovered before all others."""
        self._flash = flash
        self._waiting: list[Request] = []
        self._tell_retired: Callable[[int], None] = lambda _sector: None
        self._tell_worn_out: Callable[[int], None] = lambda _number: None
        self._telling: tuple[Ring, int] | None = None
        """The worn sector that was told last, and whose event may not be whole yet."""
        self._kernel = kernel
        self._probe = kernel.probe
        self._port = port

    def retired(self, told: Callable[[int], None]) -> None:
        """Have somebody told the number of each sector that is found worn, once for good."""
        self._tell_retired = told

    def worn_out(self, told: Callable[[int], None]) -> None:
        """Have somebody told the number of each ring in which hardly a sound sector is left, once for good."""
        self._tell_worn_out = told

    @property
    def exhausted(self) -> bool:
        """Whether a ring has hardly a sound sector left."""
        return any(ring.soundness.exhausted for ring in self.rings.values())

    def add(self, names: Sequence[str]) -> None:
        """Rings that not every meter has; before `recover`."""
        self.rings |= {name: Ring(self._flash, self.map.ring(name)) for name in names}

    def recover_first(self, name: str) -> Ring:
        """Read the head of one ring before those of the others: it says what others there are."""
        self._recovered[name] = self.rings[name].recover()
        return self.rings[name]

    def recover(self) -> Recovered:
        """Read the rings' heads. A whole record that this firmware can't understand counts as dropped."""
        found = {name: self._recovered.get(name) or ring.recover() for name, ring in self.rings.items()}
        self._dropped = [
            (self.rings[name], slot.sequence) for name, recovery in found.items() for slot in recovery.dropped
        ]
        dropped = len(self._dropped)
        registers = self.rings["registers"]
        state, save = None, 0
        for record in registers.newest_first():
            try:
                state, save = parse_state(record.payload), record.sequence
                break
            except LayoutError:
                dropped += 1
        history, misread = self._history()
        days, unread = self._days()
        dropped += misread + unread
        virgin = not dropped and all(recovery.newest is None for recovery in found.values())
        clean = (
            state is not None
            and state.reason is SaveReason.POWER_FAIL
            and save == registers.newest_sequence
            and not registers.marked
            and not (history and history[-1].number > state.tariff.billing_number)
        )
        self._unsettled = list(self._unsure(clean))
        counted = 0 if state is None else state.tariff.billing_number
        uncounted = history[-1] if history and history[-1].number > counted else None
        return Recovered(state, save, history, days, dropped, virgin, uncounted, clean)

    def _history(self) -> tuple[tuple[BillingSet, ...], int]:
        """The billing sets, oldest first, each number once: a set that had rotted was written again. And how many
        records are none."""
        sets: dict[int, BillingSet] = {}
        misread = 0
        for record in self.rings["billing"].newest_first():
            try:
                billing = parse_billing(record.payload)
            except LayoutError:
                misread += 1
                continue
            if billing.number not in sets:
                sets[billing.number] = billing
                self._look_after("billing", record.sequence, record.payload)
            if len(sets) == HISTORY:
                break
        return tuple(sets[number] for number in sorted(sets)), misread

    def _days(self) -> tuple[tuple[DailyFreeze, ...], int]:
        """The daily freezes, oldest first, and how many records are none."""
        days: list[DailyFreeze] = []
        misread = 0
        for record in self.rings["daily"].newest_first():
            try:
                days.append(parse_daily(record.payload))
            except LayoutError:
                misread += 1
            if len(days) == DAYS:
                break
        return tuple(reversed(days)), misread

    def _unsure(self, clean: bool) -> Iterator[Operation]:
        """What must be programmed before anything else, so that all stays as this boot has found it. First the save
        that it goes on from, then the mark that it did so."""
        registers = self.rings["registers"]
        yield from registers.refresh()
        yield from registers.mark()
        for ring in self.rings.values():
            yield from ring.settle(torn=not clean)

    async def settle(self, task: Task) -> None:
        """Make solid what this boot has found. Inside a batch only; nothing else may be written before."""
        for operation in self._unsettled:
            await self._port.program(task, FlashUser.STORE, operation)
        self._unsettled = []

    def put(self, request: Request, now_ns: int) -> bool:
        """Queue a record; False if too many of its ring wait. A save takes the place of one that waits, at the end."""
        queue = queue_of(request.ring)
        same = [waiting for waiting in self._waiting if queue_of(waiting.ring) == queue]
        if request.ring == "registers" and same:
            self._waiting.remove(same[0])
        elif len(same) >= CAPACITY[queue]:
            self._lose(request.ring)
            return False
        self._waiting.append(request)
        if not self.busy:
            # Else the store's task looks for itself, once it is done with the record that it is at.
            self.work.raise_at(now_ns)
        return True

    def holds(self, request: Request) -> bool:
        """Whether a request still waits, or is being written."""
        return request is self.writing or any(waiting is request for waiting in self._waiting)

    def has_room(self, queue: str) -> bool:
        """Whether another record may wait in a queue."""
        return self.room(queue) > 0

    def waits(self, queue: str) -> bool:
        """Whether a record of a queue waits to be written."""
        return self.room(queue) < CAPACITY[queue]

    def room(self, queue: str) -> int:
        """How many more records may wait in a queue."""
        return CAPACITY[queue] - sum(queue_of(waiting.ring) == queue for waiting in self._waiting)

    def take(self) -> Request | None:
        """The first record that waits and has a slot to go to. A save never goes before a billing set or a
        daily freeze that it counts. What waits for a ring that has stopped is lost."""
        self._drop_stopped()
        for request in self._waiting:
            if self.rings[request.ring].free_slots:
                self._waiting.remove(request)
                return request
            if request.ring in _COUNTED:
                return None
        return None

    def _drop_stopped(self) -> None:
        for request in [waiting for waiting in self._waiting if self.rings[waiting.ring].stopped]:
            self._waiting.remove(request)
            self._lose(request.ring)

    def take_urgent(self) -> Request | None:
        """The first record that must be in flash before the save at power fail, and has a slot to go to. Saves that
        wait are forgotten."""
        self._waiting = [request for request in self._waiting if request.ring != "registers"]
        self._drop_stopped()
        for request in self._waiting:
            if queue_of(request.ring) in _AT_POWER_FAIL and self.rings[request.ring].free_slots:
                self._waiting.remove(request)
                return request
        return None

    def put_back(self, request: Request) -> None:
        """A record that was not made whole waits again, before all others; a save only if no newer one does."""
        newer = any(waiting.ring == "registers" for waiting in self._waiting)
        if request.ring != "registers" or not newer:
            self._waiting.insert(0, request)

    def try_again(self, request: Request) -> None:
        """A record that the flash did not take goes to the next sector, as long as its ring has one: each that fails
        is not used any more, or, if it was worn already, never again. A save lets pass what waits."""
        if request.ring == "registers" and self.has_room("registers"):
            self._waiting.append(request)
        else:
            self.put_back(request)

    def _lose(self, ring: str) -> None:
        self.dropped += 1
        self._probe.publish(MailboxDropped(f"store {queue_of(ring)}", self.dropped))

    def look(self, now_ns: int) -> None:
        """Whoever has something to do is told."""
        self._tell_worn()
        if self.erase_due:
            self.erase.raise_at(now_ns)
        if self._waiting or self._dropped:
            self.work.raise_at(now_ns)
        if self.save_ready:
            self.prepared(now_ns)

    def _tell_worn(self) -> None:
        """Tell of one worn sector, or of a ring without sound ones, once no other event waits: so many may fail one
        after another that their events would find no place. Once its event is whole the sector is marked."""
        if self.waits(EVENTS) or self.writing is not None:
            return
        if self._telling is not None:
            ring, sector = self._telling
            ring.soundness.told(sector)
            self._telling = None
        for ring in self.rings.values():
            soundness = ring.soundness
            if soundness.untold:
                self._telling = ring, soundness.untold.pop(0)
                self._tell_retired(self._telling[1])
                return
            if soundness.exhausted_untold:
                soundness.exhausted_told()
                self._tell_worn_out(ring.region.number)
                return

    @property
    def save_ready(self) -> bool:
        """Whether there is a slot for a save: a virgin flash, or one cut while erasing, must first be erased."""
        return self.rings["registers"].free_slots > 0

    @property
    def life_ready(self) -> bool:
        """Whether every ring has room for a life that is too short to erase: its boot, and its save at power fail."""
        return all(map(self._lasts, self.rings))

    def _lasts(self, ring: str) -> bool:
        return self.rings[ring].free_slots >= _LIFE.get(ring, 0)

    @property
    def erase_due(self) -> bool:
        return any(ring.maintenance_due for ring in self.rings.values())

    async def write(self, task: Task, user: FlashUser, request: Request) -> Outcome:
        """Write one record, page by page, and read each back. Inside a batch only."""
        appending = self.rings[request.ring].append(request.payload)
        for operation in appending:
            if self.yielding and user is FlashUser.STORE:
                appending.close()
                return Outcome.GAVE_WAY
            await self._port.program(task, user, operation)
            await task.work(READ_COST)
        if not appending.whole:
            return Outcome.REFUSED
        self._look_after(request.ring, appending.sequence, request.payload)
        request.written(appending.sequence)
        return Outcome.WHOLE

    def _look_after(self, ring: str, sequence: int, payload: bytes) -> None:
        """A record is whole, and must stay so."""
        kept = Kept(ring, sequence, payload, self._kernel.now)
        if ring == "billing":
            self._scrub.keep(parse_billing(payload).number, kept, HISTORY)
        elif ring == "registers":
            self._scrub.keep(sequence, kept, SAVES)
            self.rings[ring].wanted = self._scrub.kept(ring)

    def hold(self, ring: str, records: Mapping[int, bytes]) -> None:
        """These records of a ring, by their sequence numbers, are in force, and no others: their sectors are not
        erased, and they are looked after."""
        now_ns = self._kernel.now
        self._scrub.replace(ring, [Kept(ring, sequence, payload, now_ns) for sequence, payload in records.items()])
        self.rings[ring].held = self._scrub.kept(ring)

    def _write_again(self, kept: Kept) -> None:
        """A rotten record, from RAM. What it was kept for it is kept for at its new place; `hold` may have come in
        between."""

        def written(sequence: int) -> None:
            if self._scrub.moved(kept, sequence, self._kernel.now) and self.rings[kept.ring].held:
                self.rings[kept.ring].held = self._scrub.kept(kept.ring)

        if self.has_room(kept.ring):
            self.put(Request(kept.ring, kept.payload, written), self._kernel.now)

    @property
    def untidy(self) -> bool:
        """Whether slots that were told to be dropped are to be given up, and nothing waits to be written: so the
        event that tells of them is whole."""
        return bool(self._dropped) and not self._waiting

    async def give_up(self, task: Task) -> None:
        """Give up a slot that was told to be dropped. Inside a batch only."""
        ring, sequence = self._dropped.pop()
        for operation in ring.give_up(sequence):
            await self._port.program(task, FlashUser.STORE, operation)

    async def scrub(self, task: Task) -> None:
        """Re-read some of the records that must be kept, unless the flash is needed for something else. A rotten one is
        told, and written again from RAM; but a save is made anew, by whoever is told. See `Scrub.answers`."""
        if not self._port.idle or self.yielding:
            return
        looked, rotten = self._scrub.look(self.rings, "registers")
        for kept in rotten:
            if task.now - kept.whole_ns < SOON_NS:
                self.rings[kept.ring].rotted(kept.sequence)
        for ring in sorted({kept.ring for kept in rotten}):
            of_ring = [kept for kept in rotten if kept.ring == ring]
            untold = self._scrub.answers(ring, of_ring, task.now)
            if untold is None:
                continue
            for kept in of_ring:
                if ring != "registers":
                    self._write_again(kept)
            self.corrupt(ring, untold)
        geometry = self._port.flash.geometry
        await task.work(READ_COST * sum(record_pages(len(kept.payload), geometry) for kept in looked))

    async def erase_ahead(self, task: Task) -> None:
        """Erase one sector ahead, or mark worn ones, in the ring that has the fewest slots left; first in those that
        have too few for a life."""
        due = [name for name, ring in self.rings.items() if ring.maintenance_due]
        if not due:
            return
        first = min(due, key=lambda name: (self._lasts(name), self.rings[name].free_slots))
        operations = self.rings[first].maintenance()
        for done, operation in enumerate(operations):
            if done == ERASER_OPERATIONS or (done and isinstance(operation, Erase)):
                break
            await self._port.erase_ahead(task, operation)
            await task.work(CHECK_COST)
