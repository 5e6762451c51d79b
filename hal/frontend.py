"""Measuring front ends: an ADC that delivers samples, or a metering IC that computes in its own registers."""

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from hal.energy import EnergyCounters

if TYPE_CHECKING:
    # What only names a front end's values needs no numpy.
    import numpy as np
    from numpy.typing import NDArray

CHANNELS: Final = ("U1", "U2", "U3", "I1", "I2", "I3", "IN")
"""Rows of a sample block: three voltages to neutral, three phase currents, the neutral current."""

FULL_SCALE: Final = 1 << 23
"""A 24-bit converter: samples run from -2**23 to 2**23 - 1."""


class Wiring(enum.Enum):
    """How the meter is connected. Two-element meters measure U12 on channel 1, U32 on channel 3, with I1 and I3."""

    THREE_PHASE_FOUR_WIRE = "3p4w"
    THREE_PHASE_THREE_WIRE = "3p3w"
    SINGLE_PHASE = "1p2w"

    @property
    def elements(self) -> tuple[int, ...]:
        """The measuring elements in use, as indices into the voltage and current channels."""
        return {"3p4w": (0, 1, 2), "3p3w": (0, 2), "1p2w": (0,)}[self.value]


class Summation(enum.Enum):
    """How the elements sum to the total."""

    NET = "net"
    """What one element exports is taken off what another imports."""
    MODULI = "moduli"
    """The active power of each element counts as import: one with a reversed current transformer takes nothing off.
    Reactive power is summed net."""


class PhaseSequence(enum.Enum):
    """The order in which the phase voltages follow each other."""

    UNKNOWN = "unknown"
    """A voltage is missing, or the wiring has only one."""
    FORWARD = "forward"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class SampleScale:
    """What the counts of a sampled front end mean: the peak value, in micro-volts and nano-amperes, of 2**23 counts."""

    voltage_peak_uv: int
    current_peak_na: int
    rate_hz: int


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """A block of samples, valid until the next one is taken.

    `samples` is int32 of shape (7, n) in the order of `CHANNELS`. `first` counts samples since `start`; `end_ns` is the
    monotonic instant at which the last sample was complete. `lost` samples were overwritten unread just before it.
    """

    samples: "NDArray[np.int32]"
    first: int
    end_ns: int
    lost: int


@runtime_checkable
class SampledFrontEnd(Protocol):
    """Delivers blocks of samples by DMA; `Line.SAMPLES` says that a block is full."""

    @property
    def scale(self) -> SampleScale: ...

    @property
    def block_samples(self) -> int:
        """Samples a channel in a full block; 200 ms by default."""

    def start(self) -> None:
        """Begin to sample; the first sample is complete one sample period later."""

    def take(self) -> SampleBlock | None:
        """The newest full block, once; None if there is none since the last call."""

    def flush(self) -> SampleBlock | None:
        """The samples since the last full block, for the power-fail save; they will not be delivered again."""


@dataclass(frozen=True, slots=True)
class PhaseValues:
    """One measuring element, or the total: RMS, powers. `voltage_uv` and `current_na` of the total are sums."""

    voltage_uv: int
    current_na: int
    active_uw: int
    reactive_uvar: int
    apparent_uva: int


@dataclass(frozen=True, slots=True)
class LiveValues:
    """What the meter measures now. `phases` has one entry for each of three elements; unused ones are zero."""

    phases: tuple[PhaseValues, PhaseValues, PhaseValues]
    total: PhaseValues
    frequency_uhz: int
    """0 while no voltage gives a frequency."""
    sequence: PhaseSequence = PhaseSequence.UNKNOWN
    faulty: int = 0
    """Channels that can't be right, a bit each in the order of `CHANNELS`: a converter that is stuck or at its stop."""
    alive: bool = True
    """False while the front end delivers nothing new; the other values are then the last ones."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What a front end watches: it tells when a quantity passes one of its levels, up or down.

    Voltages and currents are those of each element in use, powers the active powers of each, with their sign;
    `total_powers_uw` is for the sum.
    """

    voltages_uv: tuple[int, ...] = ()
    currents_na: tuple[int, ...] = ()
    powers_uw: tuple[int, ...] = ()
    total_powers_uw: tuple[int, ...] = ()
    frequencies_uhz: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementWaves:
    """The fundamentals of one measuring element, and how far its waves are from sines; all zero and None where an
    element is not in use.

    Angles are millionths of a degree: by which the voltage leads that of the first element in use, 0 to 359_999_999;
    and by which the current lags its voltage, above -180_000_000 and up to it. Total harmonic distortion is all that
    is not the fundamental over the fundamental, in ppm. None where there is too little to tell.
    """

    fundamental_uv: int
    fundamental_na: int
    voltage_angle_udeg: int | None = None
    current_angle_udeg: int | None = None
    voltage_thd_ppm: int | None = None
    current_thd_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Waves:
    """What a front end tells of the waves of the last 10 or 12 cycles. `elements` has an entry for each of three."""

    elements: tuple[ElementWaves, ElementWaves, ElementWaves]
    neutral_current_na: int


