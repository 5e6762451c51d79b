"""What tables say that have no `config` of their own, as the firmware takes it. ValueErrors are the firmware's."""

from firmware.config import BatteryResponse, ClockConfig, ClockSource, OpticalConfig
from firmware.registers.energy import CustomerSum
from firmware.registers.view import Registration
from firmware.tariff.config import RateSource, TariffConfig
from sim.scenario.meter_tables import ClockTable, OpticalTable
from sim.scenario.tariff_table import TariffTable


def clock_config(clock: ClockTable) -> ClockConfig:
    return ClockConfig(
        clock.timezone.zone(),
        BatteryResponse(clock.battery_failure),
        clock.cell_low_mv,
        ClockSource(clock.source),
        clock.slew_limit_s,
        clock.rtc_tolerance_ppb,
        clock.longest_outage_s,
        clock.cell_margin_mv,
    )


def optical_config(optical: OpticalTable) -> OpticalConfig:
    return OpticalConfig(
        manufacturer=optical.manufacturer,
        identification=optical.identification,
        device_address=optical.device_address,
        baud_character=optical.baud_character,
        password=optical.password,
        tries=optical.tries,
        lockout_s=optical.lockout_s,
        adjust_password=optical.passwords.adjust,
        command_password=optical.passwords.command,
    )


def tariff_config(tariff: TariffTable, sums: tuple[CustomerSum, ...]) -> TariffConfig:
    """Customer's sums are defined by the meter's own table."""
    return TariffConfig(
        registers=tariff.places(),
        sums=sums,
        source=RateSource(tariff.source),
        registration=Registration(tariff.registration),
    )
