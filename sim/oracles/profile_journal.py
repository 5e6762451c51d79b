"""The journal of the load profile in a flash, read as the firmware would read it, without disturbing the run."""

from collections.abc import Iterator
from typing import Final

from firmware.profile.interval import ProfileInterval, parse_interval
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import ProfileRecorded
from sim.devices.flash import NorFlash
from sim.oracles.reread import ReadOnlyFlash

RINGS: Final = ("profile", "profile-2")
"""Of each profile."""


def journal(flash: NorFlash, profile: int = 1) -> Iterator[ProfileInterval]:
    """The whole intervals of a profile, newest first."""
    ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring(RINGS[profile - 1]))
    ring.recover()
    for record in ring.newest_first():
        yield parse_interval(record.payload)


def kept(flash: NorFlash, profile: int = 1) -> int:
    """How many intervals are sure to be kept."""
    return plan(METER, flash.geometry).ring(RINGS[profile - 1]).capacity


def told_of(interval: ProfileInterval, profile: int = 1) -> ProfileRecorded:
    """The record by which the meter should tell of an interval; written anew here, since its own is what is judged."""
    layout = interval.layout
    return ProfileRecorded(
        number=interval.number,
        utc_s=interval.end_s,
        offset_s=interval.offset_s,
        clock=interval.clock.value,
        status=interval.status.names,
        length_s=interval.length_s,
        period_s=layout.period_s,
        missed=interval.missed,
        kinds=layout.channels,
        unit_nwh=layout.unit_nwh,
        values=interval.values,
        profile=profile,
    )
