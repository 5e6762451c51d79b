"""How figures are written for people; exact ints in, short texts out."""

from typing import Final

from hal.units import DAY, HOUR, MS, US, S
from sim.scenario.quantities import format_duration

_NWH_PER_UWH_KWH: Final = 10**6
_STEPS: Final = ((S, "s"), (MS, "ms"), (US, "us"))


def energy(nwh: int) -> str:
    """Kilo-units with six decimals, truncated towards zero: a register's view at a resolution of 1 mWh."""
    size = abs(nwh) // _NWH_PER_UWH_KWH
    return f"{'-' if nwh < 0 else ''}{size // 10**6}.{size % 10**6:06}"


def error(meter_nwh: int, true_nwh: int) -> str:
    """The error in percent of the true energy, five decimals, rounded half away from zero; `-` where there is none."""
    if true_nwh == 0:
        return "-"
    doubled = 2 * abs(meter_nwh - true_nwh) * 10**7
    share = (doubled // abs(true_nwh) + 1) // 2
    if share == 0:
        return "0.00000 %"
    sign = "-" if (meter_nwh < true_nwh) == (true_nwh > 0) else "+"
    return f"{sign}{share // 10**5}.{share % 10**5:05} %"


def milliwatt_hours(nwh: int) -> str:
    """Three decimals, truncated; not negative."""
    return f"{nwh // 10**6:,}.{nwh % 10**6 // 1_000:03}"


def milliampere_hours(nah: int) -> str:
    """Three decimals, truncated; not negative."""
    return f"{nah // 10**6:,}.{nah % 10**6 // 1_000:03} mAh"


def share(part: int, whole: int) -> str:
    """In percent, two decimals, truncated; `-` of nothing."""
    if not whole:
        return "-"
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02} %"


def years(ns: int) -> str:
    """Of 365.25 days, one decimal, truncated."""
    tenths = ns * 10 // (365 * DAY + 6 * HOUR)
    return f"{tenths // 10:,}.{tenths % 10} years"


def hours(ns: int) -> str:
    """One decimal, truncated."""
    tenths = ns * 10 // HOUR
    return f"{tenths // 10:,}.{tenths % 10} h"


def short(ns: int) -> str:
    """A time as timing tables have it: three decimals of s, ms or us."""
    for factor, unit in _STEPS:
        if abs(ns) >= factor:
            thousandths = abs(ns) * 1_000 // factor
            return f"{'-' if ns < 0 else ''}{thousandths // 1_000}.{thousandths % 1_000:03} {unit}"
    return f"{ns} ns"


def instant(ns: int) -> str:
    """An instant since the start, to the millisecond below."""
    return format_duration(ns // MS * MS)
