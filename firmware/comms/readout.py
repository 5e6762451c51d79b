"""What the optical port shows: the registers of a snapshot under their reduced ID codes.

First what the meter says of itself, then the running billing period, what it measures now, and the closed billing
periods, the last one first. Registers without a code are left out.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from firmware.clock.civil import local_at_offset
from firmware.comms.instantaneous import instantaneous
from firmware.comms.programming_book import told_of_programming
from firmware.comms.written import data_set
from firmware.core import Core
from firmware.registers import reduced_id
from firmware.registers.identity import Kind
from firmware.registers.snapshot import Snapshot
from firmware.snapshot import BILLINGS, ENERGY_RATE, PROGRAMMINGS, STATUS, snapshot
from protocols.iec62056_21 import DataSet

_OF_A_PERIOD: Final = frozenset({Kind.ENERGY, Kind.MAXIMUM_DEMAND, Kind.CUMULATIVE_DEMAND, Kind.TIME})


def readout(core: Core, utc_s: int) -> list[DataSet]:
    """All data sets of a readout, in order."""
    shown = snapshot(core, utc_s)
    return [*_head(core, shown), *registers(shown)]


def read(core: Core, utc_s: int, addresses: Iterable[str]) -> list[DataSet]:
    """The data sets of these addresses, as many as there are. A register with a code need not be in a readout."""
    shown = snapshot(core, utc_s)
    head = {one.address: one for one in (*_head(core, shown), *told_of_programming(core))}
    counter = shown.read(BILLINGS).value
    found: list[DataSet] = []
    for address in dict.fromkeys(addresses):
        identity = reduced_id.register(address, counter)
        value = None if identity is None else shown.find(identity)
        if address in head:
            found.append(head[address])
        elif identity is not None and value is not None:
            found.append(data_set(address, identity, value))
    return found


def _head(core: Core, shown: Snapshot) -> list[DataSet]:
    """What the meter says of itself."""
    now = local_at_offset(shown.captured.utc_s, shown.captured.offset_s)
    return [
        data_set("F.F", STATUS, shown.read(STATUS)),
        DataSet.of("0.0.0", core.config.optical.device_address),
        data_set("0.1.0", BILLINGS, shown.read(BILLINGS)),
        DataSet.of("0.9.1", f"{now.hour:02}:{now.minute:02}:{now.second:02}"),
        DataSet.of("0.9.2", f"{now.year % 100:02}-{now.month:02}-{now.day:02}"),
        data_set("C.14.0", ENERGY_RATE, shown.read(ENERGY_RATE)),
        data_set("C.2.0", PROGRAMMINGS, shown.read(PROGRAMMINGS)),
    ]


def registers(shown: Snapshot) -> Iterator[DataSet]:
    """The data sets of all registers that have a code, in order."""
    counter = shown.read(BILLINGS).value
    closed: list[DataSet] = []
    for identity in shown.ids():
        address = reduced_id.code(identity, counter) if identity.kind in _OF_A_PERIOD else None
        if address is None:
            continue
        one = data_set(address, identity, shown.read(identity))
        if identity.period:
            closed.append(one)
        else:
            yield one
    yield from instantaneous(shown)
    yield from closed
