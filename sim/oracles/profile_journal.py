"""The journal of the load profile in a flash, read as the firmware would read it, without disturbing the run."""

from collections.abc import Iterator

from firmware.profile.interval import ProfileInterval, parse_interval
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import ProfileRecorded
from sim.devices.flash import NorFlash
from sim.oracles.reread import ReadOnlyFlash


def journal(flash: NorFlash) -> Iterator[ProfileInterval]:
    """The whole intervals, newest first."""
    ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring("profile"))
    ring.recover()
    for record in ring.newest_first():
        yield parse_interval(record.payload)


def kept(flash: NorFlash) -> int:
    """How many intervals are sure to be kept."""
    return plan(METER, flash.geometry).ring("profile").capacity


def told_of(interval: ProfileInterval) -> ProfileRecorded:
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
        kinds=layout.kinds,
        unit_nwh=layout.unit_nwh,
        values=interval.values,
    )
