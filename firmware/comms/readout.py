"""What the optical port shows: registers under their reduced OBIS codes, in the units that a utility bills in.

Values are views: CT and VT ratios are applied here as an exact rational, registers roll over at their digits, and what
is below the last digit is cut off, never rounded up.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firmware.clock.civil import local_at_offset
from firmware.comms.instantaneous import instantaneous
from firmware.core import Core
from firmware.status_word import status_word
from firmware.tariff.demand import Maxima, Maximum
from protocols.iec62056_21 import DataSet, Value

_CODES: Final = (
    (1, "kWh"),
    (2, "kWh"),
    (5, "kvarh"),
    (6, "kvarh"),
    (7, "kvarh"),
    (8, "kvarh"),
    (9, "kVAh"),
    (10, "kVAh"),
)
"""OBIS group C and unit of each energy, in the order of `hal.energy.ENERGY_KINDS`."""

_DIGITS: Final = 6
_NWH_PER_WH: Final = 10**9


def readout(core: Core, utc_s: int) -> list[DataSet]:
    """All data sets of a readout, in order."""
    tariff = core.tariff
    local = core.config.clock.zone.local(utc_s)
    sets = [
        DataSet.of("F.F", f"{int(status_word(core)):08X}"),
        DataSet.of("0.0.0", core.config.optical.device_address),
        DataSet.of("0.1.0", f"{tariff.billing_number % 100:02}"),
        DataSet.of("0.9.1", f"{local.hour:02}:{local.minute:02}:{local.second:02}"),
        DataSet.of("0.9.2", f"{local.year % 100:02}-{local.month:02}-{local.day:02}"),
        DataSet.of("C.14.0", f"{tariff.rate:02}"),
        DataSet.of("C.2.0", f"{core.programming.programme.number:04}"),
    ]
    scale = tariff.ratio.as_integer_ratio()
    sets += _registers(tariff.totals, tariff.rates, scale, "")
    sets += _maxima(tariff.maxima, scale, "")
    sets += instantaneous(core.metering.live, core.programming.nameplate)
    for billing in reversed(core.history):
        suffix = f"*{billing.number % 100:02}"
        scale = billing.ratio.as_integer_ratio()
        sets.append(DataSet.of(f"0.1.2{suffix}", _stamp(billing.utc_s, billing.offset_s)))
        sets += _registers(billing.totals, billing.rates, scale, suffix)
        sets += _maxima(billing.maxima, scale, suffix)
    return sets


def _registers(
    totals: Sequence[int], rates: Sequence[Sequence[int]], scale: tuple[int, int], suffix: str
) -> Iterator[DataSet]:
    for kind, (code, unit) in enumerate(_CODES):
        for rate, row in enumerate((totals, *rates)):
            yield DataSet.of(f"{code}.8.{rate}{suffix}", _energy(row[kind], scale), unit)


def _maxima(maxima: Maxima, scale: tuple[int, int], suffix: str) -> Iterator[DataSet]:
    for rate, maximum in enumerate((maxima.total, *maxima.by_rate)):
        yield _demand(f"1.6.{rate}{suffix}", maximum, scale)


def _energy(nwh: int, scale: tuple[int, int]) -> str:
    wh = nwh * scale[0] // (scale[1] * _NWH_PER_WH) % 10 ** (_DIGITS + 3)
    return f"{wh // 1000:0{_DIGITS}}.{wh % 1000:03}"


def _demand(address: str, maximum: Maximum | None, scale: tuple[int, int]) -> DataSet:
    if maximum is None:
        return DataSet(address, (Value("000.000", "kW"), Value("")))
    watt = maximum.demand_mw * scale[0] // (scale[1] * 1000)
    shown = Value(f"{watt // 1000:03}.{watt % 1000:03}", "kW")
    return DataSet(address, (shown, Value(_stamp(maximum.utc_s, maximum.offset_s))))


def _stamp(utc_s: int, offset_s: int) -> str:
    """YYMMDDhhmm in the local time of then."""
    local = local_at_offset(utc_s, offset_s)
    return f"{local.year % 100:02}{local.month:02}{local.day:02}{local.hour:02}{local.minute:02}"
