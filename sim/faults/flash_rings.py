"""What the faults of the flash ask of the meter's rings, and what their damage takes from which oracle."""

from typing import Final

from firmware.profile.profiles import RINGS as PROFILE_RINGS
from firmware.storage.memory_map import METER, plan
from firmware.storage.region import Region
from firmware.storage.ring import Ring
from firmware.storage.store import LOG_RINGS, queue_of
from sim.devices.flash import NorFlash
from sim.oracles.premise import Premise
from sim.oracles.reread import ReadOnlyFlash

SOUND_LEAST: Final = 9
"""Sectors without a stuck bit with which a ring does all that it is for: with one fewer, worn ones have to do
(`firmware.storage.soundness`)."""

_WORN_OUT: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    # An interval is closed by a save, and a demand goes on from one.
    "registers": (("durability", ""), ("profile", ""), ("hold-up", ""), ("demand", ""), ("programming", "")),
    "billing": (("durability", "billing"), ("durability", "registers"), ("billing", "")),
    **dict.fromkeys(LOG_RINGS, (("durability", "events"),)),
    "configuration": (("programming", ""),),
    **dict.fromkeys(PROFILE_RINGS, (("profile", ""),)),
}
"""By ring, the oracles, and which of their claims, that ask what the ring is for."""

_ANY_RING: Final = (("timing", "queues"), ("events", "owed"))
"""What waits for one ring fills its queue, and makes others wait; an event that finds no place may be anybody's."""

WORN_OUT: Final = tuple(dict.fromkeys(oracle for asked in (*_WORN_OUT.values(), _ANY_RING) for oracle, _ in asked))


def region_of(flash: NorFlash, ring: str) -> Region:
    """Where a ring of the meter's memory map lies."""
    return plan(METER, flash.geometry).ring(ring)


def newest_slot(flash: NorFlash, region: Region) -> tuple[int, bytes]:
    """The slot of a ring's newest whole record: its address and what it shows."""
    ring = Ring(ReadOnlyFlash(flash), region)
    ring.recover()
    if not ring.newest_sequence:
        return 0, b""
    address = region.slot_address(ring.newest_sequence)
    return address, flash.peek(address, region.slot_bytes)


def whole(flash: NorFlash, region: Region) -> set[int]:
    """The sequence numbers of a ring's whole records."""
    ring = Ring(ReadOnlyFlash(flash), region)
    ring.recover()
    return {record.sequence for record in ring.newest_first()}


def premise_of(ring: str, since_ns: int, until_ns: int | None) -> Premise:
    """What damage of a ring's records takes away."""
    if ring == "configuration":
        return Premise("programming", since_ns, None)
    if ring in PROFILE_RINGS:
        return Premise("profile", since_ns, None, claim="journal")
    return Premise("durability", since_ns, until_ns, claim=queue_of(ring))


def worn_out(ring: str, since_ns: int) -> list[Premise]:
    """What a ring takes away that has not sectors enough to write to; it never gets them back."""
    return [Premise(oracle, since_ns, None, claim=claim) for oracle, claim in (*_WORN_OUT[ring], *_ANY_RING)]
