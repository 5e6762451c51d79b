"""The nameplate: what the meter is made for, and what follows from it."""

import enum
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Final

from hal.frontend import Summation, Wiring
from hal.units import MS

_NWH_PER_KWH = 10**12
_UV_NA_PER_UW = 10**9
_UW_NS_PER_KWH = 3_600 * 10**18

S0_SPACING_NS: Final = 60 * MS
"""From one S0 pulse to the next: on for 30 ms at least, and off as long (IEC 62053-31 class A, DIN 43864; from
memory)."""


class Connection(enum.Enum):
    """How voltage and current reach the meter."""

    DIRECT = "direct"
    CURRENT_TRANSFORMERS = "ct"
    CURRENT_AND_VOLTAGE_TRANSFORMERS = "ct-vt"


class AccuracyClass(enum.Enum):
    """Active energy classes of IEC 62053-21 (1, 2) and IEC 62053-22 (0.2S, 0.5S)."""

    CLASS_0_2S = "0.2S"
    CLASS_0_5S = "0.5S"
    CLASS_1 = "1"
    CLASS_2 = "2"


_STARTING_CURRENT = {
    AccuracyClass.CLASS_0_2S: (Fraction(1, 1_000), Fraction(1, 1_000)),
    AccuracyClass.CLASS_0_5S: (Fraction(1, 1_000), Fraction(1, 1_000)),
    AccuracyClass.CLASS_1: (Fraction(4, 1_000), Fraction(2, 1_000)),
    AccuracyClass.CLASS_2: (Fraction(5, 1_000), Fraction(3, 1_000)),
}
"""Share of the rated current, direct and by transformers. IEC 62053-22: 0.001 In. IEC 62053-21: 0.004 and 0.005 Ib
direct, 0.002 and 0.003 In through current transformers (these four from memory of the text)."""

_THRESHOLD = Fraction(1, 2)
_CURRENT_HEADROOM = 2
_VOLTAGE_HEADROOM = 2


@dataclass(frozen=True, slots=True)
class Nameplate:
    """Ratings of a meter, all at its own terminals (secondary).

    The nominal voltage is that of one measuring element: to neutral, or between lines with two elements.
    `rated_current_na` is In, with direct connection Ib. Ratios are primary over secondary. ValueErrors name the field.
    """

    wiring: Wiring
    connection: Connection
    nominal_voltage_uv: int
    rated_current_na: int
    maximum_current_na: int
    frequency_uhz: int
    accuracy: AccuracyClass
    impulses_per_kwh: int
    ct_ratio: Fraction = Fraction(1)
    vt_ratio: Fraction = Fraction(1)
    summation: Summation = Summation.NET
    s0_impulses_per_kwh: int = 0
    """Of the S0 output, of secondary energy; 0 for a meter without."""

    def __post_init__(self) -> None:
        for name in ("nominal_voltage_uv", "rated_current_na", "impulses_per_kwh", "ct_ratio", "vt_ratio"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: {getattr(self, name)} is not positive")
        if self.maximum_current_na < self.rated_current_na:
            raise ValueError(
                f"maximum_current_na: {self.maximum_current_na} is below the rated current, {self.rated_current_na}"
            )
        if not 45_000_000 <= self.frequency_uhz <= 65_000_000:
            raise ValueError(f"frequency_uhz: {self.frequency_uhz} is not from 45 to 65 Hz")
        if _NWH_PER_KWH % self.impulses_per_kwh:
            raise ValueError(f"impulses_per_kwh: {self.impulses_per_kwh} does not divide 10**12, the nWh in a kWh")
        if self.s0_impulses_per_kwh < 0 or (self.s0_impulses_per_kwh and _NWH_PER_KWH % self.s0_impulses_per_kwh):
            raise ValueError(f"s0_impulses_per_kwh: {self.s0_impulses_per_kwh} does not divide 10**12, nWh in a kWh")
        if self.s0_impulses_per_kwh > self.s0_impulses_most:
            raise ValueError(
                f"s0_impulses_per_kwh: {self.s0_impulses_per_kwh} are too fast for S0 pulses of 30 ms at the maximum "
                f"power; {self.s0_impulses_most} are the most"
            )
        if self.connection is Connection.DIRECT and self.ct_ratio != 1:
            raise ValueError(f"ct_ratio: {self.ct_ratio}, but a directly connected meter has 1")
        if self.connection is not Connection.CURRENT_AND_VOLTAGE_TRANSFORMERS and self.vt_ratio != 1:
            raise ValueError(f"vt_ratio: {self.vt_ratio}, but a meter without voltage transformers has 1")

    @property
    def starting_current_na(self) -> int:
        """The current from which on the meter must register, at PF 1 and nominal voltage."""
        direct, by_transformer = _STARTING_CURRENT[self.accuracy]
        return int(self.rated_current_na * (direct if self.connection is Connection.DIRECT else by_transformer))

    @property
    def start_power_uw(self) -> int:
        """Below this |P| (or |Q|) of all elements nothing counts: half the balanced power at the starting current.

        Half, so that a meter within its class starts there at the low end of the voltage too; what noise and offset sum
        to without load stays far below.
        """
        element = self.nominal_voltage_uv * self.starting_current_na
        if self.wiring is Wiring.THREE_PHASE_THREE_WIRE:
            balanced = isqrt(3 * element * element)
        else:
            balanced = len(self.wiring.elements) * element
        return int(balanced * _THRESHOLD) // _UV_NA_PER_UW

    @property
    def pulse_energy_nwh(self) -> int:
        """Secondary energy of one pulse, exact."""
        return _NWH_PER_KWH // self.impulses_per_kwh

    @property
    def s0_energy_nwh(self) -> int:
        """Secondary energy of one S0 pulse, exact; 0 for a meter without."""
        return _NWH_PER_KWH // self.s0_impulses_per_kwh if self.s0_impulses_per_kwh else 0

    @property
    def s0_impulses_most(self) -> int:
        """The highest S0 constant whose pulses keep their spacing at the maximum current and 1.15 times the nominal
        voltage, the end of the extended operating range of IEC 62052-11 (from memory)."""
        elements = len(self.wiring.elements)
        most_uw = elements * self.nominal_voltage_uv * self.maximum_current_na * 115 // (100 * _UV_NA_PER_UW)
        return _UW_NS_PER_KWH // (most_uw * S0_SPACING_NS)

    @property
    def full_scale_current_na(self) -> int:
        """The peak that the front end must convert: twice Imax, a crest factor of 2 or a sine with a margin of 41 %."""
        return _CURRENT_HEADROOM * self.maximum_current_na

    @property
    def full_scale_voltage_uv(self) -> int:
        """The peak that the front end must convert: twice Un, a sine of 1.15 Un with a margin of 23 %."""
        return _VOLTAGE_HEADROOM * self.nominal_voltage_uv
