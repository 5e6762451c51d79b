"""The parts that keep an RTC alive without mains, in figures: a lithium cell, a super-capacitor.

Charges are ints of nA ns.
"""

from dataclasses import dataclass
from typing import Final

from hal.units import DAY, HOUR, MS

RTC_NA: Final = 500
"""What an RTC draws from its backup, typical of the kind (from memory of several data sheets)."""

REFERENCE_MC: Final = 20_000
"""Self-discharge and leakage are told for this temperature."""

_YEAR_NS: Final = 365 * DAY + 6 * HOUR
UAH: Final = 1_000 * HOUR
"""A micro-ampere-hour in nA ns."""
_MF_MV: Final = 1_000_000_000 * 1_000
"""A milli-farad at a milli-volt holds a micro-coulomb, in nA ns."""
_ONE: Final = 1 << 16


def doubled(rate: int, millidegrees: int) -> int:
    """A rate that doubles with each 10 K above `REFERENCE_MC` and halves below, straight between; rounded up.

    The rule of thumb for self-discharge and leakage (Arrhenius' equation about room temperature).
    """
    octave, rest = divmod(millidegrees - REFERENCE_MC, 10_000)
    factor = _ONE + _ONE * rest // 10_000
    factor = factor << octave if octave >= 0 else max(factor >> -octave, 1)
    return -(-rate * factor // _ONE)


@dataclass(frozen=True, slots=True)
class CellPart:
    """A lithium cell. The defaults are those of a BR-2/3A kind (poly-carbonmonofluoride, from memory of data sheets):
    1,200 mAh, 1 % a year; flat to the end, where the voltage under the test load sags.

    The sag is straight from `flat_mv` to `end_mv` over the last `sag_permille` of the charge (our estimate), and
    `cold_mv_per_k` more for each K below the reference temperature.
    """

    capacity_uah: int = 1_200_000
    self_discharge_ppb: int = 10_000_000
    """Of the capacity a year, at the reference temperature."""
    flat_mv: int = 3_000
    end_mv: int = 2_000
    sag_permille: int = 100
    cold_mv_per_k: int = 5
    least_mv: int = 1_500
    """The RTC stops below it."""
    rtc_na: int = RTC_NA
    test_na: int = 300_000
    test_ns: int = 10 * MS
    """The test load, and for how long it is on: 10 kilo-ohm, as our own design has it."""

    @property
    def full(self) -> int:
        """Its charge when new, in nA ns."""
        return self.capacity_uah * UAH

    def self_na(self, millidegrees: int) -> int:
        """What it loses of itself, as a current."""
        return doubled(-(-self.full * self.self_discharge_ppb // (_YEAR_NS * 10**9)), millidegrees)


@dataclass(frozen=True, slots=True)
class SuperCapacitorPart:
    """A super-capacitor. The defaults are those of a 0.47 F coin kind (from memory of data sheets): four days."""

    capacitance_mf: int = 470
    full_mv: int = 3_300
    least_mv: int = 1_500
    """The RTC stops below it."""
    leak_na: int = 2_000
    """At the reference temperature."""
    charge_na: int = 2_000_000
    """From the rail, through a resistor; taken as constant."""
    rtc_na: int = RTC_NA

    def charge(self, millivolts: int) -> int:
        """What it holds at a voltage, in nA ns."""
        return self.capacitance_mf * millivolts * _MF_MV


BackupPart = CellPart | SuperCapacitorPart
