"""What the clock service asks of the meter whose clock it keeps."""

from collections.abc import Callable
from typing import Protocol

from firmware.clock.battery import BatteryWatch
from firmware.config import MeterConfig
from firmware.events.codes import Event
from firmware.metrology.metering import Metering
from firmware.save import SaveReason


class Clocked(Protocol):
    """A meter, as its clock sees it. Times are UTC in s, instants monotonic in ns."""

    @property
    def config(self) -> MeterConfig: ...

    @property
    def metering(self) -> Metering: ...

    @property
    def battery(self) -> BatteryWatch: ...

    def next_boundary(self, utc_s: int) -> int:
        """The first second after `utc_s` at which something ends."""

    def end_at(self, at_ns: int, utc_s: int) -> None:
        """The clock reached such a second at this instant."""

    def clock_was_set(self, before_s: int, after_s: int, *, known: bool) -> None:
        """The clock was set by more than may be slewed. `known`: it had a time before."""

    def once_counted(self, now_ns: int, action: Callable[[], None]) -> None:
        """Do this as soon as all energy before `now_ns` is counted."""

    def log(self, event: Event, detail: int = 0) -> None: ...

    def save(self, reason: SaveReason) -> None: ...

    def when_saved(self, done: Callable[[], None]) -> None:
        """Call `done` once a save that is laid out from now on is whole."""
