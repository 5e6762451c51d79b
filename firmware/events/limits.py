"""The limits of supervision in the units of what is measured, and the levels that a front end watches for them."""

from dataclasses import dataclass

from firmware.config import SupervisionConfig
from firmware.metrology.nameplate import Nameplate
from hal.frontend import Levels, Wiring


@dataclass(frozen=True, slots=True)
class Band:
    """A limit with hysteresis: a condition begins past `begins`, and ends past `ends`."""

    begins: int
    ends: int

    def below(self, value: int, there: bool) -> bool:
        """Whether a value is too low, given whether it was."""
        return value < (self.ends if there else self.begins)

    def above(self, value: int, there: bool) -> bool:
        """Whether a value is too high, given whether it was."""
        return value >= (self.ends if there else self.begins)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a meter, at its own terminals. `reverse` is of an element, `reverse_total` of all together."""

    wiring: Wiring
    failed_uv: Band
    low_uv: Band
    high_uv: Band
    current_na: Band
    reverse_uw: Band
    reverse_total_uw: Band
    slow_uhz: Band
    fast_uhz: Band
    over_na: Band

    @property
    def elements(self) -> tuple[int, ...]:
        return self.wiring.elements

    def levels(self) -> Levels:
        """What must be passed for anything to begin or to end."""
        return Levels(
            voltages_uv=_both(self.failed_uv, self.low_uv, self.high_uv),
            currents_na=_both(self.current_na, self.over_na),
            powers_uw=_both(self.reverse_uw),
            total_powers_uw=_both(self.reverse_total_uw),
            frequencies_uhz=_both(self.slow_uhz, self.fast_uhz),
        )


def limits_of(config: SupervisionConfig, nameplate: Nameplate) -> Limits:
    """The limits of a meter. Reverse power counts from the start power on, and until it has fallen to half of that."""
    nominal = nameplate.nominal_voltage_uv
    hysteresis = config.voltage_hysteresis_permille

    def voltage(begins: int, ends: int) -> Band:
        return Band(nominal * begins // 1_000, nominal * ends // 1_000)

    def frequency(begins: int, ends: int) -> Band:
        return Band(nameplate.frequency_uhz * begins // 1_000, nameplate.frequency_uhz * ends // 1_000)

    def reverse(power_uw: int) -> Band:
        return Band(-power_uw, -(power_uw // 2))

    current = nameplate.rated_current_na * config.current_permille // 1_000
    over = nameplate.maximum_current_na * config.over_current_permille // 1_000
    inner = config.frequency_permille - config.frequency_hysteresis_permille
    return Limits(
        wiring=nameplate.wiring,
        failed_uv=voltage(config.phase_failed_permille, config.phase_failed_permille + hysteresis),
        low_uv=voltage(config.voltage_low_permille, config.voltage_low_permille + hysteresis),
        high_uv=voltage(config.voltage_high_permille, config.voltage_high_permille - hysteresis),
        current_na=Band(current, current // 2),
        reverse_uw=reverse(max(nameplate.start_power_uw // len(nameplate.wiring.elements), 2)),
        reverse_total_uw=reverse(max(nameplate.start_power_uw, 2)),
        slow_uhz=frequency(1_000 - config.frequency_permille, 1_000 - inner),
        fast_uhz=frequency(1_000 + config.frequency_permille, 1_000 + inner),
        over_na=Band(over, over * (1_000 - config.over_current_hysteresis_permille) // 1_000),
    )


def _both(*bands: Band) -> tuple[int, ...]:
    return tuple(level for band in bands for level in (band.begins, band.ends))


def joined(one: Levels, other: Levels) -> Levels:
    """The levels of both."""
    return Levels(
        one.voltages_uv + other.voltages_uv,
        one.currents_na + other.currents_na,
        one.powers_uw + other.powers_uw,
        one.total_powers_uw + other.total_powers_uw,
        one.frequencies_uhz + other.frequencies_uhz,
    )
