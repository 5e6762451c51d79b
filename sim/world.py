"""The simulated world: true time, phases within an instant, named random streams.

Everything that happens is scheduled by `World.at(instant, phase, action)`, and by nothing else. At one instant the
phases run in the order of `Phase`; what an action causes at the same instant in a phase that has already begun waits
for a new round of the phases; observers run after the last round. `docs/timing-model.md` shows each rule.

simpy keeps the queue and runs it. Priorities count the phases on, round by round, so that the heap alone keeps the
order. The queue holds the actions themselves, not events around them: a long run makes tens of millions.
"""

import enum
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Any, Final, cast

import simpy

DISPATCH_LIMIT: Final = 100_000
"""Actions within one instant before the world takes it for a loop that never lets time pass."""

_ROUND: Final = 8
_LAST: Final = 1 << 62
_END: Final = _LAST + 1
_STOP: Final = -1
_NONE: Final = -1


class Phase(enum.IntEnum):
    """The order of things that fall on one instant; the value is the priority in its first round."""

    WORLD = 0
    """Mains, temperature, supply, faults."""
    DEVICES = 1
    """A sample block is full, a byte has arrived, an alarm, an erase is done."""
    INTERRUPTS = 2
    """Interrupt lines reach the processor."""
    FIRMWARE = 3
    """The processor goes on."""
    OBSERVERS = _LAST
    """Probes, oracles, expectations; they see the instant when all else has settled."""


_OBSERVERS: Final = Phase.OBSERVERS

_Entry = tuple[int, int, int, Callable[[], None]]
"""Instant, priority, order of scheduling, action."""


class TimeStandsStill(Exception):
    """More actions fell on one instant than the limit; names the instant and the action that ran last."""


class _Instants(simpy.Environment):
    """simpy's queue, clock and loop. `step` is ours, as that of `simpy.rt` is: it runs one action."""

    _now: int

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        # simpy types its queue for events; ours holds actions.
        self.queue: list[_Entry] = cast(Any, self._queue)
        self.order: Callable[[], int] = self._eid.__next__
        self.priority = _NONE
        """Of the action that runs."""
        self.left = DISPATCH_LIMIT

    def step(self) -> None:
        instant, self.priority, _, action = heappop(self.queue)
        if instant != self._now:
            self._now = instant
            self.left = DISPATCH_LIMIT - 1
        else:
            self.left -= 1
            if self.left < 0:
                raise TimeStandsStill(f"more than {DISPATCH_LIMIT} actions at {instant} ns; the last is {action!r}")
        action()


class Place:
    """Orders of scheduling that were kept for later; IndexError when they are used up."""

    def __init__(self, orders: list[int]) -> None:
        self._left = list(reversed(orders))

    def take(self) -> int:
        """The next."""
        return self._left.pop()


