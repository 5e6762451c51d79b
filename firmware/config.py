"""The meter's configuration: frozen values, each checked where it is defined."""

import enum
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Final

from firmware.clock.civil import Zone
from firmware.demand.config import MAXIMA_MOST, DemandConfig, MaximumDemand
from firmware.demand.period import divides_hour
from firmware.display.config import DisplayConfig
from firmware.events.alarms import AlarmConfig
from firmware.load_switch.config import LoadSwitchConfig
from firmware.metrology.nameplate import Nameplate
from firmware.profile.channel import channel_of
from firmware.profile.config import ProfileConfig
from firmware.profile.state import profile_bytes
from firmware.quality.config import QualityConfig
from firmware.registers.energy import ENERGY_QUANTITIES
from firmware.save_size import HEAD_MOST_BYTES, SAVE_MOST_BYTES
from firmware.tariff.billing import BillingConfig
from firmware.tariff.calendar import Calendar
from firmware.tariff.config import TariffConfig
from firmware.tariff.layout import billing_bytes, tariff_bytes
from hal.inputs import Input
from hal.units import HOUR, S
from protocols.iec62056_21.data import Value
from protocols.iec62056_21.sign_on import Identification, check_device_address

BUILT_S: Final = 1_767_225_600
"""When this firmware was built, UTC in s: 2026-01-01. No earlier time can be right."""

RATES_MOST: Final = 8
"""Rates for which all measured energies can be registered; fewer energies may have more rates (see
`firmware.tariff.config.TOU_MOST`)."""

TEST_MODE_MOST_S: Final = 86_400

DELAY_MOST_NS: Final = 24 * HOUR
"""Of the begin or the end of a condition."""

SAVE_ROOM_BYTES: Final = 1_600
BILLING_ROOM_BYTES: Final = 900
"""Of saves and billing sets: what every meter is laid out for, so that more than it was made with can be programmed."""

PERIOD_S: Final = 1_800
"""The integration period of a meter that names none."""


class BatteryResponse(enum.Enum):
    """What the meter does when power returns and its clock has lost the time (A1700, Power Master Unit)."""

    CONTINUE = "continue"
    """Go on with the tariff, the clock late by the outage."""
    RESET = "reset"
    """An end-of-billing reset, then go on."""
    RESET_AND_FREEZE = "reset-and-freeze"
    """An end-of-billing reset, then keep the rate in force, without seasons or scheduled ends of billing."""


class ClockSource(enum.Enum):
    """What the clock follows while the meter has power."""

    CRYSTAL = "crystal"
    """The RTC's."""
    MAINS = "mains"
    """Cycles of the mains, while their frequency is within 5 % of the nominal one; else the crystal."""


@dataclass(frozen=True, slots=True)
class ClockConfig:
    """`cell_low_mv` is the voltage under load below which the cell counts as failed; it counts as healthy again
    `cell_margin_mv` above that.

    A meter without a save believes no RTC that shows a time before `built_s`. A clock that is set by no more than
    `slew_limit_s` is slewed. An RTC that strays from the CPU's oscillator by more
    than `rtc_tolerance_ppb` (and 2 s) is not believed, nor one that shows an outage longer than `longest_outage_s`.
    """

    zone: Zone
    battery_failure: BatteryResponse = BatteryResponse.CONTINUE
    cell_low_mv: int = 2_400
    source: ClockSource = ClockSource.CRYSTAL
    slew_limit_s: int = 9
    rtc_tolerance_ppb: int = 1_000_000
    longest_outage_s: int = 3_650 * 86_400
    cell_margin_mv: int = 100
    built_s: int = BUILT_S

    def __post_init__(self) -> None:
        for name, least, most in (
            ("cell_low_mv", 1, 10_000),
            ("slew_limit_s", 0, 86_400),
            ("rtc_tolerance_ppb", 0, 1_000_000_000),
            ("longest_outage_s", 1, 0xFFFF_FFFF),
            ("cell_margin_mv", 0, 10_000),
            ("built_s", 0, 0xFFFF_FFFF),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"clock.{name}: {getattr(self, name)} is not within {least} to {most}")


@dataclass(frozen=True, slots=True)
class OpticalConfig:
    """Identity and access on the optical port.

    `manufacturer` is three letters (FLAG), the last in lower case for a reaction time of 20 ms; `baud_character` the
    fastest rate offered in mode C. `password` opens all; `adjust_password` and `command_password` (None: there is none)
    only what levels 1 and 2 may do. A wrong one counts; `tries` of them lock programming for `lockout_s`.
    """

    manufacturer: str = "MBX"
    identification: str = "METERBENCH"
    device_address: str = "00000001"
    baud_character: str = "5"
    password: str = "00000000"
    tries: int = 3
    lockout_s: int = 600
    adjust_password: str | None = None
    command_password: str | None = None

    def __post_init__(self) -> None:
        """ValueError, naming the path, for what can't be sent, and for two levels with one password."""
        passwords = ("password", "adjust_password", "command_password")
        name = "identification"
        try:
            Identification(self.manufacturer, self.baud_character, self.identification)
            name = "device_address"
            check_device_address(self.device_address)
            for name in passwords:
                Value(getattr(self, name) or "")
        except ValueError as error:
            raise ValueError(f"optical.{name}: {error}") from None
        given = [getattr(self, name) for name in passwords]
        for place, name in enumerate(passwords):
            if given[place] is not None and given[place] in given[:place]:
                raise ValueError(f"optical.{name}: another level has the same")
        for name, most in (("tries", 255), ("lockout_s", 0xFFFF_FFFF)):
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"optical.{name}: {getattr(self, name)} is not within 1 to {most}")


