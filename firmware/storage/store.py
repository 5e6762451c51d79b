"""What the meter keeps: saves of its state, billing sets, events; how they get to flash, and how they come back."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from firmware.events.codes import Event
from firmware.kernel.kernel import Kernel
from firmware.kernel.task import Task
from firmware.save import LayoutError, MeterState, build_event, parse_billing, parse_state
from firmware.storage.flash_port import FlashPort, FlashUser
from firmware.storage.memory_map import METER, MemoryMap, plan
from firmware.storage.operation import Erase
from firmware.storage.ring import Ring
from firmware.tariff.tariff import BillingSet
from hal.flash import Flash
from hal.probe import MailboxDropped

HISTORY: Final = 36
"""Billing sets that are kept."""

CAPACITY: Final = {"registers": 1, "billing": 4, "events": 16}
"""Records of each ring that may wait to be written; a boot that answers to a battery failure queues 7."""

_LIFE: Final = {"registers": 2, "billing": 1, "events": 8}
"""Records of the shortest life."""


@dataclass(frozen=True, slots=True)
class Request:
    """A record to write, and what to do with its sequence number once it is whole in flash."""

    ring: str
    payload: bytes
    written: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a boot found: the newest whole save, the history (oldest first), and how many records were torn or
    foreign."""

    state: MeterState | None
    save: int
    history: tuple[BillingSet, ...]
    dropped: int
    virgin: bool
    """Nothing at all was in the flash."""
    resumed: bool
    """The meter has already gone on from that save once, and got no further than to begin its records."""


class Store:
    """The rings of one flash, and the queue of what is to be written to them."""

    def __init__(self, kernel: Kernel, flash: Flash, port: FlashPort) -> None:
        self.map: MemoryMap = plan(METER, flash.geometry)
        self.rings = {name: Ring(flash, self.map.ring(name)) for name in ("registers", "billing", "events")}
        self.dropped = 0
        """Records that found no place to wait, since boot."""
        self.work = kernel.signal()
        """There may be something to write, and somewhere to write it."""
        self.erase = kernel.signal()
        """A sector is to be erased ahead."""
        self.prepared: Callable[[int], None] = lambda _now_ns: None
        """Told when there are slots that somebody may have waited for."""
        self.writing: Request | None = None
        """What the store's task is about to make whole, or gave up for a power fail."""
        self.busy = False
        """The store's task is inside a record."""
        self.yielding = False
        """Power fails: the flash is another's."""
        self._waiting: list[Request] = []
        self._probe = kernel.probe
        self._port = port

    def recover(self) -> Recovered:
        """Read the rings' heads. A whole record that this firmware can't understand counts as dropped."""
        found = {name: ring.recover() for name, ring in self.rings.items()}
        dropped = sum(len(recovery.dropped) for recovery in found.values())
        state, save = None, 0
        for record in self.rings["registers"].newest_first():
            try:
                state, save = parse_state(record.payload), record.sequence
                break
            except LayoutError:
                dropped += 1
        history: list[BillingSet] = []
        for record in self.rings["billing"].newest_first():
            if len(history) == HISTORY:
                break
            try:
                history.append(parse_billing(record.payload))
            except LayoutError:
                dropped += 1
        virgin = not dropped and all(recovery.newest is None for recovery in found.values())
        redone = bool(history) and state is not None and history[0].number > state.tariff.billing_number
        resumed = any(ring.dropped for ring in found.values()) or redone or self._told(state, save)
        return Recovered(state, save, tuple(reversed(history)), dropped, virgin, resumed)

    def _told(self, state: MeterState | None, save: int) -> bool:
        """Whether the log holds the power-down that a boot tells of when it goes on from a save: the first of its
        events."""
        if state is None:
            return False
        power_down = build_event(Event.POWER_DOWN, state.utc_s, state.clock, save)
        return any(record.payload == power_down for record in islice(self.rings["events"].newest_first(),
        CAPACITY["events"]))

    def put(self, request: Request, now_ns: int) -> bool:
        """Queue a record; False if too many of its ring wait. A save takes the place of one that waits, at the end."""
        same = [waiting for waiting in self._waiting if waiting.ring == request.ring]
        if request.ring == "registers" and same:
            self._waiting.remove(same[0])
        elif len(same) >= CAPACITY[request.ring]:
            self.dropped += 1
            self._probe.publish(MailboxDropped(f"store {request.ring}", self.dropped))
            return False
        self._waiting.append(request)
        self.work.raise_at(now_ns)
        return True

    def has_room(self, ring: str) -> bool:
        """Whether another record of a ring may wait."""
        return sum(waiting.ring == ring for waiting in self._waiting) < CAPACITY[ring]

    def take(self) -> Request | None:
        """The first record that waits and has a slot to go to. A save never goes before a billing set that it
        counts."""
        for request in self._waiting:
            if self.rings[request.ring].free_slots:
                self._waiting.remove(request)
                return request
            if request.ring == "billing":
                return None
        return None

    def look(self, now_ns: int) -> None:
        """Whoever has something to do is told."""
        if self.erase_due:
            self.erase.raise_at(now_ns)
        if self._waiting:
            self.work.raise_at(now_ns)
        if self.save_ready:
            self.prepared(now_ns)

    @property
    def save_ready(self) -> bool:
        """Whether there is a slot for a save: a virgin flash, or one cut while erasing, must first be erased."""
        return self.rings["registers"].free_slots > 0

    @property
    def life_ready(self) -> bool:
        """Whether every ring has room for a life that is too short to erase: its boot, and its save at power fail."""
        return all(self.rings[name].free_slots >= least for name, least in _LIFE.items())

    @property
    def erase_due(self) -> bool:
        return any(ring.erase_due for ring in self.rings.values())

    async def write(self, task: Task, user: FlashUser, request: Request) -> bool:
        """Write one record, page by page. Inside a batch only. False if the store gave way to a power fail."""
        appending = self.rings[request.ring].append(request.payload)
        for operation in appending:
            if self.yielding and user is FlashUser.STORE:
                appending.close()
                return False
            await self._port.program(task, user, operation)
        request.written(appending.sequence)
        return True

    async def erase_ahead(self, task: Task) -> None:
        """Erase one sector ahead, in the ring that has the fewest slots left."""
        due = [ring for ring in self.rings.values() if ring.erase_due]
        if not due:
            return
        operations = min(due, key=lambda ring: ring.free_slots).maintenance()
        erased = False
        for operation in operations:
            if erased and isinstance(operation, Erase):
                break
            erased = True
            await self._port.erase_ahead(task, operation)
