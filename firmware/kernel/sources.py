"""What a task can wait for: signals, event flags, mailboxes.

Interrupt handlers and tasks raise, set and put; nobody waits in a handler. Each source remembers the instant at which
it came about, since a job's response counts from there.
"""

from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from hal.probe import MailboxDropped

if TYPE_CHECKING:
    from firmware.kernel.kernel import Kernel
    from firmware.kernel.task import Task

Value_co = TypeVar("Value_co", covariant=True)
Item = TypeVar("Item")


class Source(Protocol[Value_co]):
    """A thing to wait for. `collect` takes what is there: its nominal instant, the instant at which it came, its
    value."""

    def collect(self) -> tuple[int, int, Value_co] | None: ...

    def enlist(self, task: "Task") -> None: ...

    def delist(self, task: "Task") -> None: ...


class _Waiters:
    """Tasks that wait, in the order in which they came."""

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel
        self._waiting: list[Task] = []

    def enlist(self, task: "Task") -> None:
        self._waiting.append(task)

    def delist(self, task: "Task") -> None:
        self._waiting.remove(task)

    def _offer(self) -> None:
        """Offer what is there to those who wait, until one takes it."""
        for task in tuple(self._waiting):
            if self._kernel.wake(task):
                return


class Signal(_Waiters):
    """From one interrupt to one task. Raised twice before it is seen, it is seen once, at its first instant."""

    def __init__(self, kernel: "Kernel") -> None:
        super().__init__(kernel)
        self._raised: tuple[int, int, int] | None = None

    def raise_at(self, instant_ns: int) -> None:
        """Raise it at a nominal monotonic instant, now or up to the task's jitter ago."""
        if self._raised is None:
            self._raised = (instant_ns, self._kernel.clock(), instant_ns)
        self._offer()

    def collect(self) -> tuple[int, int, int] | None:
        raised, self._raised = self._raised, None
        return raised


class EventFlags(_Waiters):
    """Up to any number of flags in one word; a task waits for some of them through `any_of`."""

    def __init__(self, kernel: "Kernel") -> None:
        super().__init__(kernel)
        self.word = 0
        self._since: dict[int, tuple[int, int]] = {}

    def set(self, mask: int, instant_ns: int) -> None:
        """Set flags at a nominal monotonic instant; those that are set already keep theirs."""
        fresh = int(mask) & ~self.word
        self.word |= fresh
        while fresh:
            flag = fresh & -fresh
            self._since[flag] = (instant_ns, self._kernel.clock())
            fresh ^= flag
        for task in tuple(self._waiting):
            self._kernel.wake(task)

    def clear(self, mask: int) -> None:
        self.word &= ~int(mask)

    def any_of(self, mask: int) -> "FlagsWait":
        """Wait until one of the flags in `mask` is set; the answer is those that are, and clears them."""
        return FlagsWait(self, mask, every=False)

    def all_of(self, mask: int) -> "FlagsWait":
        """Wait until all flags in `mask` are set; the answer is the mask, and clears them."""
        return FlagsWait(self, mask, every=True)

    def take(self, mask: int, every: bool) -> tuple[int, int, int] | None:
        found = self.word & mask
        if not found or (every and found != mask):
            return None
        self.word &= ~found
        if not found & (found - 1):
            instant, came = self._since[found]
            return instant, came, found
        instants = [self._since[1 << bit] for bit in range(found.bit_length()) if found >> bit & 1]
        instant, came = max(instants) if every else min(instants)
        return instant, came, found


class FlagsWait:
    """A wait for any or all of some flags."""

    def __init__(self, flags: EventFlags, mask: int, every: bool) -> None:
        if mask <= 0:
            raise ValueError("a wait for flags needs at least one")
        self._flags = flags
        self._mask = int(mask)
        self._every = every

    def collect(self) -> tuple[int, int, int] | None:
        return self._flags.take(self._mask, self._every)

    def enlist(self, task: "Task") -> None:
        self._flags.enlist(task)

    def delist(self, task: "Task") -> None:
        self._flags.delist(task)


class Mailbox(_Waiters, Generic[Item]):
    """A bounded queue of items. One that is full drops the newcomer, counts it and says so to the probe."""

    def __init__(self, kernel: "Kernel", name: str, capacity: int) -> None:
        super().__init__(kernel)
        if capacity < 1:
            raise ValueError(f"mailbox {name}: capacity must be at least 1")
        self.name = name
        self.capacity = capacity
        self.dropped = 0
        self._items: deque[tuple[int, int, Item]] = deque()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item, instant_ns: int) -> bool:
        """Leave an item; False if the mailbox was full."""
        if len(self._items) >= self.capacity:
            self.dropped += 1
            self._kernel.probe.publish(MailboxDropped(self.name, self.dropped))
            return False
        self._items.append((instant_ns, self._kernel.clock(), item))
        self._offer()
        return True

    def poll(self) -> tuple[int, Item] | None:
        """Take the oldest item without waiting: its nominal instant, and the item."""
        if not self._items:
            return None
        instant, _, item = self._items.popleft()
        return instant, item

    def collect(self) -> tuple[int, int, Item] | None:
        return self._items.popleft() if self._items else None