@dataclass(frozen=True, slots=True)
class SquareSums:
    """The squares of the elements' voltages, summed over time: uV**2 * ns, and the ns that this took.

    The quotient of two readings' differences is a mean square, as 10-minute values are made of (IEC 61000-4-30).
    """

    uv2_ns: tuple[int, int, int] = (0, 0, 0)
    elapsed_ns: int = 0


class ExcursionKind(enum.Enum):
    """Which way a half-cycle voltage left its band."""

    DIP = 1
    SWELL = 2


@dataclass(frozen=True, slots=True)
class ExcursionLimits:
    """When the voltage of an element counts as too low or too high, by its rms value of a cycle, renewed each half
    cycle. A dip ends `hysteresis_uv` above the level at which it began, a swell that much below."""

    dip_uv: int
    swell_uv: int
    hysteresis_uv: int

    def __post_init__(self) -> None:
        if self.hysteresis_uv < 0 or not 0 < self.dip_uv < self.swell_uv - 2 * self.hysteresis_uv:
            raise ValueError(
                f"a dip below {self.dip_uv} and a swell from {self.swell_uv} uV leave no band with a hysteresis of "
                f"{self.hysteresis_uv} uV"
            )


@dataclass(frozen=True, slots=True)
class Excursion:
    """A dip or a swell of one element's voltage (0 is the first).

    It lasts from the begin of the first cycle whose rms value was too low (or high) to the end of the first one that
    was not any more, in monotonic ns; `end_ns` is None while it goes on. `extreme_uv` is the lowest rms value of a
    cycle in a dip, the highest in a swell.
    """

    kind: ExcursionKind
    element: int
    begin_ns: int
    end_ns: int | None
    extreme_uv: int


@runtime_checkable
class MeteringFrontEnd(Protocol):
    """A metering IC, as ADE9000 or 90E36A: it integrates in its own registers, and sends the meter's pulses itself."""

    def configure(
        self,
        wiring: Wiring,
        start_power_uw: int,
        pulse_energy_nwh: int,
        summation: Summation = Summation.NET,
        s0_energy_nwh: int = 0,
    ) -> None:
        """Set what to sum and how, the power below which an active, reactive or apparent energy is not counted, each by
        its own sum, the energy of a pulse (active and reactive), and that of an S0 pulse, 0 for none."""

    def energy(self) -> EnergyCounters:
        """Latch and read the energy registers."""

    def live(self) -> LiveValues:
        """Read the instantaneous registers."""

    def watch(self, levels: Levels) -> None:
        """From now on `Line.FRONT_END` says that a level was passed, or that the sequence, a faulty channel or the
        front end's being alive has changed; not for what holds already. At most one interrupt every 200 ms; what comes
        sooner is told then, and not at all if it has gone by."""

    def mains_cycles(self) -> int:
        """Mains cycles since power-up, in 2**16ths of a cycle; the count stands while no voltage gives a frequency."""

    def waves(self) -> Waves:
        """Read the registers of fundamentals, angles and distortion."""

    def square_sums(self) -> SquareSums:
        """Latch and read the sums of squares: from the first reading on, until the supply is lost."""

    def watch_excursions(self, limits: ExcursionLimits) -> None:
        """From now on note dips and swells; `Line.FRONT_END` says that one has begun or ended, with the spacing that
        `watch` has. What was noted before is forgotten."""

    def excursions(self) -> tuple[Excursion, ...]:
        """Those that have ended, once, in the order of their ends, then those that go on. 16 that have ended wait to be
        read; of more, the first are lost."""
