"""What a readout shows of the present: voltages, currents, powers, power factor, frequency."""

from collections.abc import Iterator
from typing import Final

from firmware.comms.written import data_set
from firmware.registers import reduced_id
from firmware.registers.identity import Direction, Phase, Quantity
from firmware.registers.live import present
from firmware.registers.snapshot import Snapshot
from protocols.iec62056_21 import DataSet

_NO_COUNTER: Final = 0
"""No billing period is named."""

_POWERS: Final = tuple(
    (quantity, direction)
    for quantity in (Quantity.ACTIVE, Quantity.REACTIVE)
    for direction in (Direction.IMPORT, Direction.EXPORT)
)
_OF_A_PHASE: Final = (
    (Quantity.VOLTAGE, Direction.NONE),
    (Quantity.CURRENT, Direction.NONE),
    *_POWERS,
    (Quantity.POWER_FACTOR, Direction.NONE),
)
_OF_ALL: Final = (
    *_POWERS,
    (Quantity.APPARENT, Direction.NONE),
    (Quantity.POWER_FACTOR, Direction.NONE),
    (Quantity.FREQUENCY, Direction.NONE),
)
_SHOWN: Final = (
    *[present(*of, phase) for phase in (Phase.L1, Phase.L2, Phase.L3) for of in _OF_A_PHASE],
    *[present(*of) for of in _OF_ALL],
)


def instantaneous(shown: Snapshot) -> Iterator[DataSet]:
    """The data sets, phases first; elements that the wiring does not use are left out."""
    for identity in _SHOWN:
        address, value = reduced_id.code(identity, _NO_COUNTER), shown.find(identity)
        if address is not None and value is not None:
            yield data_set(address, identity, value)
