"""How closed intervals get into the journal: in order, each exactly once, and never before a save that carries them.

The save comes first (`saved`), then the record. So the journal is never ahead of the newest whole save, and a boot
finds in the save whatever the journal lacks. One record is on its way at a time: a cut tears at most that one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from firmware.clock.civil import Zone
from firmware.profile.interval import ProfileInterval, build_interval
from firmware.profile.recorder import later
from firmware.profile.state import PENDING_MOST, Run
from firmware.profile.status import IntervalStatus
from firmware.storage.store import Request, Store


class Journal:
    """The closed intervals whose records are not known to be whole."""

    def __init__(
        self,
        store: Store,
        ring: str,
        now_ns: Callable[[], int],
        zone: Zone,
        whole: Callable[[ProfileInterval, int], None],
    ) -> None:
        """Records go to the ring `ring`; `whole` is told of each interval once its record is whole in flash, with the
        record's sequence number."""
        self._store = store
        self._ring = ring
        self._now_ns = now_ns
        self._zone = zone
        self._whole = whole
        self._pending: list[Run] = []
        self._durable = 0
        self._asked: Request | None = None

    def take_over(self, pending: Sequence[Run], newest: int) -> None:
        """At boot: what the save carries, less what the journal holds up to `newest`."""
        for run in pending:
            rest = later(run, newest + 1, self._zone)
            if rest is not None:
                self._pending.append(rest)

    @property
    def pending(self) -> tuple[Run, ...]:
        """What a save must carry."""
        return tuple(self._pending)

    @property
    def places(self) -> int:
        """How many more runs may wait."""
        return max(PENDING_MOST - len(self._pending), 0)

    @property
    def room(self) -> bool:
        """Whether another interval may be closed."""
        return self.places > 0

    def add(self, runs: Sequence[Run]) -> None:
        """These are closed, in order."""
        self._pending += runs

    def amend(self, number: int, status: IntervalStatus) -> None:
        """Something more was the matter in a closed interval, which no save carries yet."""
        for place, run in enumerate(self._pending):
            if run.first.number == number and number > self._durable:
                self._pending[place] = replace(run, first=replace(run.first, status=run.first.status | status))

    def saved(self, number: int) -> None:
        """A save is whole that carries, or has seen written, all intervals up to this number."""
        self._durable = max(self._durable, number)
        self._feed()

    def _feed(self) -> None:
        """Ask for the next record, unless one is under way. One that power fail gave up is asked for again."""
        if self._asked is not None and self._store.holds(self._asked):
            return
        self._asked = None
        if not self._pending or self._pending[0].first.number > self._durable or not self._store.has_room(self._ring):
            return
        interval = self._pending[0].first
        request = Request(self._ring, build_interval(interval), lambda sequence: self._written(interval, sequence))
        self._asked = request
        self._store.put(request, self._now_ns())

    def _written(self, interval: ProfileInterval, sequence: int) -> None:
        self._asked = None
        rest = later(self._pending.pop(0), interval.number + 1, self._zone)
        if rest is not None:
            self._pending.insert(0, rest)
        self._whole(interval, sequence)
        self._feed()
