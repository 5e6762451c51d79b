"""What a flash holds, read as the firmware would read it, without disturbing the run: for oracles, at its end."""

from dataclasses import dataclass

from firmware.events.codes import Event
from firmware.save import event_time, parse_billing, parse_event
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from firmware.storage.store import HISTORY
from hal.flash import FlashGeometry
from hal.probe import EventLogged
from sim.devices.flash import NorFlash


@dataclass(frozen=True, slots=True)
class Held:
    """Sequence numbers of events, numbers of billing sets, and which of them are sure to be kept.

    `scheduled` has the numbers of those that were made for a scheduled instant, by that instant (UTC in s).
    """

    events: frozenset[int]
    billing: frozenset[int]
    scheduled: dict[int, int]
    events_after: int
    """Events with a higher sequence number than this are sure to be kept."""
    billing_capacity: int


class ReadOnlyFlash:
    """The array as it is, whatever the part is doing; satisfies `hal.flash.Flash` as far as a recovery asks."""

    def __init__(self, flash: NorFlash) -> None:
        self._flash = flash

    @property
    def geometry(self) -> FlashGeometry:
        return self._flash.geometry

    def busy(self) -> bool:
        return False

    def read(self, address: int, length: int) -> bytes:
        return self._flash.peek(address, length)

    def program(self, address: int, data: bytes) -> None:
        raise AssertionError("this flash is for reading")

    def erase(self, sector: int) -> None:
        raise AssertionError("this flash is for reading")

    def suspend(self) -> None:
        """Nothing runs."""

    def resume(self) -> bool:
        return False


def reread(flash: NorFlash) -> Held:
    """Recover the rings of a flash as it is now."""
    layout = plan(METER, flash.geometry)
    copy = ReadOnlyFlash(flash)
    events, billing = Ring(copy, layout.ring("events")), Ring(copy, layout.ring("billing"))
    events.recover()
    billing.recover()
    sets = [parse_billing(record.payload) for record in billing.newest_first()]
    return Held(
        events=frozenset(record.sequence for record in events.newest_first()),
        billing=frozenset(found.number for found in sets),
        scheduled={found.scheduled_s: found.number for found in sets if found.scheduled_s},
        events_after=events.last_sequence - events.region.capacity,
        billing_capacity=min(HISTORY, layout.ring("billing").capacity),
    )


def logged(flash: NorFlash) -> tuple[EventLogged, ...]:
    """The events in a flash as it is now, oldest first."""
    ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring("events"))
    ring.recover()
    found = []
    for record in ring.newest_first():
        code, detail = parse_event(record.payload)
        utc_s, clock = event_time(record.payload)
        found.append(EventLogged(record.sequence, Event(code).text, utc_s, clock.value, detail))
    return tuple(reversed(found))