@dataclass(frozen=True, slots=True)
class SupervisionConfig:
    """When voltages, currents and the front end count as wrong. Permille are of the nominal voltage, the rated current
    or the nominal frequency; a condition is logged when it has held for its delay, and its end likewise.

    A voltage is low below 90 % and high above 110 % (EN 50160), with a hysteresis of 2 % (usual with IEC 61000-4-30); a
    reverse run counts after more than 5 s, and a frequency within 5 % is right (A1140). That a phase has failed below
    40 %, that currents count from 0.5 % on, that 5 % above the maximum current is too much, and the other delays are
    ours. `over_current_permille` is of the maximum current, its hysteresis of that limit.
    """

    phase_failed_permille: int = 400
    voltage_low_permille: int = 900
    voltage_high_permille: int = 1_100
    voltage_hysteresis_permille: int = 20
    current_permille: int = 5
    frequency_permille: int = 50
    frequency_hysteresis_permille: int = 2
    phase_delay_ns: int = 2 * S
    voltage_delay_ns: int = 10 * S
    neutral_delay_ns: int = 5 * S
    sequence_delay_ns: int = 5 * S
    reverse_delay_ns: int = 5 * S
    current_delay_ns: int = 5 * S
    crossed_delay_ns: int = 10 * S
    frequency_delay_ns: int = 10 * S
    front_end_delay_ns: int = S
    over_current_permille: int = 1_050
    over_current_hysteresis_permille: int = 50
    over_current_delay_ns: int = 10 * S

    def __post_init__(self) -> None:
        hysteresis = self.voltage_hysteresis_permille
        rising = (0, self.phase_failed_permille, self.voltage_low_permille, self.voltage_high_permille - hysteresis)
        names = ("phase_failed_permille", "voltage_low_permille", "voltage_high_permille")
        for name, (low, high) in zip(names, pairwise(rising), strict=True):
            if high - low <= hysteresis:
                raise ValueError(
                    f"supervision.{name}: {getattr(self, name)}; a phase fails below {rising[1]}, is low below "
                    f"{rising[2]} and high above {self.voltage_high_permille} permille: these must rise by more than "
                    f"the hysteresis, {hysteresis}"
                )
        frequency = self.frequency_permille
        for name, least, most in (
            ("voltage_hysteresis_permille", 0, 500),
            ("voltage_high_permille", 0, 2_000),
            ("current_permille", 2, 1_000),
            ("frequency_permille", 2, 499),
            ("frequency_hysteresis_permille", 1, frequency - 1),
            ("over_current_permille", 1, 10_000),
            ("over_current_hysteresis_permille", 0, 999),
            *((name, 0, DELAY_MOST_NS) for name in self.__slots__ if name.endswith("_ns")),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"supervision.{name}: {getattr(self, name)} is not within {least} to {most}")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that may be programmed in the field, apart from the transformers' ratios. It is kept whole in flash
    (`firmware.programming`): ints, bools, texts, enums, fractions, tuples, options, and dataclasses of these.

    ValueError, naming the path and the rule, for values that do not fit together.
    """

    clock: ClockConfig
    calendar: Calendar
    demand: DemandConfig = field(default_factory=lambda: DemandConfig(PERIOD_S))
    profile: ProfileConfig = field(default_factory=ProfileConfig)
    profile_2: ProfileConfig | None = None
    """None: there is no second one."""
    tariff: TariffConfig = field(default_factory=TariffConfig)
    billing: BillingConfig = field(default_factory=BillingConfig)
    demand_input: Input | None = None
    """The control input that ends the integration period when it is energised."""
    test_mode_s: int = 1_800
    """After which time the test mode ends by itself."""
    optical: OpticalConfig = field(default_factory=OpticalConfig)
    supervision: SupervisionConfig = field(default_factory=SupervisionConfig)
    alarms: AlarmConfig = field(default_factory=AlarmConfig)
    load_switch: LoadSwitchConfig = field(default_factory=LoadSwitchConfig)
    display: DisplayConfig = field(default_factory=DisplayConfig)
    quality: QualityConfig | None = None
    """None: no dips are watched, and no statistics are made."""

    def __post_init__(self) -> None:
        self.tariff.require_rates(self.calendar.rates)
        self._check_quantities()
        self._check_inputs()
        for name, profile in zip(("profile", "profile_2"), self.profiles, strict=False):
            if not divides_hour(self.period_of(profile)):
                raise ValueError(f"{name}.period_s: {profile.period_s} s is not of whole minutes that divide an hour")
            for place, code in enumerate(profile.channels):
                if channel_of(code).highest_place >= self.tariff.energies:
                    text = channel_of(code).text
                    raise ValueError(f"{name}.channels[{place}]: {text} is of a sum that is not defined")
        if not 1 <= self.test_mode_s <= TEST_MODE_MOST_S:
            raise ValueError(f"test_mode_s: {self.test_mode_s} s is not within 1 to {TEST_MODE_MOST_S}")
        self._check_load_control()
        length = self.save_bytes
        if length > SAVE_MOST_BYTES:
            raise ValueError(f"demand: with all else a save of {length} bytes, at most {SAVE_MOST_BYTES} fit")

    def _check_quantities(self) -> None:
        """Sums that demand asks for are defined, and its rates are there."""
        demand, energies = self.demand, self.tariff.energies
        for name in ("maxima", "coincidents", "excesses"):
            for place, one in enumerate(getattr(demand, name)):
                if one.quantity >= energies:
                    raise ValueError(
                        f"demand.{name}[{place}].quantity: {ENERGY_QUANTITIES[one.quantity]} is not defined"
                    )
        for place, quantity in enumerate(demand.averages):
            if quantity >= energies:
                raise ValueError(f"demand.averages[{place}]: {ENERGY_QUANTITIES[quantity]} is not defined")
        demand.require_rates(max(self.calendar.rates, self.calendar.rates_of_demand))

    def _check_inputs(self) -> None:
        """A control input does one thing."""
        taken = dict.fromkeys(self.tariff.inputs(self.calendar.rates), "tariff.source")
        for path, which in (("billing.input", self.billing.input), ("demand_input", self.demand_input)):
            if which is not None and which in taken:
                raise ValueError(f"{path}: {which.value} is taken by {taken[which]}")
            if which is not None:
                taken[which] = path

    def _check_load_control(self) -> None:
        """The rates in which the load is on are there."""
        control = self.load_switch.load_control
        for place, rate in enumerate(() if control is None else control.rates):
            if rate > self.calendar.rates:
                there = self.calendar.rates
                raise ValueError(f"load_switch.load_control.rates[{place}]: {rate}, and there are {there}")

    @property
    def save_bytes(self) -> int:
        """The longest save, rounded up."""
        tariff = tariff_bytes(self.tariff, self.demand, self.calendar.rates)
        return HEAD_MOST_BYTES + tariff + sum(profile_bytes(len(one.channels)) for one in self.profiles)

    @property
    def billing_bytes(self) -> int:
        """The longest billing set."""
        return billing_bytes(self.tariff, self.demand, self.calendar.rates)

    @property
    def demand_period_s(self) -> int:
        return self.demand.period_s

    @property
    def profiles(self) -> tuple[ProfileConfig, ...]:
        """The load profiles that there are, the first one first."""
        return (self.profile,) if self.profile_2 is None else (self.profile, self.profile_2)

    def period_of(self, profile: ProfileConfig) -> int:
        """A load profile's own period in s, or the demand period."""
        return profile.period_s or self.demand_period_s

    @property
    def profile_period_s(self) -> int:
        """That of the first."""
        return self.period_of(self.profile)


