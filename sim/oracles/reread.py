"""What a flash holds, read as the firmware would read it, without disturbing the run: for oracles, at its end."""

from dataclasses import dataclass

from firmware.events.codes import LogName
from firmware.events.logs import merged
from firmware.save import parse_billing
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from firmware.storage.store import HISTORY
from hal.flash import FlashGeometry
from hal.probe import EventLogged
from sim.devices.flash import NorFlash


@dataclass(frozen=True, slots=True)
class Held:
    """Numbers of events and of billing sets, and which of them are sure to be kept.

    `scheduled` has the numbers of those that were made for a scheduled instant, by that instant (UTC in s).
    """

    events: frozenset[int]
    billing: frozenset[int]
    scheduled: dict[int, int]
    events_after: dict[str, int]
    """By log: entries at a higher place than this are sure to be kept."""
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
    billing = Ring(copy, layout.ring("billing"))
    billing.recover()
    logs = _logs(flash)
    sets = [parse_billing(record.payload) for record in billing.newest_first()]
    return Held(
        events=frozenset(entry.number for _, _, entry in merged(logs)),
        billing=frozenset(found.number for found in sets),
        scheduled={found.scheduled_s: found.number for found in sets if found.scheduled_s},
        events_after={log.value: logs[log.ring].last_sequence - logs[log.ring].region.capacity for log in LogName},
        billing_capacity=min(HISTORY, layout.ring("billing").capacity),
    )


def logged(flash: NorFlash) -> tuple[EventLogged, ...]:
    """The events of all logs in a flash as it is now, oldest first."""
    return tuple(
        EventLogged(
            entry.number,
            entry.event.text,
            entry.utc_s,
            entry.clock.value,
            entry.detail,
            log.value,
            place,
            entry.phase,
            entry.duration_s,
        )
        for log, place, entry in reversed(list(merged(_logs(flash))))
    )


def _logs(flash: NorFlash) -> dict[str, Ring]:
    """The rings of the logs, recovered."""
    layout, copy = plan(METER, flash.geometry), ReadOnlyFlash(flash)
    rings = {log.ring: Ring(copy, layout.ring(log.ring)) for log in LogName}
    for ring in rings.values():
        ring.recover()
    return rings
