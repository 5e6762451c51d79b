"""Measuring front ends: an ADC that delivers samples, or a metering IC that computes in its own registers."""

import enum
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from hal.energy import EnergyCounters

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

    samples: NDArray[np.int32]
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


@runtime_checkable
class MeteringFrontEnd(Protocol):
    """A metering IC, as ADE9000 or 90E36A: it integrates in its own registers, and sends the meter's pulses itself."""

    def configure(
        self, wiring: Wiring, start_power_uw: int, pulse_energy_nwh: int, summation: Summation = Summation.NET
    ) -> None:
        """Set what to sum and how, the power below which nothing is counted, and the energy of a pulse (active and
        reactive)."""

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
