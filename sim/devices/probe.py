"""The probe: takes what firmware publishes to the log, and to whoever observes it once the instant has settled."""

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from hal.probe import Record
from sim.world import Phase, World

Kind = TypeVar("Kind", bound=Record)
Observer = Callable[[int, Record], None]


class RecordLog(Protocol):
    def record(self, at_ns: int, record: object) -> None: ...


class WorldProbe:
    """Model of `hal.probe.Probe`. Observers are told the true instant and the record, in the observers' phase."""

    def __init__(self, world: World, log: RecordLog) -> None:
        self._world = world
        self._log = log
        self._observers: dict[type[Record], list[Observer]] = {}
        self._untold: list[Record] = []

    def publish(self, record: Record) -> None:
        now = self._world.now
        self._log.record(now, record)
        if type(record) in self._observers:
            if not self._untold:
                self._world.at(now, Phase.OBSERVERS, self._tell)
            self._untold.append(record)

    def subscribe(self, kind: type[Kind], observer: Callable[[int, Kind], None]) -> None:
        """Tell an observer of every record of exactly this kind."""
        self._observers.setdefault(kind, []).append(cast(Observer, observer))

    def _tell(self) -> None:
        now = self._world.now
        untold, self._untold = self._untold, []
        for record in untold:
            for observer in self._observers[type(record)]:
                observer(now, record)
