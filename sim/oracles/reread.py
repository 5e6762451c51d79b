"""What a flash holds, read as the firmware would read it, without disturbing the run: for oracles, at its end."""

from dataclasses import dataclass

from firmware.save import parse_billing
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from firmware.storage.store import HISTORY
from hal.flash import FlashGeometry
from sim.devices.flash import NorFlash


@dataclass(frozen=True, slots=True)
class Held:
    """Sequence numbers of events, numbers of billing sets, and how many of each are sure to be kept."""

    events: frozenset[int]
    billing: frozenset[int]
    event_capacity: int
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
    return Held(
        events=frozenset(record.sequence for record in events.newest_first()),
        billing=frozenset(parse_billing(record.payload).number for record in billing.newest_first()),
        event_capacity=layout.ring("events").capacity,
        billing_capacity=min(HISTORY, layout.ring("billing").capacity),
    )