class World:
    """True time in ns from the scenario's start, and the queue of all that will happen."""

    def __init__(self, seed: int, start_utc_ns: int = 0) -> None:
        self.seed = seed
        self.start_utc_ns = start_utc_ns
        self._env = _Instants()
        self._queue = self._env.queue
        self._order = self._env.order
        self._run = 0
        self._running = False

    @property
    def now(self) -> int:
        """True time in ns since the start."""
        return self._env._now

    @property
    def utc_ns(self) -> int:
        """True time as UTC in ns since 1970."""
        return self.start_utc_ns + self._env._now

    @property
    def outstanding(self) -> int:
        """How many actions are scheduled and have not run yet."""
        return len(self._queue)

    def at(self, instant_ns: int, phase: Phase, action: Callable[[], None]) -> None:
        """Run `action` at an instant, in a phase. An instant in the past is a ValueError; nothing can be cancelled."""
        now = self._env._now
        if instant_ns > now:
            heappush(self._queue, (instant_ns, phase, self._order(), action))
        elif instant_ns == now:
            heappush(self._queue, (instant_ns, self._priority_now(phase), self._order(), action))
        else:
            raise ValueError(f"an action at {instant_ns} ns would lie {now - instant_ns} ns in the past")

    def hold_place(self, count: int = 64) -> "Place":
        """Keep a place among what is scheduled now, for up to `count` actions that are known only later."""
        return Place([self._order() for _ in range(count)])

    @contextmanager
    def in_place(self, place: "Place") -> Iterator[None]:
        """What `at` schedules within goes where it would stand if it had been scheduled when `place` was kept.

        So a branch of a run can add what another run knew from its start, and be the same run.
        """
        order, self._order = self._order, place.take
        try:
            yield
        finally:
            self._order = order

    def _priority_now(self, phase: Phase) -> int:
        """Where an action of the running instant goes: this round if its phase is yet to come, else the next."""
        if phase is _OBSERVERS:
            return _LAST
        current = self._env.priority
        if current == _LAST:
            raise RuntimeError(f"an observer tried to cause something at the instant it observes ({self.now} ns)")
        if current == _NONE:
            return phase
        turn, running = divmod(current, _ROUND)
        return _ROUND * (turn if phase > running else turn + 1) + phase

    def leap(self, instant_ns: int, phase: Phase) -> bool:
        """Go on to a later instant within the running action, if nothing else happens up to and at it.

        True if it did: all is then as if the action had ended, and another that was scheduled there had begun. Only an
        action itself may do this, as its last deed at this instant.
        """
        if self._queue[0][0] <= instant_ns:
            return False
        env = self._env
        env._now = instant_ns
        env.priority = phase
        env.left = DISPATCH_LIMIT - 1
        return True

    def run_until(self, instant_ns: int) -> None:
        """Let everything happen up to and including `instant_ns`, unless `stop` is called on the way.

        An instant that has passed leaves nothing to be done.
        """
        if instant_ns < self._env._now:
            return
        self._run += 1
        self._end_at(instant_ns, _END)
        self._running = True
        try:
            self._env.run()
        finally:
            self._running = False
            self._env.priority = _NONE

    def stop(self) -> None:
        """End `run_until` after the action that runs now; the world can go on later. Without a run, nothing."""
        if self._running:
            self._end_at(self.now, _STOP)

    def _end_at(self, instant_ns: int, priority: int) -> None:
        """Schedule the end of this run; it means nothing to a later one."""
        run = self._run

        def end() -> None:
            if self._running and run == self._run:
                raise simpy.core.StopSimulation(None)

        heappush(self._queue, (instant_ns, priority, self._order(), end))

    def stream(self, name: str) -> "Stream":
        """The random stream of a name; the same seed and name always give the same draws."""
        return Stream(self.seed, name)


class Stream:
    """Raw bits from SHA-256 in counter mode, and integer draws of our own.

    No library promises that its distributions stay as they are; a hash does. Adding a stream never shifts another.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._key = hashlib.sha256(f"meterbench:{seed}:{name}".encode()).digest()
        self._counter = 0
        self._pool = 0
        self._bits = 0

    def bits(self, count: int) -> int:
        """An int of `count` random bits."""
        while self._bits < count:
            block = hashlib.sha256(self._key + self._counter.to_bytes(8, "little")).digest()
            self._counter += 1
            self._pool |= int.from_bytes(block, "little") << self._bits
            self._bits += 256
        drawn = self._pool & ((1 << count) - 1)
        self._pool >>= count
        self._bits -= count
        return drawn

    def below(self, bound: int) -> int:
        """A uniform int, `0 <= n < bound`; draws anew what would make some of them likelier."""
        if bound < 1:
            raise ValueError(f"nothing lies below {bound}")
        width = (bound - 1).bit_length()
        while True:
            drawn = self.bits(width) if width else 0
            if drawn < bound:
                return drawn

    def between(self, least: int, most: int) -> int:
        """A uniform int, `least <= n <= most`."""
        return least + self.below(most - least + 1)

    def key(self) -> bytes:
        """32 bytes that seed a counter-based generator elsewhere, such as the noise of a sample block."""
        return self._key
