"""The queue of what is to be written: who waits for whom."""

from firmware.kernel.kernel import Kernel
from firmware.storage.flash_port import FlashPort
from firmware.storage.operation import begin
from firmware.storage.store import CAPACITY, Request, Store
from hal.flash import FlashGeometry
from hal.probe import MailboxDropped, Record
from sim.devices.flash import W25Q64, NorFlash
from sim.world import World


class Heard:
    def __init__(self) -> None:
        self.all: list[Record] = []

    def publish(self, record: Record) -> None:
        self.all.append(record)


def virgin() -> tuple[Store, NorFlash, World, Heard]:
    world, heard = World(1), Heard()
    flash = NorFlash(world, W25Q64, lambda: None)
    flash.power_up()
    kernel = Kernel(heard)
    store = Store(kernel, flash, FlashPort(kernel, flash))
    store.recover()
    return store, flash, world, heard


def erase(store: Store, flash: NorFlash, world: World, ring: str) -> None:
    geometry: FlashGeometry = flash.geometry
    for operation in store.rings[ring].maintenance():
        begin(flash, operation)
        world.run_until(world.now + geometry.erase_worst_ns)


def request(ring: str, name: bytes = b"") -> Request:
    return Request(ring, name, lambda _sequence: None)


def test_a_save_never_goes_before_a_billing_set_that_it_counts() -> None:
    store, flash, world, _ = virgin()
    erase(store, flash, world, "registers")
    billing, save = request("billing"), request("registers")
    assert store.put(billing, 0)
    assert store.put(save, 0)
    assert store.save_ready
    assert store.take() is None
    erase(store, flash, world, "billing")
    assert store.take() is billing
    assert store.take() is save
    assert store.take() is None


def test_a_ring_without_a_slot_holds_up_nobody_else() -> None:
    store, flash, world, _ = virgin()
    erase(store, flash, world, "registers")
    event, save = request("log-fraud"), request("registers")
    store.put(event, 0)
    store.put(save, 0)
    assert store.take() is save
    assert store.take() is None
    erase(store, flash, world, "log-fraud")
    assert store.take() is event


def test_a_newer_save_takes_the_place_of_an_older_at_the_end() -> None:
    store, flash, world, heard = virgin()
    for ring in store.rings:
        erase(store, flash, world, ring)
    older, billing, newer = request("registers", b"1"), request("billing"), request("registers", b"2")
    for queued in (older, billing, newer):
        assert store.put(queued, 0)
    assert [store.take() for _ in range(3)] == [billing, newer, None]
    assert heard.all == []


def test_what_finds_no_place_is_counted_and_told() -> None:
    store, _, _, heard = virgin()
    for place in range(CAPACITY["events"] + 3):
        assert store.put(request("log-fraud"), 0) is (place < CAPACITY["events"])
    assert store.has_room("billing")
    assert not store.has_room("events")
    assert heard.all == [MailboxDropped("store events", number) for number in (1, 2, 3)]
