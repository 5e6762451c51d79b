"""The layouts of what the meter keeps in flash: the save of its state, a billing set.

construct describes the fixed parts; what the tariff and the load profile keep has layouts of its own. The length of a
save is fixed for a configuration, but for the closed intervals of the profile that wait.
"""

import enum
from dataclasses import dataclass
from typing import Final

from construct import Array, Bytes, Flag, Int8ul, Int16sl, Int32ul, Int64sl, Int64ul, Struct

from firmware.clock.civil_clock import ClockStatus
from firmware.demand.config import DemandConfig
from firmware.events.state import EVENTS_BYTES, NO_EVENTS, EventsState, build_events, parse_events
from firmware.load_switch.state import (
    LOAD_SWITCH_BYTES,
    NO_LOAD_SWITCH,
    LoadSwitchState,
    build_load_switch,
    parse_load_switch,
)
from firmware.profile.state import ProfileState, build_profile, parse_profile, profile_bytes
from firmware.status_word import Status
from firmware.storage.fixed_layout import FixedLayout
from firmware.tariff import layout as tariff_layout
from firmware.tariff.billing import BillingSet
from firmware.tariff.config import TariffConfig
from firmware.tariff.daily import DailyFreeze
from firmware.tariff.layout import build_tariff, parse_tariff, tariff_bytes
from firmware.tariff.tariff import TariffState
from hal.units import S

_VERSION: Final = 2
_EVENT_VERSION: Final = 1


class LayoutError(ValueError):
    """A whole record holds what this firmware does not understand."""


class SaveReason(enum.Enum):
    """Why a save was made. Only POWER_FAIL says that all was well when the meter went down."""

    BOOT = 1
    PERIOD = 2
    POWER_FAIL = 3
    POWER_GOOD = 4
    """The mains came back before the hold-up was spent; the save at power fail is stale."""
    COMMAND = 5


@dataclass(frozen=True, slots=True)
class MeterState:
    """All that a save keeps. `battery_failed_s`: when the cell's failure was found, UTC, 0 for a healthy one;
    `battery_not_before`: it died unsupplied, some time after that. `response_made`: the response to this battery
    failure is done, and is not repeated until the clock has been set with a healthy cell. `rtc_lag_ns` is what the
    clock was ahead of the RTC; `rtc_due`: the RTC was to be set once this was whole. `slew`: the rest of an adjustment
    in s, when its next step is due, and when the interval of its last step ends. `access_wrong` counts wrong passwords
    in a row, `access_locked_s` is what is left of the lock. `programme` is the number of the programme in force,
    `passive`: its passive tariff has not taken over yet.
    """

    reason: SaveReason
    utc_ns: int
    clock: ClockStatus
    status: Status
    battery_failed_s: int
    battery_not_before: bool
    response_made: bool
    tariff: TariffState
    rtc_believed: bool = True
    rtc_due: bool = False
    rtc_lag_ns: int = 0
    slew: tuple[int, int, int] = (0, 0, 0)
    access_wrong: int = 0
    access_locked_s: int = 0
    profiles: tuple[ProfileState, ...] = ()
    programme: int = 0
    passive: bool = False
    events: EventsState = NO_EVENTS
    load_switch: LoadSwitchState = NO_LOAD_SWITCH

    @property
    def utc_s(self) -> int:
        """The whole second, UTC, in which it was laid out."""
        return self.utc_ns // S


_STATE: Final = FixedLayout(
    Struct(
        "version" / Int8ul,
        "reason" / Int8ul,
        "utc_ns" / Int64ul,
        "clock" / Int8ul,
        "status" / Int32ul,
        "battery_failed_s" / Int32ul,
        "battery_not_before" / Flag,
        "response_made" / Flag,
        "rtc_believed" / Flag,
        "rtc_due" / Flag,
        "rtc_lag_ns" / Int64sl,
        "slew_rest_s" / Int16sl,
        "slew_times" / Array(2, Int32ul),
        "access_wrong" / Int8ul,
        "access_locked_s" / Int32ul,
        "programme" / Int32ul,
        "passive" / Flag,
        "events" / Bytes(EVENTS_BYTES),
        "load_switch" / Bytes(LOAD_SWITCH_BYTES),
        "profiles" / Int8ul,
    )
)

