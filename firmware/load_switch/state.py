"""What a save keeps of the load switch, in a layout of fixed size."""

from dataclasses import dataclass
from typing import Final

from construct import Flag, Int8ul, Int16ul, Int32ul, Struct

from firmware.load_switch.disconnect import SupplyState
from firmware.load_switch.limiter import NO_EMERGENCY, EmergencyProfile
from firmware.load_switch.load_control import Override
from firmware.storage.fixed_layout import FixedLayout


@dataclass(frozen=True, slots=True)
class LoadSwitchState:
    """`limited`: the limit counts as exceeded; `unexpected`: consumption with the relay open was told."""

    supply: SupplyState = SupplyState.CONNECTED
    override: Override = Override.TARIFF
    limited: bool = False
    unexpected: bool = False
    emergency_told: bool = False
    """That the emergency profile is in force is in the log."""
    emergency: EmergencyProfile = NO_EMERGENCY


NO_LOAD_SWITCH: Final = LoadSwitchState()
"""Of a virgin meter, and of one that has no load switch."""

_LAYOUT: Final = FixedLayout(
    Struct(
        "supply" / Int8ul,
        "override" / Int8ul,
        "limited" / Flag,
        "unexpected" / Flag,
        "emergency_told" / Flag,
        "number" / Int16ul,
        "begin_s" / Int32ul,
        "duration_s" / Int32ul,
    )
)

LOAD_SWITCH_BYTES: Final[int] = _LAYOUT.sizeof()


def build_load_switch(state: LoadSwitchState) -> bytes:
    return _LAYOUT.build(
        {
            "supply": state.supply.value,
            "override": state.override.value,
            "limited": state.limited,
            "unexpected": state.unexpected,
            "emergency_told": state.emergency_told,
            "number": state.emergency.number,
            "begin_s": state.emergency.begin_s,
            "duration_s": state.emergency.duration_s,
        }
    )


def parse_load_switch(data: bytes) -> LoadSwitchState:
    """ValueError for a state that there is not."""
    found = _LAYOUT.parse(data)
    return LoadSwitchState(
        SupplyState(found.supply),
        Override(found.override),
        found.limited,
        found.unexpected,
        found.emergency_told,
        EmergencyProfile(found.number, found.begin_s, found.duration_s),
    )