@dataclass(frozen=True, slots=True)
class MeterConfig(Settings):
    """All of it: the settings, and what is fixed at the works. ValueError, naming the path and the rule."""

    nameplate: Nameplate = field(kw_only=True)

    @property
    def save_room_bytes(self) -> int:
        """The longest save that the meter is laid out for, whatever is programmed: its own, and some room."""
        return max(self.save_bytes, SAVE_ROOM_BYTES)

    @property
    def billing_room_bytes(self) -> int:
        """The longest billing set that it is laid out for."""
        return max(self.billing_bytes, BILLING_ROOM_BYTES)

    def require_room(self, settings: Settings) -> None:
        """ValueError for settings that take more than that: registers are laid out at the works."""
        for what, length, room in (
            ("save", settings.save_bytes, self.save_room_bytes),
            ("billing set", settings.billing_bytes, self.billing_room_bytes),
        ):
            if length > room:
                raise ValueError(
                    f"demand.maxima: with all else a {what} of {length} bytes, and this meter has room for {room}"
                )

    @property
    def settings(self) -> Settings:
        """What may be programmed."""
        return Settings(**{one.name: getattr(self, one.name) for one in fields(Settings)})

    def programmed(self, settings: Settings) -> "MeterConfig":
        """The same meter with these settings. When its firmware was built is not among what can be programmed."""
        named = {one.name: getattr(settings, one.name) for one in fields(Settings)}
        return replace(self, **named | {"clock": replace(settings.clock, built_s=self.clock.built_s)})


def usual_maxima(rates: int) -> tuple[MaximumDemand, ...]:
    """The maximum demand of active import, over all and in each demand rate, as far as there are registers."""
    return tuple(MaximumDemand(0, rate) for rate in range(min(rates + 1, MAXIMA_MOST)))