_STATE_BYTES: Final[int] = _STATE.sizeof()
_CLOCKS: Final = tuple(ClockStatus)


def state_bytes(tariff: TariffConfig, demand: DemandConfig, rates: int, *channels: int) -> int:
    """The longest save of a configuration, with so many rates, and so many channels of each load profile."""
    return _STATE_BYTES + tariff_bytes(tariff, demand, rates) + sum(map(profile_bytes, channels))


def build_state(state: MeterState) -> bytes:
    head = _STATE.build(
        {
            "version": _VERSION,
            "reason": state.reason.value,
            "utc_ns": state.utc_ns,
            "clock": _CLOCKS.index(state.clock),
            "status": int(state.status),
            "battery_failed_s": state.battery_failed_s,
            "battery_not_before": state.battery_not_before,
            "response_made": state.response_made,
            "rtc_believed": state.rtc_believed,
            "rtc_due": state.rtc_due,
            "rtc_lag_ns": state.rtc_lag_ns,
            "slew_rest_s": state.slew[0],
            "slew_times": state.slew[1:],
            "access_wrong": state.access_wrong,
            "access_locked_s": state.access_locked_s,
            "programme": state.programme,
            "passive": state.passive,
            "events": build_events(state.events),
            "load_switch": build_load_switch(state.load_switch),
            "profiles": len(state.profiles),
        }
    )
    return head + build_tariff(state.tariff) + b"".join(map(build_profile, state.profiles))


def parse_state(data: bytes) -> MeterState:
    """LayoutError if it is not of this version, or its length does not fit what it says."""
    head = _STATE.parse(data[: _checked(data, _STATE_BYTES, _VERSION)])
    try:
        tariff, length = parse_tariff(data[_STATE_BYTES:])
        profiles = _parse_profiles(data[_STATE_BYTES + length :], head.profiles)
        load_switch = parse_load_switch(head.load_switch)
    except ValueError as error:
        raise LayoutError(str(error)) from None
    return MeterState(
        reason=SaveReason(head.reason),
        utc_ns=head.utc_ns,
        clock=_CLOCKS[head.clock],
        status=Status(head.status),
        battery_failed_s=head.battery_failed_s,
        battery_not_before=head.battery_not_before,
        response_made=head.response_made,
        rtc_believed=head.rtc_believed,
        rtc_due=head.rtc_due,
        rtc_lag_ns=head.rtc_lag_ns,
        slew=(head.slew_rest_s, *head.slew_times),
        access_wrong=head.access_wrong,
        access_locked_s=head.access_locked_s,
        programme=head.programme,
        passive=head.passive,
        events=parse_events(head.events),
        load_switch=load_switch,
        tariff=tariff,
        profiles=profiles,
    )


def _parse_profiles(data: bytes, count: int) -> tuple[ProfileState, ...]:
    found = []
    for _ in range(count):
        profile, data = parse_profile(data)
        found.append(profile)
    if data:
        raise ValueError(f"{len(data)} bytes behind the state of {count} load profiles")
    return tuple(found)


def build_billing(billing: BillingSet) -> bytes:
    return tariff_layout.build_billing(billing)


def parse_billing(data: bytes) -> BillingSet:
    """LayoutError as for `parse_state`."""
    try:
        return tariff_layout.parse_billing(data)
    except ValueError as error:
        raise LayoutError(str(error)) from None


def parse_daily(data: bytes) -> DailyFreeze:
    """LayoutError as for `parse_state`."""
    try:
        return tariff_layout.parse_daily(data)
    except ValueError as error:
        raise LayoutError(str(error)) from None


def _checked(data: bytes, head: int, expected: int) -> int:
    if len(data) < head or data[0] != expected:
        version = data[0] if data else None
        raise LayoutError(f"a record of {len(data)} bytes and layout version {version}; this firmware knows {expected}")
    return head
